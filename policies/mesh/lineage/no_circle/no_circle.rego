# METADATA
# title: Products do not read each other
# description: >-
#   No product reads from a product that reads from it, because neither can then be built, corrected or replayed
#   first. Only the catalog can tell, so the policy is skipped where none is at hand.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://martinfowler.com/articles/data-mesh-principles.html
#     description: Data Mesh, principle of data as a product
# custom:
#   severity: medium
#   category: lineage
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [mesh]
#   findings:
#     mutual_dependency:
#       title: Two products read each other
#       remediation: Move what both need into a product of its own, or let one of them read the source.
package mesh.lineage.no_circle

import rego.v1

defaults := {}

violation contains finding if {
	upstream := input._context.mesh.upstream[_]
	consumer := input._context.mesh.consumers[_]
	is_string(upstream.product)
	upstream.product == consumer.product
	port := input.interfaceComponents.inputPorts[i]
	port.name == upstream.input_port
	finding := {
		"code": "mutual_dependency",
		"msg": sprintf("This product reads %s, which reads this product.", [upstream.product]),
		"path": ["interfaceComponents", "inputPorts", i],
	}
}
