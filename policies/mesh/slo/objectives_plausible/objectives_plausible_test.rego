package mesh.slo.objectives_plausible_test

import rego.v1

import data.mesh.slo.objectives_plausible

port(definition) := {"interfaceComponents": {"outputPorts": [{"promises": {"slo": {"definition": definition}}}]}}

told(code, rest, msg) := {
	"code": code,
	"msg": msg,
	"path": array.concat(["interfaceComponents", "outputPorts", 0, "promises", "slo", "definition"], rest),
}

implausible := told(
	"availability_implausible", ["availability"],
	"The availability has to be a percentage from 50 up to, not including, 100.",
)

unclear := told("freshness_unclear", ["freshness"], "The freshness has to be a period that is longer than nothing.")

codes contains finding.code if some finding in objectives_plausible.violation

test_plausible_objectives_pass if {
	every availability in ["99.5 %", "99%", "0.99999", 99.9, 0.995, 50] {
		objectives_plausible.violation == set() with input as port({"availability": availability})
	}
	every freshness in ["PT5M", "5m", 3600, 0.5] {
		objectives_plausible.violation == set() with input as port({"freshness": freshness})
	}
}

test_an_implausible_availability_fails if {
	every availability in ["100 %", 100, 1, 0, -1, 49.9, "1000", "99,5 %", "best effort", "+99"] {
		objectives_plausible.violation == {implausible} with input as port({"availability": availability})
	}
}

test_an_unclear_freshness_fails if {
	every freshness in ["as soon as possible", "PT0S", 0, -5] {
		objectives_plausible.violation == {unclear} with input as port({"freshness": freshness})
	}
}

test_deeper_objectives_fail_too if {
	given := port({"x-operationalSlo": [{"Availability": "100 %"}]})
	codes == {"availability_implausible"} with input as given
}

test_missing_objectives_pass if {
	every definition in [{}, {"freshness": null, "availability": ""}, {"completeness": 7}] {
		objectives_plausible.violation == set() with input as port(definition)
	}
}

test_values_of_the_wrong_type_fail if {
	every value in [true, ["99 %"], [], [1]] {
		given := port({"freshness": value, "availability": value})
		objectives_plausible.violation == {implausible, unclear} with input as given
	}
}

test_prose_and_wrong_types_are_left_to_others if {
	every definition in [null, "availability: 100 %", 7, []] {
		objectives_plausible.violation == set() with input as port(definition)
	}
}
