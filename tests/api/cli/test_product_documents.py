"""Is every JSON document about products and consumers what its schema says, however much or little it tells?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import GOOD, MESH, ROOT, Ended, Terminal
from doors import a_client, product
from needs import WRONG, finds
from published import OF_PRODUCTS, told

from api.flows.watching import follow
from api.settings import read
from api.wiring import House

Run = Callable[..., Ended]
ORDERS, CHURN, READER, OLD = (
    f"urn:dpds:org.example:dataproducts:{name}:1" for name in ("orders", "churn", "reader", "old")
)
ANALYSIS = ROOT / "examples" / "requirements" / "analysis.rego"
READS = """  inputPorts:
  - {name: lost, version: "1.0.0", dependsOn: "urn:dpds:org.example:dataproducts:nobody:1:outputports:gone"}
  - {name: shop, version: "1.0.0", dependsOn: "shop-till"}
"""
UNGRADED = """package acme.trust

import rego.v1

score := {"value": VALUE, "terms": [{"name": "all", "weight": 1, "value": null, "evidence": [], "as_of": null}]}
"""
SOURCES = {
    "narrower.yaml": (MESH / "sales" / "orders.yaml")
    .read_text("utf-8")
    .replace('version: "1.0.0"', 'version: "1.2.0"', 1)
    .replace("name: orderHistory", "name: history"),
    "new.yaml": product("new").decode(),
    "old.yaml": product("old").decode(),
    "reader.yaml": product("reader").decode().replace("interfaceComponents:\n", f"interfaceComponents:\n{READS}"),
    "wrong.rego": WRONG,
    "many.rego": finds('sprintf("%d", [i])', "some i in numbers.range(1, 30)"),
    "plain.rego": UNGRADED.replace("VALUE", "1"),
    "no-score.rego": UNGRADED.replace("VALUE", "7"),
    "broken.yaml": "adapter: command\nconfig: {command: ['false']}\n",
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the example products: some observed, deprecated or withdrawn, and what somebody needs."""
    terminal = Terminal(tmp_path_factory.mktemp("filled"))
    old, new = (terminal.write(name, SOURCES[name]) for name in ("old.yaml", "reader.yaml"))
    files = (*(MESH / domain for domain in GOOD), MESH / "versions" / "orders-1.1.0.yaml", old)
    for words in (("submit", "--quiet", *files), ("rescan",), ("submit", "--quiet", new)):
        assert terminal.run(*words).code == 0
    settings = read({"data_dir": terminal.data_dir}, environ={}, folder=terminal.folder)
    with House(settings) as house, a_client(house) as client:
        happened(client)
        saved(client, "asked")
        while follow(house, "me"):
            pass
        saved(client, "unasked")
    return terminal.data_dir


def happened(client: Any) -> None:
    """What is known of products after they were accepted."""
    seen = {"product": ORDERS, "port": "orderHistory", "indicator": "freshness", "source": "probe"}
    for id, value in (("1", "PT5M"), ("2", "PT2H"), ("3", "5 rows")):
        moment = (datetime.now(UTC) - timedelta(minutes=int(id))).isoformat()
        sent = {"observations": [{**seen, "id": id, "value": value, "observedAt": moment}]}
        assert client.post("/v1/observations", json=sent).json()["stored"] == 1
    moved = {"status": "deprecated", "reason": "moved", "sunset": "2099-12-31", "successor": ORDERS}
    for line, wish in ((CHURN, moved), (OLD, {"status": "withdrawn", "reason": "gone"})):
        assert client.post(f"/v1/products/{line}/versions/1.0.0/status", json=wish).status_code == 200


def saved(client: Any, need: str) -> None:
    body = {"name": need, "rego": ANALYSIS.read_text("utf-8"), "parameters": {"columns": ["order_id"]}}
    assert client.post("/v1/requirements", json=body).status_code == 201


@pytest.fixture
def ask(run: Run, terminal: Terminal, catalog: Path) -> Run:
    for name, text in SOURCES.items():
        terminal.write(name, text)
    return lambda *words: run(*words, "--data-dir", catalog)


STEPS: dict[str, tuple[str, int, tuple[str | Path, ...]]] = {
    "all products": ("search", 0, ("search",)),
    "a search": ("search", 0, ("search", "order", "history", "--facets")),
    "a search for nothing": ("search", 0, ("search", "xyzzy", "--facets")),
    "a search with typing errors": ("search", 0, ("search", "ordrs")),
    "a search with what is no filter": ("search", 0, ("search", "domian:sales")),
    "a product": ("product", 0, ("show", ORDERS)),
    "a new product": ("product", 0, ("show", READER)),
    "a deprecated product": ("product", 0, ("show", CHURN)),
    "a withdrawn product": ("product", 0, ("show", OLD)),
    "lineage": ("lineage", 0, ("show", ORDERS, "--lineage")),
    "lineage that leads nowhere": ("lineage", 0, ("show", READER, "--lineage")),
    "a comparison": ("comparison", 0, ("compare", ORDERS, f"{ORDERS}@1.0.0", CHURN)),
    "a difference": ("difference", 0, ("diff", ORDERS)),
    "a difference the other way round": ("difference", 0, ("diff", ORDERS, "1.1.0", "1.0.0")),
    "no difference": ("difference", 0, ("diff", ORDERS, "1.0.0", "1.0.0")),
    "an impact": ("downstream", 1, ("impact", "narrower.yaml", "--fail-on-breaking")),
    "the impact of a new product": ("downstream", 0, ("impact", "new.yaml")),
    "the impact of an old version": ("downstream", 0, ("impact", MESH / "sales" / "orders.yaml")),
    "fitness": ("fitness", 0, ("fitness", ANALYSIS, "--query", "domain:sales")),
    "fitness without an answer": ("fitness", 2, ("fitness", "wrong.rego")),
    "fitness of nothing": ("fitness", 3, ("fitness", ANALYSIS, "--query", "xyzzy")),
    "fitness with many reasons": ("fitness", 1, ("fitness", "many.rego", "--candidates", "1")),
    "a requirement": ("requirement", 0, ("requirement", "show", "asked")),
    "a requirement that was not asked": ("requirement", 0, ("requirement", "show", "unasked")),
    "requirements": ("requirements", 0, ("requirement", "list")),
    "trust": ("trust", 0, ("trust", ORDERS)),
    "trust by a formula that is tried": ("trust", 0, ("trust", ORDERS, "--formula", "plain.rego")),
    "trust that is unknown": ("trust", 2, ("trust", ORDERS, "--formula", "no-score.rego")),
    "facts": ("trust-facts", 0, ("trust", ORDERS, "--facts")),
    "facts of a deprecated product": ("trust-facts", 0, ("trust", CHURN, "--facts")),
    "adapters": ("adapters", 0, ("adapter", "list")),
    "an adapter that keeps its promises": ("conformance", 0, ("adapter", "check", "local-fs")),
    "an adapter that breaks them": ("conformance", 1, ("adapter", "check", "broken.yaml")),
}


@pytest.mark.parametrize("step", STEPS)
def test_what_a_command_prints_is_what_its_schema_says(step: str, ask: Run) -> None:
    kind, code, words = STEPS[step]
    ended = ask(*words, "--json")
    assert ended.code == code, ended.err
    told(ended, kind)


def test_what_is_looked_at_here_is_all_there_is(ask: Run) -> None:
    kinds = {kind for kind, _, _ in STEPS.values()}
    assert kinds | {"sample", "loaded"} == OF_PRODUCTS


def test_the_steps_show_what_they_are_named_for(ask: Run) -> None:
    def of(step: str) -> Any:
        return ask(*STEPS[step][2], "--json").json

    assert any(one["values"] for one in of("a search")["facets"])
    assert of("a search with typing errors")["didYouMean"]
    assert of("a search with what is no filter")["hints"]
    assert {one["state"] for one in of("a product")["slos"]} >= {"broken", "unknown"}
    assert of("a deprecated product")["standing"] is not None
    assert of("a new product")["standing"] is None
    assert {one["status"] for one in of("a withdrawn product")["versions"]} == {"withdrawn"}
    ends = [edge["node"]["node"] for step in ("lineage", "lineage that leads nowhere") for edge in around(of(step))]
    assert {one["__typename"] for one in ends} == {"DataProduct", "DanglingReference", "ExternalSystem"}
    assert of("no difference")["level"] is None
    assert {one["breaks"] for one in of("an impact")["impact"]["consumers"]} == {True, False}
    assert of("the impact of a new product")["diff"] is None
    assert of("fitness without an answer")["candidates"][0]["undecided_because"]
    assert of("fitness with many reasons")["candidates"][0]["reason_count"] == 30
    assert {one["verdict"] for one in of("a requirement")["standings"]} == {"fit", "unfit"}
    assert of("facts")["consumers"]
    assert {one["info"] is None for one in of("adapters")["adapters"]} == {True, False}
    assert {one["kept"] for one in of("an adapter that breaks them")["promises"]} >= {"broken"}


def around(lineage: Any) -> list[Any]:
    return [*lineage["upstream"]["edges"], *lineage["downstream"]["edges"]]


def test_a_product_as_it_was_is_told_with_its_moment(ask: Run) -> None:
    found = told(ask("show", ORDERS, "--as-of", datetime.now(UTC).isoformat(), "--json"), "product")
    assert (found["as_of"]["revision"] > 0, found["slos"]) == (True, [])


def test_a_requirement_is_told_when_it_is_saved(run: Run, terminal: Terminal) -> None:
    saved = told(run("requirement", "save", "mine", ANALYSIS, "--param", "region=eu", "--json"), "requirement")
    assert (saved["parameters"], "standings" in saved) == ({"region": "eu"}, False)
    (listed,) = told(run("requirement", "list", "--json"), "requirements")["requirements"]
    assert {"schema": saved["schema"], **listed} == saved


def test_an_empty_catalog_is_told_too(run: Run) -> None:
    assert told(run("requirement", "list", "--json"), "requirements")["requirements"] == []
    assert told(run("search", "--json", "--facets"), "search")["total"] == {"value": 0, "exact": True}
    assert told(run("fitness", ANALYSIS, "--json"), "fitness")["considered"] == 0


def test_a_catalog_that_is_loaded_is_told(run: Run, terminal: Terminal) -> None:
    assert run("submit", "--quiet", MESH / "sales").code == 0
    for after, sources in ((0, ()), (3, (MESH / "finance",))):
        assert not sources or run("submit", "--quiet", *sources).code == 0
        assert run("export", "catalog", "--complete", "--after", str(after), "--to", "stream.ndjson").code == 0
        loaded = told(run("db", "load", "stream.ndjson", "--data-dir", "there", "--json"), "loaded")
        assert (loaded["revision"], loaded["lines"]["link"]) == (after + 3, 3)
    refused = run("db", "load", "stream.ndjson", "--data-dir", "there", "--json")
    assert (refused.code, refused.out) == (2, "")


def test_a_sample_is_told_and_what_is_refused_prints_no_document(run: Run, terminal: Terminal) -> None:
    rows = 'id;who;text\n1;anna;"red\x1b[31m"\n2;berta;\n3;carl;' + "long" * 200 + "\n"
    terminal.write("lake/moves.csv", rows)
    binding = f"{{connector: duckdb, configuration: {{root: {terminal.folder / 'lake'}, delimiter: ';'}}}}"
    terminal.write("environments.yaml", f"- name: dev\n  samples: [{binding}]\n")
    terminal.write("meshgate.yaml", "environments: environments.yaml\n")
    tables = b"{tables: [{name: moves, columns: [{name: id}, {name: who, tags: [pii]}, {name: text}]}]}"
    terminal.write("parcels.yaml", product().replace(b"{tables: []}", tables))
    assert run("submit", "--quiet", "parcels.yaml").code == 0
    for words in ((), ("--rows", "1"), ("--columns", "id, gone"), ("--purpose", "a look")):
        assert told(run("sample", "parcels", "moved", *words, "--json"), "sample")["columns"]
    for words in (("--environment", "moon"), ("--rows", "1000"), ("--columns", "gone")):
        refused = run("sample", "parcels", "moved", *words, "--json")
        assert (refused.code, refused.out) == (2, "")
