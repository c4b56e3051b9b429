package mesh.platforms.fit_for_environment_test

import rego.v1

import data.mesh.platforms.fit_for_environment

component(platform) := {"internalComponents": {"applicationComponents": [{"platform": platform}]}}

port(platform) := {"interfaceComponents": {"outputPorts": [{"promises": {"platform": platform}}]}}

deployed(given, environment) := object.union(given, {"_context": {"environment": environment}})

unfit(path) := {
	"code": "platform_unfit",
	"msg": "The platform part sandbox is not made for prod.",
	"path": path,
}

test_a_platform_of_production_passes if {
	fit_for_environment.violation == set() with input as deployed(port("aws:eu-central-1"), "prod")
}

test_an_unfit_platform_fails if {
	path := ["internalComponents", "applicationComponents", 0, "platform"]
	fit_for_environment.violation == {unfit(path)} with input as deployed(component("Sandbox.aws"), "prod")
	at := ["interfaceComponents", "outputPorts", 0, "promises", "platform"]
	fit_for_environment.violation == {unfit(at)} with input as deployed(port("aws:sandbox"), "prod")
}

test_elsewhere_it_passes if {
	every environment in ["dev", null, 7, ["prod"]] {
		fit_for_environment.violation == set() with input as deployed(port("sandbox"), environment)
	}
}

test_a_missing_environment_or_platform_passes if {
	fit_for_environment.violation == set() with input as port("sandbox")
	fit_for_environment.violation == set() with input as {"_context": {"environment": "prod"}}
}

test_platforms_of_the_wrong_type_are_left_to_others if {
	every platform in [null, 7, ["sandbox"], {"a": "sandbox"}] {
		fit_for_environment.violation == set() with input as deployed(port(platform), "prod")
		fit_for_environment.violation == set() with input as deployed(component(platform), "prod")
	}
}

test_the_lists_are_parameters if {
	given := object.union(
		port("sandbox"),
		{"_context": {
			"environment": "qa",
			"parameters": {"mesh.platforms.fit_for_environment": {"unfit": {"qa": ["sandbox"]}}},
		}},
	)
	count(fit_for_environment.violation) == 1 with input as given
}
