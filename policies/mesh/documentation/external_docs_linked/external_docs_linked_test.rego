package mesh.documentation.external_docs_linked_test

import rego.v1

import data.mesh.documentation.external_docs_linked

docs(href) := {"externalDocs": {"$href": href}}

missing := {
	"code": "docs_missing",
	"msg": "The product links no documentation: externalDocs.$href has to be a non-empty text.",
	"path": ["externalDocs", "$href"],
}

unusable(path) := {
	"code": "docs_unusable",
	"msg": "The link to this documentation has to match ^https://[^/ ]+.",
	"path": path,
}

test_a_safe_link_passes if {
	external_docs_linked.violation == set() with input as docs("https://handbook.example.org/orders")
}

test_an_unsafe_or_partial_link_fails if {
	every href in ["http://handbook.example.org", "handbook/orders", "https://", "file:///tmp/orders.html"] {
		external_docs_linked.violation == {unusable(["externalDocs", "$href"])} with input as docs(href)
	}
}

test_the_link_of_a_port_is_read_too if {
	port := {"externalDocs": {"$href": "orders.html"}}
	given := object.union(docs("https://example.org"), {"interfaceComponents": {"inputPorts": [{}, port]}})
	path := ["interfaceComponents", "inputPorts", 1, "externalDocs", "$href"]
	external_docs_linked.violation == {unusable(path)} with input as given
}

test_a_missing_link_fails if {
	every given in [{}, {"externalDocs": {}}, docs(" ")] {
		external_docs_linked.violation == {missing} with input as given
	}
}

test_a_link_of_the_wrong_type_fails if {
	every given in [{"externalDocs": null}, {"externalDocs": "https://example.org"}, docs(null), docs(["https://a"])] {
		external_docs_linked.violation == {missing} with input as given
	}
}

test_the_pattern_is_a_parameter if {
	parameters := {"mesh.documentation.external_docs_linked": {"pattern": "^http"}}
	given := object.union(docs("http://handbook"), {"_context": {"parameters": parameters}})
	external_docs_linked.violation == set() with input as given
}
