# METADATA
# title: Name is unique in the mesh
# description: >-
#   No other namespace of the mesh has a product of this name, because people search by name and would take one
#   product for the other. Only the catalog can tell, so the policy is skipped where none is at hand.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, name of Info Object"}]
# custom:
#   severity: low
#   category: naming
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [mesh]
#   findings:
#     name_taken:
#       title: Another product has this name
#       remediation: Choose a name that tells the two products apart, or agree with the other owner who renames.
package mesh.naming.name_unique

import rego.v1

defaults := {}

violation contains finding if {
	clash := input._context.mesh.name_clashes[_]
	is_string(clash.product)
	finding := {
		"code": "name_taken",
		"msg": sprintf("The mesh already has the product %s of this name.", [clash.product]),
		"path": ["info", "name"],
	}
}
