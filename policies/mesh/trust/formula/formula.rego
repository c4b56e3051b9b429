# METADATA
# title: How far a data product may be trusted
# description: >-
#   The formula of the trust score: what policies say of the product, how it keeps what it promises, how well it is
#   documented, how lately it was released, and who relies on it. A term without knowledge (null) weighs nothing. It is
#   a formula, not a policy: it finds nothing and stops nobody. Write a package of your own with a rule `score` and
#   name it by the setting `trust_formula` to replace it.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
package mesh.trust.formula

import rego.v1

score := {"value": value, "terms": terms, "grade": grade(value)}

terms := [policies, objectives, documentation, freshness, consumers]

value := _mean([[one.weight, one.value] | some one in terms; one.value != null])

grade(number) := "A" if number >= 0.9

else := "B" if number >= 0.75

else := "C" if number >= 0.5

else := "D"

# --- what policies say -----------------------------------------------------------------------------------------------

_severities := {"critical": 8, "high": 5, "medium": 3, "low": 1, "info": 0.5}

_states := {"pass": 1, "waived": 0.5, "fail": 0, "error": 0}

policies := {
	"name": "policies",
	"weight": 4,
	"value": _mean([[_severities[one.severity], _states[one.state]] | some one in input.compliance.policies]),
	"evidence": [{"kind": "decision", "ref": input.compliance.decision}],
	"as_of": input.compliance.decided_at,
	"note": sprintf("%d of %d policies pass", [
		count([1 | some one in input.compliance.policies; one.state == "pass"]),
		count([1 | some one in input.compliance.policies; _states[one.state] >= 0]),
	]),
}

# --- how promises are kept -------------------------------------------------------------------------------------------

objectives := {
	"name": "objectives",
	"weight": 3,
	"value": _kept,
	"evidence": array.slice(_observed, 0, 50),
	"as_of": _latest([one.last.observed_at | some one in input.slos; one.last != null]),
	"note": sprintf("%d of %d promises are met, %d unobserved", [
		count([1 | some one in input.slos; one.state == "met"]),
		count(input.slos),
		count([1 | some one in input.slos; one.state == "unknown"]),
	]),
}

# What promises nothing keeps nothing; what nobody observed is not known.
_kept := 0 if count(input.slos) == 0

_kept := _mean([[1, _attained(one)] | some one in input.slos; one.attainment != null]) if count(input.slos) > 0

# A broken promise counts for half of what it reaches: it must not look like one that is kept.
_attained(one) := 1 if one.state == "met"

_attained(one) := one.attainment / (2 * one.target) if one.state == "broken"

_observed := [{"kind": "observation", "ref": one.last.id} | some one in input.slos; one.last != null]

# --- how well it is documented ---------------------------------------------------------------------------------------

documentation := {
	"name": "documentation",
	"weight": 2,
	"value": _mean([[1, given] | some one in input.documentation; given := _one(one.given)]),
	"evidence": array.slice([{"kind": "pointer", "ref": one.pointer} | some one in _missing], 0, 50),
	"as_of": input.product.accepted_at,
	"note": sprintf("%d of %d parts are missing", [count(_missing), count(input.documentation)]),
}

_missing := [one | some one in input.documentation; not one.given]

_one(true) := 1

_one(false) := 0

# --- how lately it was released --------------------------------------------------------------------------------------

freshness := {
	"name": "freshness",
	"weight": 1,
	"value": _fresh,
	"evidence": [{"kind": "version", "ref": input.product.version}],
	"as_of": input.product.accepted_at,
	"note": sprintf("accepted %d days ago", [input.product.age_days]),
}

_fresh := 0 if _deprecated

_fresh := max({one.value | some one in _ages; input.product.age_days <= one.days}) if not _deprecated

_deprecated if input.product.status == "deprecated"

_ages := [
	{"days": 180, "value": 1},
	{"days": 365, "value": 0.75},
	{"days": 730, "value": 0.5},
	{"days": 1000000000, "value": 0.25},
]

# --- who relies on it ------------------------------------------------------------------------------------------------

consumers := {
	"name": "consumers",
	"weight": 1,
	"value": _relied_on[min([3, count(_readers)])],
	"evidence": array.slice([{"kind": "product", "ref": one} | some one in sort(_readers)], 0, 50),
	"as_of": input.now,
	"note": sprintf("%d products read it", [count(_readers)]),
}

_relied_on := [0, 0.5, 0.75, 1]

_readers contains one.product if some one in input.consumers

# --- arithmetic ------------------------------------------------------------------------------------------------------

_mean(pairs) := null if sum([weight | some [weight, _] in pairs]) == 0

_mean(pairs) := _rounded(parts / whole) if {
	whole := sum([weight | some [weight, _] in pairs])
	whole > 0
	parts := sum([part | some [weight, number] in pairs; part := weight * number])
}

_rounded(number) := round(number * 10000) / 10000

_latest(moments) := max(moments) if count(moments) > 0

_latest([]) := null
