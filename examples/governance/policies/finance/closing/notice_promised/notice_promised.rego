# METADATA
# title: Accounting ports promise a notice period
# description: >-
#   Month-end closing depends on accounting ports, so each of them promises how long it stays after the next major
#   version: a whole number of months or years.
# scope: package
# organizations: [Finance Data Team]
# authors: [{name: Finance Data Team, email: finance-data@example.org}]
# related_resources: [{ref: "https://handbook.example.org/finance/closing", description: Month-end closing}]
# custom:
#   severity: medium
#   category: deprecation
#   enforcement: blocking
#   events: [submit, rescan]
#   needs: []
#   parameters: {type: object, additionalProperties: false, properties: {tag: {type: string, local: true}}}
#   findings:
#     notice_missing:
#       title: Accounting port without a notice period
#       remediation: Write promises.deprecationPolicy.definition.notice as a period such as P12M.
package finance.closing.notice_promised

import rego.v1

defaults := {"tag": "accounting"}

params := object.union(defaults, object.get(input, ["_context", "parameters", "finance.closing.notice_promised"], {}))

violation contains finding if {
	input.info.domain == "finance"
	port := input.interfaceComponents.outputPorts[i]
	params.tag in port.tags
	not _promised(port)
	finding := {
		"code": "notice_missing",
		"msg": "This accounting port does not promise how long it stays after the next major version.",
		"path": ["interfaceComponents", "outputPorts", i, "promises", "deprecationPolicy", "definition", "notice"],
	}
}

_promised(port) if {
	notice := port.promises.deprecationPolicy.definition.notice
	is_string(notice)
	regex.match(`^P[1-9][0-9]*[MY]$`, notice)
}
