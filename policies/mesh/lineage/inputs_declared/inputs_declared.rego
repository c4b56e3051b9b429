# METADATA
# title: Input ports say what they read
# description: >-
#   Every input port names in dependsOn the output port or the external system that it reads, because lineage and impact
#   analysis know only what is declared. Whether the mesh knows what is declared is asked by mesh.lineage.sources_known.
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
#   needs: []
#   findings:
#     source_undeclared:
#       title: Input port without a source
#       remediation: Set dependsOn (or x-dependsOn) to the fqn of an output port or to the name of an external system.
package mesh.lineage.inputs_declared

import rego.v1

defaults := {}

violation contains finding if {
	port := input.interfaceComponents.inputPorts[i]
	not _declared(port)
	finding := {
		"code": "source_undeclared",
		"msg": "This input port does not say what it reads: dependsOn has to be a non-empty text.",
		"path": ["interfaceComponents", "inputPorts", i, "dependsOn"],
	}
}

_declared(port) if {
	some field in ["dependsOn", "x-dependsOn"]
	targets := _targets(port[field])
	count(targets) > 0
	every target in targets { trim_space(target) != "" }
}

# One text is the rule; a list of texts is read as well.
_targets(value) := {value} if is_string(value)

_targets(value) := {target | target := value[_]; is_string(target)} if is_array(value)
