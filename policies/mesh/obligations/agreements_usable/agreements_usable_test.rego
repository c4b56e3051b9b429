package mesh.obligations.agreements_usable_test

import rego.v1

import data.mesh.obligations.agreements_usable

port(obligations) := {"interfaceComponents": {"outputPorts": [{"obligations": obligations}]}}

finding(code, rest, msg) := {
	"code": code,
	"msg": msg,
	"path": array.concat(["interfaceComponents", "outputPorts", 0, "obligations"], rest),
}

empty(name) := finding("agreement_empty", [name, "definition"], sprintf("The %s of this port has no content.", [name]))

no_objectives := finding(
	"sla_without_objectives", ["sla"],
	"This port agrees on a service level, and promises no objectives.",
)

unclear := finding(
	"billing_unclear", ["billingPolicy", "definition"],
	"No field of this billing policy tells of price, rate, fee, cost, unit, plan, currency, charge, free.",
)

test_an_agreement_on_promised_objectives_passes if {
	given := {"interfaceComponents": {"outputPorts": [{
		"promises": {"slo": {"definition": {"availability": "99 %"}}},
		"obligations": {"sla": {"definition": "Two hours."}, "billingPolicy": {"externalDocs": {"$href": "https://a.org"}}},
	}]}}
	agreements_usable.violation == set() with input as given
}

test_an_agreement_without_objectives_fails if {
	agreements_usable.violation == {no_objectives} with input as port({"sla": {"definition": "Two hours."}})
}

test_a_price_passes if {
	every definition in [{"unit": "credit"}, {"free": true}, "Nothing.", {"price": 0}, {"x-pricePerUnit": 0.01}] {
		agreements_usable.violation == set() with input as port({"billingPolicy": {"definition": definition}})
	}
}

test_a_missing_price_fails if {
	every definition in [{"note": "later"}, {"price": null}, {"unit": ""}] {
		agreements_usable.violation == {unclear} with input as port({"billingPolicy": {"definition": definition}})
	}
}

test_missing_content_fails if {
	every agreement in [{}, {"definition": null}, {"definition": ""}, {"definition": {}}] {
		agreements_usable.violation == {empty("billingPolicy")} with input as port({"billingPolicy": agreement})
	}
	agreements_usable.violation == {empty("sla"), no_objectives} with input as port({"sla": {}})
}

test_missing_agreements_pass if {
	every obligations in [null, {}, {"sla": null}, "none", []] {
		agreements_usable.violation == set() with input as port(obligations)
	}
}

test_agreements_of_the_wrong_type_fail if {
	every agreement in ["99 %", 7, ["a"], true] {
		given := port({"sla": agreement, "billingPolicy": agreement})
		agreements_usable.violation == {empty("sla"), empty("billingPolicy")} with input as given
	}
}

test_what_makes_a_price_is_a_parameter if {
	parameters := {"mesh.obligations.agreements_usable": {"billing": ["tariff"]}}
	context := {"_context": {"parameters": parameters}}
	given := object.union(port({"billingPolicy": {"definition": {"unit": "credit"}}}), context)
	count(agreements_usable.violation) == 1 with input as given
}
