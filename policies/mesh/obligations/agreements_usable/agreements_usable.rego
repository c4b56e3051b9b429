# METADATA
# title: Agreements can be relied on
# description: >-
#   A service level agreement stands on promised objectives, a billing policy says how the price is made, and neither
#   is an empty frame, because a consumer budgets and plans with them.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Obligations Object"}]
# custom:
#   severity: medium
#   category: obligations
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters: {type: object, additionalProperties: false, properties: {billing: {type: array, items: {type: string}}}}
#   findings:
#     agreement_empty:
#       title: Agreement without content
#       remediation: Write the agreement into its definition, or link it in externalDocs.
#     sla_without_objectives:
#       title: Agreement on a service level that nobody promises
#       remediation: Add promises.slo with the objectives that the agreement is about.
#     billing_unclear:
#       title: Billing policy without a price
#       remediation: Say in its definition who pays what, for example with unit and price.
package mesh.obligations.agreements_usable

import rego.v1

import data.mesh.reading.spelling

defaults := {"billing": ["price", "rate", "fee", "cost", "unit", "plan", "currency", "charge", "free"]}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.obligations.agreements_usable"], {}),
)

violation contains _finding("agreement_empty", kind, i, [name, "definition"], msg) if {
	port := input.interfaceComponents[kind][i]
	some name in ["sla", "billingPolicy"]
	agreement := port.obligations[name]
	not is_null(agreement)
	not _filled(agreement)
	msg := sprintf("The %s of this port has no content.", [name])
}

violation contains _finding("sla_without_objectives", kind, i, ["sla"], msg) if {
	port := input.interfaceComponents[kind][i]
	is_object(port.obligations.sla)
	not _promised(port)
	msg := "This port agrees on a service level, and promises no objectives."
}

violation contains _finding("billing_unclear", kind, i, ["billingPolicy", "definition"], msg) if {
	definition := input.interfaceComponents[kind][i].obligations.billingPolicy.definition
	is_object(definition)
	count(definition) > 0
	not _priced(definition)
	msg := sprintf("No field of this billing policy tells of %s.", [concat(", ", params.billing)])
}

_finding(code, kind, i, rest, msg) := {
	"code": code,
	"msg": msg,
	"path": array.concat(["interfaceComponents", kind, i, "obligations"], rest),
}

_filled(agreement) if {
	some field in ["definition", "externalDocs"]
	content := agreement[field]
	not content in {null, "", {}}
}

_promised(port) if is_object(port.promises.slo)

_priced(definition) if {
	some field, value in definition
	not value in {null, ""}
	some word in params.billing
	contains(spelling.small(field), word)
}
