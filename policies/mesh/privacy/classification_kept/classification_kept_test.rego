package mesh.privacy.classification_kept_test

import rego.v1

import data.mesh.privacy.classification_kept

ports(port) := {"interfaceComponents": {"outputPorts": [port]}}

unknown(path) := {
	"code": "classification_unknown",
	"msg": "The classification has to be one of public, internal, confidential, restricted.",
	"path": path,
}

public := {
	"code": "personal_data_public",
	"msg": "This port gives out personal data as public.",
	"path": ["interfaceComponents", "outputPorts", 0],
}

no_audience := {
	"code": "audience_missing",
	"msg": "This port is confidential, and names no audience.",
	"path": ["interfaceComponents", "outputPorts", 0, "expectations", "audience"],
}

test_known_levels_pass if {
	every level in ["public", "internal"] {
		classification_kept.violation == set() with input as {"x-classification": level}
		classification_kept.violation == set() with input as ports({"x-classification": level})
	}
}

test_a_limited_port_with_an_audience_passes if {
	port := {"x-classification": "restricted", "expectations": {"audience": {"definition": {"includes": ["finance"]}}}}
	classification_kept.violation == set() with input as ports(port)
}

test_an_unknown_level_fails if {
	classification_kept.violation == {unknown(["x-classification"])} with input as {"x-classification": "top secret"}
	given := {"interfaceComponents": {"inputPorts": [{"x-classification": "Public"}]}}
	path := ["interfaceComponents", "inputPorts", 0, "x-classification"]
	classification_kept.violation == {unknown(path)} with input as given
}

test_public_personal_data_fails if {
	classification_kept.violation == {public} with input as ports({"tags": ["PII"], "x-classification": "public"})
	given := object.union(ports({"tags": ["pii"]}), {"x-classification": "public"})
	classification_kept.violation == {public} with input as given
	classified := ports({"tags": ["pii"], "x-classification": "internal"})
	classification_kept.violation == set() with input as object.union(classified, {"x-classification": "public"})
}

test_a_missing_audience_fails if {
	classification_kept.violation == {no_audience} with input as ports({"x-classification": "confidential"})
	every audience in [null, {}, "finance", {"definition": null}, {"definition": ""}, {"definition": {}}] {
		port := {"x-classification": "confidential", "expectations": {"audience": audience}}
		classification_kept.violation == {no_audience} with input as ports(port)
	}
}

test_a_missing_level_passes if {
	every given in [{}, ports({"tags": ["pii"]}), {"interfaceComponents": {}}] {
		classification_kept.violation == set() with input as given
	}
}

test_a_level_of_the_wrong_type_fails if {
	every level in [null, 7, ["public"], {"level": "public"}] {
		classification_kept.violation == {unknown(["x-classification"])} with input as {"x-classification": level}
	}
	classification_kept.violation == set() with input as ports("confidential")
}
