package mesh.lineage.consumers_kept_test

import rego.v1

import data.mesh.lineage.consumers_kept

churn := "urn:dpds:org.example:dataproducts:churn:1"

product(ports, consumers) := {
	"interfaceComponents": {"outputPorts": ports},
	"_context": {"mesh": {"consumers": consumers}},
}

gone := {
	"code": "consumed_port_gone",
	"msg": "urn:dpds:org.example:dataproducts:churn:1 reads the output port events, which this version does not offer.",
	"path": ["interfaceComponents", "outputPorts"],
}

reads(port) := [{"product": churn, "port": port, "input_port": "orders"}]

test_an_offered_port_passes if {
	consumers_kept.violation == set() with input as product([{"name": "events"}], reads("events"))
}

test_a_port_that_is_gone_fails if {
	consumers_kept.violation == {gone} with input as product([{"name": "history"}], reads("events"))
}

test_missing_ports_fail if {
	given := {"_context": {"mesh": {"consumers": reads("events")}}}
	consumers_kept.violation == {gone} with input as given
}

test_a_missing_mesh_passes if {
	every context in [{}, {"mesh": null}, {"mesh": {}}] {
		consumers_kept.violation == set() with input as {"_context": context}
	}
}

test_ports_of_the_wrong_type_fail if {
	every ports in [null, "events", 7, [null], [{"name": ["events"]}], [{}]] {
		consumers_kept.violation == {gone} with input as product(ports, reads("events"))
	}
}

test_a_mesh_of_the_wrong_type_passes if {
	every consumers in [null, "churn", 7, [null], [{"port": 7}]] {
		consumers_kept.violation == set() with input as product([], consumers)
	}
}
