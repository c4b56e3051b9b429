# METADATA
# title: Documentation is linked
# description: >-
#   The product links a page that tells more than a description can, and every link to a page is one that a browser
#   opens over a safe connection.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, External Resource Object"}]
# custom:
#   severity: low
#   category: documentation
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       pattern: {description: RE2 pattern that every link has to match., type: string}
#   findings:
#     docs_missing:
#       title: Product without a link to its documentation
#       remediation: Set externalDocs.$href to the page of the product.
#     docs_unusable:
#       title: Link that does not open
#       remediation: Write $href as a whole https address, with the host.
package mesh.documentation.external_docs_linked

import rego.v1

defaults := {"pattern": `^https://[^/ ]+`}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.documentation.external_docs_linked"], {}),
)

violation contains finding if {
	not _linked
	finding := {
		"code": "docs_missing",
		"msg": "The product links no documentation: externalDocs.$href has to be a non-empty text.",
		"path": ["externalDocs", "$href"],
	}
}

violation contains finding if {
	some [path, href] in _links
	is_string(href)
	not regex.match(params.pattern, trim_space(href))
	finding := {
		"code": "docs_unusable",
		"msg": sprintf("The link to this documentation has to match %s.", [params.pattern]),
		"path": path,
	}
}

_linked if {
	is_string(input.externalDocs["$href"])
	trim_space(input.externalDocs["$href"]) != ""
}

_links contains [["externalDocs", "$href"], input.externalDocs["$href"]] if _linked

_links contains [["interfaceComponents", kind, i, "externalDocs", "$href"], href] if {
	href := input.interfaceComponents[kind][i].externalDocs["$href"]
}
