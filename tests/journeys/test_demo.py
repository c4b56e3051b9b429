"""Does `meshgate demo` tell the whole story, by itself, and write nowhere but into its folder?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import Ended, Terminal

LINE = "urn:dpds:org.example:dataproducts"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """An empty home and an empty folder, in which the demo has run once."""
    return Terminal(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo(terminal: Terminal) -> Ended:
    # The host's own settings must not change the story.
    return terminal.run("demo", MESHGATE_SERVER="http://127.0.0.1:9", MESHGATE_NAMESPACE="org.elsewhere")


@pytest.fixture(scope="module")
def acts(demo: Ended) -> list[str]:
    """What the demo prints between its headings."""
    return re.split(r"^=== .*\n", demo.out, flags=re.MULTILINE)[1:]


def test_it_ends_by_itself_with_zero_after_nine_acts(demo: Ended, acts: list[str]) -> None:
    assert (demo.code, len(acts)) == (0, 9), demo.err
    assert "Traceback" not in demo.err


def test_the_descriptors_are_judged_with_every_finding_at_its_place(acts: list[str]) -> None:
    place = r"^\S*examples/mesh/broken/{}:\d+:\d+: error {} \["
    for file, code in (
        ("clickstream-without-contract.yaml", "contract_missing"),
        ("newsletter-without-terms.json", "terms_missing"),
        ("returns-without-owner.yaml", "owner_missing"),
        ("couriers-unreadable.yaml", "DP108"),
    ):
        assert re.search(place.format(file, code), acts[0], re.MULTILINE), file
    assert "18 documents: 14 accepted, 3 rejected, 1 undecided |" in acts[0]
    assert "(exit code 2, as it should be)" in acts[0]


def test_a_server_of_its_own_stores_the_good_ones_and_refuses_the_bad_ones(demo: Ended, acts: list[str]) -> None:
    assert re.search(r"^serving http://127\.0\.0\.1:\d+, ", acts[1], re.MULTILINE)
    assert demo.err.count("stored: ") == 14
    assert "returns 1.0.0 rejected" in acts[3]
    assert "(exit code 1, as it should be)" in acts[3]
    assert "couriers-unreadable.yaml: undecided: it could not be read" in acts[3]
    assert "(exit code 2, as it should be)" in acts[3]


def test_the_catalog_answers_a_search_and_the_lineage_of_one_product(acts: list[str]) -> None:
    assert f"orders 1.0.0  active  domain sales, owner sales-data@example.org\n  {LINE}:orders:1" in acts[4]
    assert "webshop-checkout  (external system) -> checkout" in acts[4]
    assert f"orderHistory -> {LINE}:churn:1 orders" in acts[4]


def test_one_product_is_deployed_updated_in_place_and_joined_by_its_second_major(acts: list[str]) -> None:
    assert f"succeeded: {LINE}:orders:1 1.0.0 in dev, generation 1" in acts[5]
    assert "orders_v1\n" in acts[5]
    assert acts[5].count("component.json") == 6
    assert f"succeeded: {LINE}:orders:1 1.1.0 in dev, generation 2" in acts[6]
    assert f"succeeded: {LINE}:orders:2 2.0.0 in dev, generation 1" in acts[7]
    containers = re.findall(r"^dev +(\S+)  (\S+)  \((active, generation \d)", acts[7], re.MULTILINE)
    assert containers == [
        (f"{LINE}:orders:1", "1.1.0", "active, generation 2"),
        (f"{LINE}:orders:2", "2.0.0", "active, generation 1"),
    ]
    assert "orders_v2\n" in acts[7]


def test_it_closes_by_saying_where_everything_is(acts: list[str], terminal: Terminal) -> None:
    for named in (".demo/data/meshgate.db", ".demo/data/containers", ".demo/server.log"):
        assert named in acts[8]
        assert (terminal.folder / named).exists()
    assert "meshgate serve --data-dir .demo/data" in acts[8]
    assert "/graphql (GraphiQL)" in acts[8]


def test_nothing_is_written_outside_its_folder(demo: Ended, terminal: Terminal) -> None:
    assert (list(terminal.home.iterdir()), list(terminal.folder.iterdir())) == ([], [terminal.folder / ".demo"])


def test_what_it_left_can_be_served_as_it_says(demo: Ended, terminal: Terminal) -> None:
    found = terminal.run("search", "-n", "1", "--data-dir", ".demo/data")
    assert found.out.endswith("\n13 products, the best 1 shown\n")


def test_a_folder_with_anything_else_in_it_is_never_emptied(terminal: Terminal) -> None:
    kept = terminal.write("thesis/chapter.txt", "years of work")
    refused = terminal.run("demo", "--folder", "thesis")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "meshgate: thesis holds files that no demo wrote; name an empty folder with --folder. [usage]\n"
    )
    assert (terminal.folder / kept).read_text() == "years of work"
    assert Path(terminal.folder / "thesis").is_dir()
