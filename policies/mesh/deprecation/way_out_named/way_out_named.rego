# METADATA
# title: Deprecation names the way out
# description: >-
#   The deprecation policy of a port tagged as deprecated names what to read instead, and its last day is still to
#   come, because a port past its day is either still used or should be gone.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, deprecationPolicy of Promises Object
# custom:
#   severity: medium
#   category: deprecation
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       tag: {description: Tag that means deprecated (lower case)., type: string}
#       successors: {type: array, items: {type: string}}
#       days: {type: array, items: {type: string}}
#   findings:
#     successor_missing:
#       title: Deprecated without a successor
#       remediation: Set successor in the definition of the deprecation policy, or write none if nothing follows.
#     day_passed:
#       title: Last day has passed
#       remediation: Remove the port, or agree on a later day with its consumers.
package mesh.deprecation.way_out_named

import rego.v1

import data.mesh.reading.spelling
import data.mesh.reading.tags

defaults := {
	"tag": "deprecated",
	"successors": ["successor", "replace", "migrat"],
	"days": ["sunset", "endOfLife", "endOfSupport", "deprecatedUntil"],
}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.deprecation.way_out_named"], {}))

violation contains finding if {
	some i, definition in _ending
	not _succeeded(definition)
	finding := {
		"code": "successor_missing",
		"msg": sprintf("No field of this deprecation policy tells of %s.", [concat(", ", params.successors)]),
		"path": _at(i),
	}
}

violation contains finding if {
	some i, definition in _ending
	some field in params.days
	day := _day(definition[field])
	day < substring(input._context.now, 0, 10)
	finding := {
		"code": "day_passed",
		"msg": sprintf("This port was to end on %s.", [day]),
		"path": array.concat(_at(i), [field]),
	}
}

_at(i) := ["interfaceComponents", "outputPorts", i, "promises", "deprecationPolicy", "definition"]

# Without a definition, or with one in prose, mesh.deprecation.deprecation_dated has the say.
_ending[i] := definition if {
	port := input.interfaceComponents.outputPorts[i]
	tags.any_carries([port, input], [params.tag])
	definition := port.promises.deprecationPolicy.definition
	is_object(definition)
}

_succeeded(definition) if {
	some field, value in definition
	is_string(value)
	trim_space(value) != ""
	some word in params.successors
	contains(spelling.small(field), word)
}

# Days as YYYY-MM-DD compare like texts.
_day(value) := regex.find_n(`[0-9]{4}-[0-9]{2}-[0-9]{2}`, value, 1)[0] if is_string(value)
