"""What is told of samples as JSON, and who was shown what?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine import errors
from engine.errors import GovernanceError
from engine.model import Json, Principal
from engine.sampling.sample import AccessDenied, LimitExceeded, Sample, SourceUnavailable

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.samples import RecordedSample
    from catalog.shown import Page


def recorded(
    *,
    principal: Principal,
    house: House,
    first: int,
    after: str | None = None,
    by: str | None = None,
    product: str | None = None,
    at: int | None = None,
) -> Page[tuple[int, RecordedSample]]:
    """Every request for a sample, the newest first; auditors only. Raises Forbidden, CursorInvalid."""
    require(principal, Action.AUDIT)
    return house.samples.page(principal=principal, first=first, after=after, by=by, fqn=product, at=at)


def as_json(found: Sample) -> dict[str, Json]:
    """The sample as an object."""
    columns = ({"name": one.name, "type": one.type, "shown": one.treatment, "tags": one.tags} for one in found.columns)
    truncated = found.table.truncated
    return {
        "version": found.version,
        "environment": found.environment,
        "dataset": found.dataset,
        "columns": list(columns),
        "rows": found.table.rows,
        "bytes": found.table.bytes,
        "truncated": {"rows": truncated.rows, "bytes": truncated.bytes, "cells": truncated.cells},
        "hidden": found.hidden,
        "missing": found.missing,
    }


def refusal(outcome: AccessDenied | SourceUnavailable | LimitExceeded) -> GovernanceError:
    """The error that says the same, where an answer is a sample or an error."""
    if isinstance(outcome, AccessDenied):
        return errors.SampleDenied(outcome.message, reason=outcome.reason, reasons=list(outcome.reasons))
    if isinstance(outcome, LimitExceeded):
        return errors.SampleLimitExceeded(outcome.message, limit=str(outcome.limit), most=outcome.most)
    return errors.SourceUnavailable(outcome.message, reason=outcome.reason)
