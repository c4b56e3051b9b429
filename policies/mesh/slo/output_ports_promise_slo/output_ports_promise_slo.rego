# METADATA
# title: Output ports promise a service level
# description: >-
#   Every output port promises service level objectives (freshness, availability, quality), because a consumer can only
#   build on what somebody promised to keep.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Promises Object"}]
# custom:
#   severity: medium
#   category: slo
#   enforcement: advisory
#   events: [submit, deploy, rescan]
#   needs: []
#   findings:
#     slo_missing:
#       title: Output port without objectives
#       remediation: Add promises.slo with name, version, specification and a definition of the objectives.
#     slo_empty:
#       title: Objectives without content
#       remediation: Write at least one objective into promises.slo.definition.
package mesh.slo.output_ports_promise_slo

import rego.v1

defaults := {}

violation contains finding if {
	port := input.interfaceComponents.outputPorts[i]
	not _promised(port)
	finding := {
		"code": "slo_missing",
		"msg": "This output port promises no service level objectives.",
		"path": ["interfaceComponents", "outputPorts", i, "promises", "slo"],
	}
}

violation contains finding if {
	slo := input.interfaceComponents.outputPorts[i].promises.slo
	is_object(slo)
	not _defined(object.get(slo, "definition", ""))
	finding := {
		"code": "slo_empty",
		"msg": "The service level objectives of this output port are empty.",
		"path": ["interfaceComponents", "outputPorts", i, "promises", "slo", "definition"],
	}
}

_promised(port) if is_object(port.promises.slo)

_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

_defined(definition) if _text(definition)

_defined(definition) if {
	is_object(definition)
	count(definition) > 0
}
