# METADATA
# title: Fit for production
# description: >-
#   What is deployed to production is generally available (not 0.x, not tagged as experimental) and promises
#   objectives for every output port. Asked when it is deployed; make it blocking by an assignment when the teams are
#   ready.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://semver.org/spec/v2.0.0.html
#     description: Semantic Versioning 2.0.0, initial development
# custom:
#   severity: high
#   category: deployment
#   enforcement: advisory
#   events: [deploy]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       environments: {description: Environments that are production., type: array, items: {type: string}}
#       experimental: {description: Tags of experiments (lower case)., type: array, items: {type: string}}
#   findings:
#     initial_version:
#       title: Initial version in production
#       remediation: Release version 1.0.0 when the product is ready for consumers.
#     experimental:
#       title: Experiment in production
#       remediation: Remove the tag when the experiment is over, or stay in another environment.
#     objectives_missing:
#       title: Output port in production without objectives
#       remediation: Add promises.slo with a definition of the objectives.
package mesh.deployment.fit_for_production

import rego.v1

import data.mesh.reading.tags

defaults := {"environments": ["prod", "production"], "experimental": ["experimental", "draft", "poc"]}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.deployment.fit_for_production"], {}),
)

violation contains _finding("initial_version", ["info", "version"], msg) if {
	_in_production
	is_string(input.info.version)
	startswith(input.info.version, "0.")
	msg := sprintf("The version %s is not generally available.", [input.info.version])
}

violation contains _finding("experimental", ["tags"], "An experiment does not go to production.") if {
	_in_production
	tags.carries(input, params.experimental)
}

violation contains _finding("objectives_missing", path, msg) if {
	_in_production
	port := input.interfaceComponents.outputPorts[i]
	not _promised(port)
	path := ["interfaceComponents", "outputPorts", i, "promises", "slo"]
	msg := "This output port goes to production, and promises no objectives."
}

_finding(code, path, msg) := {"code": code, "msg": msg, "path": path}

_in_production if input._context.environment in params.environments

_promised(port) if {
	definition := port.promises.slo.definition
	not definition in {null, "", {}}
}
