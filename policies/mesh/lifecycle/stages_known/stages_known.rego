# METADATA
# title: Stages of the lifecycle are known
# description: >-
#   The stages of lifecycleInfo are those of the mesh, each has tasks in a clear order, and the environment that is
#   deployed to is among them, because a task under a misspelt stage never runs and nobody is told.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Platform Team, email: platform@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Lifecycle Info Object"}]
# custom:
#   severity: medium
#   category: lifecycle
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters: {type: object, additionalProperties: false, properties: {stages: {type: array, items: {type: string}}}}
#   findings:
#     stage_unknown:
#       title: Stage that the mesh does not know
#       remediation: Use one of the known stages, or ask the platform team for a new one.
#     stage_empty:
#       title: Stage without tasks
#       remediation: List the tasks of the stage, or remove it.
#     order_ambiguous:
#       title: Two tasks with the same order
#       remediation: Give every task of a stage an order of its own.
#     stage_missing:
#       title: No stage for this environment
#       remediation: Add the environment to lifecycleInfo with its tasks.
package mesh.lifecycle.stages_known

import rego.v1

defaults := {"stages": [
	"build", "dev", "development", "test", "testing", "qa", "int", "integration", "sit", "uat", "acceptance", "staging",
	"preprod", "pre-prod", "prod", "production", "deprecated", "retired",
]}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.lifecycle.stages_known"], {}))

violation contains _finding("stage_unknown", [stage], msg) if {
	some stage, _ in _stages
	not stage in params.stages
	msg := sprintf("The stage %s is not among the known ones: %s.", [stage, concat(", ", params.stages)])
}

violation contains _finding("stage_empty", [stage], sprintf("The stage %s has no tasks.", [stage])) if {
	some stage, tasks in _stages
	not _filled(tasks)
}

violation contains _finding("order_ambiguous", [stage, i, "order"], msg) if {
	some stage, tasks in _stages
	order := tasks[i].order
	not is_null(order)
	count([task | task := tasks[_]; task.order == order]) > 1
	msg := sprintf("Another task of the stage %s has the same order.", [stage])
}

violation contains _finding("stage_missing", [], msg) if {
	environment := input._context.environment
	is_string(environment)
	count(_stages) > 0
	not environment in object.keys(_stages)
	msg := sprintf("No stage of lifecycleInfo says what to do in %s.", [environment])
}

_finding(code, rest, msg) := {
	"code": code,
	"msg": msg,
	"path": array.concat(["internalComponents", "lifecycleInfo"], rest),
}

default _stages := {}

_stages := input.internalComponents.lifecycleInfo if is_object(input.internalComponents.lifecycleInfo)

_filled(tasks) if {
	is_array(tasks)
	count(tasks) > 0
}
