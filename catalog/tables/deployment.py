"""Which containers run, which deployments made them, and of which resources do they consist?

Containers, deployments and resources change; each state is a row over a span of revisions (the one without
`until_revision` holds now), so that every earlier moment stays readable. The two partial unique indexes are the last
word on the invariant of DESIGN §8.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Float, Index, Integer, Text, false, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PlainText, SortedText
from catalog.tables.row import Row, ValidRow, past

LIVE_CONTAINER = (
    "until_revision IS NULL AND status IN "
    "('provisioning', 'active', 'degraded', 'updating', 'deprovisioning', 'needs_cleanup')"
)
RUNNING_DEPLOYMENT = (
    "until_revision IS NULL AND state IN ('queued', 'planning', 'awaiting_approval', 'applying', 'verifying', "
    "'failing', 'compensating', 'cancelling')"
)
NOW = "until_revision IS NULL"
_GIVEN = {"autoincrement": False}


def _only(name: str, condition: str, *columns: str) -> Index:
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


def _text() -> Any:
    return Field(default="", sa_type=PlainText, sa_column_kwargs={"server_default": ""})


class ContainerRow(ValidRow, table=True):
    """The running instance of one product major version in one environment; version and digest are what is live."""

    __tablename__ = "container"
    __table_args__ = (
        _only("one_container", LIVE_CONTAINER, "product_id", "major", "environment"),
        _only("uq_container_now", NOW, "id"),
        past("id"),
        CheckConstraint("major >= 0", name="major"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=PlainText)
    product_id: str = Field(foreign_key="product.id", sa_type=Text)
    line_id: str = Field(foreign_key="line.id", sa_type=Text, index=True)
    fqn: str = Field(sa_type=SortedText, index=True)
    name: str = Field(sa_type=PlainText)
    domain: str = Field(sa_type=PlainText)
    major: int = Field(sa_type=BigInteger)
    environment: str = Field(sa_type=PlainText)
    status: str = Field(sa_type=Text)
    version: str = Field(default="", sa_type=Text)
    digest: str = Field(default="", sa_type=Text)
    generation: int
    deployment_id: str = Field(sa_type=Text)
    usable: bool
    in_sync: bool
    reason: str = Field(default="", sa_type=PlainText)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)


class DeploymentRow(ValidRow, table=True):
    """One doing of a plan, state by state: `action` is deploy or retire, the requester is `principal`."""

    __tablename__ = "deployment"
    __table_args__ = (
        _only("one_running", RUNNING_DEPLOYMENT, "container_id"),
        _only("uq_deployment_now", NOW, "id"),
        Index("ix_deployment_requested_at", "requested_at", "id", sqlite_where=text(NOW), postgresql_where=text(NOW)),
        past("id"),
        CheckConstraint("action = 'retire' OR decision_id IS NOT NULL", name="cleared"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=PlainText)
    container_id: str = Field(sa_type=PlainText, index=True)
    action: str = Field(sa_type=Text)
    fqn: str = Field(sa_type=SortedText)
    environment: str = Field(sa_type=PlainText)
    version: str = Field(sa_type=Text)
    version_id: str = Field(foreign_key="version.id", sa_type=Text)
    digest: str = Field(sa_type=Text)
    decision_id: str | None = Field(default=None, foreign_key="decision.id", sa_type=Text, nullable=True)
    rollback: bool
    data_policy: str = Field(sa_type=Text)
    generation: int
    state: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=PlainText)
    error_class: str = Field(default="", sa_type=Text)
    #: why it was begun: somebody asked for it, or what was made had drifted (`engine.provision.events.Cause`)
    cause: str = Field(default="request", sa_type=Text, sa_column_kwargs={"server_default": "request"})
    principal: str = Field(sa_type=PlainText)
    requested_at: datetime = Field(sa_type=Moment)
    #: the digest of the plan that the decision saw, and of the only one that the requester wants (empty: whatever)
    judged: str = _text()
    pinned: str = _text()
    #: whether somebody agreed to what the plan takes away; what people are asked for (consent, approval), since when
    consent: bool = Field(default=False, sa_type=Boolean, sa_column_kwargs={"server_default": text("false")})
    asks: str = _text()
    asked_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    #: who approved which plan
    approved_by: str = _text()
    approved_plan: str = _text()
    approved_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    at: datetime = Field(sa_type=Moment)


class PlanRow(ValidRow, table=True):
    """What a deployment set out to do (leg `forward`), or how it is undone (`back`); one that never changes.

    What people were asked about is followed by another plan where the world moved before they answered.
    """

    __tablename__ = "deployment_plan"

    deployment_id: str = Field(primary_key=True, sa_type=PlainText)
    leg: str = Field(primary_key=True, sa_type=Text, sa_column_kwargs={"server_default": "forward"})
    from_revision: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_kwargs=_GIVEN)
    digest: str = Field(sa_type=Text)
    document: Any = Field(sa_type=JsonText, nullable=False)


class ResourceRow(ValidRow, table=True):
    """One thing that an adapter made for a container; `request` names it to the adapter again."""

    __tablename__ = "resource"
    __table_args__ = (
        _only("uq_resource_now", NOW, "container_id", "resource_id"),
        past("container_id"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    container_id: str = Field(sa_type=Text)
    resource_id: str = Field(sa_type=Text)
    position: int
    fqn: str = Field(sa_type=PlainText)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=PlainText)
    adapter: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    generation: int
    specification: str = Field(sa_type=Text)
    fingerprint: str = Field(default="", sa_type=Text)
    outputs: Any = Field(sa_type=JsonText, nullable=False)
    request: Any = Field(sa_type=JsonText, nullable=False)
    reason: str = Field(default="", sa_type=PlainText)
    error_class: str = Field(default="", sa_type=Text)
    deployment_id: str = Field(sa_type=Text)
    #: how often this deployment asked for it, the operation under way, and since when it is asked for
    tries: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    operation: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    since: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    #: whether an earlier call for this generation may have been heard, whose outcome nobody knows
    unsure: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    at: datetime = Field(sa_type=Moment)


class TurnRow(Row, table=True):
    """When a deployment is worked on next; no fact of the mesh, so it has no validity.

    `turn` counts how often it was handed to the durable engine. A deployment that waits (`waits_for`) holds no worker:
    it is handed over again at `wake_at` (seconds of the database's clock), and `details` tells more of why. `signals`
    counts who wanted it to be looked at, so that none of them is missed while it is worked on; `events` counts what
    was told of it.
    """

    __tablename__ = "deployment_turn"

    deployment_id: str = Field(primary_key=True, sa_type=Text)
    turn: int = Field(sa_type=Integer)
    signals: int = Field(sa_type=Integer)
    waits_for: str = Field(sa_type=Text)
    reason: str = Field(sa_type=PlainText)
    wake_at: float | None = Field(default=None, sa_type=Float(53), nullable=True, index=True)
    deadline_at: float | None = Field(default=None, sa_type=Float(53), nullable=True)
    events: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": "0"})
    details: Any = Field(sa_type=JsonText, nullable=False, sa_column_kwargs={"server_default": "{}"})


class SlotRow(Row, table=True):
    """A place where only so many deployments may be at work at once, which this one holds or waits for.

    `name` is the environment, or environment and adapter. No fact of the mesh, so it has no validity.
    """

    __tablename__ = "deployment_slot"

    deployment_id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text, index=True)
    held: bool


class WorkerLeaseRow(Row, table=True):
    """One worker process; no fact of the mesh, so it has no validity. Times are seconds of the database's clock.

    `version` is the application version that it carries out; those that were there before versions were told have none.
    """

    __tablename__ = "worker_lease"

    executor_id: str = Field(primary_key=True, sa_type=Text)
    version: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    started_at: float = Field(sa_type=Float(53))
    expires_at: float = Field(sa_type=Float(53))
