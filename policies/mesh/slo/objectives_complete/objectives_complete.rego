# METADATA
# title: Objectives are complete
# description: >-
#   The objectives of an output port name at least those that the mesh asks for, at any depth of their definition, so
#   that products can be compared. Objectives in prose are for people to judge.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, slo of Promises Object"}]
# custom:
#   severity: low
#   category: slo
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       required: {description: Objectives to name (lower case)., type: array, items: {type: string}, local: true}
#   findings:
#     objective_missing:
#       title: Objective missing
#       remediation: Add the objective to promises.slo.definition, for example freshness with PT1H.
package mesh.slo.objectives_complete

import rego.v1

import data.mesh.reading.spelling

defaults := {"required": ["freshness", "availability"]}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.slo.objectives_complete"], {}))

violation contains finding if {
	some i, named in _named
	some name in params.required
	not name in named
	finding := {
		"code": "objective_missing",
		"msg": sprintf("The objectives of this output port say nothing about %s.", [name]),
		"path": ["interfaceComponents", "outputPorts", i, "promises", "slo", "definition"],
	}
}

# By output port every key that has a value, however deep it stands.
_named[i] := {_plain(path) | walk(definition, [path, value]); not value in {null, "", {}}} if {
	definition := input.interfaceComponents.outputPorts[i].promises.slo.definition
	is_object(definition)
	definition != {}
}

_plain(path) := spelling.small(key) if {
	key := path[count(path) - 1]
	is_string(key)
}
