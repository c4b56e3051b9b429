"""Does a sender that is killed between a delivery and its memory of it lose nothing, on both stores?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from receiver import Receiver
from telling import happen, sql, subscription, told_once

from catalog.database import Database
from catalog.subscriptions import Subscriptions

TESTS = Path(__file__).resolve().parents[2]


def killed(database: Database, cursor: int) -> int:
    url = database.bind.url.render_as_string(hide_password=False)
    command = [sys.executable, str(TESTS / "dying_sender.py"), url, str(cursor)]
    environment = {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    return subprocess.run(command, env=environment, cwd=TESTS.parent, timeout=60, check=False).returncode


def test_what_was_sent_before_the_kill_comes_again_with_its_id_and_nothing_is_skipped(
    database: Database, told: Receiver
) -> None:
    one = subscription(database, told.url)
    happen(database, *[f"test.{name}" for name in ("a", "b", "c", "d")])
    assert killed(database, 2) == -9
    assert told.ids == [1, 2]
    assert told_once(database, "next") == 0  # the dead one's lease still runs
    sql(database, "UPDATE subscription SET lease_until = 1")
    assert killed(database, 3) == -9
    sql(database, "UPDATE subscription SET lease_until = 1")
    assert told_once(database, "next") == 1
    assert told.ids == [1, 2, 2, 3, 3, 4]
    signatures = [(headers["webhook-id"], headers["webhook-signature"][:3]) for headers, _ in told.came]
    assert signatures[1] == signatures[2] == ("2", "v1,")
    found = Subscriptions(database).one(one.id)
    assert found is not None
    assert found.cursor == 4
