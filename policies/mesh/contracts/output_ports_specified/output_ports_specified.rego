# METADATA
# title: Output ports have a contract
# description: >-
#   Every output port promises an API with specification and definition, so that a consumer can use it alone. An empty
#   list is accepted, for DPDS allows it, and says that the product offers nothing.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources: [{ref: "https://dpds.opendatamesh.org/", description: "DPDS 1.0.0, Promises Object"}]
# custom:
#   severity: high
#   category: contracts
#   enforcement: blocking
#   events: [submit, deploy, rescan]
#   needs: []
#   findings:
#     output_ports_missing:
#       title: No list of output ports
#       remediation: Add interfaceComponents.outputPorts; write an empty list if the product really offers nothing.
#     contract_missing:
#       title: Output port without an API
#       remediation: Add promises.api with name, version, specification and definition.
#     specification_missing:
#       title: API without a specification
#       remediation: Name the standard of the definition, for example datastoreapi, openapi or asyncapi.
#     definition_missing:
#       title: API without a definition
#       remediation: Put the definition itself, or a reference to its file, into promises.api.definition.
package mesh.contracts.output_ports_specified

import rego.v1

defaults := {}

violation contains _finding("output_ports_missing", [], "The output ports have to be a list.") if not _listed

violation contains finding if {
	port := input.interfaceComponents.outputPorts[i]
	not _specified(port)
	finding := _finding("contract_missing", [i, "promises", "api"], "This output port promises no API.")
}

violation contains finding if {
	api := input.interfaceComponents.outputPorts[i].promises.api
	is_object(api)
	not _text(object.get(api, "specification", ""))
	msg := "The API of this output port names no specification."
	finding := _finding("specification_missing", [i, "promises", "api", "specification"], msg)
}

violation contains finding if {
	api := input.interfaceComponents.outputPorts[i].promises.api
	is_object(api)
	not _defined(object.get(api, "definition", ""))
	msg := "The API of this output port has no definition."
	finding := _finding("definition_missing", [i, "promises", "api", "definition"], msg)
}

_finding(code, rest, msg) := {
	"code": code,
	"msg": msg,
	"path": array.concat(["interfaceComponents", "outputPorts"], rest),
}

_listed if is_array(input.interfaceComponents.outputPorts)

_specified(port) if is_object(port.promises.api)

_text(value) if {
	is_string(value)
	trim_space(value) != ""
}

_defined(definition) if _text(definition)

_defined(definition) if {
	is_object(definition)
	count(definition) > 0
}
