"""The fixture set of the shipped policies: which documents stand there, and what must be found in them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.model import Json

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "policies"
FIXTURES = ROOT / "tests" / "policy-fixtures"


@dataclass(frozen=True, slots=True)
class Case:
    """One folder `<policy>/<case>`: a descriptor, what is added to `_context`, and the expected (code, pointer)."""

    policy: str
    name: str
    descriptor: Mapping[str, Json]
    context: Mapping[str, Json]
    expected: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.policy}/{self.name}"


def cases() -> Iterator[Case]:
    for folder in sorted(FIXTURES.glob("*/*/")):
        expect = read(folder / "expect.yaml")
        assert set(expect) <= {"context", "findings"}, folder
        yield Case(
            policy=folder.parent.name,
            name=folder.name,
            descriptor=read(folder / "descriptor.yaml"),
            context=expect.get("context", {}),
            expected=tuple(sorted((one["code"], one["path"]) for one in expect["findings"])),
        )


def read(path: Path) -> dict[str, Json]:
    value, _ = yaml_source.read(path.read_text(encoding="utf-8"), Limits())
    assert isinstance(value, dict)
    return value


def document(
    descriptor: Mapping[str, Json], policies: Sequence[str], context: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    """The effective input of DESIGN §4, with nothing known of the catalog unless told."""
    empty: dict[str, Json] = {
        "event": "submit",
        "environment": None,
        "domain": None,
        "parameters": {},
        "previous": None,
        "mesh": None,
    }
    told = {**empty, "now": "2026-11-23T00:00:00Z", **(context or {}), "policies": list(policies)}
    return {**descriptor, "_context": told}
