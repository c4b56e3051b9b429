# METADATA
# title: Contact can be reached
# description: >-
#   Every data product names at least one contact point, and each of them has an address that fits its channel,
#   because a question that reaches nobody is asked once and then the product is copied instead of used.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Contact Point Object"}]
# custom:
#   severity: medium
#   category: ownership
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       mail: {description: RE2 pattern of a mail address., type: string, local: true}
#       mail_channels: {description: Channels that are mail (lower case)., type: array, items: {type: string}}
#   findings:
#     contact_missing:
#       title: No contact point
#       remediation: Add info.contactPoints with name, channel and address of whoever answers questions.
#     contact_unusable:
#       title: Contact point without a usable address
#       remediation: Write an address of the form that the channel asks for, for example a mail address for email.
package mesh.ownership.contact_reachable

import rego.v1

import data.mesh.reading.spelling

defaults := {"mail": `^[^@ ]+@[^@ ]+[.][^@ ]+$`, "mail_channels": ["email", "mail", "e-mail"]}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.ownership.contact_reachable"], {}))

violation contains finding if {
	count(_points) == 0
	finding := {
		"code": "contact_missing",
		"msg": "The data product names no contact point: info.contactPoints has to be a non-empty list.",
		"path": ["info", "contactPoints"],
	}
}

violation contains finding if {
	point := _points[i]
	not _usable(point)
	finding := {
		"code": "contact_unusable",
		"msg": "This contact point has no address, or one that does not fit its channel.",
		"path": ["info", "contactPoints", i, "address"],
	}
}

default _points := []

_points := input.info.contactPoints if is_array(input.info.contactPoints)

_usable(point) if {
	is_string(point.address)
	regex.match(_form(point), trim_space(point.address))
}

_form(point) := params.mail if _by_mail(point)

else := "."

_by_mail(point) if {
	is_string(point.channel)
	spelling.small(point.channel) in params.mail_channels
}
