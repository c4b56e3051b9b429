"""At which addresses does a browser find the assets and the query page?"""

from __future__ import annotations

from html import escape
from pathlib import PurePath

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from api.web.assets_folder import Assets
from engine.errors import NotFound

QUERY_PAGE_POLICY = (
    "default-src 'self'; font-src 'self' data:; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""GraphiQL carries its fonts and icons as data addresses; scripts and styles come from files of ours alone."""

_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".ttf": "font/ttf"}
_FOR_EVER = "public, max-age=31536000, immutable"


def router(assets: Assets) -> APIRouter:
    """`GET /assets/{name}`: no principal is asked, for these files are the same for everybody."""
    routes = APIRouter()

    @routes.get("/assets/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        found = assets.files.get(name)
        if found is None:
            raise NotFound(f"There is no asset `{name}`.")
        caching = _FOR_EVER if found.hashed else "no-cache"
        kind = _TYPES.get(PurePath(name).suffix, "application/octet-stream")
        return FileResponse(found.path, media_type=kind, headers={"Cache-Control": caching})

    return routes


def query_page(assets: Assets, request: Request) -> Response:
    """The page on which people ask the mesh."""
    page = assets.query_page(escape(request.scope.get("root_path", "").rstrip("/")))
    return HTMLResponse(page, headers={"Content-Security-Policy": QUERY_PAGE_POLICY, "Cache-Control": "no-cache"})
