"""Does an answer that is reused, or given to a part of the document, equal one given afresh to the whole of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import reading_policies as reading
import rego
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import policies
from engine.model import Answer, Bundle, Json
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.pruning import Pruning
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
