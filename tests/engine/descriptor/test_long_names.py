"""Is a product whose names no database can index told so at its place, instead of failing in the catalog?"""

from __future__ import annotations

import json

import pytest

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.identity import LONGEST_NAME, line_fqn
from engine.model import Problem

TEXT = """{{
  "dataProductDescriptor": "1.0.0",
  "info": {{
    "name": {name},
    "fullyQualifiedName": {fqn},
    "version": "1.0.0", "domain": "sales", "owner": {{"id": "a"}}
  }},
  "interfaceComponents": {{"outputPorts": []}}
}}"""
#: what an fqn of major 1 holds besides namespace and name
REST = len(line_fqn("", "", 1))


def problems(name: str, fqn: str | None = None, namespace: str = "org.example") -> list[Problem]:
    text = TEXT.format(name=json.dumps(name), fqn=json.dumps(fqn))
    if fqn is None:
        text = text.replace('"fullyQualifiedName": null,\n', "\n")
    found = ingest(Submission("dp.json", Parts({"dp.json": text.encode()})), namespace=namespace).problems
    return [one for one in found if one.code == "DP410"]


def told(*arguments: str) -> list[tuple[str, int, str]]:
    return [(one.path, one.place.line, one.msg) for one in problems(*arguments)]


def test_names_as_long_as_the_catalog_keeps_are_no_problem() -> None:
    assert problems("n" * (LONGEST_NAME - REST - 3), namespace="org") == []


def test_a_longer_name_is_told_once_at_the_name() -> None:
    assert told("n" * 501) == [("/info/name", 4, "the name has 501 characters; 500 are the most")]


def test_a_long_namespace_is_told_where_it_is_written() -> None:
    fqn = line_fqn("s" * 1000, "orders", 1)
    message = "the namespace has 1,000 characters; 500 are the most"
    assert told("orders", fqn) == [("/info/fullyQualifiedName", 5, message)]


@pytest.mark.parametrize("written", [True, False])
def test_together_they_are_told_where_the_fqn_comes_from(written: bool) -> None:
    name, namespace = "n" * 300, "s" * 300
    place = ("/info/fullyQualifiedName", 5) if written else ("/info/name", 4)
    (one,) = problems(name, line_fqn(namespace, name, 1) if written else None, namespace)
    assert (one.path, one.place.line, one.msg) == (
        *place,
        f"the line's fqn has {600 + REST} characters; 500 are the most",
    )
