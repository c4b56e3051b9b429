"""Does a rescan whose process is killed go on where it was, with nothing lost and nothing done twice?"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from changing_mesh import LINE, OWNED, Mesh, feed, rescanned, sent, states
from dying_rescanner import BATCH
from sqlalchemy import text

from api.wiring import House
from catalog import chain
from catalog.rescans import LEASE

PRODUCTS = [f"parcels{number}" for number in range(3 * BATCH - 1)]
TESTS = Path(__file__).resolve().parents[2]


def killed(mesh: Mesh, moment: str) -> None:
    """Rescan in a process of its own until it is killed at this moment."""
    flags = [f"{name}={value}" for name, value in mesh.flags.items()]
    command = [sys.executable, str(TESTS / "dying_rescanner.py"), str(mesh.folder), moment, *flags]
    ended = subprocess.run(command, cwd=TESTS.parent, env={"PYTHONPATH": f"{TESTS.parent}:{TESTS}"}, check=False)
    assert ended.returncode == -signal.SIGKILL


def rescans_of(house: House) -> list[str]:
    """The products of the decisions that rescans logged."""
    with house.database.reading() as connection:
        return sorted(connection.execute(text("SELECT fqn FROM decision WHERE event = 'rescan'")).scalars())


@pytest.mark.parametrize("moment", ["judged 1", f"judged {BATCH + 2}", "written"])
def test_a_rescan_whose_process_is_killed_goes_on_and_does_each_line_once(
    mesh: Mesh, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.rescans.SIZE", BATCH)
    lenient = mesh.house()
    for name in PRODUCTS:
        sent(lenient, name)
    mesh.policy("second", OWNED)
    house = mesh.house()
    assert house.rescanner.once()  # opens the rescan, in batches of that size, and works off the first
    known = [state for state in states(house, *PRODUCTS) if state is not None]
    assert len(known) == BATCH
    killed(mesh, moment)
    before = states(house, *PRODUCTS).count("non_compliant")
    assert before == (BATCH if moment == "judged 1" else 2 * BATCH)
    mesh.later(seconds=int(LEASE.total_seconds()) + 1)
    last = rescanned(house)
    assert (last.state, last.done, last.changed) == ("ended", len(PRODUCTS), len(PRODUCTS))
    assert states(house, *PRODUCTS) == ["non_compliant"] * len(PRODUCTS)
    assert rescans_of(house) == sorted(LINE.format(name) for name in PRODUCTS)
    assert feed(house).count("product.standing-changed") == len(PRODUCTS)
    assert chain.verify(house.database).holds
