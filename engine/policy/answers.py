"""Is what the engine said an answer to what was asked?

Anything else is never taken for "no findings": an answer of another shape, of another bundle or about other policies
is PolicyEngineUnavailable; a finding of another shape is a PolicyFailure of its policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from engine.errors import PolicyEngineUnavailable
from engine.model import Answer, Bundle, Finding, Json, Path, PolicyFailure
from engine.policy.packages import RULE

_REQUIRED = frozenset({"code", "msg", "path"})
_KNOWN = _REQUIRED | {"details", "fix", "related"}
_FAR = 2**53 - 1
"""The greatest index that both engines write as a whole number."""
_SHAPE = frozenset({"revision", "evaluated", "results"})
UNDEFINED = "the policy gave no set of findings (its rule is undefined or of another type)"


class _Malformed(ValueError):
    """A finding that is not written as DESIGN §4 says."""


def decoded(raw: bytes | str) -> Json:
    """The JSON value of an engine's reply; duplicate keys and anything unreadable raise PolicyEngineUnavailable."""
    try:
        return json.loads(raw, object_pairs_hook=_unique, parse_constant=_refused)
    except (ValueError, RecursionError) as reason:
        raise PolicyEngineUnavailable(f"the engine's answer is not readable JSON: {reason}") from None


def for_unknown(policies: Sequence[str], bundle: Bundle) -> dict[str, Answer]:
    """The answer for each asked policy that the bundle does not hold: it was not evaluated, so it is an error."""
    unknown = [policy for policy in policies if policy not in bundle.policies]
    return {policy: PolicyFailure(policy, f"bundle {bundle.revision} holds no such policy") for policy in unknown}


def narrowed(document: Mapping[str, Json], asked: Sequence[str]) -> Mapping[str, Json]:
    """The document with exactly the asked policies in `_context.policies`."""
    context = document.get("_context", {})
    if context.get("policies") == list(asked):
        return document
    return {**document, "_context": {**context, "policies": list(asked)}}


def checked(answer: Json, *, revision: str, asked: Sequence[str]) -> dict[str, Answer]:
    """What each asked policy answered; one that gave no set of findings has failed.

    Raises PolicyEngineUnavailable where the answer is not of the agreed shape, names another revision, or speaks of
    policies that were not asked.
    """
    if not isinstance(answer, dict) or set(answer) != _SHAPE:
        raise PolicyEngineUnavailable(f"the engine's answer is not {{revision, evaluated, results}}: {_short(answer)}")
    if answer["revision"] != revision:
        raise PolicyEngineUnavailable(
            f"the engine answered for bundle {_short(answer['revision'])}, but {revision} was asked"
        )
    results, evaluated = answer["results"], answer["evaluated"]
    if not isinstance(results, dict) or not isinstance(evaluated, list) or evaluated != sorted(results):
        raise PolicyEngineUnavailable(f"the engine's answer contradicts itself: it evaluated {_short(evaluated)}")
    if foreign := sorted(set(results) - set(asked)):
        raise PolicyEngineUnavailable(f"the engine evaluated policies that were not asked: {', '.join(foreign)}")
    return {policy: findings(policy, results.get(policy)) for policy in asked}


def findings(policy: str, found: Json) -> Answer:
    """The findings of one policy in a fixed order, without repetitions, or why they are none."""
    if not isinstance(found, list):
        return PolicyFailure(policy, f"{UNDEFINED}: {_short(found)}")
    try:
        read = [_finding(policy, one) for one in found]
    except _Malformed as reason:
        return PolicyFailure(policy, str(reason))
    unique = {_order(one): one for one in read}
    return tuple(unique[key] for key in sorted(unique))


def _order(finding: Finding) -> tuple[tuple[tuple[int, str], ...], str, str, str]:
    steps = tuple((step, "") if isinstance(step, int) else (-1, step) for step in finding.path)
    rest = json.dumps([finding.details, finding.fix, finding.related], sort_keys=True)
    return (steps, finding.code, finding.msg, rest)


def _coded(one: Json) -> Json:
    """A finding as conftest and Gatekeeper write it, a text or a `msg` without code and path, as one of ours.

    What else it holds becomes its details, as it does for `deny` (query.py). One that has only a code or only a path
    was meant to be ours, and stays wrong.
    """
    if isinstance(one, str):
        return {"code": RULE, "msg": one, "path": []}
    if not isinstance(one, dict) or "msg" not in one or {"code", "path"} & set(one):
        return one
    rest = {key: value for key, value in one.items() if key not in _KNOWN}
    known = {key: value for key, value in one.items() if key in _KNOWN}
    return {"code": RULE, "path": [], "details": rest, **known}


def _finding(policy: str, written: Json) -> Finding:
    one = _coded(written)
    if not isinstance(one, dict):
        raise _Malformed(f"a finding is not an object: {_short(one)}")
    if wrong := (_REQUIRED - set(one)) | (set(one) - _KNOWN):
        raise _Malformed(f"a finding lacks or does not know {', '.join(sorted(wrong))}: {_short(one)}")
    return Finding(
        policy=policy,
        code=_text(one, "code"),
        msg=_text(one, "msg"),
        path=_path(one),
        details=_details(one),
        fix=_objects(one, "fix"),
        related=_objects(one, "related"),
    )


def _text(one: Mapping[str, Json], key: str) -> str:
    value = one[key]
    if not isinstance(value, str) or not value:
        raise _Malformed(f"the {key} of a finding is not a text: {_short(one)}")
    return value


def _path(one: Mapping[str, Json]) -> Path:
    steps = one["path"]
    if not isinstance(steps, list) or not all(_is_step(step) for step in steps):
        raise _Malformed(f"the path of a finding is not an array of keys and indices: {_short(one)}")
    return tuple(steps)


def _is_step(step: Json) -> bool:
    return isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool) and 0 <= step <= _FAR)


def _details(one: Mapping[str, Json]) -> Mapping[str, Json] | None:
    details = one.get("details") or None
    if details is not None and not isinstance(details, dict):
        raise _Malformed(f"the details of a finding are not an object: {_short(one)}")
    return details


def _objects(one: Mapping[str, Json], key: str) -> tuple[Json, ...]:
    values = one.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Malformed(f"the {key} of a finding is not an array of objects: {_short(one)}")
    return tuple(values)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("an object repeats a key")
    return read


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


def _short(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= 200 else text[:199] + "…"
