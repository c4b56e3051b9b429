package mesh.reading.columns_test

import rego.v1

import data.mesh.reading.columns

at := ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition"]

port(definition) := {"interfaceComponents": {"outputPorts": [{"promises": {"api": {"definition": definition}}}]}}

found(rest, column) := {"port": 0, "path": array.concat(at, rest), "name": "sku", "column": column}

test_the_columns_of_a_table_are_found if {
	column := {"name": "sku", "dataType": "TEXT"}
	given := port({"schema": {"tables": [{"definition": {"columns": [column]}}]}})
	columns.published == {found(["schema", "tables", 0, "definition", "columns", 0], column)} with input as given
}

test_the_properties_of_a_table_are_found if {
	given := port({"schema": {"tables": [{"definition": {"properties": {"sku": {"type": "string"}}}}]}})
	rest := ["schema", "tables", 0, "definition", "properties", "sku"]
	columns.published == {found(rest, {"type": "string"})} with input as given
}

test_columns_beside_the_name_of_a_table_are_found if {
	every kind in ["tables", "views", "collections", "entities"] {
		every field in ["columns", "fields"] {
			column := {"name": "sku", "dataType": "TEXT"}
			given := port({"schema": {kind: [{"name": "orders", field: [column]}]}})
			columns.published == {found(["schema", kind, 0, field, 0], column)} with input as given
			named := port({"schema": {kind: {"orders": {field: {"sku": {"dataType": "TEXT"}}}}}})
			path := ["schema", kind, "orders", field, "sku"]
			columns.published == {found(path, {"dataType": "TEXT"})} with input as named
		}
	}
}

test_the_properties_of_listed_items_are_found if {
	given := port({"type": "array", "items": {"properties": {"sku": {"type": "string"}}}})
	columns.published == {found(["items", "properties", "sku"], {"type": "string"})} with input as given
}

test_the_properties_of_a_schema_are_found if {
	given := port({"type": "object", "properties": {"sku": {"type": "string"}}})
	columns.published == {found(["properties", "sku"], {"type": "string"})} with input as given
}

test_the_properties_of_components_are_found if {
	given := port({"components": {"schemas": {"Item": {"properties": {"sku": {}}}}}})
	columns.published == {found(["components", "schemas", "Item", "properties", "sku"], {})} with input as given
}

test_the_fields_of_a_record_are_found if {
	column := {"name": "sku", "type": "string", "doc": "Article"}
	given := port({"type": "record", "fields": [column]})
	columns.published == {found(["fields", 0], column)} with input as given
}

test_wrong_types_and_missing_names_give_no_column if {
	every definition in [
		null, "CREATE TABLE", [], 7,
		{"properties": ["sku"]}, {"items": ["sku"]},
		{"schema": {"tables": "sku", "views": [[], null, "sku"]}},
		{"properties": {"sku": true}}, {"fields": "sku"}, {"fields": [{"type": "string"}]},
		{"schema": "sku"}, {"schema": {"tables": {}}}, {"components": {"schemas": [7]}},
		{"fields": [{"name": 7}, null]},
	] {
		columns.published == set() with input as port(definition)
	}
	columns.published == set() with input as {"interfaceComponents": {"outputPorts": null}}
}
