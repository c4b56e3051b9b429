package mesh.versioning.semantic_versions_test

import rego.v1

import data.mesh.versioning.semantic_versions

product := {
	"code": "product_not_semantic",
	"msg": "info.version has to be a semantic version such as 1.4.0.",
	"path": ["info", "version"],
}

entity(section, kind, i) := {
	"code": "entity_not_semantic",
	"msg": sprintf("Every entry of %s needs a semantic version such as 1.4.0.", [kind]),
	"path": [section, kind, i, "version"],
}

completed(pointer, value) := {"fix": [{"op": "replace", "path": pointer, "value": value}]}

test_semantic_versions_pass if {
	semantic_versions.violation == set() with input as {
		"info": {"version": "1.4.0-rc.1+build.7"},
		"interfaceComponents": {"outputPorts": [{"version": "0.0.1"}]},
		"internalComponents": {"infrastructuralComponents": [{"version": "10.20.30"}]},
	}
}

test_other_versions_fail if {
	every version in ["1", "1.4.", "v1.4.0", "01.4.0", "1.4.0-", "1.4.0-01", "1.4.0 ", "", "latest"] {
		semantic_versions.violation == {product} with input as {"info": {"version": version}}
	}
}

test_a_version_without_a_patch_number_is_offered_its_completion if {
	semantic_versions.violation == {
		object.union(product, completed("/info/version", "1.4.0")),
		object.union(
			entity("interfaceComponents", "outputPorts", 1),
			completed("/interfaceComponents/outputPorts/1/version", "0.10.0"),
		),
	} with input as {
		"info": {"version": "1.4"},
		"interfaceComponents": {"outputPorts": [{"version": "1.0.0"}, {"version": "0.10"}]},
	}
}

test_entities_of_every_kind_are_looked_at if {
	every kind in ["outputPorts", "inputPorts", "discoveryPorts", "observabilityPorts", "controlPorts"] {
		given := {"info": {"version": "1.0.0"}, "interfaceComponents": {kind: [{}]}}
		semantic_versions.violation == {entity("interfaceComponents", kind, 0)} with input as given
	}
	every kind in ["applicationComponents", "infrastructuralComponents"] {
		given := {"info": {"version": "1.0.0"}, "internalComponents": {kind: [{}]}}
		semantic_versions.violation == {entity("internalComponents", kind, 0)} with input as given
	}
}

test_missing_versions_fail if {
	semantic_versions.violation == {
		product,
		entity("interfaceComponents", "outputPorts", 0),
	} with input as {"info": {}, "interfaceComponents": {"outputPorts": [{"name": "orders"}]}}
}

test_versions_of_the_wrong_type_fail if {
	semantic_versions.violation == {
		product,
		entity("interfaceComponents", "outputPorts", 0),
		entity("internalComponents", "applicationComponents", 0),
	} with input as {
		"info": {"version": 1},
		"interfaceComponents": {"outputPorts": [{"version": null}], "inputPorts": null},
		"internalComponents": {"applicationComponents": ["1.0.0"]},
	}
}

test_a_prerelease_stays_out_of_stable_environments if {
	semantic_versions.violation == {{
		"code": "prerelease_in_stable_environment",
		"msg": "The pre-release 2.0.0-rc.1 must not go to prod.",
		"path": ["info", "version"],
	}} with input as {"info": {"version": "2.0.0-rc.1"}, "_context": {"environment": "prod"}}
}

test_the_stable_environments_are_a_parameter if {
	given := {"info": {"version": "2.0.0-rc.1"}, "_context": {"environment": "live"}}
	semantic_versions.violation == set() with input as given
	parameters := {"_context": {"parameters": {"mesh.versioning.semantic_versions": {"stable": ["live"]}}}}
	count(semantic_versions.violation) == 1 with input as object.union(given, parameters)
}

test_both_default_environments_are_stable if {
	every environment in ["prod", "production"] {
		given := {"info": {"version": "2.0.0-rc.1"}, "_context": {"environment": environment}}
		count(semantic_versions.violation) == 1 with input as given
	}
}

test_a_hyphen_in_the_build_metadata_is_no_prerelease if {
	given := {"info": {"version": "2.0.0+build-7"}, "_context": {"environment": "prod"}}
	semantic_versions.violation == set() with input as given
}

test_a_prerelease_may_go_anywhere_else if {
	every environment in ["dev", null, 7] {
		given := {"info": {"version": "2.0.0-rc.1"}, "_context": {"environment": environment}}
		semantic_versions.violation == set() with input as given
	}
}
