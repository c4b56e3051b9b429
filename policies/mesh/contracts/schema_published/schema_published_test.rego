package mesh.contracts.schema_published_test

import rego.v1

import data.mesh.contracts.schema_published

api(specification, definition) := {"interfaceComponents": {"outputPorts": [
	{"promises": {"api": {"specification": specification, "definition": definition}}},
]}}

finding(code, msg) := {
	"code": code,
	"msg": msg,
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition"],
}

no_columns := finding("columns_missing", "The definition of this API lists no columns.")

test_definitions_with_content_pass if {
	every given in [
		api("json-schema", {"type": "object", "properties": {"sku": {"type": "string"}}}),
		api("Avro", {"type": "record", "fields": [{"name": "sku", "type": "string"}]}),
		api("datastoreapi", {"schema": {"tables": [{"definition": {"columns": [{"name": "sku"}]}}]}}),
		api("openapi", {"paths": {"/orders": {"get": {}}}}),
		api("asyncapi", {"channels": {"orders": {}}}),
	] {
		schema_published.violation == set() with input as given
	}
}

test_what_is_referred_to_passes if {
	every definition in [
		{"allOf": [{}]}, {"$href": "https://example.org/schema.json"}, {"schema": {"$ref": "schema.json"}},
		{"schema": {"tables": [{"definition": {"$ref": "orders.json"}}]}}, {"schema": {"tables": [{"$ref": "orders.json"}]}},
	] {
		schema_published.violation == set() with input as api("datastoreapi", definition)
	}
}

test_an_empty_frame_fails if {
	schema_published.violation == {no_columns} with input as api("json-schema", {"type": "object"})
	schema_published.violation == {no_columns} with input as api("DatastoreAPI", {"schema": {"tables": []}})
	schema_published.violation == {finding(
		"operations_missing",
		"The definition of this API lists no paths.",
	)} with input as api("openapi", {"openapi": "3.1.0", "paths": {}})
}

test_missing_channels_fail if {
	schema_published.violation == {finding(
		"operations_missing",
		"The definition of this API lists no channels.",
	)} with input as api("asyncapi", {"asyncapi": "2.6.0"})
}

test_other_specifications_pass if {
	every specification in ["protobuf", null, 7] {
		schema_published.violation == set() with input as api(specification, {"any": "thing"})
	}
}

test_columns_and_operations_of_the_wrong_type_fail if {
	every value in [null, "sku", 7, [true], {"sku": null}] {
		schema_published.violation == {no_columns} with input as api("json-schema", {"properties": value})
	}
	every value in [null, "/orders", 7, ["/orders"]] {
		count(schema_published.violation) == 1 with input as api("openapi", {"paths": value})
	}
}

test_definitions_of_the_wrong_type_are_left_to_others if {
	every definition in [null, "CREATE TABLE orders (sku TEXT)", 7, [], {}] {
		schema_published.violation == set() with input as api("datastoreapi", definition)
	}
}
