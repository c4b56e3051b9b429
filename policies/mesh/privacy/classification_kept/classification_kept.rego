# METADATA
# title: Classification is kept
# description: >-
#   Where the product or a port states a classification, it is one of the known levels, personal data is never
#   public, and a port for a limited circle names its audience.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Protection Office, email: privacy@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Expectations Object"}]
# custom:
#   severity: high
#   category: privacy
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       field: {description: Field that states the level., type: string}
#       levels: {description: Known levels, the public one first., type: array, items: {type: string}}
#       limited: {description: Levels that need an audience., type: array, items: {type: string}}
#       tags: {description: Tags of personal data (lower case)., type: array, items: {type: string}}
#   findings:
#     classification_unknown:
#       title: Classification is not a known level
#       remediation: Use one of the levels that the parameter levels lists.
#     personal_data_public:
#       title: Personal data classified as public
#       remediation: Classify the port higher, or remove the tag if it holds no personal data.
#     audience_missing:
#       title: Port for a limited circle without an audience
#       remediation: Add expectations.audience whose definition names who may use the port.
package mesh.privacy.classification_kept

import rego.v1

import data.mesh.reading.tags

defaults := {
	"field": "x-classification",
	"levels": ["public", "internal", "confidential", "restricted"],
	"limited": ["confidential", "restricted"],
	"tags": ["pii", "personal-data", "gdpr"],
}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.privacy.classification_kept"], {}))

violation contains _finding("classification_unknown", path, msg) if {
	some [path, level] in _stated
	not level in params.levels
	msg := sprintf("The classification has to be one of %s.", [concat(", ", params.levels)])
}

violation contains _finding("personal_data_public", _at(i), "This port gives out personal data as public.") if {
	port := input.interfaceComponents.outputPorts[i]
	_level(port) == params.levels[0]
	tags.carries(port, params.tags)
}

violation contains _finding("audience_missing", array.concat(_at(i), ["expectations", "audience"]), msg) if {
	port := input.interfaceComponents.outputPorts[i]
	_level(port) in params.limited
	not _for_somebody(port)
	msg := sprintf("This port is %s, and names no audience.", [_level(port)])
}

_finding(code, path, msg) := {"code": code, "msg": msg, "path": path}

_at(i) := ["interfaceComponents", "outputPorts", i]

_stated contains [[params.field], input[params.field]]

_stated contains [["interfaceComponents", kind, i, params.field], level] if {
	level := input.interfaceComponents[kind][i][params.field]
}

# A port without a level of its own has that of the product.
_level(port) := object.get(port, params.field, object.get(input, params.field, "")) if is_object(port)

_for_somebody(port) if {
	definition := port.expectations.audience.definition
	not definition in {null, "", {}}
}
