# METADATA
# title: Platform fits the environment
# description: >-
#   Ports, applications and infrastructure stay off platforms that are not made for the environment at hand, such as
#   a sandbox in production. As in mesh.platforms.platform_allowed, a platform is named by its parts.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Platform Team, email: platform@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, platform of promises and internal components
# custom:
#   severity: high
#   category: platforms
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       unfit:
#         description: By environment the parts of platform names (lower case) that are not made for it.
#         type: object
#         additionalProperties: {type: array, items: {type: string}}
#   findings:
#     platform_unfit:
#       title: Platform is not made for this environment
#       remediation: Move the component to a platform that is run for this environment.
package mesh.platforms.fit_for_environment

import rego.v1

import data.mesh.reading.spelling

defaults := {"unfit": {
	"prod": ["local", "localhost", "laptop", "sandbox", "playground", "minikube", "dev", "test"],
	"production": ["local", "localhost", "laptop", "sandbox", "playground", "minikube", "dev", "test"],
}}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.platforms.fit_for_environment"], {}),
)

violation contains finding if {
	environment := input._context.environment
	unfit := params.unfit[environment]
	some [path, platform] in _platforms
	some part in _parts(platform)
	part in unfit
	finding := {
		"code": "platform_unfit",
		"msg": sprintf("The platform part %s is not made for %s.", [part, environment]),
		"path": path,
	}
}

_platforms contains [["interfaceComponents", kind, i, "promises", "platform"], platform] if {
	platform := input.interfaceComponents[kind][i].promises.platform
}

_platforms contains [["internalComponents", kind, i, "platform"], platform] if {
	platform := input.internalComponents[kind][i].platform
}

_parts(platform) := regex.split(`[.:/ ]+`, spelling.small(platform)) if is_string(platform)
