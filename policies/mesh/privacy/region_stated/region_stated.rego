# METADATA
# title: Personal data has a place
# description: >-
#   A port that gives out personal data says in its platform in which region the data lies, and that region is an
#   allowed one where a list is set, because the law of the place goes with the data.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Protection Office, email: privacy@example.org}]
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Chapter V
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
#       tags: {description: Tags of personal data (lower case)., type: array, items: {type: string}}
#       pattern: {description: RE2 pattern of a region (lower case)., type: string}
#       allowed: {description: How allowed regions begin; any where empty., type: array, items: {type: string}}
#   findings:
#     region_missing:
#       title: Personal data in an unknown region
#       remediation: Name the region in promises.platform, for example snowflake:eu-central-1.
#     region_forbidden:
#       title: Personal data in a region that is not allowed
#       remediation: Move the data to an allowed region, or agree on an exception with the data protection office.
package mesh.privacy.region_stated

import rego.v1

import data.mesh.reading.spelling
import data.mesh.reading.tags

defaults := {
	"tags": ["pii", "personal-data", "gdpr"],
	"pattern": concat("", [
		`^([a-z]{2}(-[a-z]+)+-?[0-9]{1,2}[a-z]?|(us|europe|asia|australia|africa|me)-[a-z]+[0-9]{1,2}`,
		`|(north|south|east|west)[a-z]+[0-9]?|[a-z]+(north|south|east|west|central)[0-9]?|eu|onprem|on-premises)$`,
	]),
	"allowed": [],
}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.privacy.region_stated"], {}))

violation contains _finding("region_missing", i, msg) if {
	some i, parts in _personal
	count(_regions(parts)) == 0
	msg := "This port gives out personal data, and its platform names no region."
}

violation contains _finding("region_forbidden", i, msg) if {
	count(params.allowed) > 0
	some i, parts in _personal
	some region in _regions(parts)
	not strings.any_prefix_match(region, params.allowed)
	msg := sprintf("Personal data may not lie in %s; allowed are %s.", [region, concat(", ", params.allowed)])
}

_finding(code, i, msg) := {
	"code": code,
	"msg": msg,
	"path": ["interfaceComponents", "outputPorts", i, "promises", "platform"],
}

_regions(parts) := {part | some part in parts; regex.match(params.pattern, part)}

# The parts of the platform, none where it is no text.
_personal[i] := parts if {
	port := input.interfaceComponents.outputPorts[i]
	tags.any_carries([port, input], params.tags)
	texts := {text | text := port.promises.platform; is_string(text)}
	parts := {part | some text in texts; some part in regex.split(`[.:/ ]+`, spelling.small(text))}
}
