"""What do the problems of reading and of references (DP1xx, DP2xx) mean?"""

from __future__ import annotations

SOURCE = (
    (
        "DP101",
        "encoding-invalid",
        "The file is not text in UTF-8, UTF-16 or UTF-32",
        "A descriptor is text. UTF-8 is advised; UTF-16 and UTF-32 are understood, with or without a byte order mark. "
        "Save the file as UTF-8.",
    ),
    (
        "DP102",
        "too-large",
        "The file is larger than allowed",
        "One file may hold 1 MiB, and all text of a document after its YAML aliases are expanded as much. Move long "
        "API definitions to files of their own and refer to them with `$ref`.",
    ),
    (
        "DP103",
        "invalid-character",
        "The text holds a character that no store keeps",
        "NUL, lone surrogates (`\\ud800`) and, in YAML, control characters are refused: databases cut or refuse such "
        "text, so it could not be kept as it was written.",
    ),
    (
        "DP104",
        "syntax-error",
        "The file is neither well-formed YAML nor JSON",
        "The place is where the reader could not go on; the mistake is there or shortly before. Files that end in "
        "`.json` are read as JSON, `.yaml` and `.yml` as YAML.",
    ),
    (
        "DP105",
        "too-deep",
        "The document is nested too deeply",
        "At most 64 mappings and sequences may stand inside one another, the limit of every tool that follows.",
    ),
    (
        "DP106",
        "too-many-nodes",
        "The document has too many keys and values",
        "At most 200,000 keys and values, counted after YAML aliases are expanded: a few lines of aliases can stand "
        "for gigabytes.",
    ),
    ("DP107", "string-too-long", "A string is longer than allowed", "One string may hold 262,144 characters."),
    (
        "DP108",
        "duplicate-key",
        "A mapping holds the same key twice",
        "Most readers silently keep the last of the two, so what was written and what was judged would differ. The "
        "message names both places; remove one of them.",
    ),
    (
        "DP109",
        "non-string-key",
        "A key is not a string",
        "Keys must be strings, as in JSON. Write `'1': …` or `'true': …` with quotes where such a key is meant.",
    ),
    (
        "DP110",
        "yaml-merge-key-not-allowed",
        "A YAML merge key (`<<`) is used",
        "Merge keys are not part of YAML 1.2 and can be nested to freeze a reader. Write the fields out, or use `$ref` "
        "where DPDS allows one.",
    ),
    (
        "DP111",
        "tag-not-allowed",
        "A YAML tag (`!…`) is used",
        "A descriptor has only the types of JSON. Write the value without the tag; quote what must stay a string.",
    ),
    (
        "DP112",
        "yaml-alias-not-allowed",
        "A YAML alias cannot be expanded",
        "An alias (`*name`) stands for an anchor (`&name`) that ended before it. This one names no anchor, or stands "
        "inside the value that it names and would never end.",
    ),
    (
        "DP113",
        "multiple-documents",
        "The file holds more than one YAML document",
        "One file describes one data product. Split the file at its `---`.",
    ),
    ("DP114", "empty-document", "The file holds no document", "The file is empty or holds only comments and spaces."),
    (
        "DP115",
        "number-out-of-range",
        "A number cannot be kept exactly enough",
        "NaN and infinity are not JSON; integers must lie within ±(2^63-1) and decimals within the range of a double. "
        "Write larger numbers as strings.",
    ),
    (
        "DP116",
        "root-not-an-object",
        "The document is not an object",
        "A descriptor starts with fields such as `dataProductDescriptor` and `info`.",
    ),
    (
        "DP117",
        "file-unreadable",
        "The file could not be read",
        "The root document does not exist, lies outside the submission, or the operating system refused it.",
    ),
)

REFERENCES = (
    (
        "DP201",
        "ref-not-allowed",
        "A reference leads where none may lead",
        "A `$ref` names a file below the folder of the root document, relative to the file that holds it, or a place "
        "in a document (`#/…`). Absolute paths and paths that climb out of the folder, also by a symbolic link, are "
        "refused, and so are addresses, unless the operator lists their host under `reference_hosts`; only https is "
        "fetched, and http from this machine. What lies at an address refers to files of its own host.",
    ),
    (
        "DP202",
        "ref-target-missing",
        "A reference leads nowhere",
        "The file, or the place in it, does not exist. Paths start at the file that holds the `$ref`; a pointer cannot "
        "lead through another reference.",
    ),
    (
        "DP203",
        "ref-cycle",
        "References go round in a circle",
        "Following the references comes back to where it started; the message prints the loop.",
    ),
    (
        "DP204",
        "too-many-refs",
        "The submission follows too many references",
        "At most 1,000 references are followed for one descriptor.",
    ),
    (
        "DP205",
        "ref-malformed",
        "A reference is not a URI reference",
        "`$ref` is a string such as `ports/orders.yaml`, `#/components/apis/orders` or `shared.json#/apis/orders`.",
    ),
    (
        "DP206",
        "effective-document-too-large",
        "The document is too large once its references are resolved",
        "The limits of one file (text, keys and values, depth) hold for the whole document, too.",
    ),
    (
        "DP207",
        "too-many-entities",
        "The document describes more than one data product can hold",
        "At most 2,000 ports, components, tasks and standard definitions, and 10,000 tags, contact points and "
        "dependencies, counted after references are resolved. A product of that size is several products.",
    ),
    (
        "DP208",
        "ref-not-fetched",
        "An address that may be asked did not give its file",
        "The host is listed under `reference_hosts`, but it was not reached in time, leads to an address that is not "
        "public, answered with an error or a redirect, or sent too much. Nothing is decided about a document that "
        "could not be read whole. Correct the address, try again, or keep a copy beside the document.",
    ),
    (
        "DP251",
        "ref-without-slash",
        "A reference starts with `#` but not with `#/`",
        "`#components/apis/orders` is how Open Data Mesh fixtures write it, but it is no JSON Pointer, and other tools "
        "will not follow it. Write `#/components/apis/orders`.",
    ),
    (
        "DP252",
        "ref-siblings-ignored",
        "Fields beside a `$ref` are ignored",
        "Only `description` (it overrides the target's) and `mediaType` may stand beside `$ref`.",
    ),
    (
        "DP253",
        "ref-beyond-official-schema",
        "The official schema knows no reference here",
        "The text of DPDS 1.0.0 or its published examples allow a reference at this place, the official JSON Schema "
        "refuses it by mistake. meshgate resolves it; other tools may refuse the document.",
    ),
)
