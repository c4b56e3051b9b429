# METADATA
# title: What others may not see of a decision
# description: >-
#   People are named in descriptors as owners and contact points. Decisions that leave this mesh name them no more, in
#   what the policies saw (the previous version included) and in what they said. OPA servers may use this file as it is.
# scope: package
package system.log

import rego.v1

mask contains sprintf("%s/info/owner/%s", [where, field]) if {
	some where, document in documents
	some field in ["id", "name"]
	document.info.owner[field]
}

mask contains {"op": "upsert", "path": sprintf("%s/info/contactPoints", [where]), "value": []} if {
	some where, document in documents
	document.info.contactPoints
}

mask contains {
	"op": "upsert",
	"path": sprintf("/result/decision/findings/%d/msg", [index]),
	"value": "(hidden: it names an owner)",
} if {
	some index, finding in input.result.decision.findings
	some document in documents
	contains(finding.msg, document.info.owner.id)
}

documents["/input"] := input.input

documents["/input/_context/previous"] := input.input._context.previous
