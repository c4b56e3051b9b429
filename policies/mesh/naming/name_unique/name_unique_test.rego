package mesh.naming.name_unique_test

import rego.v1

import data.mesh.naming.name_unique

mesh(clashes) := {"info": {"name": "orders"}, "_context": {"mesh": {"name_clashes": clashes}}}

other := "urn:dpds:com.example:dataproducts:orders:1"

test_a_name_of_its_own_passes if {
	name_unique.violation == set() with input as mesh([])
}

test_a_taken_name_fails if {
	name_unique.violation == {{
		"code": "name_taken",
		"msg": "The mesh already has the product urn:dpds:com.example:dataproducts:orders:1 of this name.",
		"path": ["info", "name"],
	}} with input as mesh([{"product": other, "domain": "sales"}])
}

test_a_missing_mesh_passes if {
	every context in [{}, {"mesh": null}, {"mesh": {}}] {
		name_unique.violation == set() with input as {"_context": context}
	}
}

test_a_mesh_of_the_wrong_type_passes if {
	every clashes in [null, "orders", 7, [null], [{}]] {
		name_unique.violation == set() with input as mesh(clashes)
	}
}
