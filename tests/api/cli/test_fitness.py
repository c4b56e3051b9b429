"""Do `fitness`, `compare` and `requirement` say what they found, and end with the codes that scripts rely on?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from commands import Ended, Terminal
from doors import product
from needs import RUNAWAY, finds

Run = Callable[..., Ended]
FQN = "urn:dpds:org.example:dataproducts:{}:1"
REGION = """\
package need.region

import rego.v1

defaults := {"region": "eu"}

params := object.union(defaults, object.get(input, ["_context", "parameters", "need.region"], {}))

violation contains finding if {
	not _served
	finding := {"code": "elsewhere", "msg": sprintf("not in %v", [params.region]), "path": ["interfaceComponents"]}
}

_served if {
	some port in input.interfaceComponents.outputPorts
	endswith(port.promises.platform, sprintf(":%v", [params.region]))
}
"""


@pytest.fixture
def stored(run: Run, terminal: Terminal) -> Run:
    for name, region in (("parcels", b"eu"), ("letters", b"us")):
        text = product(name).replace(b"postgresql:eu", b"postgresql:" + region)
        (terminal.folder / f"{name}.yaml").write_bytes(text)
    (terminal.folder / "region.rego").write_text(REGION)
    assert run("submit", "parcels.yaml", "letters.yaml").code == 0
    return run


def test_fitness_prints_who_fits_and_why_the_others_do_not(stored: Run) -> None:
    ended = stored("fitness", "region.rego")
    assert ended.code == 0
    assert ended.out == (
        f"fit       parcels 1.0.0  {FQN.format('parcels')}\n"
        f"unfit     letters 1.0.0  {FQN.format('letters')}\n"
        "  elsewhere: not in eu at /interfaceComponents\n"
        "1 fit, 1 do not, 0 undecided\n"
    )
    assert stored("fitness", "region.rego", "--json", "--param", "region=us").json["counts"]["fit"] == 1


def test_the_exit_code_says_whether_anything_fits(stored: Run, terminal: Terminal) -> None:
    assert stored("fitness", "region.rego", "--param", "region=mars").code == 1
    nothing = stored("fitness", "region.rego", "--query", "xyzzy")
    assert (nothing.code, nothing.out) == (3, "0 fit, 0 do not, 0 undecided\n")
    (terminal.folder / "runs.rego").write_text(RUNAWAY)
    undecided = stored("fitness", "runs.rego", "--candidates", "1")
    assert undecided.code == 2
    assert "did not finish" in undecided.out
    assert undecided.out.endswith("1 undecided; the best 1 of 2 were asked\n")


def test_more_reasons_than_are_shown_are_counted(stored: Run, terminal: Terminal) -> None:
    (terminal.folder / "many.rego").write_text(finds('sprintf("%d", [i])', "some i in numbers.range(1, 5)"))
    assert "  and 2 more\n" in stored("fitness", "many.rego").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing.rego",), "nothing.rego cannot be read"),
        (("region.rego", "--param", "region"), "is not KEY=VALUE"),
        (("unsaved",), "There is no requirement `unsaved`"),
        (("parcels.yaml",), "requirement-invalid"),
    ],
)
def test_what_cannot_be_asked_ends_with_two_and_says_why(stored: Run, words: tuple[str, ...], told: str) -> None:
    ended = stored("fitness", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_compare_shows_what_differs_side_by_side(stored: Run) -> None:
    ended = stored("compare", FQN.format("parcels"), FQN.format("letters"))
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].split() == ["parcels:1@1.0.0", "letters:1@1.0.0"]
    assert any(
        line.split() == ["port", "outputport/moved/platform", "postgresql:eu", "postgresql:us"] for line in lines
    )
    assert not any("servicesType" in line for line in lines)
    whole = stored("compare", "--all", FQN.format("parcels"), FQN.format("letters")).out
    assert "servicesType" in whole
    assert stored("compare", "--json", FQN.format("parcels"), FQN.format("letters")).json["cut"] is False


def test_compare_takes_names_and_versions_as_show_does(stored: Run) -> None:
    by_fqn = stored("compare", FQN.format("parcels"), FQN.format("letters")).out
    assert stored("compare", "parcels", "letters").out == by_fqn
    version = stored("show", "parcels", "--json").json["version"]
    assert stored("compare", f"parcels@{version}", "letters").out == by_fqn


def test_compare_names_what_is_not_there(stored: Run) -> None:
    ended = stored("compare", FQN.format("parcels"), "nothing")
    assert ended.code == 2
    assert "There is no product `nothing`" in ended.err


def test_a_requirement_is_saved_listed_shown_asked_and_deleted(stored: Run) -> None:
    assert stored("requirement", "list").out == "no requirements\n"
    made = stored("requirement", "save", "mine", "region.rego", "--query", "parcels", "--param", "region=eu")
    assert made.code == 0
    listed = stored("requirement", "list").out
    assert listed == f"mine  not asked yet, of parcels, for local\n  {made.out}"
    shown = stored("requirement", "show", "mine").out
    assert shown.endswith(REGION.expandtabs(4))
    assert stored("requirement", "show", "--json", "mine").json["parameters"] == {"region": "eu"}
    assert stored("fitness", "mine").out.startswith("fit       parcels")
    assert stored("requirement", "delete", "mine").code == 0
    assert stored("requirement", "show", "mine").code == 2
