# METADATA
# title: Descriptions say enough
# description: >-
#   The product, its ports and its components are described in at least a sentence, so that somebody who searches the
#   mesh can tell what they would get.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, description fields"}]
# custom:
#   severity: low
#   category: documentation
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       product_characters: {type: integer, minimum: 1, maximum: 500, local: true}
#       entity_characters: {type: integer, minimum: 1, maximum: 500, local: true}
#   findings:
#     product_undescribed:
#       title: Product description missing or too short
#       remediation: Say in info.description what the data is about, where it comes from and whom it is for.
#     entity_undescribed:
#       title: Description of a port or component missing or too short
#       remediation: Say in its description what it offers or does.
package mesh.documentation.descriptions_present

import rego.v1

defaults := {"product_characters": 40, "entity_characters": 15}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.documentation.descriptions_present"], {}),
)

_kinds := {
	"interfaceComponents": ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"],
	"internalComponents": ["applicationComponents", "infrastructuralComponents"],
}

violation contains finding if {
	not _described(object.get(input, "info", {}), params.product_characters)
	finding := {
		"code": "product_undescribed",
		"msg": sprintf("info.description needs at least %d characters.", [params.product_characters]),
		"path": ["info", "description"],
	}
}

violation contains finding if {
	some section, kinds in _kinds
	some kind in kinds
	entity := input[section][kind][i]
	not _described(entity, params.entity_characters)
	finding := {
		"code": "entity_undescribed",
		"msg": sprintf("The description of an entry of %s needs at least %d characters.", [kind, params.entity_characters]),
		"path": [section, kind, i, "description"],
	}
}

# A pattern, because engines may count characters outside ASCII differently.
_described(entity, least) if {
	is_string(entity.description)
	regex.match(sprintf(`^(?s:.{%d,})$`, [least]), trim_space(entity.description))
}
