package mesh.lineage.no_circle_test

import rego.v1

import data.mesh.lineage.no_circle

orders := "urn:dpds:org.example:dataproducts:orders:1"

product(upstream, consumers) := {
	"interfaceComponents": {"inputPorts": [{"name": "other"}, {"name": "orders"}]},
	"_context": {"mesh": {"upstream": upstream, "consumers": consumers}},
}

circle := {
	"code": "mutual_dependency",
	"msg": "This product reads urn:dpds:org.example:dataproducts:orders:1, which reads this product.",
	"path": ["interfaceComponents", "inputPorts", 1],
}

reads := {"input_port": "orders", "product": orders, "resolved": true}

test_a_straight_line_passes if {
	consumers := [{"product": "urn:dpds:org.example:dataproducts:churn:1"}]
	no_circle.violation == set() with input as product([reads], consumers)
}

test_a_circle_fails if {
	no_circle.violation == {circle} with input as product([reads], [{"product": orders}])
}

test_a_missing_mesh_passes if {
	every context in [{}, {"mesh": null}, {"mesh": {}}, {"mesh": {"upstream": [reads]}}] {
		no_circle.violation == set() with input as {"_context": context}
	}
}

test_an_unresolved_source_passes if {
	upstream := [{"input_port": "orders", "target": orders, "resolved": false}]
	no_circle.violation == set() with input as product(upstream, [{"product": orders}])
}

test_a_mesh_of_the_wrong_type_passes if {
	every value in [null, "orders", 7, [null], [7], {"a": 1}] {
		no_circle.violation == set() with input as product(value, value)
	}
}
