"""How does a change get into the ordered feed?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from catalog.tables.columns import dumps
from catalog.tables.order import ChangeRow
from catalog.tables.row import table_of
from engine.model import Json

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

CHANGE = table_of(ChangeRow)


class Feed:
    """The changes of one unit of work; they get their cursors when it commits."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._waiting: list[dict[str, Any]] = []

    def append(self, kind: str, subject: str, payload: Mapping[str, Json], *, domain: str = "") -> None:
        """Say that something happened: `kind` such as `version.accepted`, `subject` the fqn it happened to."""
        self._work.revision  # noqa: B018 (a change makes a new revision)
        subject, domain = (text.replace("\0", "\ufffd") for text in (subject, domain))
        row = {"kind": kind, "subject": subject, "domain": domain, "payload": dict(payload)}
        self._waiting.append({**row, "principal": self._work.principal.id, "at": self._work.at})

    def write(self, revision: int, cursor: int) -> int:
        """Store the changes after `cursor`, add them to the chain, and give the last cursor."""
        rows = [
            {**row, "cursor": cursor + number, "from_revision": revision}
            for number, row in enumerate(self._waiting, start=1)
        ]
        for row in rows:
            self._work.entries.add("change", str(row["cursor"]), digest(row))
        if rows:
            self._work.write(insert(CHANGE), rows)
        return cursor + len(rows)


def digest(change: Mapping[str, Any]) -> str:
    """The digest by which the chain knows a change; `change` has the columns of a change row."""
    at: datetime = change["at"]
    told = [change[name] for name in ("cursor", "kind", "subject", "domain", "payload", "principal")]
    return hashlib.sha256(dumps([*told, at.timestamp()])).hexdigest()
