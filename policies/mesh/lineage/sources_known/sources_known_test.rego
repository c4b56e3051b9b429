package mesh.lineage.sources_known_test

import rego.v1

import data.mesh.lineage.sources_known

orders := "urn:dpds:org.example:dataproducts:orders:1:outputports:orderEvents"

product(ports, resolved) := {
	"interfaceComponents": {"inputPorts": ports},
	"_context": {"mesh": {"upstream": [{"input_port": "orders", "target": orders, "resolved": resolved}]}},
}

unknown(field) := {
	"code": "source_unknown",
	"msg": sprintf("The mesh knows no output port %s.", [orders]),
	"path": ["interfaceComponents", "inputPorts", 0, field],
}

test_a_source_that_the_mesh_knows_passes if {
	sources_known.violation == set() with input as product([{"dependsOn": orders}], true)
}

test_a_source_that_the_mesh_does_not_know_fails if {
	every field in ["dependsOn", "x-dependsOn"] {
		given := product([{"name": "orders", field: ["the till", orders]}], false)
		sources_known.violation == {unknown(field)} with input as given
	}
}

test_an_external_system_need_not_be_known if {
	upstream := [{"input_port": "till", "target": "the till system", "resolved": false}]
	sources_known.violation == set() with input as {
		"interfaceComponents": {"inputPorts": [{"dependsOn": "the till system"}]},
		"_context": {"mesh": {"upstream": upstream}},
	}
}

test_a_missing_source_is_not_judged_here if {
	every ports in [[], null, [{"name": "orders"}]] {
		sources_known.violation == set() with input as product(ports, false)
	}
	sources_known.violation == set() with input as {}
}

test_a_source_of_the_wrong_type_is_not_judged_here if {
	every source in [null, 7, {"port": orders}, [7]] {
		sources_known.violation == set() with input as product([{"dependsOn": source}], false)
	}
	sources_known.violation == set() with input as product([orders], false)
}

test_an_upstream_of_the_wrong_type_finds_nothing if {
	every mesh in [null, {}, {"upstream": null}, {"upstream": [7]}] {
		sources_known.violation == set() with input as {
			"interfaceComponents": {"inputPorts": [{"dependsOn": orders}]},
			"_context": {"mesh": mesh},
		}
	}
}
