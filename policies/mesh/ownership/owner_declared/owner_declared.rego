# METADATA
# title: Owner declared
# description: Every data product names an accountable owner, so that consumers know whom to ask and who decides.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Info Object and Owner Object"}]
# custom:
#   severity: high
#   category: ownership
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       id_pattern:
#         description: RE2 pattern that a non-empty owner id has to match, for example a company mail address.
#         type: string
#         local: true
#   findings:
#     owner_missing:
#       title: Owner missing
#       remediation: Set info.owner.id to the identifier of the accountable person or team.
#     owner_unknown_form:
#       title: Owner id in an unexpected form
#       remediation: Write info.owner.id as the parameter id_pattern demands.
package mesh.ownership.owner_declared

import rego.v1

defaults := {"id_pattern": "."}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.ownership.owner_declared"], {}),
)

violation contains finding if {
	not _owner_named
	finding := {
		"code": "owner_missing",
		"msg": "The data product names no owner: info.owner.id has to be a non-empty text.",
		"path": ["info", "owner", "id"],
	}
}

violation contains finding if {
	_owner_named
	not regex.match(params.id_pattern, input.info.owner.id)
	finding := {
		"code": "owner_unknown_form",
		"msg": sprintf("The owner id %s does not match the pattern %s.", [input.info.owner.id, params.id_pattern]),
		"path": ["info", "owner", "id"],
	}
}

_owner_named if {
	is_string(input.info.owner.id)
	trim_space(input.info.owner.id) != ""
}
