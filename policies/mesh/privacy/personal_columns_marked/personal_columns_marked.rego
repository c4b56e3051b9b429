# METADATA
# title: Columns of personal data are marked
# description: >-
#   A column whose name tells of personal data, such as email or birth_date, is tagged, or its port or product is,
#   because every rule about personal data asks for that tag.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Data Protection Office, email: privacy@example.org}]
# related_resources:
#   - ref: https://eur-lex.europa.eu/eli/reg/2016/679/oj
#     description: Regulation (EU) 2016/679, Article 4
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
#       pattern: {description: RE2 pattern of such names in snake_case., type: string}
#   findings:
#     personal_data_untagged:
#       title: Column of personal data without a tag
#       remediation: Tag the port (or the column) with pii, or rename the column if it holds no personal data.
package mesh.privacy.personal_columns_marked

import rego.v1

import data.mesh.reading.columns
import data.mesh.reading.spelling
import data.mesh.reading.tags

defaults := {
	"tags": ["pii", "personal-data", "gdpr"],
	"pattern": concat("", [
		`(^|_)(e_?mail(_address)?|(phone|mobile|telephone)(_number)?|(first|last|full|sur|family|given|maiden)_?name`,
		`|birth_?(date|day|year)|date_of_birth|postal_address|home_address|ip_address|iban|credit_card(_number)?`,
		`|passport(_number)?|national_id|social_security(_number)?|ssn|tax_id|religion|ethnicity)$`,
	]),
}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.privacy.personal_columns_marked"], {}),
)

violation contains finding if {
	some published in columns.published
	regex.match(params.pattern, _words(published.name))
	[column, port] := [published.column, published.port]
	not tags.carries(column, params.tags)
	not _tagged(port)
	finding := {
		"code": "personal_data_untagged",
		"msg": sprintf("The column %s looks like personal data, and no tag says so.", [published.name]),
		"path": published.path,
	}
}

# emailAddress, EMAIL_ADDRESS and email-address are the same words.
_words(name) := spelling.small(regex.replace(replace(name, "-", "_"), `([a-z0-9])([A-Z])`, "${1}_${2}"))

_tagged(_) if tags.carries(input, params.tags)

_tagged(i) if tags.carries(input.interfaceComponents.outputPorts[i], params.tags)
