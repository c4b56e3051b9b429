# METADATA
# title: Tags that somebody carries
# description: >-
#   A library: does a port, a column or the product carry one of these tags, however they are written? Capital letters
#   do not matter; the wanted tags are in lower case. Tags that are no texts are no tags.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
package mesh.reading.tags

import rego.v1

import data.mesh.reading.spelling

carries(holder, wanted) if {
	tag := holder.tags[_]
	is_string(tag)
	spelling.small(tag) in wanted
}

any_carries(holders, wanted) if {
	some holder in holders
	carries(holder, wanted)
}
