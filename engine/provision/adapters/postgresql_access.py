"""Which role of PostgreSQL is a principal of the mesh?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.provision.adapters import postgresql_catalog as catalog
from engine.provision.adapters.asked_tables import usable
from engine.provision.adapters.postgresql_memory import Database
from engine.provision.adapters.sql_names import fitted

KINDS = ("user", "group", "product")


class Unknown(Exception):
    """A principal has no role here, or none that may be let in; the message says which."""


class Unsupported(Exception):
    """Access of a kind that this adapter cannot give; the message says which."""


class Principals:
    """`user:x`, `group:y` and `product:z` → roles, by a pattern per kind in which `{name}` stands for the rest.

    The default, `user_{name}` and so on, keeps a user and a group of one name apart. `named` gives single principals
    the role that they have here, whatever the patterns say. Roles that are not there are refused, or made without
    login where `create` says so.
    """

    def __init__(self, patterns: Mapping[str, Any], *, create: bool, named: Mapping[str, Any] | None = None) -> None:
        for kind, pattern in patterns.items():
            if kind not in KINDS or not isinstance(pattern, str) or "{name}" not in pattern:
                raise ValueError(f"`principals.{kind}` has to be a text with {{name}}, for one of {', '.join(KINDS)}")
        told = {kind: str(patterns.get(kind, f"{kind}_{{name}}")) for kind in KINDS}
        if len(set(told.values())) < len(KINDS):
            raise ValueError("two kinds of principals have one pattern: a user called like a group would be the group")
        self._patterns, self._create, self._named = told, create, _named(named or {})

    def roles(self, database: Database, principals: Sequence[str]) -> list[str]:
        """The roles of these principals, each once, in the order of their names. Raises Unknown, Unreadable."""
        return sorted({self._role(database, one) for one in principals})

    def _role(self, database: Database, principal: str) -> str:
        kind, _, name = principal.partition(":")
        spelled = self._patterns[kind].replace("{name}", usable(name, "a principal", "/grants"))
        role = fitted(self._named.get(principal, spelled))
        there = catalog.role(database, role)
        if role.startswith("pg_") or (there and {"resource_id", "owner_of"} & set(catalog.label(there.comment))):
            raise Unknown(f"the role {role} of {principal} is no principal's")
        if there is None and not self._create:
            raise Unknown(f"{principal} has no role here: create the role {role}, or set `create_principals`")
        if there is None:
            told = json.dumps({"managed-by": "meshgate", "principal": principal})
            database.run("CREATE ROLE {role} NOLOGIN", role=role)
            database.run("COMMENT ON ROLE {role} IS {text_label}", role=role, text_label=told)
        return role


def _named(roles: Mapping[str, Any]) -> dict[str, str]:
    """The table of single principals. Raises ValueError for what is none."""
    for principal, role in roles.items():
        kind, _, name = principal.partition(":")
        if kind not in KINDS or not name or not isinstance(role, str) or not role or "\0" in role:
            raise ValueError(f"`roles` gives principals such as `user:ana` the names of their roles, not {principal!r}")
    return dict(roles)
