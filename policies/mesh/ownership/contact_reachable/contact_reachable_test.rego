package mesh.ownership.contact_reachable_test

import rego.v1

import data.mesh.ownership.contact_reachable

contacts(points) := {"info": {"contactPoints": points}}

missing := {
	"code": "contact_missing",
	"msg": "The data product names no contact point: info.contactPoints has to be a non-empty list.",
	"path": ["info", "contactPoints"],
}

unusable(i) := {
	"code": "contact_unusable",
	"msg": "This contact point has no address, or one that does not fit its channel.",
	"path": ["info", "contactPoints", i, "address"],
}

test_an_address_that_fits_its_channel_passes if {
	every point in [
		{"channel": "email", "address": "orders@example.org"},
		{"channel": "Slack", "address": "#orders"},
		{"address": "https://tickets.example.org"},
	] {
		contact_reachable.violation == set() with input as contacts([point])
	}
}

test_no_mail_address_for_email_fails if {
	every address in ["ask me", "orders@", "a@b", "a b@example.org"] {
		given := contacts([{"channel": "E-Mail", "address": address}])
		contact_reachable.violation == {unusable(0)} with input as given
	}
}

test_a_missing_address_fails if {
	given := contacts([{"channel": "email", "address": "orders@example.org"}, {"channel": "web"}])
	contact_reachable.violation == {unusable(1)} with input as given
}

test_missing_contacts_fail if {
	every given in [{}, {"info": {}}, contacts([])] {
		contact_reachable.violation == {missing} with input as given
	}
}

test_wrong_types_fail if {
	every points in [null, "orders@example.org", 7, {"address": "orders@example.org"}] {
		contact_reachable.violation == {missing} with input as contacts(points)
	}
	every point in [null, "orders@example.org", {"address": null}, {"address": " "}, {"address": ["a@b.org"]}] {
		contact_reachable.violation == {unusable(0)} with input as contacts([point])
	}
}

test_the_form_of_a_mail_address_is_a_parameter if {
	given := object.union(
		contacts([{"channel": "email", "address": "orders@example.com"}]),
		{"_context": {"parameters": {"mesh.ownership.contact_reachable": {"mail": "@example[.]org$"}}}},
	)
	contact_reachable.violation == {unusable(0)} with input as given
}
