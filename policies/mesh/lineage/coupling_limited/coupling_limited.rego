# METADATA
# title: Coupling to other domains is limited
# description: >-
#   A product reads from few other domains and from none of their products that are about to leave, because each
#   domain that it depends on can delay and break it. Only the catalog can tell, so the policy is skipped where none
#   is at hand.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://martinfowler.com/articles/data-mesh-principles.html
#     description: Data Mesh, principle of domain ownership
# custom:
#   severity: low
#   category: lineage
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [mesh]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       domains: {description: How many other domains are good., type: integer, minimum: 0, local: true}
#   findings:
#     too_many_domains:
#       title: Product reads from many domains
#       remediation: Split the product, or read from a product that has joined the data already.
#     source_leaving:
#       title: Input port reads what is about to leave
#       remediation: Move to the successor that the upstream product names.
package mesh.lineage.coupling_limited

import rego.v1

defaults := {"domains": 4}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.lineage.coupling_limited"], {}))

violation contains finding if {
	domains := count(_others)
	domains > params.domains
	msg := sprintf("This product reads from %d other domains; at most %d are good for it.", [domains, params.domains])
	finding := {"code": "too_many_domains", "msg": msg, "path": ["interfaceComponents", "inputPorts"]}
}

violation contains finding if {
	upstream := input._context.mesh.upstream[_]
	upstream.status in ["deprecated", "withdrawn"]
	is_string(upstream.target)
	port := input.interfaceComponents.inputPorts[i]
	port.name == upstream.input_port
	msg := sprintf("This port reads %s, which is %s.", [upstream.target, upstream.status])
	finding := {"code": "source_leaving", "msg": msg, "path": ["interfaceComponents", "inputPorts", i]}
}

_others contains domain if {
	domain := input._context.mesh.upstream[_].domain
	is_string(domain)
	domain != object.get(input, ["info", "domain"], null)
}
