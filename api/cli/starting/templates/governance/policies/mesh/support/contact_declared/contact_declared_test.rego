package mesh.support.contact_declared_test

import rego.v1

import data.mesh.support.contact_declared

missing := {
	"code": "contact_missing",
	"msg": "The data product names no point of contact with an address.",
	"path": ["info", "contactPoints"],
}

test_an_address_passes if {
	contact_declared.violation == set() with input as {"info": {"contactPoints": [{"address": "jo@@example.org"}]}}
}

test_no_contact_fails if {
	contact_declared.violation == {missing} with input as {"info": {"name": "orders"}}
}

test_a_blank_address_fails if {
	contact_declared.violation == {missing} with input as {"info": {"contactPoints": [{"address": " "}]}}
}

test_wrong_types_fail if {
	every points in [null, "jo", 7, {"one": {"address": "jo"}}, [7], [{"address": 7}]] {
		contact_declared.violation == {missing} with input as {"info": {"contactPoints": points}}
	}
}
