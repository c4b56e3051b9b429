"""Does an answer that is reused, or given to a part of the document, equal one given afresh to the whole of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import make
import pytest
import reading_policies as reading
import rego
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import policies
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.in_memory import InMemoryEngine
from engine.policy.pruning import Pruning, pruned
from engine.policy.reading import Reading
from engine.policy.reuse import InMemoryAnswers, Reusing

ABSENT = object()
SEED = 20261126
GROUPS = 9


class Trial:
    """A bundle that is asked afresh, with every answer that was given reused where it may be, and shown little."""

    def __init__(self, bundle: Bundle, engine: EmbeddedEngine) -> None:
        self.bundle, self.engine = bundle, engine
        self.readings = bundles.readings(bundle, workers=engine.workers)
        self.reusing = Reusing(engine, InMemoryAnswers(), lambda _: self.readings)
        self.pruning = Pruning(engine, lambda _: self.readings)

    def differences(self, document: Mapping[str, Json]) -> dict[str, tuple[Answer, ...]]:
        asked = list(document["_context"]["policies"])
        afresh = self.engine.evaluate(self.bundle, asked, document)
        reused = self.reusing.evaluate(self.bundle, asked, document)
        shown = self.pruning.evaluate(self.bundle, asked, document)
        assert list(reused) == asked
        told = {one: (afresh[one], reused[one], shown[one]) for one in asked}
        return {one: three for one, three in told.items() if not three[0] == three[1] == three[2]}


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with closing(EmbeddedEngine(deadline=60)) as engine:
        yield engine


def trial_of(folder: Path, engine: EmbeddedEngine, written: Mapping[str, str]) -> Trial:
    rego.write(folder, written, libraries={"lib/look/look.rego": reading.LIBRARY})
    annotated = {file: file.read_text() for file in folder.rglob("*.rego")}
    for file, text in annotated.items():  # what reads the catalog has to say so
        file.write_text(text.replace("category: test", "category: test\n#   needs: [mesh, previous]"))
    return Trial(bundles.load([folder], workers=engine.workers), engine)


@pytest.fixture(scope="module")
def by_hand(engine: EmbeddedEngine, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trial_of(tmp_path_factory.mktemp("by-hand"), engine, reading.hand_written())


@pytest.fixture(scope="module")
def shipped(engine: EmbeddedEngine) -> Trial:
    return Trial(bundles.load([policies.DIRECTORY], workers=engine.workers), engine)


OWNERS: list[Any] = ["x", {"id": "x"}, {"id": "y"}, {}, None, [{"id": "x"}]]
LEAVES: list[Any] = [ABSENT, None, False, 0, 1, 1.0, "", "x", "y", "name"]
INFOS: list[Any] = [
    *LEAVES,
    *[{"name": name, "owner": owner} for name in ("x", "y", None) for owner in OWNERS],
    *[{"name": "x", "kind": kind} for kind in LEAVES[1:]],
    {"owner": {"id": "x"}, "name": "x"},
    {},
    [],
    ["x"],
    [{"name": "x"}],
]
TAGS: list[Any] = [*LEAVES, [], ["x"], ["y"], ["x", "y"], ["y", "x"], [{"name": "x"}], {"name": "x"}, {"0": "x"}]
PORTS: list[Any] = [*LEAVES, [], [{"name": "x"}], [{"name": "y"}], [{"name": "x", "tags": ["x"]}], {"a": {"name": "x"}}]
CONTEXT: dict[str, list[Any]] = {
    "now": ["2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"],
    "event": ["submit", "rescan"],
    "parameters": [{}, {"read.context_parameters": {"a": 1}}, {"read.context_parameters": {"a": 2}}],
    "mesh": [None, {}, {"consumers": [{"product": "x"}], "upstream": [], "revision": 1}, {"consumers": []}],
    "previous": [None, {"info": {"name": "x"}}, {"info": {"name": "y"}}, {"info": "x"}],
}


PARTS = {"info": INFOS, "tags": TAGS, "ports": PORTS, "extra": LEAVES}


@cache
def documents(asked: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Json]]]:
    """Two inputs that differ in one place at most: whatever does not read that place is reused.

    Each asks a part of the policies: where one fails, all that were asked with it are asked again one by one.
    """
    selected = st.sampled_from([list(asked[start::GROUPS]) for start in range(GROUPS)])
    bodies = st.fixed_dictionaries({name: st.sampled_from(some) for name, some in PARTS.items()})
    contexts = st.fixed_dictionaries({name: st.sampled_from(some) for name, some in CONTEXT.items()})
    places = [(name, value) for part in (PARTS, CONTEXT) for name, some in part.items() for value in some]
    changes = st.sampled_from(places)
    return st.tuples(bodies, contexts, changes, selected).map(lambda four: pair(*four))


def pair(body: Any, context: Any, change: tuple[str, Any], selected: list[str]) -> list[dict[str, Json]]:
    flat = {**body, **context, "policies": selected}
    return [nested(flat), nested({**flat, change[0]: change[1]})]


def nested(flat: dict[str, Any]) -> dict[str, Json]:
    told = {name: value for name, value in flat.items() if value is not ABSENT}
    context = {name: told.pop(name) for name in (*CONTEXT, "policies") if name in told}
    return {**told, "_context": context}


def campaign(trial: Trial, cases: int, made: st.SearchStrategy[list[dict[str, Json]]] | None = None) -> None:
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(documents(tuple(sorted(trial.bundle.policies))) if made is None else made)
    def equal(two: list[dict[str, Json]]) -> None:
        for document in two:
            assert not trial.differences(document)

    equal()
    assert trial.reusing.reused > cases, "a campaign in which nothing is reused shows nothing"


def descriptors() -> st.SearchStrategy[list[dict[str, Json]]]:
    """Inputs that the shipped policies have something to say about, each broken in its own place or in none."""
    asked = sorted(bundles_ids())
    port = st.fixed_dictionaries(
        {
            "name": st.sampled_from(["orders", "Orders 1", 7, None]),
            "version": st.sampled_from(["1.0.0", "1", None]),
            "description": st.sampled_from(["Every order.", "", None]),
            "tags": st.sampled_from([[], ["pii"], ["deprecated"], None, "pii"]),
            "promises": st.sampled_from([{}, {"slo": {"x": 1}, "platform": "local:duckdb"}, None, []]),
        }
    )
    bodies = st.fixed_dictionaries(
        {
            "info": st.sampled_from([*INFOS[1:12], {"name": "orders", "version": "1.0.0-rc.1", "description": ""}]),
            "tags": st.sampled_from([[], ["pii"], ["deprecated"], None, {}]),
            "interfaceComponents": st.sampled_from([{}, None, []]) | st.fixed_dictionaries(
                {"outputPorts": st.lists(port, max_size=2), "inputPorts": st.lists(port, max_size=1)}
            ),
        }
    )  # fmt: skip
    told = st.fixed_dictionaries({name: st.sampled_from(some) for name, some in CONTEXT.items()})
    told = told.map(lambda one: {**one, "environment": "prod", "policies": asked})
    return st.tuples(bodies, bodies, told).map(
        lambda three: [{**body, "_context": three[2]} for body in (three[0], {**three[0], "tags": three[1]["tags"]})]
    )


def bundles_ids() -> Sequence[str]:
    files = policies.DIRECTORY.rglob("*_test.rego")
    return [".".join(file.parent.relative_to(policies.DIRECTORY).parts) for file in files]


def test_reuse_never_changes_an_answer_of_policies_that_read_in_every_way_there_is(by_hand: Trial) -> None:
    campaign(by_hand, 60)


def test_reuse_never_changes_an_answer_of_the_shipped_policies(shipped: Trial) -> None:
    campaign(shipped, 150, descriptors())


def test_reuse_never_changes_an_answer_of_policies_put_together_by_chance(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    campaign(trial_of(tmp_path, engine, reading.made_up(60, SEED)), 60)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_reuse_never_changes_an_answer_in_a_long_campaign(engine: EmbeddedEngine, tmp_path: Path, seed: int) -> None:
    campaign(trial_of(tmp_path, engine, {**reading.hand_written(), **reading.made_up(60, seed)}), 400)


CODE = Reading("sha256:code", (("info",), ("_context", "now")))
FIRST = {"info": {"name": "x"}, "tags": [], "_context": {"now": "2026-11-26", "policies": ["a"]}}


class Counting(InMemoryEngine):
    """An engine that remembers what it was asked."""

    def __init__(self, functions: Mapping[str, Any], version: str = "1") -> None:
        super().__init__(functions)
        self.version = version
        self.questions: list[list[str]] = []

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        self.questions.append(list(policies))
        return super().evaluate(bundle, policies, document)


def found(document: Mapping[str, Json]) -> Json:
    return [{"code": "saw", "msg": str(document), "path": []}]


def fails(document: Mapping[str, Json]) -> Json:
    raise ValueError("it cannot")


def asked_of(reusing: Reusing, document: Mapping[str, Json], *policies: str) -> dict[str, Answer]:
    bundle = make.bundle(make.policy("a"), make.policy("b"))
    return reusing.evaluate(bundle, policies or ("a",), document)


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"tags": ["other"]}, False),
        ({"info": {"name": "y"}}, True),
        ({"info": None}, True),
        ({"_context": {"now": "2026-11-27", "policies": ["a"]}}, True),
        ({"_context": {"now": "2026-11-26", "policies": ["a", "b"], "mesh": {}}}, False),
    ],
)
def test_a_policy_is_asked_again_exactly_when_something_that_it_reads_is_another(
    changed: dict[str, Json], again: bool
) -> None:
    engine = Counting({"a": found})
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": CODE})
    first = asked_of(reusing, FIRST)
    second = asked_of(reusing, {**FIRST, **changed})
    assert len(engine.questions) == (2 if again else 1)
    assert (first == second) is not again


def test_an_error_is_never_reused() -> None:
    engine = Counting({"a": fails})
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": CODE})
    assert isinstance(asked_of(reusing, FIRST)["a"], PolicyFailure)
    assert isinstance(asked_of(reusing, FIRST)["a"], PolicyFailure)
    assert len(engine.questions) == 2


@pytest.mark.parametrize(
    ("version", "reading"),
    [("2", CODE), ("1", Reading("sha256:other", CODE.paths)), ("1", Reading(CODE.code, (("info",),)))],
)
def test_an_answer_of_another_engine_or_of_other_code_is_not_reused(version: str, reading: Reading) -> None:
    answers = InMemoryAnswers()
    asked_of(Reusing(Counting({"a": found}), answers, lambda _: {"a": CODE}), FIRST)
    engine = Counting({"a": found}, version)
    asked_of(Reusing(engine, answers, lambda _: {"a": reading}), FIRST)
    assert len(engine.questions) == 1


@pytest.mark.parametrize("readings", [{"a": CODE}, {}])
def test_without_a_version_of_the_engine_or_a_reading_of_the_policy_nothing_is_reused(
    readings: dict[str, Reading],
) -> None:
    engine = Counting({"a": found}, "" if readings else "1")
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: readings)
    asked_of(reusing, FIRST)
    asked_of(reusing, FIRST)
    assert len(engine.questions) == 2


def test_only_what_is_missing_is_asked_unless_it_can_see_who_else_is_asked() -> None:
    engine, answers = Counting({"a": found, "b": found}), InMemoryAnswers()
    whole = Reading("sha256:whole", ((),))
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE}), FIRST, "a")
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE, "b": CODE}), FIRST, "a", "b")
    asked_of(Reusing(engine, answers, lambda _: {"a": CODE, "b": whole}), FIRST, "a", "b")
    assert engine.questions == [["a"], ["a", "b"]]


def test_where_a_policy_failed_the_answer_of_one_that_sees_the_selection_is_not_kept() -> None:
    engine, whole = Counting({"a": found, "b": fails}), Reading("sha256:whole", ((),))
    reusing = Reusing(engine, InMemoryAnswers(), lambda _: {"a": whole, "b": CODE})
    asked_of(reusing, FIRST, "a", "b")
    asked_of(reusing, FIRST, "a", "b")
    assert engine.questions == [["a", "b"], ["a", "b"]]


def test_the_store_in_memory_forgets_what_was_kept_first() -> None:
    answers = InMemoryAnswers(most=2)
    for key in "abc":
        answers.keep({key: ()})
    assert answers.found(["a", "b", "c"]) == {"b": (), "c": ()}


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([()], {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}),
        ([("a", "b")], {"a": {"b": 1}}),
        ([("a",), ("a", "b")], {"a": {"b": 1, "c": [2]}}),
        ([("a", "none"), ("a", "c", "deep")], {"a": {"c": [2]}}),
        ([("d", "deep"), ("e", "f", "g"), ("none", "x")], {"d": "x", "e": {}}),
        ([], {}),
    ],
)
def test_a_document_is_cut_to_paths_and_keeps_the_kinds_on_the_way(paths: list[tuple[str, ...]], left: Json) -> None:
    document = {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}
    assert pruned(document, paths) == left
    assert document == {"a": {"b": 1, "c": [2]}, "d": "x", "e": {}}
