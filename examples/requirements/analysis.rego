# METADATA
# title: Fit for an analysis of customers
# description: Read where we work, told when it changes, and without personal data that we could not explain.
# scope: package
# custom:
#   parameters:
#     type: object
#     properties:
#       region: {type: string}
#       columns: {type: array, items: {type: string}}
#     additionalProperties: false
#   findings:
#     elsewhere:
#       title: Another region
#       remediation: Ask the owner for an output port on a platform in your region.
package need.analysis

import rego.v1

defaults := {"region": "eu-central-1", "columns": []}

params := object.union(defaults, object.get(input, ["_context", "parameters", "need.analysis"], {}))

violation contains finding if {
	not _in_region
	finding := {
		"code": "elsewhere",
		"msg": sprintf("No output port is served from %s.", [params.region]),
		"path": ["interfaceComponents", "outputPorts"],
	}
}

violation contains finding if {
	some column in params.columns
	not column in _columns
	finding := {
		"code": "column_missing",
		"msg": sprintf("No output port has a column %s.", [column]),
		"path": ["interfaceComponents", "outputPorts"],
	}
}

violation contains finding if {
	input._context.evaluation.compliance.state != "compliant"
	finding := {"code": "not_compliant", "msg": "It breaks a policy of the mesh.", "path": []}
}

_in_region if {
	some port in input.interfaceComponents.outputPorts
	endswith(port.promises.platform, sprintf(":%s", [params.region]))
}

_columns contains column.name if {
	some column in input.interfaceComponents.outputPorts[_].promises.api.definition.schema.tables[_].definition.columns
}
