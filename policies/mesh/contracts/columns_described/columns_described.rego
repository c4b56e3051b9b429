# METADATA
# title: Columns are described and typed
# description: >-
#   Every column that the API of an output port defines has a description and a data type, because a consumer who has
#   to ask what a column means has found no product yet.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://github.com/opendatamesh-initiative
#     description: Datastore API, Column Object
# custom:
#   severity: low
#   category: contracts
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   findings:
#     column_undescribed:
#       title: Column without a description
#       remediation: Say in its description (in Avro, doc) what the column means, with unit and code list.
#     column_untyped:
#       title: Column without a data type
#       remediation: Give the column its dataType, type or physicalType.
package mesh.contracts.columns_described

import rego.v1

import data.mesh.reading.columns

defaults := {}

violation contains finding if {
	some published in columns.published
	column := published.column
	not _elsewhere(column)
	not _described(column)
	finding := {
		"code": "column_undescribed",
		"msg": sprintf("The column %s has no description.", [published.name]),
		"path": published.path,
	}
}

violation contains finding if {
	some published in columns.published
	column := published.column
	not _elsewhere(column)
	not _typed(column)
	finding := {
		"code": "column_untyped",
		"msg": sprintf("The column %s has no data type.", [published.name]),
		"path": published.path,
	}
}

# A reference inside a definition is not resolved: what it points at may well say both.
_elsewhere(column) if is_string(column["$ref"])

_described(column) if {
	some field in ["description", "doc"]
	text := column[field]
	is_string(text)
	trim_space(text) != ""
}

_typed(column) if {
	some field in ["dataType", "type", "physicalType", "logicalType", "allOf", "anyOf", "oneOf", "enum", "const"]
	not object.get(column, field, null) in {null, ""}
}
