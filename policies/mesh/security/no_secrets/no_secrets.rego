# METADATA
# title: No secrets in descriptors
# description: >-
#   No text of the descriptor is a key, a token or an address with a password in the forms that are known for
#   certain, because descriptors are read by everybody and kept for ever. Secrets are named by reference, for example
#   as env:NAME.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Information Security Office, email: security@example.org}]
# related_resources:
#   - ref: https://cheatsheetseries.owasp.org/
#     description: OWASP Secrets Management Cheat Sheet
# custom:
#   severity: critical
#   category: security
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       also: {description: RE2 patterns of secrets of your own., type: array, items: {type: string}}
#   findings:
#     secret_found:
#       title: Secret in the descriptor
#       remediation: Revoke the secret now, for it has been published, and write a reference such as env:NAME instead.
package mesh.security.no_secrets

import rego.v1

defaults := {"also": []}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.security.no_secrets"], {}))

# Forms that nothing else has: private keys, tokens of well-known issuers, and addresses with a password.
_forms := concat("|", [
	`-----BEGIN ([A-Z]+ )*PRIVATE KEY`,
	`(^|[^A-Za-z0-9])(AKIA|ASIA)[0-9A-Z]{16}($|[^A-Za-z0-9])`,
	`(^|[^A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}|glpat-[A-Za-z0-9_-]{20})`,
	`(^|[^A-Za-z0-9])(xox[abprs]-[A-Za-z0-9-]{10}|sk_live_[0-9A-Za-z]{16}|AIza[0-9A-Za-z_-]{35})`,
	`(^|[^A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}[.]eyJ[A-Za-z0-9_-]{10,}[.]`,
	`[A-Za-z][A-Za-z0-9+.-]*://[^/ :@?#]+:[^/ :@?#{}$<>*]{3,}@`,
])

violation contains finding if {
	_suspicious
	walk(_descriptor, [path, text])
	is_string(text)
	_secret(text)
	finding := {
		"code": "secret_found",
		"msg": "This text looks like a secret that somebody could use.",
		"path": path,
	}
}

_descriptor := object.remove(input, ["_context"])

# Almost no descriptor has even a part of such a form, and to look once is much cheaper than to visit every text.
_suspicious if {
	parts := `PRIVATE KEY|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|AIza|eyJ|://[^/ ?#]*@`
	regex.match(parts, json.marshal(_descriptor))
}

_suspicious if count(params.also) > 0

_secret(text) if regex.match(_forms, text)

_secret(text) if regex.match(params.also[_], text)
