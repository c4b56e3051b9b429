package mesh.contracts.columns_described_test

import rego.v1

import data.mesh.contracts.columns_described

schema(column) := {"interfaceComponents": {"outputPorts": [
	{"promises": {"api": {"definition": {"properties": {"sku": column}}}}},
]}}

finding(code, msg) := {
	"code": code,
	"msg": msg,
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition", "properties", "sku"],
}

undescribed := finding("column_undescribed", "The column sku has no description.")

untyped := finding("column_untyped", "The column sku has no data type.")

test_a_described_and_typed_column_passes if {
	every column in [
		{"description": "Article", "type": "string"},
		{"doc": "Article", "type": ["null", "string"]},
		{"description": "Article", "dataType": "TEXT"},
		{"description": "Article", "enum": ["a", "b"]},
		{"$ref": "#/components/schemas/Sku"},
	] {
		columns_described.violation == set() with input as schema(column)
	}
}

test_a_missing_description_fails if {
	columns_described.violation == {undescribed} with input as schema({"type": "string"})
}

test_a_missing_type_fails if {
	columns_described.violation == {untyped} with input as schema({"description": "Article"})
	columns_described.violation == {undescribed, untyped} with input as schema({})
}

test_wrong_types_fail if {
	every text in [null, " ", 7, ["Article"]] {
		columns_described.violation == {undescribed} with input as schema({"description": text, "type": "string"})
	}
	every type in [null, ""] {
		columns_described.violation == {untyped} with input as schema({"description": "Article", "type": type})
	}
}
