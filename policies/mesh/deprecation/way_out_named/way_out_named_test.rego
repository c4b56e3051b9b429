package mesh.deprecation.way_out_named_test

import rego.v1

import data.mesh.deprecation.way_out_named

port(definition) := {
	"interfaceComponents": {"outputPorts": [{
		"tags": ["deprecated"],
		"promises": {"deprecationPolicy": {"definition": definition}},
	}]},
	"_context": {"now": "2026-11-23T00:00:00Z"},
}

at := ["interfaceComponents", "outputPorts", 0, "promises", "deprecationPolicy", "definition"]

missing := {
	"code": "successor_missing",
	"msg": "No field of this deprecation policy tells of successor, replace, migrat.",
	"path": at,
}

passed(field, day) := {
	"code": "day_passed",
	"msg": sprintf("This port was to end on %s.", [day]),
	"path": array.concat(at, [field]),
}

test_a_successor_and_a_day_to_come_pass if {
	every definition in [
		{"successor": "none", "sunset": "2026-11-23"},
		{"replacedBy": "urn:dpds:org.example:dataproducts:orders:2", "endOfLife": "2027-06-30"},
		{"x-migrateTo": "orders 2"},
	] {
		way_out_named.violation == set() with input as port(definition)
	}
}

test_a_living_port_passes if {
	promises := {"deprecationPolicy": {"definition": {"notice": "P6M"}}}
	given := {"interfaceComponents": {"outputPorts": [{"promises": promises}]}}
	way_out_named.violation == set() with input as given
}

test_a_missing_successor_fails if {
	every definition in [{}, {"sunset": "2027-06-30"}, {"successor": " "}, {"successor": null}] {
		way_out_named.violation == {missing} with input as port(definition)
	}
}

test_a_day_that_passed_fails if {
	definition := {"successor": "none", "sunset": "on 2026-11-22, at noon"}
	way_out_named.violation == {passed("sunset", "2026-11-22")} with input as port(definition)
}

test_a_tag_of_the_product_counts if {
	given := object.union(port({}), {"tags": ["Deprecated"]})
	way_out_named.violation == {missing} with input as given
}

test_without_a_clock_no_day_has_passed if {
	given := object.remove(port({"successor": "none", "sunset": "1999-01-01"}), ["_context"])
	way_out_named.violation == set() with input as given
}

test_fields_of_the_wrong_type_fail if {
	every value in [7, ["none"], {"fqn": "urn"}, true] {
		way_out_named.violation == {missing} with input as port({"successor": value, "sunset": value})
	}
}

test_definitions_of_the_wrong_type_are_left_to_others if {
	every definition in [null, "ends on 2020-01-01", 7, []] {
		way_out_named.violation == set() with input as port(definition)
	}
}
