# METADATA
# title: Consumers keep their port
# description: >-
#   A version offers every output port that somebody in the mesh reads, because the reader finds out only when its
#   load fails. Only the catalog can tell, so the policy is skipped where none is at hand.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Interface Components Object"}]
# custom:
#   severity: high
#   category: lineage
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [mesh]
#   findings:
#     consumed_port_gone:
#       title: Port that somebody reads is gone
#       remediation: Keep the port, or agree with its consumers on what they read instead.
package mesh.lineage.consumers_kept

import rego.v1

defaults := {}

violation contains finding if {
	consumer := input._context.mesh.consumers[_]
	is_string(consumer.port)
	is_string(consumer.product)
	not consumer.port in _offered
	finding := {
		"code": "consumed_port_gone",
		"msg": sprintf("%s reads the output port %s, which this version does not offer.", [consumer.product, consumer.port]),
		"path": ["interfaceComponents", "outputPorts"],
	}
}

_offered contains name if {
	name := input.interfaceComponents.outputPorts[_].name
	is_string(name)
}
