"""How does a sentence become a policy that was seen to work before anybody gets it?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from engine.errors import UsageError
from engine.model import Bundle, Json, PolicyFailure, pointer
from engine.policy import linting
from engine.policy.drafting import documents, sentences, words
from engine.policy.drafting.draft import Draft, Told, draft
from engine.policy.drafting.said import Said, Template
from engine.policy.embedded import EmbeddedEngine
from engine.policy.modules import Source
from engine.policy.worker import Refused

_SECONDS = 10.0
_TRIED = (
    *("example", "team@example.org", "example-data@example.org", "Example", "EXAMPLE", "example_1", "example-1", "e"),
    *("1.0.0", "1", "2027-01-31", "P1D", "PT1H", "12345", "EX-1", "EX-123", "ABC-1234", "https://example.org/example"),
    *("urn:dpds:org.example:dataproducts:example:1", "aws:eu-central-1", "internal", "confidential"),
)
"""What an author need not think of: the first that a pattern takes is the example that passes."""

_ODD = ("not of this form", "?", "-")
"""What hardly a pattern takes: the first that it refuses is the example that fails."""


def drafted(told: Told, said: Said) -> Draft:
    """The policy of this sentence, after its own documents were judged by it.

    Raises UsageError for a sentence that cannot be put into a policy, PolicyEngineUnavailable where nothing can judge.
    """
    with closing(EmbeddedEngine()) as engine:
        if said.template is Template.MATCH and said.pattern:
            said = _with_example(said, engine)
        made = draft(told, sentences.sentence(said))
        bundle = _bundle(made)
        for case in made.cases:
            _confirm(made, _found(engine, bundle, made.id, case.descriptor, case.context), case.findings, case.name)
    return made


def _with_example(said: Said, engine: EmbeddedEngine) -> Said:
    """The sentence with a value that its pattern takes. Raises UsageError for a pattern that is none, or takes none."""
    pattern = words.printable("--pattern", said.pattern)
    tried = [said.example] if said.example else [*_present(said), *_TRIED]
    question = f"[one | some one in {words.rego([*tried, *_ODD])}; regex.match({words.rego(pattern)}, one)]"
    try:
        with engine.workers.one(patience=_SECONDS) as worker:
            worker.load("sha256:none", {}, seconds=_SECONDS)
            taken = worker.evaluate("sha256:none", question, b"{}", seconds=_SECONDS)
    except Refused:
        raise UsageError(f"--pattern {pattern} is no regular expression (RE2).") from None
    refused = [one for one in _ODD if one not in taken]
    if taken and taken[0] in tried:
        return replace(said, example=taken[0], counterexample=refused[0] if refused else "")
    if said.example:
        raise UsageError(f"--example {said.example!r} does not match --pattern {pattern}.")
    raise UsageError(f"Give with --example a value that --pattern {pattern} takes, for the test that passes.")


def _present(said: Said) -> Sequence[str]:
    """The value that the sample document has there already."""
    node: Json = documents.SAMPLE
    for step in said.field.split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return [node] if isinstance(node, str) else []


def _bundle(made: Draft) -> Bundle:
    path, text = made.policy
    inside = path.removeprefix("policies/")
    found = linting.linted({inside: Source(inside, text, Path("/") / inside)})
    if found.bundle is None:
        # Nothing that an author says may lead here: it would be a policy that does not load.
        raise RuntimeError(f"the drafted policy does not load: {'; '.join(map(str, found.flaws))}")
    return found.bundle


def _found(
    engine: EmbeddedEngine, bundle: Bundle, id: str, descriptor: Mapping[str, Json], context: Mapping[str, Json]
) -> tuple[tuple[str, str], ...]:
    given = {**descriptor, "_context": {**context, "policies": [id]}}
    answer = engine.evaluate(bundle, [id], given)[id]
    if isinstance(answer, PolicyFailure):
        raise UsageError(f"The policy cannot judge its own example: {answer.reason}")
    return tuple((one.code, pointer(one.path)) for one in answer)


def _confirm(made: Draft, found: object, expected: object, case: str) -> None:
    if found != expected:
        told = f"found {json.dumps(found)} and not {json.dumps(expected)}"
        raise UsageError(
            f"The draft of {made.id} does not do in the case {case} what was said: {told}. Say it otherwise."
        )
