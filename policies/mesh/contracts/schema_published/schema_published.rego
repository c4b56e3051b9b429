# METADATA
# title: Contracts say what the data looks like
# description: >-
#   The definition of an API lists what a consumer gets, with tables and columns for a datastore, properties or
#   fields for a schema, operations for a service, because an empty frame is no contract.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, API Standard Definition Object
# custom:
#   severity: medium
#   category: contracts
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   findings:
#     columns_missing:
#       title: Definition without columns
#       remediation: List tables with their columns, properties or fields in promises.api.definition.
#     operations_missing:
#       title: Definition without operations
#       remediation: List the paths (OpenAPI) or channels (AsyncAPI) in promises.api.definition.
package mesh.contracts.schema_published

import rego.v1

import data.mesh.reading.columns
import data.mesh.reading.spelling

defaults := {}

violation contains finding if {
	some i, api in _apis
	_specification(api) in ["datastoreapi", "json-schema", "jsonschema", "avro"]
	not i in _with_columns
	not _elsewhere(api)
	finding := _finding("columns_missing", i, "The definition of this API lists no columns.")
}

violation contains finding if {
	some i, api in _apis
	field := _operations[_specification(api)]
	not _filled(api, field)
	not _elsewhere(api)
	finding := _finding("operations_missing", i, sprintf("The definition of this API lists no %s.", [field]))
}

_finding(code, i, msg) := {"code": code, "msg": msg, "path": array.concat(_ports, [i, "promises", "api", "definition"])}

_ports := ["interfaceComponents", "outputPorts"]

_operations := {"openapi": "paths", "asyncapi": "channels"}

# Texts, such as DDL, are not read; empty definitions are refused by mesh.contracts.output_ports_specified.
_apis[i] := api if {
	api := input.interfaceComponents.outputPorts[i].promises.api
	is_object(api.definition)
	count(api.definition) > 0
}

_specification(api) := spelling.small(api.specification) if is_string(api.specification)

_with_columns contains column.port if some column in columns.published

_filled(api, field) if {
	is_object(api.definition[field])
	count(api.definition[field]) > 0
}

# What is combined or referred to may well list columns; a schema that is no object has none to list.
_elsewhere(api) if {
	some field in ["$href", "$defs", "allOf", "anyOf", "oneOf", "items"]
	api.definition[field]
}

_elsewhere(api) if {
	walk(api.definition, [path, _])
	"$ref" in path
}
