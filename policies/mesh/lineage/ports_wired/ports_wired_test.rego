package mesh.lineage.ports_wired_test

import rego.v1

import data.mesh.lineage.ports_wired

wired(application) := {
	"interfaceComponents": {"inputPorts": [{"name": "raw"}], "outputPorts": [{"name": "events"}]},
	"internalComponents": {"applicationComponents": [application]},
}

unused := {
	"code": "input_unused",
	"msg": "No application consumes from this input port.",
	"path": ["interfaceComponents", "inputPorts", 0],
}

unmade := {
	"code": "output_unmade",
	"msg": "No application provides to this output port.",
	"path": ["interfaceComponents", "outputPorts", 0],
}

line := "urn:dpds:org.example:dataproducts:orders:1"

test_wired_ports_pass if {
	ports_wired.violation == set() with input as wired({
		"consumesFrom": [concat(":", [line, "inputports:raw"])],
		"providesTo": ["urn:dpds:orders:1.0.0:outputports:events:1.0.0"],
	})
}

test_unwired_ports_fail if {
	ports_wired.violation == {unused, unmade} with input as wired({
		"consumesFrom": [concat(":", [line, "inputports:other"])],
		"providesTo": [concat(":", [line, "outputports:other"])],
	})
}

test_missing_wires_pass if {
	every application in [{}, {"consumesFrom": [], "providesTo": null}] {
		ports_wired.violation == set() with input as wired(application)
	}
	ports_wired.violation == set() with input as {}
}

test_one_missing_side_is_not_asked_for if {
	ports_wired.violation == {unused} with input as wired({"consumesFrom": ["elsewhere"]})
}

test_wires_of_the_wrong_type_pass if {
	every wires in ["raw", 7, [7, null], [["raw"]], true] {
		ports_wired.violation == set() with input as wired({"consumesFrom": wires, "providesTo": wires})
	}
	every application in [null, "loader", 7] {
		ports_wired.violation == set() with input as wired(application)
	}
}
