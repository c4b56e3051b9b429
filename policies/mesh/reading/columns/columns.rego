# METADATA
# title: Columns that output ports publish
# description: >-
#   A library: every column that the API of an output port defines, in the usual forms, as {port, path, name, column}.
#   Those are tables (views, collections, entities) of a Data Store API, JSON Schema, the schemas that OpenAPI and
#   AsyncAPI keep in components, and records of Avro. Columns within columns are not looked for.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
package mesh.reading.columns

import rego.v1

# The column is an object; `port` is the index of its output port, `path` leads to the column itself.
published contains {"port": i, "path": array.concat(_at(i), path), "name": name, "column": column} if {
	some i, definition in _definitions
	some [rest, holder] in _holders(definition)
	some field in ["columns", "fields", "properties"]
	column := holder[field][key]
	is_object(column)
	name := _name(key, column)
	path := array.concat(rest, [field, key])
}

_at(i) := ["interfaceComponents", "outputPorts", i, "promises", "api", "definition"]

_definitions[i] := definition if {
	definition := input.interfaceComponents.outputPorts[i].promises.api.definition
	is_object(definition)
}

# What may hold columns: the definition itself, the items of its list, its schemas, its tables and their definitions.
_holders(definition) := union({
	{[[], definition]},
	{[["items"], items] | items := definition.items},
	{[["components", "schemas", s], schema] | schema := definition.components.schemas[s]},
	_tables(definition),
	{[array.concat(rest, ["definition"]), inner] | some [rest, table] in _tables(definition); inner := table.definition},
})

_tables(definition) := {[["schema", kind, t], table] |
	some kind in ["tables", "views", "collections", "entities"]
	table := definition.schema[kind][t]
}

_name(key, _) := key if is_string(key)

_name(key, column) := column.name if {
	is_number(key)
	is_string(column.name)
}
