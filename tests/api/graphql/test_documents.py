"""What is kept of documents that were met before?"""

from __future__ import annotations

import little_mesh
import pytest

from api.graphql import kept as keeping
from api.graphql.answering import Answering
from api.graphql.documents import Document, Refused
from api.graphql.kept import Kept
from api.graphql.limits import Limits
from api.graphql.request import Request


def asked(kept: Kept, text: str) -> Document:
    return kept.asked(Request(text, {}, None))


def test_the_same_text_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(little_mesh.SCHEMA, Limits())
    first = asked(kept, "{ hello }")
    monkeypatch.delattr(keeping, "validated")
    assert asked(kept, "{ hello }") is first


def test_every_look_is_counted_and_a_repeated_document_is_found_all_but_once() -> None:
    looks: list[bool] = []
    kept = Kept(little_mesh.SCHEMA, Limits(), looks.append)
    for number in range(1_000):
        asked(kept, "{ hello }" if number % 2 else "{ things { name } }")
    assert (len(looks), looks.count(False)) == (1_000, 2)


def test_a_refused_text_is_not_kept() -> None:
    kept = Kept(little_mesh.SCHEMA, Limits())
    with pytest.raises(Refused):
        asked(kept, "{ nothing }")
    assert len(kept) == 0


def test_the_least_recently_used_text_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_DOCUMENTS", 2)
    kept = Kept(little_mesh.SCHEMA, Limits())
    hello = asked(kept, "{ hello }")
    for text in ("{ broken }", "{ hello }", "{ absent }"):
        asked(kept, text)
    assert (len(kept), asked(kept, "{ hello }") is hello) == (2, True)


def test_the_kept_texts_are_bounded_in_characters() -> None:
    kept = Kept(little_mesh.SCHEMA, Limits())
    for number in range(60):
        asked(kept, f"query Q{number} {{ hello }}" + "\n" * 10_000)
    asked(kept, "{ hello }" + "\n" * keeping.MOST_CHARACTERS)
    assert len(kept) == keeping.MOST_CHARACTERS // 10_023


def test_an_introspection_is_run_once_and_then_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering(little_mesh.SCHEMA, Limits())
    query = "query Q($n: String!) { __type(name: $n) { name } }"
    first = answering.answer(Request(query, {"n": "Thing"}, None), None)
    monkeypatch.setattr("api.graphql.answering.executor", None)
    assert answering.answer(Request(query, {"n": "Thing"}, None), None) is first
    with pytest.raises(TypeError):
        answering.answer(Request(query, {"n": "Place"}, None), None)


def test_no_number_of_introspections_grows_the_memory() -> None:
    answering = Answering(little_mesh.SCHEMA, Limits())
    for number in range(100):
        answering.answer(Request(f'{{ __type(name: "T{number}") {{ name }} }}', {}, None), None)
    assert len(answering._introspections) == 32
