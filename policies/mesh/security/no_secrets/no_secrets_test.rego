package mesh.security.no_secrets_test

import rego.v1

import data.mesh.security.no_secrets

secret(path) := {
	"code": "secret_found",
	"msg": "This text looks like a secret that somebody could use.",
	"path": path,
}

test_other_texts_pass if {
	every text in [
		"env:WAREHOUSE_PASSWORD", "postgresql://warehouse.example.org/mesh", "postgres://loader:${PASSWORD}@db.example.org",
		"urn:dpds:org.example:dataproducts:orders:1", "mail me: jo@example.org", "AKIA", "eyJhbGciOi", "BEGIN PUBLIC KEY",
	] {
		no_secrets.violation == set() with input as {"info": {"description": text}}
	}
}

test_secrets_fail if {
	every text in [
		"AKIAIOSFODNN7EXAMPLE", "key=AKIAIOSFODNN7EXAMPLE;", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
		concat("_", ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"]), "postgres://loader:hunter2@db.example.org/mesh",
		concat(".", ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0In0", "c2ln"]),
	] {
		no_secrets.violation == {secret(["info", "description"])} with input as {"info": {"description": text}}
	}
}

test_secrets_in_any_depth_fail if {
	given := {"internalComponents": {"lifecycleInfo": {"dev": [{"configurations": {"key": "AKIAIOSFODNN7EXAMPLE"}}]}}}
	path := ["internalComponents", "lifecycleInfo", "dev", 0, "configurations", "key"]
	no_secrets.violation == {secret(path)} with input as given
}

test_secrets_after_a_line_end_fail if {
	every text in ["one\nAKIAIOSFODNN7EXAMPLE", "\tAKIAIOSFODNN7EXAMPLE", "\"AKIAIOSFODNN7EXAMPLE\"", "a://b:c&d\"@e"] {
		no_secrets.violation == {secret(["info", "description"])} with input as {"info": {"description": text}}
	}
}

test_missing_texts_and_wrong_types_pass if {
	every value in [null, 7, true, [], {}, [7, null]] {
		no_secrets.violation == set() with input as {"info": value}
	}
	no_secrets.violation == set() with input as {}
}

test_what_we_are_told_beside_is_not_read if {
	given := {"_context": {"previous": {"info": {"description": "AKIAIOSFODNN7EXAMPLE"}}}}
	no_secrets.violation == set() with input as given
}

test_more_forms_are_a_parameter if {
	parameters := {"mesh.security.no_secrets": {"also": ["^acme-[0-9]{8}$"]}}
	given := {"info": {"description": "acme-12345678"}, "_context": {"parameters": parameters}}
	no_secrets.violation == {secret(["info", "description"])} with input as given
}
