package mesh.documentation.descriptions_present_test

import rego.v1

import data.mesh.documentation.descriptions_present

long := "Every order of the web shop, from the moment it is placed until it is delivered."

product := {
	"code": "product_undescribed",
	"msg": "info.description needs at least 40 characters.",
	"path": ["info", "description"],
}

entity(section, kind, i) := {
	"code": "entity_undescribed",
	"msg": sprintf("The description of an entry of %s needs at least 15 characters.", [kind]),
	"path": [section, kind, i, "description"],
}

test_full_descriptions_pass if {
	descriptions_present.violation == set() with input as {
		"info": {"description": long},
		"interfaceComponents": {"outputPorts": [{"description": "Orders,\nday by day"}]},
		"internalComponents": {"applicationComponents": [{"description": long}], "lifecycleInfo": {"dev": [{}]}},
	}
}

test_short_descriptions_fail if {
	descriptions_present.violation == {
		product,
		entity("interfaceComponents", "outputPorts", 0),
		entity("internalComponents", "infrastructuralComponents", 0),
	} with input as {
		"info": {"description": "Orders                                             "},
		"interfaceComponents": {"outputPorts": [{"description": "Orders"}, {"description": long}]},
		"internalComponents": {"infrastructuralComponents": [{"description": "A database"}]},
	}
}

test_ports_of_every_kind_are_looked_at if {
	every kind in ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"] {
		given := {"info": {"description": long}, "interfaceComponents": {kind: [{"description": "Orders"}]}}
		descriptions_present.violation == {entity("interfaceComponents", kind, 0)} with input as given
	}
}

test_missing_descriptions_fail if {
	descriptions_present.violation == {product} with input as {}
	descriptions_present.violation == {
		product,
		entity("interfaceComponents", "inputPorts", 0),
	} with input as {"info": {}, "interfaceComponents": {"inputPorts": [{"name": "shop"}]}}
}

test_descriptions_of_the_wrong_type_fail if {
	every wrong in [null, 7, [long], {"en": long}] {
		given := {"info": {"description": wrong}, "interfaceComponents": {"outputPorts": [{"description": wrong}]}}
		descriptions_present.violation == {product, entity("interfaceComponents", "outputPorts", 0)} with input as given
	}
	descriptions_present.violation == {product} with input as {"info": long, "interfaceComponents": {"outputPorts": 7}}
}

test_characters_are_counted_not_bytes if {
	parameters := {"mesh.documentation.descriptions_present": {"product_characters": 4}}
	given := {"info": {"description": "öäü"}, "_context": {"parameters": parameters}}
	expected := object.union(product, {"msg": "info.description needs at least 4 characters."})
	descriptions_present.violation == {expected} with input as given
	enough := {"info": {"description": "öäüß"}, "_context": {"parameters": parameters}}
	descriptions_present.violation == set() with input as enough
}
