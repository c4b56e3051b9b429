"""Do README and docs say what is so? Their commands are run or at least parsed, their links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import GOOD, MESH, ROOT, Terminal
from doors import a_house

from api.cli.commands import COMMANDS
from api.cli.lazily import Group
from api.http.app import create_app

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWERED = re.compile(r"^```graphql\n((?:(?!```).*\n)+)```\n\n```json\n((?:(?!```).*\n)+)```$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(page: Path, kind: str) -> Iterator[str]:
    return (text for found, text in BLOCK.findall(page.read_text("utf-8")) if found == kind)


def transcripts() -> list[tuple[str, str, str]]:
    """Every `$ command` of a console block, with the page it stands on and the output shown below it (may be none)."""
    found = []
    for page in PAGES:
        for block in blocks(page, "console"):
            for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                found.append((str(page.relative_to(ROOT)), re.sub(r"\s+#.*$", "", command).strip(), shown))
    return found


def stored_before(page: str) -> str:
    """The first command of a page, if it submits something: then the commands below it see what it stored."""
    first = next(command for found, command, _ in MESHGATE if found == page)
    return first if shlex.split(first)[1:2] == ["submit"] else ""


MESHGATE = [one for one in transcripts() if "meshgate " in one[1]]
JOURNEYS = {f"docs/howto/{page}.md" for page in ("access", "deploy", "first-policy", "graphql", "promote", "sample")}
"""Pages whose examples build on one another: tests/journeys walks them."""

SHOWN = [one for one in MESHGATE if one[2].strip() and one[0] not in JOURNEYS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(("page", "command", "shown"), SHOWN, ids=[one[1] for one in SHOWN])
def test_a_command_shown_with_its_output_prints_just_that(page: str, command: str, shown: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    (terminal.folder / "examples").symlink_to(ROOT / "examples")
    (terminal.folder / "policies").symlink_to(ROOT / "policies")
    (terminal.folder / "policy-fixtures").symlink_to(ROOT / "tests" / "policy-fixtures")
    if before := stored_before(page):
        assert terminal.run(*shlex.split(before)[1:]).code == 0
    ended = terminal.run(*shlex.split(command)[1:])
    assert ended.out == shown


@pytest.mark.parametrize(("page", "command", "shown"), MESHGATE, ids=[one[1] for one in MESHGATE])
def test_a_command_on_a_page_exists_with_these_flags(page: str, command: str, shown: str, tmp_path: Path) -> None:
    alone = re.split(r"\s(?:2>&1|\|{1,2})\s", command)[0]
    words = [word for word in shlex.split(alone) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    flags = [word.partition("=")[0] for word in words if word.startswith("-")]
    names = [word for word in words[1:3] if re.fullmatch(r"[a-z]+", word)]
    groups = [name for name, one in COMMANDS.items() if isinstance(one, Group)]
    command_words = names[:2] if names[0] in groups else names[:1]
    told = Terminal(tmp_path).run(*command_words, "--help", COLUMNS="300")
    assert told.code == 0
    assert [flag for flag in flags if flag not in told.out] == []


def test_the_rego_of_the_readme_stands_in_a_starter_policy() -> None:
    policies = "\n".join(path.read_text("utf-8") for path in (ROOT / "policies").rglob("*.rego"))
    assert [text for text in blocks(ROOT / "README.md", "rego") if text not in policies] == []


def test_the_configuration_of_the_readme_judges_the_examples(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    for name in ("examples", "policies"):
        (terminal.folder / name).symlink_to(ROOT / name)
    (written,) = blocks(ROOT / "README.md", "yaml")
    (terminal.folder / "meshgate.yaml").write_text(written, "utf-8")
    ended = terminal.run("check", "examples/mesh/sales")
    assert (ended.code, "3 accepted" in ended.out) == (0, True)


def test_the_queries_of_the_pages_are_answered(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    queries = [text for page in PAGES for text in blocks(page, "graphql")]
    assert queries
    with a_house(tmp_path) as house:
        client = TestClient(create_app(house), base_url="http://127.0.0.1")
        orders = (MESH / "sales" / "orders.yaml").read_bytes()
        stored = client.post("/v1/descriptors", content=orders, headers={"content-type": "application/yaml"})
        assert stored.status_code == 201
        for query in queries:
            told = client.post("/graphql", json={"query": query}).json()
            assert "errors" not in told, (query, told)
            assert told["data"]


def test_an_answer_shown_below_a_query_is_the_one_that_is_given(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    told = [page.read_text("utf-8") for page in PAGES if str(page.relative_to(ROOT)) not in JOURNEYS]
    shown = [pair for text in told for pair in ANSWERED.findall(text)]
    assert shown
    terminal = Terminal(tmp_path)
    assert terminal.run("submit", "--quiet", *(MESH / domain for domain in GOOD)).code == 0
    with a_house(terminal.data_dir) as house:
        client = TestClient(create_app(house), base_url="http://127.0.0.1")
        for query, answer in shown:
            assert client.post("/graphql", json={"query": query}).json()["data"] == json.loads(answer)


def test_the_first_day_names_every_schema_that_is_published() -> None:
    from api.cli.schema import Kind

    (line,) = re.findall(r"^Published schemas: (.*)\.$", (ROOT / "docs/howto/first-day.md").read_text("utf-8"), re.M)
    assert re.findall(r"`([\w-]+)`", line) == [kind.value for kind in Kind]


def test_the_page_on_formats_tells_every_document_by_its_schema() -> None:
    from api.cli import schema

    told = [json.loads(schema.text(kind)) for kind in schema.Kind]
    documents = [one for one in told if one.get("title", "").startswith("meshgate/")]
    rows = [f"| `{one['title']}` | {one['description']} |" for one in documents]
    page = (ROOT / "docs/reference/formats.md").read_text("utf-8")
    (table,) = re.findall(r"<!-- documents -->\n(.*?)\n<!-- /documents -->", page, re.S)
    assert table.splitlines()[2:] == rows


def test_the_calls_of_the_page_on_http_are_told_once_and_all_of_them(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    page = (ROOT / "docs/reference/http.md").read_text("utf-8")
    rows = re.findall(r"^\| `((?:GET|POST|DELETE) [^`]*)`", page, re.MULTILINE)
    assert len(rows) == len(set(rows))
    with a_house(tmp_path) as house:
        paths = TestClient(create_app(house), base_url="http://127.0.0.1").get("/openapi.json").json()["paths"]
    fixed = {re.sub(r"/\{[^}]*\}", "", path) for path in paths}
    told = re.sub(r"/\{[^}]*\}", "", page)
    assert [path for path in sorted(fixed) if path not in told] == []


def test_every_verb_of_the_makefile_that_a_page_names_exists() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        verb
        for page in PAGES
        for verb in re.findall(r"`make ([a-z-]+)`|^\$ make ([a-z-]+)", page.read_text("utf-8"), re.M)
        for verb in verb
        if verb
    }
    assert named - verbs == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_heading_stands_twice_at_one_level_of_a_page(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^## .+$", prose, flags=re.MULTILINE)
    assert sorted({one for one in headings if headings.count(one) > 1}) == []


def test_every_key_of_an_environment_stands_in_the_reference() -> None:
    schema = json.loads((ROOT / "engine/policy/schemas/environments.json").read_text("utf-8"))["items"]["properties"]
    page = (ROOT / "docs/reference/governance.md").read_text("utf-8")
    section = page.partition("\n## Environments\n")[2].partition("\n## ")[0]
    rows = " ".join(re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE))
    missing = {key for key in [*schema, *schema["adapters"]["items"]["properties"]] if f"`{key}`" not in rows}
    assert missing == set()
