package mesh.deprecation.deprecation_dated_test

import rego.v1

import data.mesh.deprecation.deprecation_dated

port(tags, promises) := {"interfaceComponents": {"outputPorts": [{"tags": tags, "promises": promises}]}}

deprecated(definition) := port(["deprecated"], {"deprecationPolicy": {"definition": definition}})

no_policy := {
	"code": "policy_missing",
	"msg": "This output port is deprecated, but promises no deprecation policy.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "deprecationPolicy"],
}

no_date := {
	"code": "date_missing",
	"msg": "The deprecation policy of this output port names no day as YYYY-MM-DD on which the port ends.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "deprecationPolicy", "definition"],
}

test_a_dated_policy_passes if {
	every definition in [{"sunset": "2027-06-30"}, {"endOfLife": "2027-06-30T00:00:00Z"}, "Ends on 2027-06-30."] {
		deprecation_dated.violation == set() with input as deprecated(definition)
	}
}

test_each_of_the_default_fields_may_name_the_day if {
	every field in ["sunset", "endOfLife", "endOfSupport", "deprecatedUntil"] {
		deprecation_dated.violation == set() with input as deprecated({field: "2027-06-30"})
	}
}

test_a_living_port_needs_no_policy if {
	every tags in [[], ["orders"], null, 7] {
		deprecation_dated.violation == set() with input as port(tags, {})
	}
}

test_a_deprecated_port_without_a_policy_fails if {
	deprecation_dated.violation == {no_policy} with input as port(["deprecated"], {})
}

test_a_deprecated_product_makes_its_ports_deprecated if {
	given := {"tags": ["deprecated"], "interfaceComponents": {"outputPorts": [{"name": "orders"}]}}
	deprecation_dated.violation == {no_policy} with input as given
}

test_a_policy_without_a_date_fails if {
	every definition in [{}, {"sunset": "soon"}, {"other": "2027-06-30"}, "in the year 2027", "2027-13-01"] {
		deprecation_dated.violation == {no_date} with input as deprecated(definition)
	}
}

test_a_missing_definition_fails if {
	deprecation_dated.violation == {no_date} with input as port(["deprecated"], {"deprecationPolicy": {}})
}

test_wrong_types_fail if {
	deprecation_dated.violation == {no_policy} with input as port("deprecated", null)
	deprecation_dated.violation == {no_policy} with input as port(["deprecated"], {"deprecationPolicy": "2027-06-30"})
	every definition in [null, 20270630, ["2027-06-30"], {"sunset": 20270630}] {
		deprecation_dated.violation == {no_date} with input as deprecated(definition)
	}
}

test_tag_and_fields_are_parameters if {
	parameters := {"mesh.deprecation.deprecation_dated": {"tag": "old", "fields": ["last"]}}
	given := object.union(deprecated({}), {"_context": {"parameters": parameters}})
	deprecation_dated.violation == set() with input as given
	old := object.union(port(["old"], {"deprecationPolicy": {"definition": {"last": "2027-06-30"}}}), given)
	deprecation_dated.violation == set() with input as old
}
