"""Is a catalog that was loaded from a stream the one that the stream was exported from, on both stores and across?"""

from __future__ import annotations

import gc
import gzip
import io
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from changing_mesh import Mesh
from doors import NOW, a_client, a_house
from lived import later, lived
from remembered import accept, counted, named, sent
from sqlalchemy import Connection, text
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House
from catalog.chain import START, verify
from catalog.database import Database
from catalog.heads import Head
from catalog.origin import mark_for_benchmarks
from catalog.stream import refusals
from catalog.stream import told as telling
from catalog.stream.framing import Written, header
from catalog.stream.load import load
from catalog.stream.told import Told
from catalog.tables import known_tables
from catalog.text.traits import COUNTED
from engine.errors import CursorInvalid, UsageError

#: not of the mesh but of one installation
ELSEWHERE = {
    *("idempotency", "subscription", "opa", "opa_decision", "answer", "worker_lease", "origin"),
    *("container", "deployment", "deployment_plan", "resource", "rescan_batch", "build", "build_claim", "follower"),
    *("observation", "trust", "trust_due", "trust_watch", "deployment_turn", "deployment_slot"),
    *("deployment_event", "container_look"),
    *("requirement", "requirement_standing", "requirement_watch"),
}
#: what each store counts by itself
NUMBERS = {
    **{"version_status": ("id",), "active_release": ("position",), "trait": ("id",)},
    **dict.fromkeys(("listing", "waiver", "suspension", "standing", "sample"), ("number",)),
}
BY_LISTING = {
    "listing_text": "SELECT listing.fqn, phrases FROM listing_text JOIN listing USING (number)",
    "listing_trait": "SELECT listing.fqn, trait.field, trait.key FROM listing_trait"
    " JOIN listing USING (number) JOIN trait ON trait.id = trait_id",
}
Held = dict[str, list[Any]]


@dataclass(frozen=True)
class Past:
    """A catalog with a past: its stream and its rows, and the same once more after some time."""

    stream: bytes
    held: Held
    answers: list[Any]
    more: bytes
    whole: bytes
    held_later: Held


@pytest.fixture(scope="module")
def pasts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Past]]:
    """Makes the past of each store once."""
    with ExitStack() as stack:

        @cache
        def made(store: str) -> Past:
            flags = {}
            if store == "postgresql":
                server, name = request.getfixturevalue("postgresql_server"), f"past_{uuid.uuid4().hex}"
                with psycopg.connect(server, autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {name}")
                flags["database_url"] = named(server, name)
            return _past(Mesh(tmp_path_factory.mktemp(store), stack, flags))

        yield made


def _past(mesh: Mesh) -> Past:
    house = lived(mesh)
    stream, rows, said = streamed(house.database), held(house.database), answers(house)
    later(mesh, house)
    more = streamed(house.database, after=orjson.loads(stream.splitlines()[-1])["revision"])
    return Past(stream, rows, said, more, streamed(house.database), held(house.database))


@pytest.fixture(params=["sqlite", "postgresql"])
def past(request: pytest.FixtureRequest, pasts: Callable[[str], Past]) -> Past:
    return pasts(request.param)


@pytest.fixture
def lines(pasts: Callable[[str], Past]) -> list[bytes]:
    """The lines of one stream; those of the other store are the same in kind."""
    return pasts("sqlite").stream.splitlines(keepends=True)


def streamed(database: Database, after: int = 0) -> bytes:
    told, written = Told(database, principal=LOCAL, after=after), Written()
    begun = written.line(header(told.start, complete=True))
    return b"".join([begun, *map(written.line, told), written.end(told.reached)])


def held(database: Database) -> Held:
    """Every row of the mesh, without the numbers that a store counts by itself."""
    found: Held = {}
    with database.reading() as connection:
        for table in known_tables().sorted_tables:
            if table.name not in {*ELSEWHERE, *BY_LISTING, "listing_facet"}:
                rows = connection.execute(table.select()).mappings()
                counted = NUMBERS.get(table.name, ())
                found[table.name] = [tuple(v for k, v in row.items() if k not in counted) for row in rows]
        for name, statement in BY_LISTING.items():
            found[name] = [tuple(row) for row in connection.execute(text(statement))]
        found["listing_facet"] = _facets(connection)
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def _facets(connection: Connection) -> list[Any]:
    """By what each listing is counted: the traits, whatever the numbers that a store gave them."""
    keys = {str(id): key for id, key in connection.execute(text("SELECT id, key FROM trait"))}
    joined = "SELECT listing.fqn, listing_facet.* FROM listing_facet JOIN listing USING (number)"
    rows = connection.execute(text(joined)).mappings().all()
    return [(row["fqn"], *(sorted(keys[id] for id in row[field].split()) for field in COUNTED)) for row in rows]


def nothing_in(database: Database) -> bool:
    with database.reading() as connection:
        tables = [*(one.name for one in known_tables().sorted_tables), "search_text"]
        full = [one for one in tables if connection.exec_driver_sql(f"SELECT 1 FROM {one}").first() is not None]
        head = connection.exec_driver_sql("SELECT revision, cursor, chain_hash FROM catalog_head").one()
    return full == ["catalog_head"] and tuple(head) == (0, 0, START)


# --- the same -------------------------------------------------------------------------------------------------------


def test_a_loaded_catalog_holds_what_its_source_holds(past: Past, database: Database) -> None:
    loaded = load(database, io.BytesIO(past.stream))
    kinds = {"decision", "version", "change", "release", "sample", "standing", "standing-ended", "rescan", "link"}
    assert set(loaded.lines) == kinds
    assert held(database) == past.held
    assert streamed(database) == past.stream
    assert counted(database, "search_text") == counted(database, "listing_text") > 5


def test_postgresql_is_told_how_large_the_tables_are_that_were_loaded(
    lines: list[bytes], postgresql_catalog: Database
) -> None:
    with sent(postgresql_catalog) as asked:
        load(postgresql_catalog, io.BytesIO(b"".join(lines)))
    (told,) = (one for one in asked if one.startswith("ANALYZE"))
    assert {"listing", "reading", "port"} <= set(told.removeprefix("ANALYZE ").split(", "))


def test_everything_in_it_is_proven_and_agrees_with_heads_kept_elsewhere(past: Past, database: Database) -> None:
    load(database, io.BytesIO(past.stream))
    end = orjson.loads(past.stream.splitlines()[-1])
    kept = Head(end["revision"], end["cursor"], end["chain_hash"], NOW)
    assert verify(database, [kept]).faults == ()


def test_a_copy_takes_in_what_came_later_and_goes_on_by_itself(past: Past, database: Database) -> None:
    load(database, io.BytesIO(past.stream))
    assert load(database, io.BytesIO(past.more)).lines["version"] == 1
    assert held(database) == past.held_later
    assert streamed(database) == past.whole
    assert accept(database, name="after").created
    assert verify(database).faults == ()


QUERIES = (
    '{ search(query: "parcels", first: 20) { total { value } facets { field values { value count } }'
    " edges { match field matches { field snippet } node { id fqn version status } } } }",
    '{ search(query: "parcles") { didYouMean } }',
    '{ search(query: "\\"moved parcels\\" -status:withdrawn", first: 20) { edges { node { fqn } } } }',
    '{ complete(prefix: "p") { kind completions { value } } }',
    '{ search(query: "", first: 20) { edges { cursor node { id fqn version domain owner tags digest acceptedAt'
    " standing { state } versions { edges { node { version status reason successor acceptedAt } } }"
    " ports { edges { node { name platform } } } compliance { outcome } } } } }",
    '{ lineage(fqn: "urn:dpds:org.example:dataproducts:boxes:1") { downstream { edges { node { inputPort outputPort'
    " node { ... on DataProduct { fqn } } } } } } }",
)


def _asked(client: TestClient, query: str) -> Any:
    """The answer, asked for again where a busy machine took more than the seconds that a server gives."""
    for _ in range(5):
        told = client.post("/graphql", json={"query": query}).json()
        if [one["extensions"]["code"] for one in told.get("errors", ())] != ["query-timeout"]:
            break
    return told


def answers(house: House) -> list[Any]:
    """What GraphQL and REST say of a catalog, decision by decision."""
    client = a_client(house)
    told: list[Any] = [_asked(client, query) for query in QUERIES]
    assert [one["errors"] for one in told if "errors" in one] == []
    ids = [one.decision.id for one in house.log.after(None, principal=LOCAL, limit=100)]
    told += [client.get(f"/v1/decisions/{id}").json() for id in ids]
    told += [
        client.get(path).text for path in ("/v1/changes?limit=500", "/v1/decisions", "/v1/releases", "/v1/waivers")
    ]
    return told


def test_a_loaded_catalog_answers_as_its_source_does(past: Past, database: Database, tmp_path: Path) -> None:
    load(database, io.BytesIO(past.stream))
    url = database.bind.url.render_as_string(hide_password=False)
    with a_house(tmp_path, database_url=url) as house:
        assert answers(house) == past.answers


# --- what is refused ------------------------------------------------------------------------------------------------


Change = Callable[[list[bytes]], list[bytes]]


def edited(kind: str, number: int = 0, **values: Any) -> Change:
    """The stream with another value in a line of this type; its end counts and digests what it has now."""

    def change(lines: list[bytes]) -> list[bytes]:
        at = [place for place, line in enumerate(lines) if orjson.loads(line)["type"] == kind][number]
        lines[at] = orjson.dumps(orjson.loads(lines[at]) | values) + b"\n"
        return sealed(lines)

    return change


def sealed(lines: list[bytes]) -> list[bytes]:
    """The lines with an end that fits them, as somebody would make it who knows how."""
    written = Written()
    told = orjson.loads(lines[-1])
    whole = [written.line(orjson.loads(line)) for line in lines[:-1]]
    end = orjson.loads(written.end(telling.Mark(told["revision"], told["chain_hash"], told["cursor"])))
    return [*whole, orjson.dumps(end) + b"\n"]


def unsealed(change: Callable[[list[bytes]], Any]) -> Change:
    def changed(lines: list[bytes]) -> list[bytes]:
        change(lines)
        return lines

    return changed


def swapped(lines: list[bytes]) -> list[bytes]:
    lines[1], lines[2] = lines[2], lines[1]
    return sealed(lines)


def without(kind: str) -> Change:
    def change(lines: list[bytes]) -> list[bytes]:
        lines.pop(next(at for at, line in enumerate(lines) if orjson.loads(line)["type"] == kind))
        return sealed(lines)

    return change


def twice(kind: str) -> Change:
    def change(lines: list[bytes]) -> list[bytes]:
        at = next(at for at, line in enumerate(lines) if orjson.loads(line)["type"] == kind)
        lines.insert(at, lines[at])
        return sealed(lines)

    return change


UNREADABLE, CUT = refusals.StreamUnreadable, refusals.StreamCut
ALTERED = refusals.StreamAltered
REFUSED: dict[str, tuple[Change, type[Exception], str]] = {
    "a broken line": (unsealed(lambda lines: lines.insert(4, b"{broken\n")), UNREADABLE, "Line 5 is no JSON"),
    "no object": (unsealed(lambda lines: lines.insert(4, b"[]\n")), UNREADABLE, "Line 5 is no JSON object"),
    "an empty line": (unsealed(lambda lines: lines.insert(4, b"\n")), UNREADABLE, "Line 5 is no JSON"),
    "an unknown type": (edited("decision", type="gift"), UNREADABLE, "Line 2 lacks"),
    "no type": (edited("decision", type=None), UNREADABLE, "Line 2 lacks"),
    "a moment without zone": (edited("decision", at="2026-11-23T12:00:00"), UNREADABLE, "Line 2 lacks"),
    "a number for a text": (edited("version", digest=7), UNREADABLE, "Line 3 lacks"),
    "an empty stream": (unsealed(lambda lines: lines.clear()), CUT, "ends after line 0"),
    "no header": (unsealed(lambda lines: lines.pop(0)), UNREADABLE, "Line 1 begins no stream"),
    "a header of tomorrow": (edited("catalog", schema="meshgate/catalog/2"), UNREADABLE, "Line 1 begins no stream"),
    "no end": (unsealed(lambda lines: lines.pop()), CUT, "before its `end`"),
    "half a line": (unsealed(lambda lines: lines.append(lines.pop()[:-9])), CUT, "in the middle of line"),
    "more behind the end": (unsealed(lambda lines: lines.append(b"{}\n")), ALTERED, "stands after the end"),
    "a line less than counted": (unsealed(lambda lines: lines.pop(7)), ALTERED, "Line"),
    "another head": (edited("end", revision=3), ALTERED, "does not lead to the head"),
    "a decision's outcome": (edited("decision", outcome="undecided"), ALTERED, "Line 2: the decision"),
    "a decision's record": (edited("decision", record={}), ALTERED, "Line 2: the record of the decision"),
    "what policies saw": (edited("decision", 1, input={"info": {}}), ALTERED, "saw was changed"),
    "when it was decided": (edited("decision", at="2020-01-01T00:00:00+00:00"), ALTERED, "its moment is not the one"),
    "a version's content": (edited("version", effective={}), ALTERED, "a version without a name"),
    "a version's file": (edited("version", parts=[]), ALTERED, "Line 3: the version"),
    "a version's digest": (edited("version", digest="sha256:0"), ALTERED, "Line 3: the digest of the version"),
    "who submitted": (edited("version", submitted_by="mallory"), ALTERED, "Line 3: the version"),
    "when it was accepted": (edited("version", accepted_at="2020-01-01T00:00:00+00:00"), ALTERED, "its moment"),
    "a version's domain": (edited("version", domain="finance"), ALTERED, "its content is of"),
    "a change": (edited("change", subject="urn:x"), ALTERED, "Line 4: the change 1"),
    "the place of a change": (edited("change", cursor=5), ALTERED, "the change 5 stands where 1 belongs"),
    "the revision of a change": (edited("change", revision=2), ALTERED, "it is of revision 2, where 1 is told"),
    "a released bundle": (edited("release", base64="AAAA"), ALTERED, "the release 1"),
    "who saw a sample": (edited("sample", principal="mallory"), ALTERED, "the sample"),
    "a missing sample": (without("sample"), ALTERED, "is missing"),
    "a standing": (edited("standing", state="non_compliant"), ALTERED, "the standing of"),
    "a link's hash": (edited("link", hash="0" * 64), ALTERED, "the link was edited"),
    "a link's past": (edited("link", 1, previous_hash="0" * 64), ALTERED, "the link before it is another one"),
    "a link's moment": (edited("link", at="2020-01-01T00:00:00+00:00"), ALTERED, "the moment of revision 1"),
    "a later moment": (edited("link", at="2030-01-01T00:00:00+00:00"), ALTERED, "the moment of revision 1"),
    "no moment": (edited("link", at=None), ALTERED, "the moment of revision 1"),
    "a missing decision": (without("decision"), ALTERED, "is missing"),
    "a missing link": (without("link"), ALTERED, "it is of revision 2, where 1 is told"),
    "a decision twice": (twice("decision"), ALTERED, "the decision"),
    "a link twice": (twice("link"), ALTERED, "it is of revision 1, where 2 is told"),
    "a rescan that is not there": (without("rescan"), ALTERED, "refers to nothing"),
    "a masked stream": (edited("catalog", complete=False), refusals.StreamMasked, "lacks what its reader"),
    "a later stream": (edited("catalog", after=3), refusals.CatalogElsewhere, "is empty, at revision 0"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_stream_that_is_not_the_one_exported_is_refused_and_leaves_nothing(
    lines: list[bytes], database: Database, case: str
) -> None:
    change, refusal, told = REFUSED[case]
    with pytest.raises(refusal, match=told):
        load(database, io.BytesIO(b"".join(change(lines))))
    assert nothing_in(database)


def test_a_stream_cut_anywhere_is_refused_and_leaves_nothing(lines: list[bytes], sqlite_catalog: Database) -> None:
    for end in range(len(lines)):
        with pytest.raises((refusals.StreamCut, refusals.StreamUnreadable)):
            load(sqlite_catalog, io.BytesIO(b"".join(lines[:end])))
    packed = gzip.compress(b"".join(lines))
    for end in range(20, len(packed), len(packed) // 10):
        with pytest.raises(refusals.StreamCut):
            load(sqlite_catalog, gzip.GzipFile(fileobj=io.BytesIO(packed[:end])))
    spoilt = packed[:300] + bytes([packed[300] ^ 255]) + packed[301:]
    with pytest.raises((refusals.StreamUnreadable, refusals.StreamAltered)):
        load(sqlite_catalog, gzip.GzipFile(fileobj=io.BytesIO(spoilt)))
    assert nothing_in(sqlite_catalog)
    load(sqlite_catalog, io.BytesIO(b"".join(lines)))


def test_an_input_that_nobody_erased_cannot_be_left_out(lines: list[bytes], database: Database) -> None:
    change = edited("decision", 1, input=None, input_erased_at="2026-11-24T00:00:00+00:00")
    with pytest.raises(ALTERED, match=r"the input sha256:\w+, which is missing although nobody erased it"):
        load(database, io.BytesIO(b"".join(change(lines))))
    assert nothing_in(database)


def test_a_catalog_that_holds_something_else_takes_nothing_in(lines: list[bytes], database: Database) -> None:
    accept(database, name="mine")
    with pytest.raises(refusals.CatalogElsewhere, match="is at revision 1; the stream goes on after 0"):
        load(database, io.BytesIO(b"".join(lines)))
    assert counted(database, "version") == 1


def test_a_line_longer_than_any_record_is_refused_before_it_is_held(
    sqlite_catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.stream.framing.LONGEST", 1000)
    with pytest.raises(UNREADABLE, match="Line 1 is longer than 1000 bytes"):
        load(sqlite_catalog, io.BytesIO(b"x" * 5000 + b"\n"))


# --- made up --------------------------------------------------------------------------------------------------------


def made_up() -> bytes:
    """A stream of one revision with one decision that no policy made."""
    from benchmarks.synthetic import stream

    return b"".join(stream(3, seed=1))


def test_records_that_were_made_up_are_refused_by_a_catalog_of_a_mesh(database: Database) -> None:
    with pytest.raises(refusals.SyntheticRefused, match=r"Line 2: the decision \w+ was made up"):
        load(database, io.BytesIO(made_up()))
    assert nothing_in(database)


def test_a_catalog_for_benchmarks_takes_them_in_and_is_never_one_of_a_mesh(database: Database) -> None:
    mark_for_benchmarks(database)
    mark_for_benchmarks(database)
    assert load(database, io.BytesIO(made_up())).lines["version"] == 3
    assert verify(database).faults == ()
    with pytest.raises(UsageError, match="holds a mesh already"):
        mark_for_benchmarks(database)


# --- telling --------------------------------------------------------------------------------------------------------


def test_a_revision_that_there_is_not_cannot_be_gone_on_after(database: Database) -> None:
    with pytest.raises(CursorInvalid, match="no revision 7"):
        Told(database, principal=LOCAL, after=7)


def test_who_stops_reading_holds_nothing(database: Database) -> None:
    for number in range(100):
        accept(database, name=f"p{number}")
    lines = iter(Told(database, principal=LOCAL))
    next(lines)
    assert database.bind.pool.checkedout() == 0  # type: ignore[attr-defined]
    accept(database, name="meanwhile")
    assert b"meanwhile" in b"".join(orjson.dumps(line) for line in lines)


def test_a_group_of_revisions_is_read_with_the_same_few_statements(database: Database) -> None:
    for number in range(11):
        accept(database, name=f"p{number}")
    counts = set()
    for after in (0, 10):
        with sent(database) as statements:
            assert sum(line["type"] == "version" for line in Told(database, principal=LOCAL, after=after)) == 11 - after
        counts.add(len(statements) - (2 if after else 0))  # where it begins is looked up
    assert len(counts) == 1
    assert counts.pop() <= 16


def test_a_catalog_ten_times_as_large_is_told_in_the_same_memory(sqlite_catalog: Database) -> None:
    def most() -> int:
        """Bytes that are held at once, what may be collected not counted."""
        held = 0
        gc.collect()
        gc.freeze()  # what other tests left need not be looked at each time
        tracemalloc.start()
        for number, line in enumerate(Told(sqlite_catalog, principal=LOCAL)):
            orjson.dumps(line)
            if number % 100 == 0:
                gc.collect()
                held = max(held, tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        gc.unfreeze()
        return held

    words = "word " * 200
    for number in range(100):
        accept(sqlite_catalog, name=f"p{number}", info={"description": f"{words} {number}"})
    most()
    small = most()
    for number in range(100, 1000):
        accept(sqlite_catalog, name=f"p{number}", info={"description": f"{words} {number}"})
    assert most() < small * 1.5
