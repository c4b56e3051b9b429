# METADATA
# title: What is shown of sampled data where the governance folder says nothing
# description: >-
#   Columns that the contract of the port names are shown, but for those whose tags or classification say that they are
#   personal, sensitive or confidential. A column that the contract does not name is not shown: nobody said what it is.
# scope: package
package sampling

import rego.v1

sensitive := {
	"pii",
	"personal",
	"sensitive",
	"confidential",
	"restricted",
	"secret",
	"phi",
	"pci",
	"gdpr",
}

columns[column.name] := "null" if {
	some column in input.columns
	column.declared
	marked(column)
}

columns[column.name] := "show" if {
	some column in input.columns
	column.declared
	not marked(column)
}

marked(column) if {
	some tag in column.tags
	some word in regex.split(`[^a-z0-9]+`, lower(tag))
	word in sensitive
}
