"""What do the problems of the schema and of semantic rules (DP3xx, DP4xx) mean?"""

from __future__ import annotations

SCHEMA = (
    (
        "DP301",
        "required-field-missing",
        "A required field is missing",
        "DPDS 1.0.0 requires this field of this object.",
    ),
    (
        "DP302",
        "wrong-type",
        "A value has the wrong type",
        "The usual cause is an unquoted scalar in YAML: `version: 1.10` is the number 1.1. Quote it.",
    ),
    ("DP303", "value-not-allowed", "A value is not one of those allowed", "The message lists the allowed values."),
    (
        "DP304",
        "pattern-mismatch",
        "A text or key does not have the required form",
        "Keys below `components` are made of letters, digits, `.`, `-` and `_`.",
    ),
    (
        "DP305",
        "value-out-of-bounds",
        "A value is too small, too large, too short or too long",
        "The message names the bound.",
    ),
    (
        "DP306",
        "reserved-field",
        "The document uses a field that is reserved for meshgate",
        "Policies find the circumstances of a decision in `_context`; a document may not bring its own.",
    ),
    (
        "DP309",
        "schema-violation",
        "A value breaks the schema of DPDS 1.0.0",
        "The message names the keyword of the schema that was broken.",
    ),
    (
        "DP351",
        "null-field",
        "Optional fields are null",
        "Serialisers write `null` for fields that are not set. DPDS knows no such value and the official schema "
        "refuses it; leave the fields out.",
    ),
    (
        "DP352",
        "misspelt-in-specification",
        "A field is spelt as in the text of the specification, not as in its schema",
        "The text of DPDS 1.0.0 writes `depreceationPolicy`, its schema `deprecationPolicy`. meshgate reads both as "
        "`deprecationPolicy`.",
    ),
    (
        "DP353",
        "service-as-reference",
        "A task's service is written with `$ref`",
        "The text of DPDS 1.0.0 calls it a reference, its schema an external resource (`$href`). It is kept as written "
        "and never followed.",
    ),
    (
        "DP354",
        "standard-definition-unnamed",
        "A standard definition has no name or version",
        "DPDS 1.0.0 requires both, but its own example leaves the name out and Open Data Mesh fills them in. It is "
        "accepted; it cannot be told apart from others.",
    ),
    (
        "DP355",
        "depends-on-list",
        "An input port depends on a list",
        "An input port reads from one place: `dependsOn` is one string. Each entry of the list is read as one; write "
        "one port for each.",
    ),
    (
        "DP356",
        "integer-not-portable",
        "An integer is larger than JSON keeps exactly",
        "Integers outside ±(2^53-1) are kept and digested exactly, but policy engines may round them. Write them as "
        "strings.",
    ),
    (
        "DP357",
        "more-problems-not-shown",
        "There are more problems than are shown",
        "At most 1,000 problems are reported for one document, errors before warnings. Correct those first.",
    ),
    (
        "DP358",
        "unknown-field",
        "An unknown field looks like a typing error",
        "DPDS ignores fields that it does not know, so a field with a typing error is lost without a word. The hint "
        "names the field that is spelt nearly so, first of all one that the object lacks. Fields of your own start "
        "with `x-`.",
    ),
    (
        "DP359",
        "reference-not-followed",
        "A `$ref` stands where DPDS has no reference",
        "References stand for whole ports and components, promises, expectations, obligations and the agreements in "
        "them, templates and configurations of tasks, and what is in `definition`. Anywhere else, as at the root, in "
        "`info` or instead of a list, a `$ref` stays as it is written, and what it names is missing.",
    ),
)

SEMANTICS = (
    (
        "DP401",
        "version-not-semver",
        "A version is not MAJOR.MINOR.PATCH",
        "Versions follow Semantic Versioning 2.0.0, for example `1.0.0` or `2.1.0-rc.1`.",
    ),
    (
        "DP402",
        "specification-version-unsupported",
        "The document follows another version of DPDS",
        "meshgate reads DPDS 1.0.x: `dataProductDescriptor: 1.0.0`.",
    ),
    (
        "DP403",
        "entity-type-wrong",
        "The entityType does not fit the place",
        "entityType is read-only; leave it out, or write the constant of the kind (`dataproduct`, `outputport`, …).",
    ),
    (
        "DP404",
        "duplicate-name",
        "Two ports or components of one kind have the same name",
        "Names are unique within their kind: they are part of the fully qualified name.",
    ),
    (
        "DP405",
        "name-unusable",
        "A name cannot be part of a fully qualified name",
        "Names and namespaces may hold neither `:` nor control characters and may not be blank.",
    ),
    (
        "DP406",
        "read-only-mismatch",
        "A read-only field does not match what it is derived from",
        "`id` and `fullyQualifiedName` are derived: the id is the UUID of the fully qualified name (version 5, or the "
        "version 3 of Open Data Mesh), and the fully qualified name names this product, kind and component. Leave them "
        "out or correct them.",
    ),
    (
        "DP407",
        "fqn-major-contradicts-version",
        "The major in the fully qualified name is not that of the version",
        "`urn:dpds:…:dataproducts:orders:1` names the line of all 1.x.y versions, so `info.version` must start with "
        "the same number.",
    ),
    (
        "DP408",
        "dependency-cycle",
        "Components depend on one another in a circle",
        "No order exists in which these components could be deployed. The message prints the loop.",
    ),
    (
        "DP409",
        "major-not-raised",
        "The product's major did not rise with a breaking change",
        "Consumers rely on a line to stay compatible. A breaking change is: an output port was removed or renamed, the "
        "major of a port rose, a column was removed, changed its type or may now be null, a new input is required, or "
        "platform, servicesType or the specification of an output port's API changed. While the version is 0.x, the "
        "minor has to rise instead. The hint names the smallest version that tells the truth.",
    ),
    (
        "DP410",
        "name-too-long",
        "A name is too long to be found by",
        "Name, namespace and fully qualified name of a product hold at most 500 characters each: the catalog looks "
        "products up by them, and no index of a database holds more.",
    ),
    (
        "DP411",
        "version-taken",
        "This version was accepted before with other content",
        "A version that the mesh has accepted never changes, whatever build metadata follows it, so the submission "
        "would be refused (409 `version-conflict`). Raise `info.version`. Only a check by a server sees this.",
    ),
    (
        "DP451",
        "name-style",
        "A name does not follow the pattern of DPDS",
        "The specification wants names and domains of letters and digits, starting with a letter: `tripExecution`.",
    ),
    (
        "DP452",
        "fqn-style",
        "A fully qualified name does not follow the pattern of DPDS",
        "The specification wants letters, digits, `.` and `:` only; its own examples break that.",
    ),
    (
        "DP453",
        "fqn-not-understood",
        "A fully qualified name is in none of the known forms",
        "Known are `urn:dpds:{namespace}:dataproducts:{name}:{major}` and the two forms that Open Data Mesh writes, "
        "for a port or component followed by `:{kind}s:{name}`. The product's own is then derived anew.",
    ),
    (
        "DP454",
        "dangling-reference",
        "A component refers to one that does not exist",
        "`dependsOn`, `consumesFrom` and `providesTo` hold fully qualified names of ports and components of the same "
        "product, or of other products.",
    ),
    (
        "DP455",
        "namespace-defaulted",
        "The namespace is not configured",
        "The document has no fully qualified name, so it is derived from the namespace `org.example`. Set `namespace` "
        "in `meshgate.yaml`, or write `info.fullyQualifiedName`.",
    ),
    (
        "DP456",
        "contract-not-readable",
        "A definition is not what its specification says",
        "The API names a specification that meshgate understands (datastoreapi, openapi, asyncapi, avro, json-schema), "
        "but its definition holds none of the fields such a document has, so no consumer is told its columns. Correct "
        "the definition, or the name of the specification.",
    ),
    (
        "DP457",
        "minor-not-raised",
        "The product's minor did not rise with a change that consumers notice",
        "Ports and columns that were added, other promises, expectations or obligations, other tags of a port or "
        "column and another domain ask for a higher minor; while the version is 0.x, for a higher patch.",
    ),
    (
        "DP458",
        "version-not-raised",
        "Something changed, but the version is not above the previous one",
        "Texts, contacts and internal components ask for a higher patch at least: one version stands for one content. "
        "A version below the previous one is told also where nothing else changed. "
        "Versions are compared by the precedence of SemVer, which ignores build metadata.",
    ),
    (
        "DP459",
        "port-version-behind",
        "A port changed more than its own version says",
        "A port has a version of its own, which consumers of that port look at: breaking changes of the port ask for a "
        "higher major there, added columns and other promises for a higher minor; it never goes down.",
    ),
)
