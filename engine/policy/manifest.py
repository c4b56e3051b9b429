"""What does the manifest of a released bundle say: its revision, its roots, and the governance that goes with it?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused
from engine.errors import BundleInvalid
from engine.model import Json
from engine.policy import dates, environments, global_policies, tarball
from engine.policy.assignments import Assignment, Match
from engine.policy.governance import Governance
from engine.policy.query import PACKAGE
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

FORMAT = 1
PATH = ".manifest"
_PACKAGE = re.compile(r"\A(?:\s|#[^\n]*(?:\n|\Z))*package\s+([A-Za-z_][A-Za-z0-9_]*)")
_LIMITS = Limits(size=tarball.MANIFEST_SIZE, nodes=1_000_000)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The governance that a bundle was released with, as its manifest says it; `taken` is the day of its waivers.

    `released` is the moment that tells an older bundle from a newer one; `key_id` names the key that the bundle says it
    was signed with, and is empty for one that was not.
    """

    manifest: source.Source
    assignments_digest: str
    waivers_digest: str
    taken: str
    released: datetime
    key_id: str

    def entries(self, kind: str) -> Json:
        """What stands under `assignments`, `waivers` and the like; None where nothing does."""
        return _ours(self.manifest.value).get(kind)

    def line(self, kind: str, path: Sequence[str | int]) -> int:
        return self.manifest.place(("metadata", "meshgate", kind, *path), of_key=True).line


def write(
    revision: str,
    modules: Mapping[str, str],
    governance: Governance,
    *,
    taken: str,
    released: datetime,
    key_id: str = "",
) -> bytes:
    """The manifest as JSON, always the same bytes for the same values."""
    ours: dict[str, Json] = {
        "format": FORMAT,
        "assignments": [_assignment(one) for one in governance.assignments],
        "assignments_digest": governance.assignments_digest,
        "waivers": [_waiver(one) for one in governance.waivers],
        "waivers_digest": governance.waivers_digest,
        "waivers_taken": taken,
        "suspensions": [_suspension(one) for one in governance.suspensions],
        "global": [global_policies.plain(one) for one in governance.global_policies],
        "released": released.astimezone(UTC).isoformat(timespec="seconds"),
    }
    if key_id:
        ours["key_id"] = key_id
    if governance.environments != {environments.DEFAULT.name: environments.DEFAULT}:
        ours["environments"] = [{"name": name} for name in governance.environments]
    told = {"revision": revision, "roots": roots(modules), "rego_version": 1, "metadata": {"meshgate": ours}}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def read(content: bytes, name: str) -> tuple[str, list[str], Snapshot]:
    """Revision, roots and governance of the manifest of the bundle `name`. Raises BundleInvalid."""
    file = f"{name}/{PATH}"
    try:
        told = source.parse(f"{PATH}.json", content, _LIMITS)
    except SourceRefused as refusal:
        place, msg = source.refused(file, content, refusal)
        raise BundleInvalid(f"{file}:{place.line}: {msg}") from None
    ours = _ours(told.value)
    if ours.get("format") != FORMAT:
        raise BundleInvalid(
            f"{file}: `metadata.meshgate.format` is not {FORMAT}: this is no bundle that this version of meshgate"
            " released; name the folder of its policies instead"
        )
    if told.value.get("rego_version") != 1:
        raise BundleInvalid(f"{file}: `rego_version` must be 1")
    given = [told.value.get("revision"), *(ours.get(key) for key in _TEXTS)]
    roots = told.value.get("roots")
    if not all(isinstance(one, str) for one in given) or not isinstance(roots, list):
        raise BundleInvalid(f"{file}: `revision`, `roots`, {', '.join(f'`{key}`' for key in _TEXTS)} must be there")
    revision, assignments_digest, waivers_digest, taken, released = given
    try:
        date.fromisoformat(taken)
    except ValueError:
        raise BundleInvalid(f"{file}: `waivers_taken` is no day such as 2027-01-31") from None
    at = _released(released, file)
    return revision, roots, Snapshot(told, assignments_digest, waivers_digest, taken, at, str(ours.get("key_id", "")))


def _released(text: str, file: str) -> datetime:
    try:
        return dates.beginning(text)
    except ValueError as reason:
        raise BundleInvalid(f"{file}: `released`: {reason}") from None


def roots(modules: Mapping[str, str]) -> list[str]:
    """The part of `data` that the bundle owns: the first step of every package, and the query's package."""
    firsts = {found[1] for text in modules.values() if (found := _PACKAGE.match(text))}
    own = PACKAGE.replace(".", "/")
    return sorted((firsts - {own.partition("/")[0]}) | {own})


_TEXTS = ("assignments_digest", "waivers_digest", "waivers_taken", "released")


def _ours(value: Json) -> Mapping[str, Json]:
    for key in ("metadata", "meshgate"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _assignment(one: Assignment) -> dict[str, Json]:
    match: dict[str, Json] = _match(one.match)
    if one.exclude is not None:
        match["exclude"] = _match(one.exclude)
    told = {
        "policy": one.policy,
        "scope": one.scope,
        "enforcement": one.enforcement.value,
        "match": match,
        "parameters": dict(one.parameters),
        "effective_from": _moment(one.effective_from),
        "grace_for_existing": _span(one.grace_for_existing),
    }
    return {key: value for key, value in told.items() if value}


def _match(match: Match) -> dict[str, Json]:
    lists = {key: list(getattr(match, key)) for key in ("domains", "environments", "events", "tags", "products")}
    return {key: names for key, names in lists.items() if names}


def _waiver(one: Waiver) -> dict[str, Json]:
    told = {key: getattr(one, key) for key in _WAIVER if getattr(one, key)}
    return {**told, "from": _moment(one.begins), "until": _moment(one.ends)}


def _suspension(one: Suspension) -> dict[str, Json]:
    told = {key: getattr(one, key) for key in ("policy", "reason", "suspended_by")}
    return {**told, "from": _moment(one.begins), "until": _moment(one.ends)}


_WAIVER = ("id", "policy", "code", "product", "component", "within", "reason", "ticket", "requested_by", "approved_by")


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _span(span: timedelta | None) -> str | None:
    if span is None:
        return None
    return f"{span.days}d" if span.days < 100_000 else f"{span.days // 7}w"
