"""Does the WebSocket of `/graphql` keep to graphql-transport-ws, also with clients that do not? (A real server.)"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import little_mesh
import pytest
import websockets.exceptions
from doors import until
from served import Served, served
from websockets.sync.client import ClientConnection, connect

from api.graphql.limits import Limits
from api.settings import Settings
from api.wiring import House

PROTOCOL = "graphql-transport-ws"
LIMITS = Limits(
    seconds=0.5, body=4_000, operations=3, connections=4, init_seconds=0.6, idle_seconds=1.2, send_seconds=1, at_once=4
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        House(Settings(data_dir=tmp_path_factory.mktemp("house"))) as house,
        served(house, schema=little_mesh.SCHEMA, limits=LIMITS) as one,
    ):
        yield one


@contextmanager
def opened(server: Served, *, init: Any = None) -> Iterator[ClientConnection]:
    """A WebSocket on which `connection_init` was acknowledged."""
    with connect(server.socket, subprotocols=[PROTOCOL], ping_interval=None) as socket:
        say(socket, type="connection_init", **({"payload": init} if init is not None else {}))
        assert heard(socket) == {"type": "connection_ack"}
        yield socket


def say(socket: ClientConnection, **message: Any) -> None:
    socket.send(json.dumps(message))


def heard(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=10))


def closed(socket: ClientConnection) -> tuple[int, str]:
    """With which code and reason the server closes, whatever it says before."""
    try:
        while True:
            socket.recv(timeout=10)
    except websockets.exceptions.ConnectionClosed as ended:
        return (ended.rcvd.code, ended.rcvd.reason) if ended.rcvd else (1006, "")


def ask(socket: ClientConnection, query: str, id: str = "1", **more: Any) -> None:
    say(socket, id=id, type="subscribe", payload={"query": query, **more})


def test_a_query_is_answered_by_next_and_complete_with_its_cost(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "query Q($n: String!) { hello(name: $n) }", variables={"n": "you"})
        answer = {"data": {"hello": "hello you"}, "extensions": {"cost": {"requested": 0, "limit": 10_000}}}
        assert heard(socket) == {"id": "1", "type": "next", "payload": answer}
        assert heard(socket) == {"id": "1", "type": "complete"}


def test_an_id_may_be_used_again_when_its_operation_has_ended(server: Served) -> None:
    with opened(server) as socket:
        for _ in range(3):
            ask(socket, "{ hello }")
            assert [heard(socket)["type"] for _ in range(2)] == ["next", "complete"]


def test_a_refused_request_is_an_error_message_and_the_connection_goes_on(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ nothing }")
        refusal = heard(socket)
        assert (refusal["id"], refusal["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in refusal["payload"]] == ["query-invalid"]
        ask(socket, "{ broken }", "2")
        answer = heard(socket)
        assert (answer["type"], answer["payload"]["data"]) == ("next", {"broken": None})


ATTACKS = {
    "query-too-deep": "{" + "again {" * 12 + "hello" + "}" * 13,
    "too-many-aliases": "{" + " ".join(f"a{i}: hello" for i in range(51)) + "}",
    "page-too-large": "{ page(first: 101) { __typename } }",
    "query-too-expensive": "{ things { others { others { others { others { others { name } } } } } } }",
    "query-invalid": "{ ...F } fragment F on Query { again { ...F } }",
    "operation-unsupported": "subscription { hello }",
    "operation-unknown": "query A { hello } query B { hello }",
}


@pytest.mark.parametrize("code", ATTACKS)
def test_the_limits_are_those_of_http(server: Served, code: str) -> None:
    with opened(server) as socket:
        ask(socket, ATTACKS[code])
        told = heard(socket)
    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)


def test_an_operation_that_takes_too_long_is_given_up(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ slow { name } }")
        told = heard(socket)
    assert (told["type"], told["payload"]["errors"][0]["extensions"]["code"]) == ("next", "query-timeout")


def test_pings_are_answered_before_and_after_the_connection_is_initialised(server: Served) -> None:
    with connect(server.socket, subprotocols=[PROTOCOL]) as socket:
        say(socket, type="ping")
        assert heard(socket) == {"type": "pong"}
        say(socket, type="pong", payload={"any": "thing"})
        say(socket, type="connection_init")
        assert heard(socket) == {"type": "connection_ack"}
        say(socket, type="ping", payload={})
        assert heard(socket) == {"type": "pong"}


@pytest.mark.parametrize("offered", [None, ["graphql-ws"], ["chat", "superchat"]])
def test_another_subprotocol_is_not_acceptable(server: Served, offered: Any) -> None:
    with connect(server.socket, subprotocols=offered) as socket:
        assert closed(socket) == (4406, "Subprotocol not acceptable")


def test_the_protocol_is_chosen_among_several(server: Served) -> None:
    with connect(server.socket, subprotocols=["graphql-ws", PROTOCOL]) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == PROTOCOL


def test_who_asks_before_the_connection_is_acknowledged_is_unauthorized(server: Served) -> None:
    with connect(server.socket, subprotocols=[PROTOCOL]) as socket:
        ask(socket, "{ hello }")
        assert closed(socket) == (4401, "Unauthorized")


def test_a_second_initialisation_is_too_many(server: Served) -> None:
    with opened(server) as socket:
        say(socket, type="connection_init")
        assert closed(socket) == (4429, "Too many initialisation requests")


def test_an_id_that_is_in_use_is_refused(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ slow { name } }")
        ask(socket, "{ hello }")
        assert closed(socket) == (4409, "Subscriber for 1 already exists")


def test_who_does_not_initialise_in_time_is_closed(server: Served) -> None:
    with connect(server.socket, subprotocols=[PROTOCOL]) as socket:
        assert closed(socket) == (4408, "Connection initialisation timeout")


def test_who_says_nothing_for_long_is_closed_but_not_while_an_operation_runs(server: Served) -> None:
    with opened(server) as socket:
        began = time.monotonic()
        ask(socket, "{ slow { name } }")
        assert heard(socket)["type"] == "next"
        assert closed(socket) == (4408, "Nothing was asked for too long")
        assert time.monotonic() - began > 1.2


WRONG = [
    "",
    "hello",
    "[]",
    "{}",
    '{"type": "hello"}',
    '{"type": "next", "id": "1", "payload": {}}',
    '{"type": "connection_ack"}',
    '{"type": "connection_init", "payload": []}',
    '{"type": "connection_init", "type": "ping"}',
    '{"type": "subscribe", "payload": {"query": "{ hello }"}}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "complete"}',
    json.dumps({"type": "complete", "id": "x" * 129}),
    "[" * 3_000,
    '{"type": "ping", "payload": {"n": NaN}}',
]


@pytest.mark.parametrize("text", WRONG)
def test_a_message_that_is_none_closes_the_connection(server: Served, text: str) -> None:
    with opened(server) as socket:
        socket.send(text)
        code, reason = closed(socket)
    assert (code, reason.partition(":")[0]) == (4400, "Invalid message")


def test_a_binary_message_is_none(server: Served) -> None:
    with opened(server) as socket:
        socket.send(b'{"type": "ping"}')
        assert closed(socket)[0] == 4400


def test_a_message_beyond_the_limit_of_a_body_is_too_large(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ hello }" + " " * 4_000)
        assert closed(socket)[0] == 1009
    with opened(server) as socket:
        ask(socket, "{ hello }" + " " * 300_000)  # beyond what the server's own reader takes
        assert closed(socket)[0] == 1009


def test_one_connection_has_so_many_operations_at_once(server: Served) -> None:
    with opened(server) as socket:
        for number in range(4):
            ask(socket, "{ slow { name } }", f"s{number}")
        told = heard(socket)
        assert (told["id"], told["payload"][0]["extensions"]["code"]) == ("s3", "too-many-operations")


def test_completing_does_not_free_more_threads_than_there_are(server: Served) -> None:
    """Who starts and completes again and again must not have more work done than the limit allows."""
    with opened(server) as socket:
        for number in range(12):
            ask(socket, "{ slow { name } }", f"s{number}")
            say(socket, type="complete", id=f"s{number}")
        told = heard(socket)  # those that run are completed and say nothing
        assert told["payload"][0]["extensions"]["code"] == "too-many-operations"


def test_completing_what_does_not_run_is_nothing(server: Served) -> None:
    with opened(server) as socket:
        say(socket, type="complete", id="other")
        ask(socket, "{ hello }")
        assert heard(socket)["type"] == "next"


def test_what_is_completed_is_not_told_any_more(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ slow { name } }", "slow")
        say(socket, type="complete", id="slow")
        time.sleep(0.6)
        ask(socket, "{ hello }", "next")
        assert heard(socket)["id"] == "next"


def test_a_server_takes_so_many_connections_and_counts_them(server: Served) -> None:
    until(lambda: server.counted("meshgate_graphql_websockets") == 0)
    with opened(server), opened(server), opened(server), opened(server):
        assert server.counted("meshgate_graphql_websockets") == 4
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            connect(server.socket, subprotocols=[PROTOCOL])
    answer = refused.value.response
    assert (answer.status_code, json.loads(answer.body or b"")["code"]) == (503, "server-busy")
    until(lambda: server.counted("meshgate_graphql_websockets") == 0)


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_the_page_of_another_site_opens_none(server: Served, header: dict[str, str]) -> None:
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        connect(server.socket, subprotocols=[PROTOCOL], additional_headers=header)
    answer = refused.value.response
    assert answer.status_code in (400, 403)


def test_operations_are_counted_by_their_outcome(server: Served) -> None:
    before = server.counted("meshgate_graphql_operations_total", door="websocket", outcome="query-invalid")
    with opened(server) as socket:
        ask(socket, "{ nothing }")
        heard(socket)
    assert server.counted("meshgate_graphql_operations_total", door="websocket", outcome="query-invalid") == before + 1


def test_a_client_that_only_leaves_is_forgotten(server: Served) -> None:
    with opened(server) as socket:
        ask(socket, "{ slow { name } }")
        socket.socket.close()
    until(lambda: server.counted("meshgate_graphql_websockets") == 0)
