# METADATA
# title: Personal data needs terms and conditions
# description: >-
#   A port tagged as giving out personal data states in its obligations the terms and conditions under which a consumer
#   may use it. A tag of the product counts for all of its output ports; input ports give nothing out.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Protection Office, email: privacy@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Obligations Object"}]
# custom:
#   severity: critical
#   category: privacy
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters: {type: object, additionalProperties: false, properties: {tags: {type: array, items: {type: string}}}}
#   findings:
#     terms_missing:
#       title: Personal data without terms and conditions
#       remediation: Add obligations.termsAndConditions whose definition says what a consumer may do with the data.
#     tags_unreadable:
#       title: Tags cannot be read
#       remediation: Write tags as a list of texts.
package mesh.privacy.pii_needs_terms

import rego.v1

import data.mesh.reading.tags

defaults := {"tags": ["pii", "personal-data", "gdpr"]}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.privacy.pii_needs_terms"], {}))

violation contains finding if {
	port := input.interfaceComponents[kind][i]
	_personal(port, kind)
	not _terms_given(port)
	finding := {
		"code": "terms_missing",
		"msg": "This port gives out personal data, but its obligations define no terms and conditions.",
		"path": ["interfaceComponents", kind, i, "obligations", "termsAndConditions"],
	}
}

violation contains _unreadable(["tags"]) if not _readable(object.get(input, "tags", []))

violation contains _unreadable(["interfaceComponents", kind, i, "tags"]) if {
	listed := input.interfaceComponents[kind][i].tags
	not _readable(listed)
}

_unreadable(path) := {"code": "tags_unreadable", "msg": "Tags have to be a list of texts.", "path": path}

_readable(listed) if is_null(listed)

_readable(listed) if {
	is_array(listed)
	every tag in listed { is_string(tag) }
}

_personal(port, kind) if {
	kind != "inputPorts"
	tags.carries(port, params.tags)
}

_personal(_, "outputPorts") if tags.carries(input, params.tags)

_terms_given(port) if {
	is_string(port.obligations.termsAndConditions.definition)
	trim_space(port.obligations.termsAndConditions.definition) != ""
}

_terms_given(port) if {
	is_object(port.obligations.termsAndConditions.definition)
	count(port.obligations.termsAndConditions.definition) > 0
}
