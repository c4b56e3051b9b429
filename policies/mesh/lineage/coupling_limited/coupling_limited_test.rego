package mesh.lineage.coupling_limited_test

import rego.v1

import data.mesh.lineage.coupling_limited

reading(domains) := {
	"info": {"domain": "sales"},
	"_context": {"mesh": {"upstream": [{"domain": domain, "status": "active"} | some domain in domains]}},
}

many := {
	"code": "too_many_domains",
	"msg": "This product reads from 5 other domains; at most 4 are good for it.",
	"path": ["interfaceComponents", "inputPorts"],
}

leaving(status) := {
	"interfaceComponents": {"inputPorts": [{"name": "raw"}]},
	"_context": {"mesh": {"upstream": [{"input_port": "raw", "target": "urn:a", "status": status}]}},
}

test_few_domains_pass if {
	coupling_limited.violation == set() with input as reading(["a", "b", "c", "d", "sales", "a"])
}

test_many_domains_fail if {
	coupling_limited.violation == {many} with input as reading(["a", "b", "c", "d", "e", "e", "sales"])
}

test_a_source_that_leaves_fails if {
	every status in ["deprecated", "withdrawn"] {
		coupling_limited.violation == {{
			"code": "source_leaving",
			"msg": sprintf("This port reads urn:a, which is %s.", [status]),
			"path": ["interfaceComponents", "inputPorts", 0],
		}} with input as leaving(status)
	}
}

test_an_active_source_passes if {
	every status in ["active", null, 7] {
		coupling_limited.violation == set() with input as leaving(status)
	}
}

test_a_missing_mesh_passes if {
	every context in [{}, {"mesh": null}, {"mesh": {}}] {
		coupling_limited.violation == set() with input as {"_context": context}
	}
}

test_a_mesh_of_the_wrong_type_passes if {
	every upstream in [null, "sales", 7, [null], [{"domain": null}], [{"domain": 7}]] {
		coupling_limited.violation == set() with input as {"_context": {"mesh": {"upstream": upstream}}}
	}
}

test_the_limit_is_a_parameter if {
	parameters := {"mesh.lineage.coupling_limited": {"domains": 1}}
	given := object.union(reading(["a", "b"]), {"_context": {"parameters": parameters}})
	count(coupling_limited.violation) == 1 with input as given
}
