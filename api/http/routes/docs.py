"""GET /docs: how is this API read by people? Swagger UI from local files, under a policy that loads nothing else."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.http.envelope import SECURITY

router = APIRouter(include_in_schema=False)

STATIC = "/static-offline-docs"

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>meshgate: HTTP API</title>
<link rel="stylesheet" href="{STATIC}/swagger-ui.css">
<link rel="icon" href="{STATIC}/favicon.png">
</head>
<body>
<div id="api"></div>
<noscript>This page needs JavaScript; the same is in <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="{STATIC}/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null});
"""

# Swagger UI writes style elements and shows its icons from data URLs.
_POLICY = SECURITY["Content-Security-Policy"] + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


@router.get("/docs")
async def page() -> Response:
    return Response(_PAGE, headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(_START, media_type="text/javascript")
