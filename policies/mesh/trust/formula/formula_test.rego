package mesh.trust.formula_test

import rego.v1

import data.mesh.trust.formula

facts := {
	"now": "2026-11-26T00:00:00Z",
	"product": {"version": "1.0.0", "status": "active", "accepted_at": "2026-11-20T08:00:00+00:00", "age_days": 6},
	"compliance": {
		"decision": "d-1",
		"decided_at": "2026-11-20T08:00:00+00:00",
		"policies": [{"policy": "p", "severity": "high", "state": "pass"}],
	},
	"slos": [slo("met", 0.999)],
	"documentation": [{"name": "description", "given": true, "pointer": "/info/description"}],
	"consumers": [{"product": "urn:reader:1"}],
}

slo(state, attainment) := {
	"state": state,
	"attainment": attainment,
	"target": 0.995,
	"last": {"id": "o-1", "observed_at": "2026-11-21T08:00:00+00:00"},
}

unobserved := {"state": "unknown", "attainment": null, "target": 0.99, "last": null}

named(name, terms) := one if {
	some one in terms
	one.name == name
}

with_facts(changes) := object.union(facts, changes)

judged(policies) := with_facts({"compliance": object.union(facts.compliance, {"policies": policies})})

shown(changes) := with_facts({"product": object.union(facts.product, changes)})

promising(slos) := with_facts({"slos": slos})

test_all_that_is_known_is_good_but_one_reader_is_few if {
	formula.score.value == 0.9545 with input as facts
	formula.score.grade == "A" with input as facts
}

test_every_term_tells_what_it_rests_on if {
	named("policies", formula.terms).evidence == [{"kind": "decision", "ref": "d-1"}] with input as facts
	named("objectives", formula.terms).evidence == [{"kind": "observation", "ref": "o-1"}] with input as facts
	named("objectives", formula.terms).as_of == "2026-11-21T08:00:00+00:00" with input as facts
	named("consumers", formula.terms).evidence == [{"kind": "product", "ref": "urn:reader:1"}] with input as facts
	missing := with_facts({"documentation": [{"name": "description", "given": false, "pointer": "/info"}]})
	named("documentation", formula.terms).evidence == [{"kind": "pointer", "ref": "/info"}] with input as missing
}

test_policies_count_by_severity_and_a_waiver_for_half if {
	of := [
		{"policy": "a", "severity": "high", "state": "pass"},
		{"policy": "b", "severity": "high", "state": "waived"},
		{"policy": "c", "severity": "medium", "state": "fail"},
		{"policy": "d", "severity": "critical", "state": "skipped"},
	]
	named("policies", formula.terms).value == 0.5769 with input as judged(of)
}

test_without_an_evaluated_policy_that_term_is_unknown if {
	none := judged([])
	named("policies", formula.terms).value == null with input as none
	formula.score.value == 0.9286 with input as none
}

test_promises_count_by_how_far_they_are_kept if {
	named("objectives", formula.terms).value == 0.625 with input as promising([slo("met", 0.999), slo("broken", 0.4975)])
	named("objectives", formula.terms).value == 1 with input as promising([slo("met", 0.999), unobserved])
	named("objectives", formula.terms).value == null with input as promising([unobserved])
	named("objectives", formula.terms).value == 0 with input as promising([])
}

test_a_product_grows_old if {
	every pair in [[180, 1], [181, 0.75], [365, 0.75], [366, 0.5], [731, 0.25], [100000, 0.25]] {
		named("freshness", formula.terms).value == pair[1] with input as shown({"age_days": pair[0]})
	}
}

test_a_deprecated_product_is_not_fresh if {
	given := shown({"status": "deprecated"})
	named("freshness", formula.terms).value == 0 with input as given
}

test_readers_count_once_and_three_are_enough if {
	read := [{"product": name} | some name in ["a", "a", "b", "c", "d"]]
	named("consumers", formula.terms).value == 1 with input as with_facts({"consumers": read})
	twice := [{"product": "a"}, {"product": "a"}]
	named("consumers", formula.terms).value == 0.5 with input as with_facts({"consumers": twice})
	named("consumers", formula.terms).value == 0 with input as with_facts({"consumers": []})
}

test_grades if {
	every pair in [[1, "A"], [0.9, "A"], [0.89, "B"], [0.75, "B"], [0.74, "C"], [0.5, "C"], [0.49, "D"], [0, "D"]] {
		formula.grade(pair[0]) == pair[1]
	}
}
