# METADATA
# title: Names follow the convention
# description: >-
#   Names of products, domains, ports and components are short words of letters and digits, so that they can stand in a
#   fully qualified name and in the names of the resources made from them.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, string type name"}]
# custom:
#   severity: medium
#   category: naming
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       pattern:
#         description: RE2 pattern that every name has to match.
#         type: string
#   findings:
#     product_name:
#       title: Name or domain of the product breaks the convention
#       remediation: Use letters and digits only, starting with a letter, at least two and at most 64 characters.
#     entity_name:
#       title: Name of a port or component breaks the convention
#       remediation: Use letters and digits only, starting with a letter, at least two and at most 64 characters.
package mesh.naming.names_follow_convention

import rego.v1

defaults := {"pattern": `^[a-zA-Z][a-zA-Z0-9]{1,63}$`}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.naming.names_follow_convention"], {}),
)

_kinds := {
	"interfaceComponents": ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"],
	"internalComponents": ["applicationComponents", "infrastructuralComponents"],
}

violation contains finding if {
	some field in ["name", "domain"]
	not _well_named(object.get(input, "info", {}), field)
	finding := {
		"code": "product_name",
		"msg": sprintf("info.%s has to be a text that matches %s.", [field, params.pattern]),
		"path": ["info", field],
	}
}

violation contains finding if {
	some section, kinds in _kinds
	some kind in kinds
	entity := input[section][kind][i]
	not _well_named(entity, "name")
	finding := {
		"code": "entity_name",
		"msg": sprintf("The name of an entry of %s has to be a text that matches %s.", [kind, params.pattern]),
		"path": [section, kind, i, "name"],
	}
}

_well_named(holder, field) if {
	is_string(holder[field])
	regex.match(params.pattern, holder[field])
}
