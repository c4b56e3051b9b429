# METADATA
# title: Versions are semantic
# description: Semantic versions tell a consumer what a change breaks; pre-releases stay out of stable environments.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://semver.org/spec/v2.0.0.html", description: "Semantic Versioning 2.0.0"}]
# custom:
#   severity: high
#   category: versioning
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters: {type: object, additionalProperties: false, properties: {stable: {type: array, items: {type: string}}}}
#   findings:
#     product_not_semantic:
#       title: Product version is not semantic
#       remediation: Write info.version as MAJOR.MINOR.PATCH, in YAML within quotes.
#     entity_not_semantic:
#       title: Version of a port or component is not semantic
#       remediation: Write the version as MAJOR.MINOR.PATCH, in YAML within quotes.
#     prerelease_in_stable_environment:
#       title: Pre-release in a stable environment
#       remediation: Release the version (drop the part after the hyphen) before it is deployed here.
package mesh.versioning.semantic_versions

import rego.v1

defaults := {"stable": ["prod", "production"]}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.versioning.semantic_versions"], {}))

_kinds := {
	"interfaceComponents": ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"],
	"internalComponents": ["applicationComponents", "infrastructuralComponents"],
}

violation contains finding if {
	info := object.get(input, "info", {})
	not _semantic(info)
	msg := "info.version has to be a semantic version such as 1.4.0."
	finding := object.union(_fix(info, "/info"), {"code": "product_not_semantic", "msg": msg, "path": ["info", "version"]})
}

violation contains finding if {
	some section, kinds in _kinds
	some kind in kinds
	entity := input[section][kind][i]
	not _semantic(entity)
	fix := _fix(entity, sprintf("/%s/%s/%d", [section, kind, i]))
	msg := sprintf("Every entry of %s needs a semantic version such as 1.4.0.", [kind])
	finding := object.union(fix, {"code": "entity_not_semantic", "msg": msg, "path": [section, kind, i, "version"]})
}

violation contains finding if {
	_semantic(input.info)
	contains(split(input.info.version, "+")[0], "-")
	input._context.environment in params.stable
	msg := sprintf("The pre-release %s must not go to %s.", [input.info.version, input._context.environment])
	finding := {"code": "prerelease_in_stable_environment", "msg": msg, "path": ["info", "version"]}
}

_pattern := concat("", [
	`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)`,
	`(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?`,
	`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`,
])

# `1.4` can only mean 1.4.0.
_fix(entity, at) := {"fix": [{"op": "replace", "path": concat("", [at, "/version"]), "value": value}]} if {
	is_string(entity.version)
	regex.match(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`, entity.version)
	value := concat("", [entity.version, ".0"])
} else := {}

_semantic(entity) if {
	is_string(entity.version)
	regex.match(_pattern, entity.version)
}
