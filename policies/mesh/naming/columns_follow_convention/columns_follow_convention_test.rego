package mesh.naming.columns_follow_convention_test

import rego.v1

import data.mesh.naming.columns_follow_convention

schema(properties) := {"interfaceComponents": {"outputPorts": [
	{"promises": {"api": {"definition": {"type": "object", "properties": properties}}}},
]}}

badly(name) := {
	"code": "column_name",
	"msg": "The name of this column has to match ^[a-zA-Z][a-zA-Z0-9_]{0,62}$.",
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition", "properties", name],
}

test_plain_names_pass if {
	every name in ["sku", "order_id", "orderId", "ORDER_ID2"] {
		columns_follow_convention.violation == set() with input as schema({name: {"type": "string"}})
	}
}

test_other_names_fail if {
	every name in ["order id", "order-id", "2nd", "_id", "größe", "id ", ""] {
		columns_follow_convention.violation == {badly(name)} with input as schema({name: {"type": "string"}})
	}
}

test_missing_columns_pass if {
	every given in [{}, schema({}), {"interfaceComponents": {"outputPorts": [{}]}}] {
		columns_follow_convention.violation == set() with input as given
	}
}

test_columns_of_the_wrong_type_are_left_to_others if {
	every properties in [null, "sku", ["order id"], {"order id": true}] {
		columns_follow_convention.violation == set() with input as schema(properties)
	}
}

test_the_pattern_is_a_parameter if {
	parameters := {"mesh.naming.columns_follow_convention": {"pattern": "^[A-Z_]+$"}}
	given := object.union(schema({"SKU": {"type": "string"}}), {"_context": {"parameters": parameters}})
	columns_follow_convention.violation == set() with input as given
}
