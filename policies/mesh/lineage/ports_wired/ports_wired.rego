# METADATA
# title: Ports are wired to applications
# description: >-
#   Where applications say what they consume and provide, every input port is consumed and every output port provided
#   by one of them, because a port that nothing touches is a dead end that lineage cannot cross.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://dpds.opendatamesh.org/
#     description: DPDS 1.0.0, Application Component Object
# custom:
#   severity: low
#   category: lineage
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: []
#   findings:
#     input_unused:
#       title: Input port that no application consumes
#       remediation: Name the port in consumesFrom of the application that reads it, or remove it.
#     output_unmade:
#       title: Output port that no application provides
#       remediation: Name the port in providesTo of the application that writes it.
package mesh.lineage.ports_wired

import rego.v1

defaults := {}

violation contains finding if {
	some i in _untouched("inputPorts", "consumesFrom")
	finding := {
		"code": "input_unused",
		"msg": "No application consumes from this input port.",
		"path": ["interfaceComponents", "inputPorts", i],
	}
}

violation contains finding if {
	some i in _untouched("outputPorts", "providesTo")
	finding := {
		"code": "output_unmade",
		"msg": "No application provides to this output port.",
		"path": ["interfaceComponents", "outputPorts", i],
	}
}

# Where no application says anything, nothing is asked.
_untouched(kind, field) := {i |
	wired := _wired(field)
	count(wired) > 0
	name := input.interfaceComponents[kind][i].name
	is_string(name)
	not name in wired
}

# Every part of every target: a fully qualified name of any form has the name of its port among its parts.
_wired(field) := {part |
	target := input.internalComponents.applicationComponents[_][field][_]
	is_string(target)
	some part in split(target, ":")
}
