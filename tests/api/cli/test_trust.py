"""What does a person at a terminal learn of how far a product may be trusted, and of a formula that is tried?"""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import MESH, Terminal

TERM = '{"name": "all", "weight": 1, "value": null, "evidence": [], "as_of": null}'
FORMULA = 'package acme.trust\n\nimport rego.v1\n\nscore := {"value": VALUE, "terms": [TERM]}\n'.replace("TERM", TERM)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    assert made.run("submit", "--quiet", MESH / "sales" / "orders.yaml").code == 0
    return made


def test_a_score_is_told_term_by_term_and_explained_when_asked(terminal: Terminal) -> None:
    told = terminal.run("trust", "orders", "--json")
    assert (told.code, told.json["formula"], told.json["grade"]) == (0, "mesh.trust.formula", "B")
    plain, explained = (terminal.run("trust", "orders", *flags).out for flags in ((), ("--explain",)))
    assert len(plain.splitlines()) == 6
    decision = told.json["terms"][0]["evidence"][0]["ref"]
    assert f"    decision {decision}" in explained.splitlines()
    assert "    pointer /interfaceComponents/outputPorts/0/obligations/termsAndConditions" in explained.splitlines()


def test_promises_are_shown_with_the_product(terminal: Terminal) -> None:
    lines = terminal.run("show", "orders").out.splitlines()
    assert "  orderHistory availability >= 99.5 %  unknown: nothing was observed" in lines


def test_a_formula_is_tried_on_the_facts_of_now_and_changes_nothing(terminal: Terminal) -> None:
    file = terminal.write("mine.rego", FORMULA.replace("VALUE", "0.25"))
    told = terminal.run("trust", "orders", "--formula", file, "--json")
    assert (told.code, told.json["value"], told.json["formula"]) == (0, 0.25, "acme.trust")
    assert terminal.run("trust", "orders", "--json").json["formula"] == "mesh.trust.formula"
    facts = terminal.run("trust", "orders", "--facts").json
    assert facts["product"]["fqn"] == "urn:dpds:org.example:dataproducts:orders:1"


def test_an_unknown_score_ends_with_2_and_the_reason(terminal: Terminal) -> None:
    file = terminal.write("mine.rego", FORMULA.replace("VALUE", "7"))
    told = terminal.run("trust", "orders", "--formula", file)
    assert told.code == 2
    assert told.out.splitlines() == [
        "urn:dpds:org.example:dataproducts:orders:1  trust unknown, by acme.trust",
        "  formula acme.trust: `value` is not from 0 to 1",
    ]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("package acme.trust\n", "formula-invalid", "no rule `score`"),
        ("package acme.trust\n\nscore := http.send({})\n", "formula-invalid", "mine.rego:3:"),
        (None, "usage", "cannot be read"),
    ],
)
def test_a_file_that_is_no_formula_is_refused_with_its_place(
    terminal: Terminal, text: str | None, code: str, told: str
) -> None:
    file = terminal.folder / "mine.rego" if text is None else terminal.write("mine.rego", text)
    ended = terminal.run("trust", "orders", "--formula", file)
    assert (ended.code, ended.out) == (2, "")
    assert f"[{code}]" in ended.err
    assert told in ended.err


def test_a_product_that_is_not_there_is_told(terminal: Terminal) -> None:
    ended = terminal.run("trust", "nowhere")
    assert (ended.code, "[not-found]" in ended.err) == (2, True)
