package mesh.versioning.breaking_changes_announced_test

import rego.v1

import data.mesh.versioning.breaking_changes_announced

ports(names) := {"outputPorts": [{"name": name} | some name in names]}

product(version, names) := {"info": {"version": version}, "interfaceComponents": ports(names)}

after(previous, now) := object.union(now, {"_context": {"previous": previous}})

unannounced := {
	"code": "removal_unannounced",
	"msg": "The output port events was there in the previous version and not deprecated.",
	"path": ["interfaceComponents", "outputPorts"],
}

undescribed := {
	"code": "migration_undescribed",
	"msg": "This is a new major, and none of x-migration, x-changelog says how to move to it.",
	"path": ["info", "version"],
}

test_kept_and_added_ports_pass if {
	given := after(product("1.0.0", ["events"]), product("1.1.0", ["events", "history"]))
	breaking_changes_announced.violation == set() with input as given
}

test_an_unannounced_removal_fails if {
	given := after(product("1.0.0", ["events", "history"]), product("1.1.0", ["history"]))
	breaking_changes_announced.violation == {unannounced} with input as given
}

test_an_announced_removal_passes if {
	port := {"interfaceComponents": {"outputPorts": [{"name": "events", "tags": ["deprecated"]}]}}
	every previous in [port, object.union(product("1.0.0", ["events"]), {"tags": ["deprecated"]})] {
		breaking_changes_announced.violation == set() with input as after(previous, product("1.1.0", []))
	}
}

test_a_major_without_migration_fails if {
	given := after(product("1.9.3", []), product("2.0.0", []))
	breaking_changes_announced.violation == {undescribed} with input as given
	every text in [null, ""] {
		told := object.union(given, {"x-migration": text})
		breaking_changes_announced.violation == {undescribed} with input as told
	}
}

test_a_described_migration_passes if {
	every told in [{"x-migration": "https://example.org/move"}, {"info": {"x-changelog": ["renamed sku"]}}] {
		given := after(product("1.0.0", []), object.union(product("2.0.0", []), told))
		breaking_changes_announced.violation == set() with input as given
	}
}

test_the_first_major_needs_no_migration if {
	given := after(product("0.9.0", []), product("1.0.0", []))
	breaking_changes_announced.violation == set() with input as given
}

test_a_missing_previous_version_passes if {
	breaking_changes_announced.violation == set() with input as product("2.0.0", [])
	breaking_changes_announced.violation == set() with input as after(null, product("2.0.0", []))
}

test_wrong_types_pass_or_fail_without_error if {
	every previous in ["1.0.0", 7, [], {"info": {"version": 1}}, {"interfaceComponents": {"outputPorts": [{"name": 7}]}}] {
		breaking_changes_announced.violation == set() with input as after(previous, product("2.0.0", []))
	}
	every ports in [null, "events", [{"name": null}]] {
		given := after(product("1.0.0", ["events"]), {"interfaceComponents": {"outputPorts": ports}})
		breaking_changes_announced.violation == {unannounced} with input as given
	}
}
