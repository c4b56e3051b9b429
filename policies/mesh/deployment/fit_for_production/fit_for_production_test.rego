package mesh.deployment.fit_for_production_test

import rego.v1

import data.mesh.deployment.fit_for_production

deployed(given) := object.union(given, {"_context": {"event": "deploy", "environment": "prod"}})

codes contains finding.code if some finding in fit_for_production.violation

port(slo) := {"interfaceComponents": {"outputPorts": [{"promises": {"slo": slo}}]}}

test_a_released_product_passes if {
	given := object.union(port({"definition": {"freshness": "P1D"}}), {"info": {"version": "1.0.0"}, "tags": ["core"]})
	fit_for_production.violation == set() with input as deployed(given)
}

test_an_initial_version_fails if {
	fit_for_production.violation == {{
		"code": "initial_version",
		"msg": "The version 0.9.0 is not generally available.",
		"path": ["info", "version"],
	}} with input as deployed({"info": {"version": "0.9.0"}})
}

test_an_experiment_fails if {
	fit_for_production.violation == {{
		"code": "experimental",
		"msg": "An experiment does not go to production.",
		"path": ["tags"],
	}} with input as deployed({"tags": ["PoC"]})
}

test_missing_objectives_fail if {
	every slo in [null, {}, {"definition": null}, {"definition": {}}, {"definition": ""}] {
		codes == {"objectives_missing"} with input as deployed(port(slo))
	}
}

test_elsewhere_everything_passes if {
	given := object.union(port(null), {"info": {"version": "0.1.0"}, "tags": ["draft"]})
	every context in [{}, {"environment": "dev"}, {"environment": null}, {"environment": 7}] {
		fit_for_production.violation == set() with input as object.union(given, {"_context": context})
	}
}

test_wrong_types_fail_or_are_left_to_others if {
	every value in [null, 0, ["0.1.0"], "draft", {"a": 7}] {
		fit_for_production.violation == set() with input as deployed({"info": {"version": value}, "tags": value})
	}
	codes == {"objectives_missing"} with input as deployed({"interfaceComponents": {"outputPorts": ["events", null]}})
}

test_the_environments_are_a_parameter if {
	parameters := {"mesh.deployment.fit_for_production": {"environments": ["live"]}}
	given := {"info": {"version": "0.1.0"}, "_context": {"environment": "live", "parameters": parameters}}
	count(fit_for_production.violation) == 1 with input as given
}
