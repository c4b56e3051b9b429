"""Whatever an address or its server does: is nothing called but what may be, and does every call end, each way out?"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scripted_server import Scripted, serving

from api.destinations import Destinations
from api.flows.telling.delivery import Undelivered
from api.outgoing import Resolve, addresses
from api.worker.asking import HttpAsk
from api.worker.post import HttpPost
from engine.errors import ProvisioningFailed
from engine.provision.adapters.http import Http
from engine.provision.adapters.odm_executor import OdmExecutor
from engine.provision.adapters.witboost_http import WitboostHttp

HERE = Destinations.of(["127.0.0.0/8"], key="k")
NOWHERE = Destinations()
PUBLIC = "93.184.216.34"
REQUEST: dict[str, Any] = {
    "resource_id": "00000000-0000-4000-8000-000000000001",
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": "00000000-0000-4000-8000-000000000002",
        "product": "p",
        "domain": "d",
        "name": "n",
        "major": 1,
        "version": "1.0.0",
    },
    "component": {"fqn": "t", "kind": "task", "name": "t"},
    "definition": {},
    "resolved": {},
    "config": {},
}
Way = Callable[..., str]


def a_subscription(url: str, allowed: Destinations, resolve: Resolve = addresses) -> str:
    try:
        HttpPost(allowed, seconds=0.5, resolve=resolve)(f"{url}/hook", {}, b"{}")
    except Undelivered as reason:
        return "no answer" if "no answer" in str(reason) else "refused"
    return ""


def an_adapter(made: Callable[..., Any], call: Callable[[Any], Any]) -> Way:
    def asked(url: str, allowed: Destinations, resolve: Resolve = addresses) -> str:
        try:
            adapter = made({"address": url, "seconds": 0.5}, ask=HttpAsk(allowed, resolve=resolve))
            outcome = call(adapter)
        except ProvisioningFailed as error:
            return str(error.context["error_class"])
        return str(outcome.get("error", {}).get("class", ""))

    return asked


WAYS: dict[str, Way] = {
    "subscription": a_subscription,
    "http": an_adapter(Http, lambda one: one.apply(REQUEST)),
    "odm-executor": an_adapter(OdmExecutor, lambda one: one.apply(REQUEST)),
    "witboost-http": an_adapter(WitboostHttp, lambda one: one.apply(REQUEST)),
}
INSIDE = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        found.setblocking(False)
        yield found


def nobody_came(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return True
    connection.close()
    return False


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("way", WAYS)
def test_no_spelling_of_an_address_inside_is_connected_to(
    way: str, host: str, scheme: str, listener: socket.socket
) -> None:
    found = WAYS[way](f"{scheme}://{host}:{listener.getsockname()[1]}", NOWHERE)
    assert found in ("refused", "INVALID", "TRANSIENT", "UNKNOWN_OUTCOME")  # the last ones where a name leads nowhere
    assert nobody_came(listener)


@pytest.mark.parametrize("leads", [("10.0.0.1",), (PUBLIC, "127.0.0.1"), ("::ffff:169.254.169.254",), ("fd00::1",)])
@pytest.mark.parametrize("way", WAYS)
def test_a_name_of_which_one_address_is_inside_is_not_called(
    way: str, leads: tuple[str, ...], listener: socket.socket
) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(leads)

    found = WAYS[way](f"https://adapter.example.org:{listener.getsockname()[1]}", NOWHERE, resolve)
    assert (found in ("refused", "INVALID"), nobody_came(listener)) == (True, True)


class Plain(Scripted):
    """Answers everything with what every way takes for well done, or as its mood is."""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path.endswith("/status"):
            return 404, {}
        seen = {"state": "present", "generation": 1, "fingerprint": "x", "outputs": {}}
        return 200, {"status": "COMPLETED", "state": "done", "changed": True, "observation": seen}


@pytest.fixture
def plain() -> Iterator[Plain]:
    with serving(Plain()) as script:
        assert isinstance(script, Plain)
        yield script


@pytest.mark.parametrize("way", WAYS)
def test_the_address_that_was_checked_is_the_one_that_is_called_though_the_name_leads_elsewhere_a_moment_later(
    way: str, plain: Plain, listener: socket.socket
) -> None:
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) % 2 else ["10.0.0.1"]

    found = WAYS[way](f"http://localhost:{plain.port}", HERE, rebinding)
    first = (
        2 if way == "odm-executor" else 1
    )  # it looks, and then begins: a second look leads elsewhere, and is refused
    assert (len(asked), len(plain.asked)) == (first, 1)
    assert found == ("INVALID" if way == "odm-executor" else "")


@pytest.mark.parametrize("way", WAYS)
def test_no_redirect_is_followed(way: str, plain: Plain) -> None:
    plain.moods = [("", "redirect")]
    assert WAYS[way](plain.address, HERE) in ("refused", "INVALID")
    assert (len(plain.asked), [one for one in plain.asked if "elsewhere" in one]) == (1, [])


@pytest.mark.parametrize("mood", ["drip", "hang", "huge", "drop"])
@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_does_not_end_ends_no_worker(way: str, mood: str, plain: Plain) -> None:
    plain.moods = [("", mood)]
    found = WAYS[way](plain.address, HERE)
    if way == "subscription" and mood in ("drip", "huge"):
        assert found == ""  # its body is nobody's business, and is not read
    else:
        assert found in ("refused", "no answer", "TIMEOUT", "TRANSIENT", "UNKNOWN_OUTCOME")
    assert len(plain.asked) == 1


@pytest.mark.parametrize("way", WAYS)
def test_no_proxy_of_the_environment_is_used(way: str, plain: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert WAYS[way](plain.address, HERE) == ""


@pytest.mark.parametrize("way", [one for one in WAYS if one != "subscription"])
def test_an_address_with_a_password_makes_no_adapter(way: str) -> None:
    with pytest.raises(ValueError, match="address"):
        WAYS[way]("https://anna:secret@adapter.example.org", NOWHERE)
