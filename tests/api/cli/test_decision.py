"""Do decisions leave by the command line whole, masked and resumably, here and from a server, and can one be erased?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import MESH, Ended, Terminal

from api.cli import decision

MASK = 'package system.log\n\nimport rego.v1\n\nmask contains "/input/info/owner"\n'
BROKEN = "package system.log\n\nimport rego.v1\n\nmask := 1\n"


@pytest.fixture(params=["here", "server"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """A catalog with the products of one domain under a mask policy, asked here or through a server that holds it."""
    terminal = Terminal(tmp_path)
    terminal.write("governance/mask/owners.rego", MASK)
    terminal.environment["MESHGATE_GOVERNANCE"] = "governance"
    assert terminal.run("submit", "--quiet", MESH / "sales").code == 0
    if request.param == "here":
        yield terminal
        return
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        terminal.environment["MESHGATE_SERVER"] = address
        yield terminal


def lines(ended: Ended) -> list[dict[str, Any]]:
    """The decisions that were asked for; a server that rescans adds its own whenever it comes to it."""
    assert ended.code == 0, ended.err
    every = [json.loads(line) for line in ended.out.splitlines()]
    return [one for one in every if one["path"] != "meshgate/rescan"]


def test_an_export_goes_on_where_an_earlier_one_ended(anywhere: Terminal) -> None:
    whole = lines(anywhere.run("decision", "export"))
    assert len(whole) == 3
    assert all("owner" not in one["input"]["info"] and one["erased"] == ["/input/info/owner"] for one in whole)
    assert lines(anywhere.run("decision", "export", "--after", whole[0]["cursor"])) == whole[1:]
    assert lines(anywhere.run("decision", "export", "--after", whole[2]["cursor"])) == []
    complete = lines(anywhere.run("decision", "export", "--complete"))
    assert all(one["input"]["info"]["owner"] for one in complete)


def test_erasing_tells_what_went_and_needs_a_reason(anywhere: Terminal) -> None:
    one = lines(anywhere.run("decision", "export"))[0]
    for reason in ((), ("--reason", " ")):
        assert anywhere.run("decision", "erase", one["decision_id"], *reason).code == 2
    told = anywhere.run("decision", "erase", one["decision_id"], "--reason", "asked for", "--json").json
    assert told["decisions"] == [one["decision_id"]]
    assert lines(anywhere.run("decision", "export"))[0]["input"] is None
    again = anywhere.run("decision", "erase", one["decision_id"], "--reason", "asked for")
    assert again.out == f"erased: {told['input_digest']}\n"


def test_a_broken_mask_exports_nothing_and_says_so(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal.run("submit", "--quiet", MESH / "sales").code == 0
    terminal.write("governance/mask/broken.rego", BROKEN)
    told = terminal.run("decision", "export", "--governance", "governance")
    assert (told.code, told.out, "[mask-invalid]" in told.err) == (2, "", True)
    doctor = terminal.run("doctor", "--governance", "governance")
    assert "ok    mask         1 modules" in doctor.out
    terminal.write("governance/mask/broken.rego", "package system.log\n")
    doctor = terminal.run("doctor", "--governance", "governance")
    assert (doctor.code, "FAIL  mask" in doctor.out, "[mask-invalid]" in doctor.out) == (2, True, True)


def test_an_export_asks_for_page_after_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.cli import talk

    asked: list[str | None] = []

    class Pages:
        def told(self, _method: str, _path: str, *, params: dict[str, str]) -> Any:
            asked.append(params.get("after"))
            at = len(asked)
            content = b"" if at == 3 else json.dumps({"cursor": f"c{at}"}).encode() + b"\n"
            return talk.Answer(200, {}, content)

    class Opened:
        def __enter__(self) -> Pages:
            return Pages()

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(talk, "talking", lambda _settings: Opened())
    monkeypatch.chdir(tmp_path)
    decision.export()
    assert asked == [None, "c1", "c2"]
