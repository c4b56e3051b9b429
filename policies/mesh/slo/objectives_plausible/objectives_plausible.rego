# METADATA
# title: Objectives are plausible
# description: >-
#   Availability is a percentage that somebody can keep, and freshness a period, because a promise of 100 % or of as
#   soon as possible is none. Values are read wherever they stand in the definition.
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
#   findings:
#     availability_implausible:
#       title: Availability that nobody can keep or read
#       remediation: Write a percentage from 50 up to, not including, 100, for example 99.5 %.
#     freshness_unclear:
#       title: Freshness without a period
#       remediation: Write a period such as PT15M or P1D.
package mesh.slo.objectives_plausible

import rego.v1

import data.mesh.reading.spelling

defaults := {}

violation contains finding if {
	some [path, value] in _objectives.availability
	not _available(value)
	msg := "The availability has to be a percentage from 50 up to, not including, 100."
	finding := {"code": "availability_implausible", "msg": msg, "path": path}
}

violation contains finding if {
	some [path, value] in _objectives.freshness
	not _period(value)
	msg := "The freshness has to be a period that is longer than nothing."
	finding := {"code": "freshness_unclear", "msg": msg, "path": path}
}

_objectives[name] := found if {
	some name in ["availability", "freshness"]
	found := {[array.concat(["interfaceComponents", "outputPorts", i, "promises", "slo", "definition"], path), value] |
		definition := input.interfaceComponents.outputPorts[i].promises.slo.definition
		is_object(definition)
		walk(definition, [path, value])
		not is_object(value)
		not value in {null, ""}
		_named(path, name)
	}
}

_named(path, name) if {
	key := path[count(path) - 1]
	is_string(key)
	spelling.small(key) == name
}

# 0.995 is read as 99.5 %.
_available(value) if {
	number := _number(value)
	some [least, limit] in [[50, 100], [0.5, 1]]
	number >= least
	number < limit
}

_number(value) := value if is_number(value)

_number(value) := to_number(trim(value, " %")) if {
	is_string(value)
	regex.match(`^(0|[1-9][0-9]{0,2})([.][0-9]{1,9})? ?%?$`, value)
}

_period(value) if {
	is_number(value)
	value > 0
}

_period(value) if {
	is_string(value)
	regex.match(`[1-9]`, value)
}
