"""POST /api/v1/up/validator/evaluate-policy: the validator adapter of an Open Data Mesh platform.

The fields are those of its validator API (docs/howto/open-data-mesh.md). A policy that cannot be evaluated is an error
here, never a `false`: its platform would take that for the product's fault.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.validating import validate
from api.http import bodies
from api.http.errors import BodyUnreadable
from api.http.parts import Asker, TheHouse, answer
from api.http.problems import MEDIA_TYPE, TYPE
from engine.descriptor.limits import Limits
from engine.descriptor.source import parse, refused
from engine.descriptor.text import SourceRefused
from engine.errors import BundleInvalid, GovernanceError, PolicyEngineUnavailable, PolicyEvaluationFailed
from engine.model import Json

PATH = "/api/v1/up/validator/evaluate-policy"
AT_ONCE = 8
"""Questions that hold a thread of this server; it has 40 for everybody (Starlette's default)."""
PATIENCE = 5.0
"""Seconds that a question waits for one of these places."""
router = APIRouter(tags=["open data mesh"])
_PLACES = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Question:
    """What the platform asks; its own id comes back as it was, also when it is missing."""

    id: Json
    policy: str
    subject: Json


class Incomplete(GovernanceError):
    """The question lacks what a validator needs."""

    code = "odm-question-incomplete"


@router.post(PATH)
async def evaluate(request: Request, house: TheHouse, asker: Asker) -> Response:
    """`{policyEvaluationId, evaluationResult, outputObject}`; 400 for what cannot be asked, 500 for what failed."""
    body = await bodies.content(request, limit=house.settings.body_limit)

    def evaluated() -> Response:
        try:
            question = _question(body)
            said = validate(question.policy, question.subject, principal=asker, house=house)
        except (Incomplete, BundleInvalid, PolicyEvaluationFailed, PolicyEngineUnavailable) as error:
            return _refused(error)
        output = {"decision_id": str(uuid.uuid4()), "result": said.result}
        told = {"policyEvaluationId": question.id, "evaluationResult": said.allowed, "outputObject": output}
        return answer(told)

    if not await _placed():
        return _refused(PolicyEngineUnavailable(f"the validator is busy with {AT_ONCE} other questions"))
    try:
        return await run_in_threadpool(evaluated)
    finally:
        _PLACES.release()


async def _placed() -> bool:
    """Whether a place became free in time. Who waits here holds no thread, so that all other calls find one."""
    deadline = time.monotonic() + PATIENCE
    while not _PLACES.acquire(blocking=False):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(PATIENCE / 100)
    return True


def _question(body: bytes) -> Question:
    try:
        told = parse("body.json", body, Limits()).value
    except SourceRefused as refusal:
        place, msg = refused("body.json", body, refusal)
        raise BodyUnreadable(f"Line {place.line}, column {place.column}: {msg}.") from refusal
    policy = told.get("policy") if isinstance(told, dict) else None
    if not isinstance(policy, dict):
        raise Incomplete("`policy` must be the policy to evaluate.", number="40002")
    text = policy.get("rawContent")
    if not isinstance(text, str) or not text.strip():
        raise Incomplete("`policy.rawContent` must be the Rego text of the policy.", number="40003")
    if told.get("objectToEvaluate") is None:
        raise Incomplete("`objectToEvaluate` must be the object to judge.", number="40004")
    return Question(told.get("policyEvaluationId"), text, told["objectToEvaluate"])


def _refused(error: GovernanceError) -> Response:
    """The error in the platform's own form, which RFC 9457 lets stand beside its own members."""
    number = error.context.get("number", "40003" if isinstance(error, BundleInvalid) else "50001")
    status = int(number[:3])
    told: Mapping[str, Json] = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "code": number,
        "description": error.title,
        "message": error.detail,
        "path": PATH,
        "timestamp": int(time.time() * 1000),
    }
    return Response(orjson.dumps(told), status, media_type=MEDIA_TYPE)
