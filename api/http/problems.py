"""How does an error look over HTTP? RFC 9457 problem details with a stable code, from one table."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http import errors as http
from engine import errors
from engine.errors import GovernanceError
from engine.evaluation import refusals as evaluating
from engine.model import Json
from engine.policy import refusals

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:meshgate:problem:"
RETRY_SECONDS = 5

STATUS: Mapping[type[GovernanceError], int] = {
    GovernanceError: 500,
    errors.UsageError: 400,
    errors.SettingsInvalid: 500,
    errors.GovernanceInvalid: 500,
    errors.BundleInvalid: 500,
    evaluating.FormulaInvalid: 500,
    refusals.BundleUnsigned: 422,
    refusals.BundleSignatureStripped: 422,
    refusals.BundleSignatureUnreadable: 422,
    refusals.BundleOtherKey: 422,
    refusals.BundleTampered: 422,
    refusals.BundleFileUnsigned: 422,
    refusals.BundleOlder: 422,
    refusals.BundleNewlyErrs: 422,
    refusals.ReleaseInvalid: 422,
    refusals.ReleaseUnusable: 503,
    refusals.ReleaseOvertaken: 409,
    refusals.ReleasesIgnored: 409,
    refusals.KeyInvalid: 500,
    errors.SelfTestFailed: 422,
    errors.PolicyEvaluationFailed: 500,
    errors.ProvisioningFailed: 500,
    errors.DataDirectoryBusy: 503,
    errors.PolicyEngineUnavailable: 503,
    errors.CatalogUnavailable: 503,
    errors.CatalogBehind: 503,
    errors.CatalogMoved: 503,
    errors.DeploymentsStuck: 503,
    errors.QueryTimeout: 503,
    errors.NotFound: 404,
    errors.CursorInvalid: 400,
    errors.StandingInvalid: 422,
    errors.InstantInvalid: 400,
    errors.SearchInvalid: 400,
    errors.LineageInvalid: 400,
    errors.RequirementInvalid: 422,
    errors.ComparisonInvalid: 422,
    errors.AccessInvalid: 422,
    errors.AccessRefused: 422,
    errors.AccessWaiting: 409,
    errors.AccessDecided: 409,
    errors.AdoptionRefused: 409,
    evaluating.ObservationsInvalid: 422,
    errors.InputErased: 410,
    errors.NotReplayable: 409,
    errors.ErasureInvalid: 422,
    errors.MaskInvalid: 503,
    errors.SamplingPolicyInvalid: 503,
    errors.SampleDenied: 403,
    errors.SourceUnavailable: 503,
    errors.SampleLimitExceeded: 429,
    errors.SubscriptionInvalid: 422,
    errors.KeyInvalid: 500,
    errors.HeadInvalid: 422,
    errors.WaiverInvalid: 422,
    errors.WaiverDecided: 409,
    errors.SuspensionInvalid: 422,
    errors.DescriptorUnreadable: 400,
    errors.DescriptorRejected: 422,
    errors.VersionConflict: 409,
    errors.NotCleared: 422,
    errors.PlanInvalid: 422,
    errors.PlanMoved: 409,
    errors.NobodyAsked: 409,
    errors.ContainerOccupied: 409,
    errors.DeploymentEnding: 409,
    errors.ContainerInOrder: 409,
    errors.ContainerUnsettled: 409,
    errors.Downgrade: 409,
    errors.Unauthenticated: 401,
    errors.CallbackRefused: 401,
    errors.CallbackUnreadable: 400,
    errors.Forbidden: 403,
    errors.BodyTooLarge: 413,
    errors.IdempotencyKeyReused: 422,
    errors.IdempotencyKeyInFlight: 409,
    http.RequestInvalid: 422,
    http.BodyUnreadable: 400,
    http.MediaTypeUnsupported: 415,
    http.HostRefused: 403,
    http.RouteUnknown: 404,
    http.MethodUnsupported: 405,
    http.ServerBusy: 503,
}
"""The status of each error; a class without a row has that of its nearest ancestor."""


def status_of(error: GovernanceError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: GovernanceError, *, instance: str = "", extra_headers: Mapping[str, str] | None = None) -> Response:
    """The error as `application/problem+json`: RFC 9457 members, `code`, `hint`, and the facts of the error."""
    status = status_of(error)
    body: dict[str, Json] = {
        **error.context,
        "type": TYPE + error.code,
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
    }
    if instance:
        body["instance"] = instance
    if error.hint:
        body["hint"] = error.hint
    content = orjson.dumps(body, default=str)
    return Response(content, status, {**_headers(status), **(extra_headers or {})}, MEDIA_TYPE)


def _headers(status: int) -> dict[str, str]:
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}


def answer_with_problems(app: FastAPI) -> None:
    """Give every error of ours, of the framework and of nobody this one form."""
    app.add_exception_handler(GovernanceError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GovernanceError)
    return problem(error, instance=request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(invalid(error.errors()), instance=request.url.path)


def invalid(complaints: object) -> http.RequestInvalid:
    """The framework's complaints about parameters or fields as one error that names each of them."""
    assert isinstance(complaints, list | tuple)
    told = [{"at": "/".join(map(str, one["loc"])), "msg": one["msg"]} for one in complaints]
    return http.RequestInvalid("; ".join(f"{one['at']}: {one['msg']}" for one in told), errors=told)


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Tell the client nothing of what happened; the envelope logs it."""
    return problem(GovernanceError(), instance=request.url.path)


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: http.RouteUnknown, 405: http.MethodUnsupported}.get(error.status_code)
    if known is not None:
        told = f"{request.method} {request.url.path}"
        return problem(known(f"Nothing answers {told}."), instance=request.url.path, extra_headers=error.headers)
    return problem(http.BodyUnreadable(str(error.detail)), instance=request.url.path)


def table() -> str:
    """Every code with its status and meaning, as the Markdown table of docs/reference/http.md."""
    rows = sorted({(kind.code, status, kind().title) for kind, status in STATUS.items()})
    head = "| code | status | means |\n|---|---|---|\n"
    return head + "".join(f"| `{code}` | {status} | {title} |\n" for code, status, title in rows)
