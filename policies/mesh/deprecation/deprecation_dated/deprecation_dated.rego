# METADATA
# title: Deprecation has a date
# description: >-
#   A port that is tagged as deprecated (or that belongs to a product tagged so) promises a deprecation policy with the
#   day on which it ends, so that its consumers can plan.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, deprecationPolicy of Promises Object
# custom:
#   severity: medium
#   category: deprecation
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       tag: {description: Tag that means deprecated., type: string}
#       fields: {description: Keys of the definition that may hold the day., type: array, items: {type: string}}
#   findings:
#     policy_missing:
#       title: Deprecated without a policy
#       remediation: Add promises.deprecationPolicy with a definition.
#     date_missing:
#       title: Deprecation policy without a date
#       remediation: Write the last day as YYYY-MM-DD, for example in promises.deprecationPolicy.definition.sunset.
package mesh.deprecation.deprecation_dated

import rego.v1

defaults := {"tag": "deprecated", "fields": ["sunset", "endOfLife", "endOfSupport", "deprecatedUntil"]}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.deprecation.deprecation_dated"], {}),
)

violation contains finding if {
	port := _deprecated[i]
	not _has_policy(port)
	finding := {
		"code": "policy_missing",
		"msg": "This output port is deprecated, but promises no deprecation policy.",
		"path": ["interfaceComponents", "outputPorts", i, "promises", "deprecationPolicy"],
	}
}

violation contains finding if {
	policy := _deprecated[i].promises.deprecationPolicy
	is_object(policy)
	not _dated(object.get(policy, "definition", ""))
	finding := {
		"code": "date_missing",
		"msg": "The deprecation policy of this output port names no day as YYYY-MM-DD on which the port ends.",
		"path": ["interfaceComponents", "outputPorts", i, "promises", "deprecationPolicy", "definition"],
	}
}

_deprecated[i] := port if {
	port := input.interfaceComponents.outputPorts[i]
	params.tag in (_tags(port) | _tags(input))
}

_has_policy(port) if is_object(port.promises.deprecationPolicy)

_tags(holder) := {tag | tag := holder.tags[_]} | {tag | tag := holder.tags; is_string(tag)}

_dated(definition) if _date(definition)

_dated(definition) if _date(definition[params.fields[_]])

_date(value) if {
	is_string(value)
	regex.match(`(^|[^0-9])[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([^0-9]|$)`, value)
}
