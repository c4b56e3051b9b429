"""Which versions were accepted, one after the other, and what did each read and offer?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from catalog.database import Database
from catalog.lines import LINE, meant
from catalog.tables.mesh import ColumnRow, PortRow, ReadingRow
from catalog.tables.product import ProductRow, VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Principal

PRODUCT, VERSION = table_of(ProductRow), table_of(VersionRow)
PORT, COLUMN, READING = table_of(PortRow), table_of(ColumnRow), table_of(ReadingRow)
OTHER, OTHER_LINE, OTHER_PORT = VERSION.alias("other"), LINE.alias("other_line"), PORT.alias("other_port")


class Field(NamedTuple):
    """A column that an output port gives."""

    path: str
    type: str
    description: str


class Output(NamedTuple):
    """An output port of a version, with the columns that are known of it."""

    name: str
    version: str
    description: str
    fields: tuple[Field, ...]


class Input(NamedTuple):
    """What an input port reads: an output port of a product, or (without `product_fqn`) another system.

    `major` is None where the author named none and no line of that product ever offered the port.
    """

    port: str
    target: str
    product_fqn: str
    major: int | None
    output: str


class Acceptance(NamedTuple):
    """One accepted version, in the revision that accepted it."""

    revision: int
    id: str
    namespace: str
    name: str
    major: int
    fqn: str
    version: str
    domain: str
    digest: str
    decision_id: str
    accepted_at: datetime
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]


_FACTS = (
    *(VERSION.c.from_revision.label("revision"), VERSION.c.id, PRODUCT.c.namespace, PRODUCT.c.name),
    *(LINE.c.major, LINE.c.fqn, VERSION.c.version, VERSION.c.domain, VERSION.c.digest),
    *(VERSION.c.decision_id, VERSION.c.accepted_at),
)


class Acceptances:
    """Reads of accepted versions in the order of their acceptance: five statements for any number of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(
        self, place: tuple[int, str], *, principal: Principal, limit: int, at: int | None = None
    ) -> tuple[Acceptance, ...]:
        """Up to `limit` versions that follow this place (revision and id), of those accepted until a revision."""
        beyond = tuple_(VERSION.c.from_revision, VERSION.c.id) > place
        until = () if at is None else (VERSION.c.from_revision <= at,)
        return self._read(_versions(principal).where(beyond, *until).limit(limit), principal)

    def of(self, reference: str, version: str | None = None, *, principal: Principal) -> tuple[Acceptance, ...]:
        """The versions of the line that the reference means, or only this one."""
        only = () if version is None else (VERSION.c.version == version,)
        return self._read(_versions(principal).where(meant(reference), *only), principal)

    def _read(self, statement: Select[Any], principal: Principal) -> tuple[Acceptance, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
            ids = [row.id for row in rows]
            inputs = _inputs(connection, {row.id: row.revision for row in rows}, principal) if ids else {}
            outputs = _outputs(connection, ids) if ids else {}
        return tuple(Acceptance._make((*row, tuple(inputs[row.id]), tuple(outputs[row.id]))) for row in rows)


def _versions(principal: Principal) -> Select[Any]:
    joined = select(*_FACTS).join(LINE, LINE.c.id == VERSION.c.line_id)
    joined = joined.join(PRODUCT, PRODUCT.c.id == VERSION.c.product_id)
    return joined.where(visible(principal, VERSION.c.domain)).order_by(VERSION.c.from_revision, VERSION.c.id)


def _outputs(connection: Connection, ids: Sequence[str]) -> dict[str, list[Output]]:
    wanted = (COLUMN.c.version_id.in_(ids), COLUMN.c.port_kind == "outputport", COLUMN.c.direction == "output")
    fields: dict[tuple[str, str], list[Field]] = {}
    for row in connection.execute(select(COLUMN).where(*wanted).order_by(COLUMN.c.version_id, COLUMN.c.position)):
        fields.setdefault((row.version_id, row.port), []).append(Field(row.path, row.type, row.description))
    ports = select(PORT).where(PORT.c.version_id.in_(ids), PORT.c.kind == "outputport")
    found: dict[str, list[Output]] = {id: [] for id in ids}
    for row in connection.execute(ports.order_by(PORT.c.version_id, PORT.c.position)):
        of_port = tuple(fields.get((row.version_id, row.name), ()))
        found[row.version_id].append(Output(row.name, row.version, row.description, of_port))
    return found


def _inputs(connection: Connection, revisions: Mapping[str, int], principal: Principal) -> dict[str, list[Input]]:
    statement = select(READING).where(READING.c.version_id.in_(list(revisions)))
    rows = connection.execute(statement.order_by(READING.c.version_id, READING.c.position)).all()
    bare = sorted({row.product_fqn for row in rows if row.product_fqn and row.major is None})
    offered = connection.execute(_offering(principal).where(_named(bare))).all() if bare else ()
    found: dict[str, list[Input]] = {id: [] for id in revisions}
    for row in rows:
        major = row.major
        if row.product_fqn and major is None:
            theirs = [
                one for one in offered if (one.fqn.rpartition(":")[0], one.port) == (row.product_fqn, row.port_name)
            ]
            major = _meant(theirs, revisions[row.version_id])
        found[row.version_id].append(Input(row.input_port, row.target, row.product_fqn, major, row.port_name))
    return found


def _offering(principal: Principal) -> Select[Any]:
    """Which majors offered which output port since which revision."""
    names = (OTHER_LINE.c.fqn, OTHER_LINE.c.major, OTHER_PORT.c.name.label("port"), OTHER.c.from_revision)
    joined = select(*names).select_from(OTHER).join(OTHER_LINE, OTHER_LINE.c.id == OTHER.c.line_id)
    joined = joined.join(OTHER_PORT, (OTHER_PORT.c.version_id == OTHER.c.id) & (OTHER_PORT.c.kind == "outputport"))
    return joined.where(visible(principal, OTHER.c.domain))


def _named(products: Sequence[str]) -> ColumnElement[bool]:
    """Lines of these products, by their ids: the index of lines by product is the one of their keys."""
    from catalog.lines import product_id

    ids = [product_id(one.split(":")[2], one.split(":")[4]) for one in products]
    return OTHER_LINE.c.product_id.in_(ids)


def _meant(offered: Sequence[Any], revision: int) -> int | None:
    """The highest major that offered the port by then, else the first that did later."""
    by_then = [one.major for one in offered if one.from_revision <= revision]
    return max(by_then) if by_then else min((one.major for one in offered), default=None)
