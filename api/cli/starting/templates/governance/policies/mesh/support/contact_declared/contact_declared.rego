# METADATA
# title: Contact declared
# description: Every data product names a point of contact with an address, so that consumers know where to ask.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Federated Governance Team}]
# custom:
#   severity: medium
#   category: support
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   findings:
#     contact_missing:
#       title: Contact missing
#       remediation: Add an entry with an address to info.contactPoints.
package mesh.support.contact_declared

import rego.v1

violation contains finding if {
	not _reachable
	finding := {
		"code": "contact_missing",
		"msg": "The data product names no point of contact with an address.",
		"path": ["info", "contactPoints"],
	}
}

_reachable if {
	is_array(input.info.contactPoints)
	some contact in input.info.contactPoints
	is_string(contact.address)
	trim_space(contact.address) != ""
}
