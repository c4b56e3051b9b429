# METADATA
# title: Input ports read what the mesh knows
# description: >-
#   Every output port that an input port names in dependsOn is in the catalog, because a mistyped fqn breaks lineage and
#   impact analysis as quietly as a missing one. Only the catalog can tell, so the policy is skipped where none is at
#   hand.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://github.com/opendatamesh-initiative/odm-specification-dpdescriptor
#     description: dependsOn of input ports (RFC 83 of the specification)
# custom:
#   severity: medium
#   category: lineage
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [mesh]
#   findings:
#     source_unknown:
#       title: Input port reads an unknown output port
#       remediation: Correct the fqn in dependsOn, or submit the upstream product first.
package mesh.lineage.sources_known

import rego.v1

defaults := {}

violation contains finding if {
	port := input.interfaceComponents.inputPorts[i]
	some field in ["dependsOn", "x-dependsOn"]
	upstream := input._context.mesh.upstream[_]
	upstream.resolved == false
	upstream.target in _targets(port[field])
	startswith(upstream.target, "urn:")
	finding := {
		"code": "source_unknown",
		"msg": sprintf("The mesh knows no output port %s.", [upstream.target]),
		"path": ["interfaceComponents", "inputPorts", i, field],
	}
}

# One text is the rule; a list of texts is read as well.
_targets(value) := {value} if is_string(value)

_targets(value) := {target | target := value[_]; is_string(target)} if is_array(value)
