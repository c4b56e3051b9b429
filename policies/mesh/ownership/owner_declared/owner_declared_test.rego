package mesh.ownership.owner_declared_test

import rego.v1

import data.mesh.ownership.owner_declared

missing := {
	"code": "owner_missing",
	"msg": "The data product names no owner: info.owner.id has to be a non-empty text.",
	"path": ["info", "owner", "id"],
}

test_an_owner_with_an_id_passes if {
	owner_declared.violation == set() with input as {"info": {"owner": {"id": "sales@example.org"}}}
}

test_a_blank_id_fails if {
	owner_declared.violation == {missing} with input as {"info": {"owner": {"id": "  "}}}
}

test_a_missing_owner_fails if {
	owner_declared.violation == {missing} with input as {"info": {"name": "orders"}}
}

test_an_empty_document_fails if {
	owner_declared.violation == {missing} with input as {}
}

test_an_id_of_the_wrong_type_fails if {
	owner_declared.violation == {missing} with input as {"info": {"owner": {"id": 7}}}
}

test_an_owner_of_the_wrong_type_fails if {
	owner_declared.violation == {missing} with input as {"info": {"owner": "sales@example.org"}}
}

test_null_fails if {
	owner_declared.violation == {missing} with input as {"info": null}
}

test_an_id_outside_the_demanded_pattern_fails if {
	given := {
		"info": {"owner": {"id": "Jo"}},
		"_context": {"parameters": {"mesh.ownership.owner_declared": {"id_pattern": "@example[.]org$"}}},
	}
	owner_declared.violation == {{
		"code": "owner_unknown_form",
		"msg": "The owner id Jo does not match the pattern @example[.]org$.",
		"path": ["info", "owner", "id"],
	}} with input as given
}
