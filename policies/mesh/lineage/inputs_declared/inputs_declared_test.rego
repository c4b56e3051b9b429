package mesh.lineage.inputs_declared_test

import rego.v1

import data.mesh.lineage.inputs_declared

orders := "urn:dpds:org.example:dataproducts:orders:1:outputports:orderEvents"

inputs(ports) := {"interfaceComponents": {"inputPorts": ports}}

undeclared(i) := {
	"code": "source_undeclared",
	"msg": "This input port does not say what it reads: dependsOn has to be a non-empty text.",
	"path": ["interfaceComponents", "inputPorts", i, "dependsOn"],
}

test_declared_sources_pass if {
	inputs_declared.violation == set() with input as inputs([
		{"dependsOn": orders},
		{"x-dependsOn": "the till system"},
		{"dependsOn": [orders, "the till system"]},
	])
}

test_a_product_without_input_ports_passes if {
	every ports in [[], null] {
		inputs_declared.violation == set() with input as inputs(ports)
	}
	inputs_declared.violation == set() with input as {}
}

test_a_blank_source_fails if {
	every source in ["", " ", [], [orders, " "]] {
		inputs_declared.violation == {undeclared(0)} with input as inputs([{"dependsOn": source}])
	}
}

test_a_missing_source_fails if {
	inputs_declared.violation == {undeclared(1)} with input as inputs([{"dependsOn": orders}, {"name": "shop"}])
}

test_a_source_of_the_wrong_type_fails if {
	every source in [null, 7, {"port": orders}, [7]] {
		inputs_declared.violation == {undeclared(0)} with input as inputs([{"dependsOn": source}])
	}
	inputs_declared.violation == {undeclared(0)} with input as inputs([orders])
}
