"""Does a browser get the query page with everything it needs, and nothing from another host?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import little_mesh
import pytest
from fastapi import FastAPI
from graphql import parse, validate
from starlette.testclient import TestClient

from api.graphql import endpoint
from api.graphql.schema import schema
from api.http.problems import answer_with_problems
from api.settings import Settings
from api.web.assets_folder import PAGES, Assets
from api.wiring import House

SOURCES = PAGES.parent / "assets"
LOADS = re.compile(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)|@import\s+([^;]+)|url\(([^)]{1,80})|import\(["']([^"']+)""")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assets, built here from what `make assets` installed."""
    if shutil.which("node") is None:
        pytest.skip("node: not on PATH, so the browser assets cannot be built")
    if not (SOURCES / "node_modules").is_dir():
        pytest.skip("node: its packages are not installed (`make assets` does that)")
    target = tmp_path_factory.mktemp("static")
    subprocess.run(["node", "build.mjs", str(target)], cwd=SOURCES, check=True, timeout=120)
    return target


def browser(assets: Assets, data_dir: Path) -> TestClient:
    app = FastAPI()
    app.include_router(endpoint.router(House(Settings(data_dir=data_dir)), schema=little_mesh.SCHEMA, assets=assets))
    answer_with_problems(app)
    return TestClient(app, base_url="http://127.0.0.1", headers={"accept": "text/html"})


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[TestClient]:
    """A browser at a server whose assets were never built."""
    with browser(Assets(built=tmp_path / "static"), tmp_path) as client:
        yield client


def loaded(page: str) -> list[str]:
    """The addresses that a page loads, apart from data addresses."""
    addresses = (next(filter(None, found.groups())) for found in LOADS.finditer(page))
    return [address for address in addresses if not address.startswith("data:")]


def test_without_built_assets_the_plain_page_is_shown_and_says_how_to_get_graphiql(plain: TestClient) -> None:
    answer = plain.get("/graphql")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "make assets" in answer.text
    assert loaded(answer.text) == ["/assets/plain.css", "/assets/plain.js"]
    assert [plain.get(address).status_code for address in loaded(answer.text)] == [200, 200]


def test_the_plain_page_needs_no_inline_script_or_style(plain: TestClient) -> None:
    page = plain.get("/graphql")
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script>", page.text) == []


def test_the_pages_work_below_a_path(tmp_path: Path) -> None:
    page = Assets(built=tmp_path).query_page("/mesh")
    assert loaded(page) == ["/mesh/assets/plain.css", "/mesh/assets/plain.js"]
    assert 'data-endpoint="/mesh/graphql"' in page


def test_the_queries_that_the_pages_begin_with_are_answered_by_the_schema() -> None:
    plain = re.search(r"required>(.*?)</textarea>", (PAGES / "plain.html").read_text("utf-8"), re.DOTALL)
    graphiql = re.search(r"WELCOME = `(.*?)`", (SOURCES / "src" / "graphiql.jsx").read_text("utf-8"), re.DOTALL)
    assert plain is not None
    assert graphiql is not None
    assert [validate(schema(), parse(one[1])) for one in (plain, graphiql)] == [[], []]


@pytest.mark.parametrize("name", ["manifest.json", "..%2F__init__.py", "..%2Fpages%2Fplain.js", "absent.js"])
def test_nothing_but_assets_is_served(plain: TestClient, name: str) -> None:
    answer = plain.get(f"/assets/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_with_built_assets_graphiql_is_shown_from_files_that_are_there(built: Path, tmp_path: Path) -> None:
    with browser(Assets(built=built), tmp_path) as client:
        page = client.get("/graphql")
        addresses = loaded(page.text)
        answers = [client.get(address) for address in addresses]
    assert len(addresses) == 2
    assert all("graphiql-" in address for address in addresses)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("immutable" in answer.headers["cache-control"] for answer in answers)
    assert "unsafe-inline" not in page.headers["content-security-policy"]


def test_no_built_file_loads_anything_from_another_host(built: Path) -> None:
    texts = {path.name: path.read_text("utf-8") for path in built.iterdir()}
    assert set(json.loads(texts["manifest.json"]).values()) < texts.keys()
    css = "\n".join(text for name, text in texts.items() if name.endswith(".css"))
    assert [address for address in loaded(css) if "//" in address] == []
    scripts = "\n".join(text for name, text in texts.items() if name.endswith(".js"))
    imports = re.findall(r"""(?:from|import)\s*\(?["'`](?!\./)([^"'`]+)["'`]""", scripts)
    assert [one for one in imports if "//" in one] == []
    assert re.findall(r"unpkg|jsdelivr|cdnjs|googleapis|gstatic", css + scripts) == []


def test_graphiql_subscribes_by_the_protocol_that_the_server_speaks(built: Path) -> None:
    scripts = "".join(path.read_text("utf-8") for path in built.glob("*.js"))
    assert "graphql-transport-ws" in scripts
    assert "subscriptionUrl" in scripts


def test_the_lock_names_hashes_and_no_registry() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_bytes())["packages"]
    locked = {name: package for name, package in packages.items() if name}
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert [name for name, package in locked.items() if not package.get("integrity", "").startswith("sha512-")] == []
