package mesh.platforms.platform_allowed_test

import rego.v1

import data.mesh.platforms.platform_allowed

promised(platform) := {"interfaceComponents": {"outputPorts": [{"promises": {"platform": platform}}]}}

application(component) := {"internalComponents": {"applicationComponents": [component]}}

allowed := concat(", ", platform_allowed.defaults.allowed)

unsupported(path) := {
	"code": "platform_unsupported",
	"msg": sprintf("This platform is not among the supported ones: %s.", [allowed]),
	"path": path,
}

missing := {
	"code": "platform_missing",
	"msg": "An entry of applicationComponents names no platform.",
	"path": ["internalComponents", "applicationComponents", 0, "platform"],
}

test_supported_platforms_pass if {
	every platform in ["aws", "AWS Redshift", "westeurope.azure:postgres", "onprem:cellar/rack1"] {
		platform_allowed.violation == set() with input as promised(platform)
		platform_allowed.violation == set() with input as application({"platform": platform})
	}
}

test_each_platform_of_the_default_list_passes if {
	every platform in [
		"aws", "azure", "gcp", "onprem", "on-premises", "kubernetes", "openshift", "databricks", "snowflake", "confluent",
	] {
		platform_allowed.violation == set() with input as promised(platform)
	}
}

test_a_dotted_capital_i_is_an_i if {
	given := object.union(
		promised("İBM"),
		{"_context": {"parameters": {"mesh.platforms.platform_allowed": {"allowed": ["ibm"]}}}},
	)
	platform_allowed.violation == set() with input as given
}

test_a_port_may_name_no_platform if {
	platform_allowed.violation == set() with input as {"interfaceComponents": {"outputPorts": [{"promises": {}}, {}]}}
}

test_other_platforms_fail if {
	every platform in ["my-laptop", "awsome", ""] {
		path := ["interfaceComponents", "outputPorts", 0, "promises", "platform"]
		platform_allowed.violation == {unsupported(path)} with input as promised(platform)
	}
	path := ["internalComponents", "applicationComponents", 0, "platform"]
	platform_allowed.violation == {unsupported(path)} with input as application({"platform": "my-laptop"})
}

test_a_missing_platform_of_a_component_fails if {
	every component in [{}, {"platform": null}] {
		platform_allowed.violation == {missing} with input as application(component)
	}
	infrastructure := {
		"code": "platform_missing",
		"msg": "An entry of infrastructuralComponents names no platform.",
		"path": ["internalComponents", "infrastructuralComponents", 0, "platform"],
	}
	given := {"internalComponents": {"infrastructuralComponents": [{}]}}
	platform_allowed.violation == {infrastructure} with input as given
}

test_wrong_types_fail if {
	every platform in [7, ["aws"], {"name": "aws"}, true] {
		path := ["interfaceComponents", "outputPorts", 0, "promises", "platform"]
		platform_allowed.violation == {unsupported(path)} with input as promised(platform)
	}
	platform_allowed.violation == {missing} with input as application("aws")
	platform_allowed.violation == {missing} with input as application(null)
}

test_the_list_is_a_parameter if {
	given := object.union(
		promised("cellar"),
		{"_context": {"parameters": {"mesh.platforms.platform_allowed": {"allowed": ["cellar"]}}}},
	)
	platform_allowed.violation == set() with input as given
}
