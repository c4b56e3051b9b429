"""What is kept of documents that were met before?"""

from __future__ import annotations

import little_mesh
import pytest

from api.graphql import documents
from api.graphql.answering import Answering
from api.graphql.documents import Documents, Refused
from api.graphql.limits import Limits
from api.graphql.request import Request


def test_the_same_text_is_parsed_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Documents(little_mesh.SCHEMA, Limits())
    first = kept.document("{ hello }")
    monkeypatch.delattr(documents, "validate")
    assert kept.document("{ hello }") is first


def test_a_refused_text_is_not_kept() -> None:
    kept = Documents(little_mesh.SCHEMA, Limits())
    with pytest.raises(Refused):
        kept.document("{ nothing }")
    assert len(kept) == 0


def test_the_least_recently_used_text_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_DOCUMENTS", 2)
    kept = Documents(little_mesh.SCHEMA, Limits())
    hello = kept.document("{ hello }")
    kept.document("{ broken }")
    kept.document("{ hello }")
    kept.document("{ absent }")
    assert (len(kept), kept.document("{ hello }") is hello) == (2, True)


def test_the_kept_texts_are_bounded_in_characters() -> None:
    kept = Documents(little_mesh.SCHEMA, Limits())
    for number in range(60):
        kept.document(f"query Q{number} {{ hello }}" + "\n" * 10_000)
    kept.document("{ hello }" + "\n" * documents.MOST_CHARACTERS)
    assert len(kept) == documents.MOST_CHARACTERS // 10_023


def test_an_introspection_is_run_once_and_then_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering(little_mesh.SCHEMA, Limits())
    asked = Request("query Q($n: String!) { __type(name: $n) { name } }", {"n": "Thing"}, None)
    first = answering.answer(asked, None)
    monkeypatch.setattr("api.graphql.answering.executor", None)
    assert answering.answer(asked, None) is first
    other = Request(asked.query, {"n": "Place"}, None)
    with pytest.raises(TypeError):
        answering.answer(other, None)
