# METADATA
# title: Texts in small letters
# description: >-
#   A library: a text in small letters, the same on every engine. OPA and regorus differ in two letters, the dotted
#   capital I and the sigma at the end of a word.
# scope: package
# organizations: [Federated Governance Team]
# authors: [{name: Mesh Governance Guild, email: governance@example.org}]
package mesh.reading.spelling

import rego.v1

small(text) := replace(lower(replace(text, "İ", "i")), "ς", "σ")
