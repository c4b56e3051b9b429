package mesh.naming.names_follow_convention_test

import rego.v1

import data.mesh.naming.names_follow_convention

product(field) := {
	"code": "product_name",
	"msg": sprintf("info.%s has to be a text that matches ^[a-zA-Z][a-zA-Z0-9]{1,63}$.", [field]),
	"path": ["info", field],
}

entity(section, kind, i) := {
	"code": "entity_name",
	"msg": sprintf("The name of an entry of %s has to be a text that matches ^[a-zA-Z][a-zA-Z0-9]{1,63}$.", [kind]),
	"path": [section, kind, i, "name"],
}

test_plain_names_pass if {
	names_follow_convention.violation == set() with input as {
		"info": {"name": "orders", "domain": "sales"},
		"interfaceComponents": {"outputPorts": [{"name": "orderEvents2"}]},
		"internalComponents": {"lifecycleInfo": {"dev": [{"name": "the deploy task"}]}},
	}
}

test_names_with_spaces_or_hyphens_fail if {
	names_follow_convention.violation == {
		product("domain"),
		entity("interfaceComponents", "outputPorts", 1),
		entity("internalComponents", "applicationComponents", 0),
	} with input as {
		"info": {"name": "orders", "domain": "Sales Team"},
		"interfaceComponents": {"outputPorts": [{"name": "orders"}, {"name": "order-events"}]},
		"internalComponents": {"applicationComponents": [{"name": "o"}]},
	}
}

test_entities_of_every_kind_are_looked_at if {
	every kind in ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"] {
		given := {"info": {"name": "orders", "domain": "sales"}, "interfaceComponents": {kind: [{}]}}
		names_follow_convention.violation == {entity("interfaceComponents", kind, 0)} with input as given
	}
	every kind in ["applicationComponents", "infrastructuralComponents"] {
		given := {"info": {"name": "orders", "domain": "sales"}, "internalComponents": {kind: [{}]}}
		names_follow_convention.violation == {entity("internalComponents", kind, 0)} with input as given
	}
}

test_missing_names_fail if {
	names_follow_convention.violation == {
		product("name"),
		product("domain"),
		entity("interfaceComponents", "inputPorts", 0),
	} with input as {"interfaceComponents": {"inputPorts": [{}]}}
}

test_names_of_the_wrong_type_fail if {
	names_follow_convention.violation == {
		product("name"),
		product("domain"),
		entity("interfaceComponents", "controlPorts", 0),
		entity("interfaceComponents", "controlPorts", 1),
	} with input as {
		"info": {"name": ["orders"], "domain": null},
		"interfaceComponents": {"controlPorts": [null, {"name": 7}], "outputPorts": "none"},
	}
}

test_the_pattern_is_a_parameter if {
	names_follow_convention.violation == set() with input as {
		"info": {"name": "sales-orders", "domain": "sales"},
		"_context": {"parameters": {"mesh.naming.names_follow_convention": {"pattern": "^[a-z-]+$"}}},
	}
}
