"""Does a callback wake who waits, once, and never move anything, whoever sends it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from called_back import SECRET, door, event, post, signed
from deploy_stage import Stage, document, wait_for
from sqlalchemy import select

from catalog.callbacks import CALLBACK, SEEN
from catalog.turns import TURN
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.pace import Pace

PATIENT = Pace(first=0.01, most=300.0, tries=3, look=300.0)


class Going(LocalFs):
    """local-fs whose applies go on until the test lets them end; it is asked how they are, and counts it."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.asked: list[dict[str, Any]] = []
        self.polls, self.over = 0, False

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "async": True}}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        if self.over:
            return super().apply(request)
        return {"state": "pending", "operation": request["component"]["name"]}

    def poll(self, operation: str) -> dict[str, Any]:
        self.polls += 1
        if not self.over:
            return {"state": "running"}
        super().apply(self.asked[0])
        return {"state": "succeeded"}


class Waiting:
    """A deployment that waits for the first of its operations, and only a callback makes anybody look at it."""

    def __init__(self, stage: Stage, adapter: Going, deployment: str) -> None:
        self.stage, self.adapter, self.deployment = stage, adapter, deployment

    @property
    def address(self) -> str:
        return str(self.adapter.asked[0]["callback"])

    @property
    def signals(self) -> int:
        with self.stage.database.reading() as connection:
            found = connection.execute(select(TURN.c.signals).where(TURN.c.deployment_id == self.deployment))
            return int(found.scalar_one())

    def looked(self, polls: int) -> None:
        """It was looked at so often, and waits again."""
        wait_for(lambda: self.adapter.polls >= polls, "a look")
        wait_for(lambda: self.stage.deployment(self.deployment)["waiting"], "the next wait")
        assert self.adapter.polls == polls


@pytest.fixture
def secret(tmp_path: Path) -> str:
    (tmp_path / "secret").write_text(SECRET + "\n")
    return f"file:{tmp_path / 'secret'}"


@pytest.fixture
def waiting(staged: Callable[..., Stage], store_url: str, tmp_path: Path, secret: str) -> Iterator[Waiting]:
    adapter = Going({"directory": str(tmp_path / "made")})
    with door(store_url, tmp_path / "door") as address:
        stage = staged(
            adapters={"going": lambda config: adapter},
            bindings=(Binding("going", callback_secret=secret),),
            pace=PATIENT,
            public_url=address,
        )
        stage.accept(document())
        asked = stage.ask()
        with stage.working():
            wait_for(lambda: stage.deployment(asked.deployment_id)["waiting"], "the operation")
            yield Waiting(stage, adapter, asked.deployment_id)


def test_a_hundred_duplicates_at_once_wake_it_once_and_move_nothing(waiting: Waiting) -> None:
    body = event()
    headers = signed(body)
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: post(waiting.address, body, headers), range(100)))
    waiting.looked(1)
    assert (answers, waiting.signals) == ({202}, 1)
    assert waiting.stage.deployment(waiting.deployment)["state"] == "applying"


def test_messages_out_of_order_end_it_once_and_what_comes_later_moves_nothing_back(waiting: Waiting) -> None:
    body = event(type="upp.operation.failed.v1", data={"state": "failed"})
    assert post(waiting.address, body, signed(body, id="m2")) == 202
    waiting.looked(1)
    waiting.adapter.over = True
    assert post(waiting.address, body, signed(body, id="m1", late=200)) == 202
    assert waiting.stage.ended(waiting.deployment)["state"] == "succeeded"
    told = waiting.stage.feed()
    for number in range(20):
        assert post(waiting.address, body, signed(body, id=f"late{number}")) == 202
    assert waiting.stage.deployment(waiting.deployment)["state"] == "succeeded"
    assert (waiting.stage.feed(), [kind for kind, _ in told].count("deployment.succeeded")) == (told, 1)


def test_what_is_forged_late_unknown_or_nonsense_wakes_nobody(waiting: Waiting) -> None:
    body, address = event(), waiting.address
    good = signed(body)
    other = address.rpartition("/")[0] + "/" + "x" * 43
    attempts = {
        "no signature": (address, body, {}, 401),
        "another key": (address, body, signed(body, key=b"x" * 32), 401),
        "another body": (address, event(id="2"), good, 401),
        "another id": (address, body, {**good, "webhook-id": "m9"}, 401),
        "late": (address, body, signed(body, late=301), 401),
        "of tomorrow": (address, body, signed(body, late=-400), 401),
        "no time": (address, body, {**good, "webhook-timestamp": "nan"}, 401),
        "another version": (address, body, {**good, "webhook-signature": "v2,AAAA"}, 401),
        "broken signature": (address, body, {**good, "webhook-signature": "v1"}, 401),
        "not utf-8": (address, b"\xff\xfe", {**good}, 401),
        "unknown": (other, body, good, 404),
        "no event": (address, b"[]", signed(b"[]"), 400),
        "no json": (address, b"{", signed(b"{"), 400),
        "deep": (address, b"[" * 60_000, signed(b"[" * 60_000), 400),
        "another specification": (address, event(specversion="0.3"), signed(event(specversion="0.3")), 400),
        "without a source": (address, event(source=""), signed(event(source="")), 400),
        "huge": (address, b" " * 70_000, signed(b" " * 70_000), 413),
    }
    found = {name: post(url, content, headers) for name, (url, content, headers, _) in attempts.items()}
    assert found == {name: status for name, (*_, status) in attempts.items()}
    assert httpx.patch(address, content=b"{}", timeout=30).status_code == 401
    assert (waiting.signals, waiting.adapter.polls) == (0, 0)


def test_the_secret_of_a_binding_is_read_each_time_and_one_that_is_none_is_ours_to_mend(
    waiting: Waiting, tmp_path: Path
) -> None:
    body = event()
    for content in ("", "whsec_", "whsec_AAAA", "whsec_!!!!"):
        (tmp_path / "secret").write_text(content)
        assert post(waiting.address, body, signed(body, key=b"\0" * 3)) == 500
    (tmp_path / "secret").write_text(SECRET)
    assert post(waiting.address, body, signed(body)) == 202
    assert waiting.signals == 1


@pytest.mark.parametrize(
    ("bound", "public", "goes_on"), [(False, True, True), (True, False, True), (True, True, False)]
)
def test_an_address_is_given_only_where_somebody_can_call_it_and_sign(
    staged: Callable[..., Stage], tmp_path: Path, secret: str, bound: bool, public: bool, goes_on: bool
) -> None:
    adapter = Going({"directory": str(tmp_path / "made")}) if goes_on else Ending({"directory": str(tmp_path / "made")})
    adapter.over = True
    stage = staged(
        adapters={"going": lambda config: adapter},
        bindings=(Binding("going", callback_secret=secret if bound else ""),),
        public_url="http://127.0.0.1:1" if public else None,
    )
    stage.accept(document())
    asked = stage.ask()
    with stage.working():
        assert stage.ended(asked.deployment_id)["state"] == "succeeded"
    assert [one for one in adapter.asked if "callback" in one] == []


class Ending(Going):
    """One whose operations never go on."""

    def info(self) -> dict[str, Any]:
        return LocalFs.info(self)


def test_what_is_over_is_forgotten_and_nothing_that_is_kept_lets_anybody_call(stage: Stage) -> None:
    one = ("deployment", "resource", 1)
    over = stage.callbacks.offer(*one, secret="", seconds=-1)
    assert stage.callbacks.awaited(over) is None
    token = stage.callbacks.offer(*one, secret="", seconds=60)
    awaited = stage.callbacks.awaited(token)
    assert awaited is not None
    assert [stage.callbacks.hear(awaited, "m", told=told) for told in ({"status": "FAILED"}, None)] == [True, False]
    assert stage.callbacks.hear(awaited, "n", told={"status": "PROCESSED"})
    assert stage.callbacks.told("resource", 1) == {"status": "FAILED"}
    assert stage.callbacks.told("resource", 2) is None
    with stage.database.reading() as connection:
        kept = str([connection.execute(select(table)).all() for table in (CALLBACK, SEEN)])
    assert (over in kept, token in kept, kept.count("'deployment'")) == (False, False, 1)
