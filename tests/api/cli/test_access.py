"""May a product be named to the commands of access as other commands take it?"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]
LINE = "urn:dpds:org.example:dataproducts:parcels:1"
ASKED = ("moved", "-e", "dev", "--json")


@pytest.fixture
def accepted(terminal: Terminal, run: Run) -> Terminal:
    for name in ("parcels", "reader"):
        terminal.write(f"{name}.yaml", product(name))
        assert run("submit", "-q", f"{name}.yaml").code == 0
    return terminal


@pytest.fixture
def references(accepted: Terminal, run: Run) -> list[str]:
    """Every way in which the line may be named."""
    line = run("show", "parcels", "--json").json
    return ["parcels", LINE, LINE.removesuffix(":1"), line["id"], f"{LINE}:outputports:moved"]


def test_a_product_is_named_as_other_commands_take_it(run: Run, references: list[str]) -> None:
    for number, reference in enumerate(references):
        asked = run("access", "request", reference, *ASKED, "--subject", f"user:u{number}")
        assert (asked.code, asked.json["product"]) == (0, LINE), (reference, asked.err)
    every = {f"user:u{number}" for number in range(len(references))}
    for reference in references:
        found = run("access", "list", "--product", reference, "--json").json["requests"]
        assert {one["subject"] for one in found} == every, reference
    assert run("access", "list", "--product", "reader").out == "0 requests\n"


def test_so_is_a_product_that_is_to_read(run: Run, accepted: Terminal) -> None:
    reader = "urn:dpds:org.example:dataproducts:reader:1"
    asked = run("access", "request", "parcels", *ASKED, "--subject", "product:reader")
    assert (asked.code, asked.json["subject"]) == (0, f"product:{reader}")
    for named in ("reader", reader, reader.removesuffix(":1")):
        (one,) = run("access", "list", "--subject", f"product:{named}", "--json").json["requests"]
        assert one["id"] == asked.json["id"]
    again = run("access", "request", "parcels", *ASKED, "--subject", f"product:{reader.removesuffix(':1')}")
    assert (again.code, "[access-waiting]" in again.err) == (2, True)


def test_a_line_named_in_full_may_be_let_in_before_it_is_accepted(run: Run, accepted: Terminal) -> None:
    later = "urn:dpds:org.example:dataproducts:later:1"
    asked = run("access", "request", "parcels", *ASKED, "--subject", f"product:{later}")
    assert (asked.code, asked.json["subject"]) == (0, f"product:{later}")


def test_a_name_that_several_lines_have_is_asked_about(run: Run, accepted: Terminal) -> None:
    accepted.write("next.yaml", product(version="2.0.0"))
    assert run("submit", "-q", "next.yaml").code == 0
    for words in (
        ("access", "request", "parcels", *ASKED, "--subject", "user:ana"),
        ("access", "request", "reader", *ASKED, "--subject", "product:parcels"),
        ("access", "list", "--product", "parcels"),
        ("access", "list", "--subject", "product:parcels"),
    ):
        ended = run(*words)
        assert (ended.code, ended.out, "[usage]" in ended.err) == (2, "", True), words
        assert re.findall(r"urn:dpds:\S+parcels:(\d)", ended.err) == ["1", "2"]
    highest = run("access", "request", LINE.removesuffix(":1"), *ASKED, "--subject", "user:ana").json
    assert (highest["product"], highest["major"]) == (LINE.replace(":1", ":2"), 2)


@pytest.mark.parametrize("subject", ["product:nobody", "product:", "product: ", "ana", "user:"])
def test_who_cannot_be_meant_is_refused(run: Run, accepted: Terminal, subject: str) -> None:
    ended = run("access", "request", "parcels", *ASKED, "--subject", subject)
    code = "not-found" if subject == "product:nobody" else "access-invalid"
    assert (ended.code, ended.out, f"[{code}]" in ended.err) == (2, "", True), ended.err


def test_a_product_that_there_is_not_is_named(run: Run, accepted: Terminal) -> None:
    for words in (("request", "nobody", *ASKED, "--subject", "user:ana"), ("list", "--product", "nobody")):
        ended = run("access", *words)
        assert (ended.code, ended.out) == (2, "")
        assert "There is no product `nobody`. [not-found]" in ended.err
