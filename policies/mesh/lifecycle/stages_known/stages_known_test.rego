package mesh.lifecycle.stages_known_test

import rego.v1

import data.mesh.lifecycle.stages_known

stages(lifecycle) := {"internalComponents": {"lifecycleInfo": lifecycle}}

in_environment(given, environment) := object.union(given, {"_context": {"environment": environment}})

codes contains finding.code if some finding in stages_known.violation

test_known_stages_with_tasks_pass if {
	given := stages({"dev": [{"name": "make", "order": 1}, {"order": 2}, {}], "prod": [{}]})
	stages_known.violation == set() with input as given
	stages_known.violation == set() with input as in_environment(given, "prod")
}

test_an_unknown_stage_fails if {
	given := object.union(
		stages({"prd": [{}]}),
		{"_context": {"parameters": {"mesh.lifecycle.stages_known": {"stages": ["dev", "prod"]}}}},
	)
	stages_known.violation == {{
		"code": "stage_unknown",
		"msg": "The stage prd is not among the known ones: dev, prod.",
		"path": ["internalComponents", "lifecycleInfo", "prd"],
	}} with input as given
}

test_a_stage_without_tasks_fails if {
	stages_known.violation == {{
		"code": "stage_empty",
		"msg": "The stage dev has no tasks.",
		"path": ["internalComponents", "lifecycleInfo", "dev"],
	}} with input as stages({"dev": []})
}

test_the_same_order_twice_fails if {
	stages_known.violation == {finding |
		some i in [0, 2]
		finding := {
			"code": "order_ambiguous",
			"msg": "Another task of the stage dev has the same order.",
			"path": ["internalComponents", "lifecycleInfo", "dev", i, "order"],
		}
	} with input as stages({"dev": [{"order": 1}, {"order": 2}, {"order": 1}, {"order": null}, {"order": null}]})
}

test_a_missing_stage_fails if {
	stages_known.violation == {{
		"code": "stage_missing",
		"msg": "No stage of lifecycleInfo says what to do in prod.",
		"path": ["internalComponents", "lifecycleInfo"],
	}} with input as in_environment(stages({"dev": [{}]}), "prod")
}

test_a_missing_lifecycle_passes if {
	every given in [{}, {"internalComponents": {}}, stages({})] {
		stages_known.violation == set() with input as in_environment(given, "prod")
	}
}

test_stages_of_the_wrong_type_fail if {
	every tasks in [null, "make", 7, {"name": "make"}, true] {
		codes == {"stage_empty"} with input as stages({"dev": tasks})
	}
	every tasks in [[null], ["make"], [[1]], [7, 7]] {
		stages_known.violation == set() with input as stages({"dev": tasks})
	}
	every lifecycle in [null, "dev", ["dev"], 7] {
		stages_known.violation == set() with input as stages(lifecycle)
	}
}
