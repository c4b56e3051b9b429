package mesh.slo.objectives_complete_test

import rego.v1

import data.mesh.slo.objectives_complete

port(definition) := {"interfaceComponents": {"outputPorts": [{"promises": {"slo": {"definition": definition}}}]}}

missing(name) := {
	"code": "objective_missing",
	"msg": sprintf("The objectives of this output port say nothing about %s.", [name]),
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "slo", "definition"],
}

test_complete_objectives_pass if {
	given := port({"freshness": "PT5M", "availability": "99 %", "completeness": 1})
	objectives_complete.violation == set() with input as given
}

test_objectives_may_stand_deeper if {
	given := port({"x-operationalSlo": {"Availability": "0.999"}, "x-qualitySlo": [{"freshness": "10m"}]})
	objectives_complete.violation == set() with input as given
}

test_missing_objectives_fail if {
	objectives_complete.violation == {missing("availability")} with input as port({"freshness": "P1D"})
	objectives_complete.violation == {
		missing("availability"),
		missing("freshness"),
	} with input as port({"completeness": 1})
}

test_objectives_of_the_wrong_type_fail if {
	every freshness in [null, "", {}] {
		given := port({"availability": 99, "freshness": freshness})
		objectives_complete.violation == {missing("freshness")} with input as given
	}
}

test_prose_and_wrong_types_are_left_to_others if {
	every definition in [null, "fresh within an hour", 7, [], {}] {
		objectives_complete.violation == set() with input as port(definition)
	}
}

test_the_required_objectives_are_a_parameter if {
	parameters := {"mesh.slo.objectives_complete": {"required": ["completeness"]}}
	given := object.union(port({"freshness": "P1D"}), {"_context": {"parameters": parameters}})
	objectives_complete.violation == {missing("completeness")} with input as given
}
