package mesh.privacy.personal_columns_marked_test

import rego.v1

import data.mesh.privacy.personal_columns_marked

port(name, column) := {"promises": {"api": {"definition": {"properties": {name: column}}}}}

offered(port) := {"interfaceComponents": {"outputPorts": [port]}}

untagged(name) := {
	"code": "personal_data_untagged",
	"msg": sprintf("The column %s looks like personal data, and no tag says so.", [name]),
	"path": ["interfaceComponents", "outputPorts", 0, "promises", "api", "definition", "properties", name],
}

test_other_columns_pass if {
	every name in ["sku", "email_count", "name", "mobile_app_version", "consent_marketing"] {
		personal_columns_marked.violation == set() with input as offered(port(name, {"type": "string"}))
	}
}

test_an_untagged_column_fails if {
	every name in ["email", "emailAddress", "CUSTOMER_EMAIL", "birth-date", "firstName", "phone_number", "iban"] {
		personal_columns_marked.violation == {untagged(name)} with input as offered(port(name, {"type": "string"}))
	}
}

test_a_tag_of_column_port_or_product_passes if {
	every given in [
		offered(port("email", {"tags": ["PII"]})),
		offered(object.union(port("email", {}), {"tags": ["gdpr"]})),
		object.union(offered(port("email", {})), {"tags": ["pii"]}),
	] {
		personal_columns_marked.violation == set() with input as given
	}
}

test_missing_columns_pass if {
	every given in [{}, offered({})] {
		personal_columns_marked.violation == set() with input as given
	}
}

test_tags_of_the_wrong_type_fail if {
	every tags in [null, "pii", 7, [7], [null], [["pii"]]] {
		given := offered(object.union(port("email", {}), {"tags": tags}))
		personal_columns_marked.violation == {untagged("email")} with input as given
	}
}

test_the_pattern_is_a_parameter if {
	parameters := {"mesh.privacy.personal_columns_marked": {"pattern": "^badge$"}}
	given := object.union(offered(port("badge", {})), {"_context": {"parameters": parameters}})
	personal_columns_marked.violation == {untagged("badge")} with input as given
}
