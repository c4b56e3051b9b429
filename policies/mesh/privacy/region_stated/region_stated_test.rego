package mesh.privacy.region_stated_test

import rego.v1

import data.mesh.privacy.region_stated

port(platform) := {"interfaceComponents": {"outputPorts": [{"tags": ["pii"], "promises": {"platform": platform}}]}}

finding(code, msg) := {
	"code": code,
	"msg": msg,
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "platform"],
}

missing := finding("region_missing", "This port gives out personal data, and its platform names no region.")

allowed(given) := object.union(
	given,
	{"_context": {"parameters": {"mesh.privacy.region_stated": {"allowed": ["eu-", "westeurope"]}}}},
)

test_a_named_region_passes if {
	every platform in [
		"snowflake:eu-central-1", "westeurope.azure:postgres", "gcp:europe-west3", "aws:us-gov-west-1", "OnPrem:milan-1",
	] {
		region_stated.violation == set() with input as port(platform)
	}
}

test_a_platform_without_a_region_fails if {
	every platform in ["snowflake", "aws:s3", "", "kafka:confluent"] {
		region_stated.violation == {missing} with input as port(platform)
	}
}

test_a_missing_platform_fails if {
	given := {"tags": ["GDPR"], "interfaceComponents": {"outputPorts": [{}]}}
	region_stated.violation == {missing} with input as given
}

test_other_data_passes if {
	region_stated.violation == set() with input as {"interfaceComponents": {"outputPorts": [{"tags": ["orders"]}]}}
}

test_an_allowed_region_passes_and_another_fails if {
	region_stated.violation == set() with input as allowed(port("westeurope.azure:postgres"))
	region_stated.violation == {finding(
		"region_forbidden",
		"Personal data may not lie in us-east-1; allowed are eu-, westeurope.",
	)} with input as allowed(port("aws:us-east-1"))
}

test_a_platform_of_the_wrong_type_fails if {
	every platform in [null, 7, ["eu-central-1"], {"region": "eu-central-1"}] {
		region_stated.violation == {missing} with input as port(platform)
	}
}
