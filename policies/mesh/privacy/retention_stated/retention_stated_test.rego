package mesh.privacy.retention_stated_test

import rego.v1

import data.mesh.privacy.retention_stated

port(tags, definition) := {"interfaceComponents": {"outputPorts": [
	{"tags": tags, "obligations": {"termsAndConditions": {"definition": definition}}},
]}}

at := ["interfaceComponents", "outputPorts", 0, "obligations", "termsAndConditions", "definition"]

missing := {
	"code": "retention_missing",
	"msg": "The terms of this port do not say for how long a consumer may keep personal data.",
	"path": at,
}

unclear(field) := {
	"code": "retention_unclear",
	"msg": "The retention has to be a whole number of days up to 3660, or as long a period.",
	"path": array.concat(at, [field]),
}

test_a_stated_retention_passes if {
	every definition in [{"retentionDays": 30}, {"retention": "P1Y"}, {"retentionPeriod": "P52W"}, {"x-retention": 1}] {
		retention_stated.violation == set() with input as port(["pii"], definition)
	}
}

test_other_data_passes if {
	every tags in [[], ["orders"], null, "pii"] {
		retention_stated.violation == set() with input as port(tags, {"purpose": "billing"})
	}
}

test_a_missing_retention_fails if {
	every definition in [{"purpose": "billing"}, {"retention": null}, {"retention": ""}] {
		retention_stated.violation == {missing} with input as port(["PII"], definition)
	}
}

test_a_tag_of_the_product_counts if {
	given := object.union(port([], {"purpose": "billing"}), {"tags": ["gdpr"]})
	retention_stated.violation == {missing} with input as given
}

test_an_unclear_retention_fails if {
	every value in ["as long as needed", "1 year", "P", "P0D", "P99Y", "P1Y6M", 0, -1, 1.5, 99999] {
		retention_stated.violation == {unclear("retention")} with input as port(["pii"], {"retention": value})
	}
}

test_a_retention_of_the_wrong_type_fails if {
	every value in [true, ["P1Y"], {"days": 30}] {
		retention_stated.violation == {unclear("retention")} with input as port(["pii"], {"retention": value})
	}
}

test_terms_of_the_wrong_type_are_left_to_others if {
	every definition in [null, "Delete it after a year.", 7, []] {
		retention_stated.violation == set() with input as port(["pii"], definition)
	}
}

test_the_longest_retention_is_a_parameter if {
	parameters := {"mesh.privacy.retention_stated": {"longest_days": 10}}
	given := object.union(port(["pii"], {"retention": "P11D"}), {"_context": {"parameters": parameters}})
	count(retention_stated.violation) == 1 with input as given
}
