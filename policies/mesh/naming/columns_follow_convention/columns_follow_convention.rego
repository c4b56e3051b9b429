# METADATA
# title: Columns follow the convention
# description: >-
#   Names of columns are words of letters, digits and underscores, so that every engine takes them without quotation
#   marks and nobody has to guess how a name is spelt.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://github.com/opendatamesh-initiative
#     description: Datastore API, names of tables and columns
# custom:
#   severity: low
#   category: naming
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       pattern: {description: RE2 pattern that every name of a column has to match., type: string, local: true}
#   findings:
#     column_name:
#       title: Name of a column breaks the convention
#       remediation: Use letters, digits and underscores, starting with a letter, at most 63 characters.
package mesh.naming.columns_follow_convention

import rego.v1

import data.mesh.reading.columns

defaults := {"pattern": `^[a-zA-Z][a-zA-Z0-9_]{0,62}$`}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.naming.columns_follow_convention"], {}),
)

violation contains finding if {
	some column in columns.published
	name := column.name
	not regex.match(params.pattern, name)
	finding := {
		"code": "column_name",
		"msg": sprintf("The name of this column has to match %s.", [params.pattern]),
		"path": column.path,
	}
}
