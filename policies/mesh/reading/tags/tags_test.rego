package mesh.reading.tags_test

import rego.v1

import data.mesh.reading.tags

test_a_tag_is_carried_however_it_is_written if {
	every tag in ["pii", "PII", "Pii", "Pİİ"] {
		tags.carries({"tags": ["orders", tag]}, ["gdpr", "pii"])
	}
}

test_another_tag_is_not_carried if {
	every given in [[], ["orders"], ["pi"]] {
		not tags.carries({"tags": given}, ["pii"])
	}
}

test_missing_tags_and_wrong_types_carry_nothing if {
	every holder in [{}, null, "pii", 7, [], {"tags": null}, {"tags": "pii"}, {"tags": [7, null, ["pii"]]}] {
		not tags.carries(holder, ["pii"])
	}
}

test_one_of_several_is_enough if {
	tags.any_carries([{}, null, {"tags": ["pii"]}], ["pii"])
	not tags.any_carries([{}, null], ["pii"])
}
