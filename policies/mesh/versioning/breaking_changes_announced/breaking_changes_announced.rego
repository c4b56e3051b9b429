# METADATA
# title: Breaking changes are announced
# description: >-
#   An output port leaves only after a version that tagged it as deprecated, and a new major says where its consumers
#   read how to move, because a number alone tells nobody what to do.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
# related_resources:
#   - ref: https://semver.org/spec/v2.0.0.html
#     description: Semantic Versioning 2.0.0, deprecating functionality
# custom:
#   severity: medium
#   category: versioning
#   enforcement: advisory
#   events: [submit, rescan]
#   needs: [previous]
#   parameters:
#     type: object
#     additionalProperties: false
#     properties:
#       tag: {type: string}
#       fields: {description: Fields that may say how to move., type: array, items: {type: string}}
#   findings:
#     removal_unannounced:
#       title: Port removed without an announcement
#       remediation: Keep the port, tag it as deprecated with a date, and remove it in a later major.
#     migration_undescribed:
#       title: New major without a way to move
#       remediation: Link the steps of the migration in x-migration, or say them there.
package mesh.versioning.breaking_changes_announced

import rego.v1

import data.mesh.reading.tags

defaults := {"tag": "deprecated", "fields": ["x-migration", "x-changelog"]}

params := object.union(
	defaults,
	object.get(input, ["_context", "parameters", "mesh.versioning.breaking_changes_announced"], {}),
)

violation contains finding if {
	port := input._context.previous.interfaceComponents.outputPorts[_]
	is_string(port.name)
	not port.name in _offered
	not _announced(port)
	finding := {
		"code": "removal_unannounced",
		"msg": sprintf("The output port %s was there in the previous version and not deprecated.", [port.name]),
		"path": ["interfaceComponents", "outputPorts"],
	}
}

violation contains finding if {
	before := _major(input._context.previous)
	before > 0
	_major(input) > before
	not _described
	finding := {
		"code": "migration_undescribed",
		"msg": sprintf("This is a new major, and none of %s says how to move to it.", [concat(", ", params.fields)]),
		"path": ["info", "version"],
	}
}

_offered contains name if {
	name := input.interfaceComponents.outputPorts[_].name
	is_string(name)
}

_announced(port) if tags.carries(port, [params.tag])

_announced(_) if tags.carries(input._context.previous, [params.tag])

_major(descriptor) := to_number(parts[0]) if {
	is_string(descriptor.info.version)
	regex.match(`^[0-9]{1,9}[.]`, descriptor.info.version)
	parts := split(descriptor.info.version, ".")
}

_described if {
	some holder in [input, object.get(input, "info", {})]
	text := holder[params.fields[_]]
	not text in {null, ""}
}
