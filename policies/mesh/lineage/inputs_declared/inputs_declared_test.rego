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

unknown(field) := {
	"code": "source_unknown",
	"msg": sprintf("The mesh knows no output port %s.", [orders]),
	"path": ["interfaceComponents", "inputPorts", 0, field],
}

mesh(resolved) := {"_context": {"mesh": {"upstream": [{"target": orders, "resolved": resolved}]}}}

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

test_a_source_that_the_mesh_knows_passes if {
	inputs_declared.violation == set() with input as object.union(inputs([{"dependsOn": orders}]), mesh(true))
}

test_a_source_that_the_mesh_does_not_know_fails if {
	every field in ["dependsOn", "x-dependsOn"] {
		given := object.union(inputs([{"name": "orders", field: orders}]), mesh(false))
		inputs_declared.violation == {unknown(field)} with input as given
	}
}

test_an_external_system_need_not_be_known if {
	upstream := [{"input_port": "till", "target": "the till system", "resolved": false}]
	given := object.union(
		inputs([{"dependsOn": "the till system"}]),
		{"_context": {"mesh": {"upstream": upstream}}},
	)
	inputs_declared.violation == set() with input as given
}

test_without_a_catalog_nothing_is_unknown if {
	given := object.union(inputs([{"dependsOn": orders}]), {"_context": {"mesh": null}})
	inputs_declared.violation == set() with input as given
}
