package mesh.privacy.pii_needs_terms_test

import rego.v1

import data.mesh.privacy.pii_needs_terms

ports(kind, port) := {"interfaceComponents": {kind: [port]}}

unreadable(path) := {"code": "tags_unreadable", "msg": "Tags have to be a list of texts.", "path": path}

no_terms(kind) := {
	"code": "terms_missing",
	"msg": "This port gives out personal data, but its obligations define no terms and conditions.",
	"path": ["interfaceComponents", kind, 0, "obligations", "termsAndConditions"],
}

test_personal_data_with_terms_passes if {
	every definition in [{"purpose": "billing"}, "Use it for billing only."] {
		port := {"tags": ["pii"], "obligations": {"termsAndConditions": {"definition": definition}}}
		pii_needs_terms.violation == set() with input as ports("outputPorts", port)
	}
}

test_other_data_needs_no_terms if {
	every tags in [[], ["orders"], null] {
		pii_needs_terms.violation == set() with input as ports("outputPorts", {"tags": tags})
	}
}

test_an_input_port_needs_no_terms if {
	pii_needs_terms.violation == set() with input as ports("inputPorts", {"tags": ["pii"]})
}

test_missing_terms_for_personal_data_fail if {
	every tag in ["pii", "PII", "pİİ", "personal-data", "gdpr"] {
		pii_needs_terms.violation == {no_terms("outputPorts")} with input as ports("outputPorts", {"tags": [tag]})
	}
	pii_needs_terms.violation == {no_terms("discoveryPorts")} with input as ports("discoveryPorts", {"tags": ["pii"]})
}

test_a_tag_of_the_product_counts_for_its_output_ports if {
	given := object.union(ports("outputPorts", {"name": "orders"}), {"tags": ["pii"]})
	pii_needs_terms.violation == {no_terms("outputPorts")} with input as given
}

test_terms_of_the_wrong_type_fail if {
	every terms in [null, "be nice", {}, {"definition": null}, {"definition": " "}, {"definition": {}}, [1]] {
		port := {"tags": ["pii"], "obligations": {"termsAndConditions": terms}}
		pii_needs_terms.violation == {no_terms("outputPorts")} with input as ports("outputPorts", port)
	}
	given := ports("outputPorts", {"tags": ["pii"], "obligations": "none"})
	pii_needs_terms.violation == {no_terms("outputPorts")} with input as given
}

test_tags_of_the_wrong_type_fail if {
	every tags in ["pii", 7, {"pii": true}, {"first": "pii"}, [7], [null]] {
		given := object.union(ports("outputPorts", {"tags": tags}), {"tags": []})
		path := ["interfaceComponents", "outputPorts", 0, "tags"]
		unreadable(path) in pii_needs_terms.violation with input as given
		pii_needs_terms.violation == {unreadable(["tags"])} with input as {"tags": tags}
	}
}

test_the_tags_are_a_parameter if {
	given := {
		"interfaceComponents": {"outputPorts": [{"tags": ["pii"]}]},
		"_context": {"parameters": {"mesh.privacy.pii_needs_terms": {"tags": ["secret"]}}},
	}
	pii_needs_terms.violation == set() with input as given
}
