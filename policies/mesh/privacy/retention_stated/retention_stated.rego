# METADATA
# title: Retention of personal data is stated
# description: >-
#   The terms of a port that gives out personal data say for how long a consumer may keep it, in days or as a period
#   such as P1Y, because data without an end is kept for ever. Terms in prose are for people to judge.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Protection Office, email: privacy@example.org}]
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 5 (1) (e)
# custom:
#   severity: high
#   category: privacy
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       tags: {type: array, items: {type: string}}
#       longest_days: {type: integer, minimum: 1}
#   findings:
#     retention_missing:
#       title: Personal data without a retention
#       remediation: Add retentionDays or retention to obligations.termsAndConditions.definition.
#     retention_unclear:
#       title: Retention that no machine can read
#       remediation: Write a whole number of days, or a period such as P30D or P1Y, that is not longer than allowed.
package mesh.privacy.retention_stated

import rego.v1

import data.mesh.reading.spelling
import data.mesh.reading.tags

defaults := {
	"tags": ["pii", "personal-data", "gdpr"],
	"longest_days": 3660,
}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.privacy.retention_stated"], {}))

violation contains finding if {
	some i, terms in _terms
	count(_retentions(terms)) == 0
	msg := "The terms of this port do not say for how long a consumer may keep personal data."
	finding := {"code": "retention_missing", "msg": msg, "path": _at(i)}
}

violation contains finding if {
	some i, terms in _terms
	some field, value in _retentions(terms)
	not _clear(value)
	msg := sprintf("The retention has to be a whole number of days up to %d, or as long a period.", [params.longest_days])
	finding := {"code": "retention_unclear", "msg": msg, "path": array.concat(_at(i), [field])}
}

_at(i) := ["interfaceComponents", "outputPorts", i, "obligations", "termsAndConditions", "definition"]

_terms[i] := terms if {
	port := input.interfaceComponents.outputPorts[i]
	terms := port.obligations.termsAndConditions.definition
	is_object(terms)
	tags.any_carries([port, input], params.tags)
}

_retentions(terms) := {field: value |
	some field, value in terms
	not value in {null, ""}
	contains(spelling.small(field), "retention")
}

_clear(value) if {
	days := _days(value)
	days == floor(days)
	days > 0
	days <= params.longest_days
}

_days(value) := value if is_number(value)

_days(value) := to_number(trim(value, "PDWMY")) * {"D": 1, "W": 7, "M": 30, "Y": 365}[unit] if {
	is_string(value)
	regex.match(`^P[1-9][0-9]{0,4}[DWMY]$`, value)
	unit := substring(value, count(value) - 1, 1)
}
