"""Does a subscriber learn of every change once and in order, whoever writes beside it? (Real servers, both stores.)"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SO_RCVBUF, SOL_SOCKET
from socket import socket as Socket
from typing import Any

import pytest
from doors import until
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from remembered import accept
from served import Served, served
from sqlalchemy import select
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from api.auth.tokens import Token, Tokens
from api.graphql.limits import Limits
from api.wiring import House
from catalog.database import Database
from catalog.deployments import DEPLOYMENT
from engine.model import Principal

CHANGES = """subscription C($after: String, $kinds: [String!], $domain: String, $product: String) {
    changes(after: $after, kinds: $kinds, domain: $domain, product: $product) { cursor kind subject } }"""
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture
def server(mesh: Database, house: House) -> Iterator[Served]:
    with served(house, limits=Limits(send_seconds=1.0)) as one:
        yield one


def opened(server: Served, payload: Any = None) -> ClientConnection:
    socket = connect(server.socket, subprotocols=["graphql-transport-ws"], max_size=None)  # type: ignore[list-item]
    socket.send(json.dumps({"type": "connection_init", "payload": payload or {}}))
    assert json.loads(socket.recv(timeout=10))["type"] == "connection_ack"
    return socket


def follow(socket: ClientConnection, **variables: Any) -> None:
    payload = {"query": CHANGES, "variables": variables}
    socket.send(json.dumps({"id": "c", "type": "subscribe", "payload": payload}))


def heard(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """So many changes."""
    messages = [json.loads(socket.recv(timeout=30)) for _ in range(count)]
    assert {one["type"] for one in messages} <= {"next"}, messages
    return [one["payload"]["data"]["changes"] for one in messages]


def every(server: Served) -> list[dict[str, Any]]:
    query = "query Q($a: String) { changes(first: 100, after: $a) { edges { node { cursor kind subject } } } }"
    found: list[dict[str, Any]] = []
    while page := server.post(query, variables={"a": found[-1]["cursor"] if found else None}).json()["data"]["changes"][
        "edges"
    ]:
        found += [edge["node"] for edge in page]
    return found


def test_the_history_after_a_cursor_is_followed_by_what_comes(server: Served, mesh: Database) -> None:
    before = every(server)
    with opened(server) as socket:
        follow(socket, after=before[1]["cursor"])
        assert heard(socket, len(before) - 2) == before[2:]
        accept(mesh, name="parcels")
        assert [one["subject"].split(":")[-2] for one in heard(socket, 1)] == ["parcels"]
        assert server.counted("meshgate_graphql_subscriptions") == 1
    until(lambda: server.counted("meshgate_graphql_subscriptions") == 0)


def test_without_a_cursor_only_what_comes_is_told(server: Served, mesh: Database) -> None:
    with opened(server) as socket:
        follow(socket)
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 1)
        accept(mesh, name="parcels")
        assert heard(socket, 2) == every(server)[-2:]


def test_nothing_is_missed_or_told_twice_while_others_write(server: Served, mesh: Database) -> None:
    def write(who: str) -> None:
        for number in range(12):
            accept(mesh, name=f"{who}{number}")

    writers = [threading.Thread(target=write, args=(who,)) for who in ("left", "right")]
    with opened(server) as early, opened(server) as late:
        follow(early, after="0")
        for one in writers:
            one.start()
        heard(early, 12)
        follow(late, after="0")
        for one in writers:
            one.join()
        expected = every(server)
        assert len(expected) >= 24
        assert heard(late, len(expected)) == expected
    with opened(server) as again:  # whoever comes back goes on from the last cursor it knows
        follow(again, after=expected[9]["cursor"])
        assert heard(again, len(expected) - 10) == expected[10:]


def test_only_wanted_changes_are_told(server: Served, mesh: Database) -> None:
    expected = [one for one in every(server) if one["kind"].startswith("version.") and one["subject"] == ORDERS]
    assert len(expected) == 2
    with opened(server) as socket:
        follow(socket, after="0", kinds=["version.*"], product=ORDERS, domain="sales")
        assert heard(socket, 2) == expected
        accept(mesh, name="parcels", domain="logistics")
        accept(mesh, name="orders", version="1.9.0")
        told = heard(socket, 1)[0]
    assert (told["kind"], told["subject"]) == ("version.accepted", ORDERS)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"after": "x"}, "cursor-invalid"),
        ({"after": "999999"}, "cursor-invalid"),
        ({"kinds": ["Version Accepted"]}, "usage"),
        (
            {"kinds": ["a"] * 1_000 + [f"k{chr(97 + i % 26)}{'a' * (i // 26)}" for i in range(200)]},
            "usage",
        ),
        ({"product": "orders"}, "usage"),
        ({"domain": ""}, "usage"),
        ({"kinds": "one"}, None),
        ({"after": {"a": 1}}, "variables-invalid"),
    ],
)
def test_a_filter_or_cursor_that_is_none_is_refused(server: Served, variables: Any, code: str | None) -> None:
    with opened(server) as socket:
        follow(socket, **variables)
        if code is None:  # one value is a list of one, as GraphQL has it
            until(lambda: server.counted("meshgate_graphql_subscriptions") == 1)
            return
        told = json.loads(socket.recv(timeout=10))
    assert (told["type"], [one["extensions"]["code"] for one in told["payload"]]) == ("error", [code])


def test_a_subscriber_holds_no_thread(server: Served) -> None:
    with opened(server) as first:
        follow(first)
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 1)
        server.post("{ __typename }")
        sockets = [opened(server) for _ in range(30)]
        for one in sockets:
            follow(one)
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 31)
        ours = [one for one in threading.enumerate() if one.name.startswith("AnyIO")]
        assert len(ours) <= Limits().at_once + 2
        for one in sockets:
            one.close()


def test_what_is_completed_ends_and_its_id_is_free(server: Served, mesh: Database) -> None:
    with opened(server) as socket:
        follow(socket)
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 1)
        socket.send('{"type": "complete", "id": "c"}')
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 0)
        accept(mesh, name="parcels")
        follow(socket, after="0", kinds=["version.*"])
        assert heard(socket, 1)[0]["cursor"] == "2"


def test_a_client_that_takes_nothing_is_let_go_and_costs_no_memory(house: House, database: Database) -> None:
    for number in range(40):
        accept(database, name=f"product{number}")
    many = " ".join(f"a{number}: payload" for number in range(50))
    query = f'subscription {{ changes(after: "0") {{ {many} }} }}'
    # no pings, which would find out as well but much later
    with served(house, limits=Limits(send_seconds=0.5), ws_ping_interval=None) as server:
        with greedy(server) as socket:
            for number in range(15):
                asked = {"id": str(number), "type": "subscribe", "payload": {"query": query}}
                socket.sendall(framed(json.dumps(asked).encode()))
            until(lambda: server.counted("meshgate_graphql_websockets") == 1)
            until(lambda: server.counted("meshgate_graphql_websockets") == 0, seconds=60)
        assert server.counted("meshgate_graphql_subscriptions") == 0


@contextmanager
def greedy(server: Served) -> Iterator[Socket]:
    """A WebSocket whose client sends, and never reads: its own buffer and that of the server fill."""
    host, port = server.address.removeprefix("http://").split(":")
    socket = Socket()
    socket.setsockopt(SOL_SOCKET, SO_RCVBUF, 4_096)
    socket.connect((host, int(port)))
    with socket:
        socket.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        until(lambda: server.counted("meshgate_graphql_websockets") == 1)
        socket.sendall(framed(b'{"type": "connection_init"}'))
        yield socket


def framed(text: bytes) -> bytes:
    """One masked text frame (RFC 6455)."""
    return Frame(Opcode.TEXT, text).serialize(mask=True)


def test_a_server_that_ends_closes_its_websockets(house: House, mesh: Database) -> None:
    with served(house) as server:
        socket = opened(server)
        follow(socket)
        until(lambda: server.counted("meshgate_graphql_subscriptions") == 1)
        server.server.should_exit = True
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=10)
    assert (ended.value.rcvd and ended.value.rcvd.code) == 1012


# --- who asks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(mesh: Database, house: House) -> Iterator[Served]:
    rows = [
        Token(hashlib.sha256(b"secret").hexdigest(), Principal("maria", roles=frozenset({"reader"}))),
        Token(hashlib.sha256(b"powerless").hexdigest(), Principal("nobody")),
    ]
    house.__dict__["tokens"] = Tokens(tuple(rows))
    with served(house) as one:
        yield one


@pytest.mark.parametrize("payload", [{"token": "secret"}, {"Authorization": "Bearer secret"}])
def test_the_token_of_the_initialisation_says_who_asks(guarded: Served, payload: Any) -> None:
    with opened(guarded, payload) as socket:
        follow(socket, after="0")
        assert len(heard(socket, 3)) == 3


def test_or_that_of_the_request_that_opens_the_websocket(guarded: Served) -> None:
    headers = {"Authorization": "Bearer secret"}
    with connect(guarded.socket, subprotocols=["graphql-transport-ws"], additional_headers=headers) as socket:  # type: ignore[list-item]
        socket.send('{"type": "connection_init"}')
        assert json.loads(socket.recv(timeout=10))["type"] == "connection_ack"


@pytest.mark.parametrize("payload", [None, {}, {"token": "guess"}, {"token": 7}, {"Authorization": "Basic secret"}])
def test_nobody_is_forbidden(guarded: Served, payload: Any) -> None:
    with connect(guarded.socket, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        with pytest.raises(ConnectionClosed) as ended:
            socket.recv(timeout=10)
    assert (ended.value.rcvd and ended.value.rcvd.code) == 4403


def test_who_may_not_read_reads_nothing_by_either_door(guarded: Served) -> None:
    with opened(guarded, {"token": "powerless"}) as socket:
        follow(socket, after="0")
        told = json.loads(socket.recv(timeout=10))
    assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "forbidden")


# --- a stock client -------------------------------------------------------------------------------------------------


def test_the_stock_client_queries_by_http_and_subscribes_by_websocket(server: Served, mesh: Database) -> None:
    async def both() -> tuple[Any, list[Any]]:
        async with Client(transport=HTTPXAsyncTransport(server.url), fetch_schema_from_transport=True) as session:
            products = await session.execute(gql("{ dataProducts { edges { node { name } } } }"))
        transport = WebsocketsTransport(server.socket, subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL])
        told: list[Any] = []
        async with Client(transport=transport, fetch_schema_from_transport=True) as session:
            query = gql(CHANGES)
            query.variable_values = {"after": "0"}
            async for one in session.subscribe(query):
                told.append(one["changes"]["cursor"])
                if len(told) == 8:
                    await asyncio.to_thread(accept, mesh, name="parcels")
                if len(told) == 9:
                    break
            with pytest.raises(TransportQueryError):
                await session.execute(gql('{ node(id: "x") { id } }'))
            again = await session.execute(gql("{ dataProducts { edges { node { name } } } }"))
        assert len(again["dataProducts"]["edges"]) == 4
        return products, told

    products, told = asyncio.run(both())
    assert [edge["node"]["name"] for edge in products["dataProducts"]["edges"]] == ["customers", "orders", "revenue"]
    assert told == [str(number) for number in range(1, 10)]


EVENTS = """subscription E($id: String!, $after: String) {
    deploymentEvents(id: $id, after: $after) { cursor kind state resource reason } }"""


def test_a_deployment_is_told_step_by_step_until_it_is_over(server: Served, mesh: Database, contain: Any) -> None:
    contain("dev")
    with mesh.reading() as connection:
        (deployment,) = connection.execute(select(DEPLOYMENT.c.id).where(DEPLOYMENT.c.until_revision.is_(None))).all()
    heard: list[dict[str, Any]] = []
    with opened(server) as socket:
        variables = {"id": deployment.id}
        socket.send(json.dumps({"id": "e", "type": "subscribe", "payload": {"query": EVENTS, "variables": variables}}))
        heard.append(json.loads(socket.recv(timeout=30)))
        for state in ("failing", "failed_clean"):
            with mesh.work(Principal("meshgate.worker")) as work:
                work.deployments.change_deployment(deployment.id, state=state, reason="no luck")
                work.commit()
            heard.append(json.loads(socket.recv(timeout=30)))
        assert json.loads(socket.recv(timeout=30)) == {"id": "e", "type": "complete"}
    told = [one["payload"]["data"]["deploymentEvents"] for one in heard]
    assert [(one["cursor"], one["kind"], one["state"]) for one in told] == [
        ("1", "REQUESTED", "queued"),
        ("2", "STATE", "failing"),
        ("3", "STATE", "failed_clean"),
    ]


def test_who_follows_a_deployment_that_there_is_not_or_an_event_to_come_is_told_so(server: Served) -> None:
    with opened(server) as socket:
        for variables, code in (({"id": "none"}, "not-found"), ({"id": "none", "after": "x"}, "cursor-invalid")):
            payload = {"query": EVENTS, "variables": variables}
            socket.send(json.dumps({"id": code, "type": "subscribe", "payload": payload}))
            refused = json.loads(socket.recv(timeout=30))
            assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('subscription S($no: Boolean!) { changes(after: "0") @skip(if: $no) { cursor } }', "query-invalid"),
        ("subscription S { changes @include(if: false) { cursor } }", "query-invalid"),
        ('subscription S { deploymentEvents(id: "\\u0000") { at } }', "not-found"),
    ],
)
def test_what_nobody_can_subscribe_to_ends_no_other_operation(server: Served, query: str, code: str) -> None:
    with opened(server) as socket:
        follow(socket, after="0")
        heard(socket, len(every(server)))
        payload = {"query": query, "variables": {"no": True}}
        socket.send(json.dumps({"id": "s", "type": "subscribe", "payload": payload}))
        told = json.loads(socket.recv(timeout=10))
        assert (told["id"], told["type"], told["payload"][0]["extensions"]["code"]) == ("s", "error", code)
        socket.send(json.dumps({"id": "q", "type": "subscribe", "payload": {"query": "{ __typename }"}}))
        assert json.loads(socket.recv(timeout=10))["payload"] == {"data": {"__typename": "Query"}}
