"""Which configuration keys exist, what may each hold, and what do the schema and the reference page say of them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.model import Json

SCHEMA_ID = "urn:meshgate:schema:configuration:1"


class Kind(StrEnum):
    """How the text or value of a key is understood."""

    TEXT = "text"
    PATH = "path"
    #: folders, bundle files or URLs; several in a variable are parted by commas
    SOURCES = "sources"
    #: names; several in a variable are parted by commas
    NAMES = "names"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key; `choices` closes a text, `shown` is the default as people read it."""

    name: str
    kind: Kind
    says: str
    shown: str = "unset"
    choices: tuple[str, ...] = ()
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets this key."""
        return f"MESHGATE_{self.name.upper()}"


_ALL = (
    Key(
        "namespace", Kind.TEXT, "Namespace of products whose descriptor gives no fully qualified name.", "`org.example`"
    ),
    Key(
        "policies",
        Kind.SOURCES,
        "Folders of Rego policies, bundle files (`.tar.gz`) or addresses of bundles, loaded together as one bundle.",
        "the starter policies inside the installation",
    ),
    Key(
        "governance",
        Kind.PATH,
        "Folder of the governance team, with `global/ policies/ assignments/ waivers/ mask/ sampling/` and "
        "`environments.yaml`; its policies belong to the bundle too.",
    ),
    Key(
        "environments",
        Kind.PATH,
        "An `environments.yaml`, which replaces that of the governance folder.",
        "`dev` with `local-fs` for every component",
    ),
    Key("server", Kind.TEXT, "Address of a meshgate server; commands that read or write the catalog then go there."),
    Key("server_token", Kind.TEXT, "Bearer token that commands send to `server`.", secret=True),
    Key(
        "verify_key",
        Kind.PATH,
        "Public key (PEM) that every bundle must be signed with: bundle files, bundles at addresses, releases.",
    ),
    Key(
        "releases",
        Kind.TEXT,
        "Whether what decides for the catalog is its active release, if there is one (`follow`), or always the "
        "configured policies (`ignore`).",
        "`follow`",
        choices=("follow", "ignore"),
    ),
    Key(
        "database_url",
        Kind.TEXT,
        "Where the catalog lives: `sqlite:///…` or `postgresql://…`.",
        "`meshgate.db` below `data_dir`",
        secret=True,
    ),
    Key("opa_url", Kind.TEXT, "Address of an OPA server that decides instead of the embedded engine."),
    Key(
        "opa_policies",
        Kind.TEXT,
        "How that OPA server gets the policies: it pulls a `bundle`, or meshgate does `push` them.",
        "`push` for an OPA on loopback, else `bundle`",
        choices=("bundle", "push"),
    ),
    Key("opa_token", Kind.TEXT, "Bearer token that meshgate sends to the OPA server.", secret=True),
    Key(
        "data_dir",
        Kind.PATH,
        "Folder of the SQLite catalog and of what the `local-fs` adapter makes.",
        "`$XDG_DATA_HOME/meshgate`, else `~/.local/share/meshgate`",
    ),
    Key("tokens", Kind.PATH, "File of token hashes; without it the server serves only this machine."),
    Key("listen", Kind.TEXT, "Host and port that `meshgate serve` binds, as `HOST:PORT`.", "`127.0.0.1:8471`"),
    Key(
        "odm_rego",
        Kind.TEXT,
        "How the policies are written that an Open Data Mesh policy service sends: `v1`, or `v0` as before OPA 1.0.",
        "`v1`",
        choices=("v1", "v0"),
    ),
    Key("workers", Kind.NUMBER, "Worker processes of the embedded policy engine.", "1"),
    Key("body_limit", Kind.NUMBER, "Largest request body in bytes, all parts together.", "8388608"),
    Key(
        "subscription_key",
        Kind.PATH,
        "File that the secrets of subscriptions come from; on PostgreSQL every server and worker needs the same one.",
        "on SQLite `subscription.key` below `data_dir`, made when it is needed",
    ),
    Key(
        "subscription_receivers",
        Kind.NAMES,
        "Hosts, addresses or networks (`10.1.0.0/16`) that are not public and may be told of changes all the same.",
        "none; without tokens on SQLite this machine",
    ),
    Key(
        "adapter_hosts",
        Kind.NAMES,
        "Hosts, addresses or networks (`10.1.0.0/16`) that adapters may ask although they are not public; only these "
        "are asked over http.",
        "none; only public addresses, over https",
    ),
    Key(
        "public_url",
        Kind.TEXT,
        "Address under which this server is reached by the platforms that adapters speak to, such as "
        "`https://meshgate.example.org`; they may then call back.",
        "unset: what goes on is only asked for",
    ),
    Key(
        "access_days",
        Kind.NUMBER,
        "Days for which access to a port is granted at the longest, and where a request names no end.",
        "365",
    ),
    Key(
        "orphans_hours",
        Kind.NUMBER,
        "Hours after which the environments are looked through again for resources that the catalog does not know.",
        "24",
    ),
    Key(
        "stuck_seconds",
        Kind.NUMBER,
        "Seconds for which a deployment may wait for a worker before `/readyz` says so.",
        "300",
    ),
    Key(
        "subscription_days",
        Kind.NUMBER,
        "Days for which a receiver may fail before its subscription is paused.",
        "3",
    ),
    Key(
        "reference_hosts",
        Kind.NAMES,
        "Hosts (`HOST` or `HOST:PORT`) from which a `$ref` in a descriptor may fetch by https, or by http on this "
        "machine; also networks (`10.1.0.0/16`) to which these hosts may lead although they are not public.",
        "none; every address is refused",
    ),
    Key(
        "introspection",
        Kind.TEXT,
        "Whether `/graphql` tells its schema: `on` or `off`.",
        "`on`",
        choices=("on", "off"),
    ),
    Key(
        "trust_formula",
        Kind.TEXT,
        "Package among the policies whose rule `score` is the mesh's own formula of the trust score.",
        "`mesh.trust.formula`",
    ),
    Key(
        "graphql_documents",
        Kind.PATH,
        "Folder of `*.graphql` files, or a manifest of documents by their SHA-256: then `/graphql` answers no others.",
        "unset; it answers any within its limits",
    ),
)

KEYS: Mapping[str, Key] = {key.name: key for key in _ALL}

_TYPES: Mapping[Kind, dict[str, Json]] = {
    Kind.TEXT: {"type": "string", "minLength": 1},
    Kind.PATH: {"type": "string", "minLength": 1},
    Kind.SOURCES: {
        "oneOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        ]
    },
    Kind.NAMES: {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    Kind.NUMBER: {"type": "integer", "minimum": 1},
}


def schema() -> dict[str, Json]:
    """The JSON Schema of `meshgate.yaml`, published as api/schemas/configuration-1.json (DESIGN §5)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "meshgate.yaml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key) for key in KEYS.values()},
    }


def _property(key: Key) -> dict[str, Json]:
    choices: dict[str, Json] = {"enum": list(key.choices)} if key.choices else {}
    return {"description": key.says, **_TYPES[key.kind], **choices}


def table() -> str:
    """The keys as the Markdown table of docs/reference/configuration.md."""
    head = "| key | variable | what it is | default |\n|---|---|---|---|\n"
    return head + "".join(f"| `{key.name}` | `{key.variable}` | {key.says} | {key.shown} |\n" for key in KEYS.values())
