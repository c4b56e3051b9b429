package mesh.slo.output_ports_promise_slo_test

import rego.v1

import data.mesh.slo.output_ports_promise_slo

promises(promises) := {"interfaceComponents": {"outputPorts": [{"name": "orders", "promises": promises}]}}

missing := {
	"code": "slo_missing",
	"msg": "This output port promises no service level objectives.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "slo"],
}

empty := {
	"code": "slo_empty",
	"msg": "The service level objectives of this output port are empty.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "slo", "definition"],
}

test_objectives_pass if {
	every definition in [{"freshness": "PT1H"}, "fresh within one hour"] {
		given := promises({"slo": {"definition": definition}})
		output_ports_promise_slo.violation == set() with input as given
	}
}

test_a_product_without_output_ports_passes if {
	output_ports_promise_slo.violation == set() with input as {"interfaceComponents": {"outputPorts": []}}
}

test_missing_objectives_fail if {
	output_ports_promise_slo.violation == {missing} with input as promises({"platform": "aws"})
}

test_a_port_without_promises_fails if {
	output_ports_promise_slo.violation == {missing} with input as {"interfaceComponents": {"outputPorts": [{}]}}
}

test_empty_objectives_fail if {
	every definition in [{}, " "] {
		output_ports_promise_slo.violation == {empty} with input as promises({"slo": {"definition": definition}})
	}
}

test_objectives_without_a_definition_fail if {
	output_ports_promise_slo.violation == {empty} with input as promises({"slo": {"name": "orderSlo"}})
}

test_wrong_types_fail if {
	every slo in [null, "99.9 %", ["fresh"], true] {
		output_ports_promise_slo.violation == {missing} with input as promises({"slo": slo})
	}
	output_ports_promise_slo.violation == {missing} with input as promises("all the best")
	output_ports_promise_slo.violation == {empty} with input as promises({"slo": {"definition": 99.9}})
}
