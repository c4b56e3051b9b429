"""How does a descriptor with its files travel to the catalog, and how is what came back told?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.cli.printing import note
from api.cli.talk import Answer, Talk
from engine.descriptor import Directory, LeftToOthers, Submission, ingest
from engine.model import Descriptor, Part
from engine.report.places import joined

Entry = dict[str, Any]
ODD = frozenset('"\\%')
"""What clients and servers spell differently in the file names of multipart bodies."""


class Sending:
    """Sends documents one by one; `entries` is what was decided, `refused_otherwise` whether one got no decision.

    Without `brief` only what the report does not show is told on standard error.
    """

    def __init__(self, talk: Talk, *, namespace: str | None, idempotency_key: str | None, brief: bool) -> None:
        self.entries: list[Entry] = []
        self.refused_otherwise = False
        self._talk = talk
        self._namespace = namespace
        self._headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        self._brief = brief

    def send(self, path: Path) -> None:
        """Submit one document with exactly the files that it reaches here (DESIGN §6, Multipart).

        What lies at an address the server fetches, if it may.
        """
        reached = read_here(path, namespace=self._namespace)
        if not reached.parts:
            problem = reached.problems[0]
            self._refused(f"{problem.name}: {path}: {problem.msg}")
            return
        files = multipart(reached.parts, root=sent_name(path))
        self._take(path, self._talk.call("POST", "/v1/descriptors", files=files, headers=self._headers))

    def _take(self, path: Path, answer: Answer) -> None:
        told = answer.body
        if report := told.get("report"):
            self.entries += [renamed(entry, path) for entry in report["documents"]]
        if answer.good:
            product = told["product"]
            note(f"{told['status']}: {path} as {product['fqn']} {product['version']}")
        elif not report:
            self._refused(f"{told.get('code', answer.status)}: {path}: {told.get('detail', 'refused')}")
        elif self._brief:
            note(f"{told['code']}: {path}: {told['detail']}")

    def _refused(self, message: str) -> None:
        self.refused_otherwise = True
        note(message)


def read_here(path: Path, *, namespace: str | None) -> Descriptor:
    """The document with the files that it reaches here; what lies at an address is left to the server."""
    return ingest(Submission(path.name, Directory(path.parent), LeftToOthers()), namespace=namespace)


def multipart(parts: Sequence[Part], *, root: str) -> list[tuple[str, tuple[str, bytes, str]]]:
    """The files of a submission as multipart fields: the first is the root document, sent under the name `root`."""
    named = [("root", root, parts[0]), *(("file", part.path, part) for part in parts[1:])]
    return [(field, (name, part.content, _media_type(name))) for field, name, part in named]


def sent_name(path: Path) -> str:
    """The file's own name, or a plain one where it holds what does not travel well."""
    return path.name if path.name.isprintable() and not ODD & set(path.name) else f"descriptor{path.suffix}"


def _media_type(path: str) -> str:
    return "application/json" if path.endswith(".json") else "application/yaml"


def renamed(entry: Entry, path: Path) -> Entry:
    """The entry with places as the user of this command named them: a server knows only paths in the submission."""

    def placed(one: Entry) -> Entry:
        name = path if one["file"] == entry["file"] else Path(joined(str(path.parent), one["file"]))
        return {**one, "file": str(name)}

    decision = {**entry["decision"], "findings": [placed(one) for one in entry["decision"]["findings"]]}
    problems = [placed(one) for one in entry["problems"]]
    return {**entry, "file": str(path), "decision": decision, "problems": problems}
