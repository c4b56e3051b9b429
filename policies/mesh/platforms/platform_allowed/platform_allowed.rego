# METADATA
# title: Platform is supported
# description: >-
#   Ports, applications and infrastructure name a platform that the platform team runs. A platform such as
#   westeurope.azure:postgres is supported when one of its parts (between . : / and spaces) is in the list.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Platform Team, email: platform@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, platform of promises and internal components
# custom:
#   severity: medium
#   category: platforms
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       allowed: {description: Parts of platform names (lower case)., type: array, items: {type: string}}
#   findings:
#     platform_unsupported:
#       title: Platform is not supported
#       remediation: Use a supported platform, or ask the platform team to add this one to the list.
#     platform_missing:
#       title: Component without a platform
#       remediation: Name the platform on which the application or infrastructure component runs.
package mesh.platforms.platform_allowed

import rego.v1

import data.mesh.reading.spelling

defaults := {"allowed": [
	"aws", "azure", "gcp", "onprem", "on-premises", "kubernetes", "openshift", "databricks", "snowflake", "confluent",
]}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.platforms.platform_allowed"], {}),
)

violation contains _unsupported(["interfaceComponents", kind, i, "promises", "platform"]) if {
	platform := input.interfaceComponents[kind][i].promises.platform
	not _allowed(platform)
}

violation contains _unsupported(["internalComponents", kind, i, "platform"]) if {
	platform := input.internalComponents[kind][i].platform
	not _allowed(platform)
}

violation contains finding if {
	some kind in ["applicationComponents", "infrastructuralComponents"]
	component := input.internalComponents[kind][i]
	not _placed(component)
	finding := {
		"code": "platform_missing",
		"msg": sprintf("An entry of %s names no platform.", [kind]),
		"path": ["internalComponents", kind, i, "platform"],
	}
}

_placed(component) if component.platform != null

_unsupported(path) := {
	"code": "platform_unsupported",
	"msg": sprintf("This platform is not among the supported ones: %s.", [concat(", ", params.allowed)]),
	"path": path,
}

_allowed(platform) if is_null(platform)

_allowed(platform) if {
	is_string(platform)
	some part in regex.split(`[.:/ ]+`, spelling.small(platform))
	part in params.allowed
}
