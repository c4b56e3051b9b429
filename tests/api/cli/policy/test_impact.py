"""Does `meshgate policy impact` say what a change would do to the catalog, here and on a server, from every form?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rego
from commands import MESH, ROOT, Ended, Terminal
from doors import product

ALWAYS = rego.violation("not input.info.name")
OWNED = rego.violation('input.info.owner.id == "jo@example.org"')
LINE = "urn:dpds:org.example:dataproducts:parcels:1"


class Repository:
    """A git repository with governance as code, and a catalog that was decided by it."""

    def __init__(self, folder: Path) -> None:
        self.terminal = Terminal(folder)
        self.folder = self.terminal.folder

    def filled(self) -> Repository:
        """The repository with its first commit, and two products in the catalog."""
        self.policy("first", ALWAYS)
        self.write("governance/assignments.yaml", "[]\n")
        self.write("meshgate.yaml", "policies: [governance/policies]\ngovernance: governance\n")
        self.git("init", "-q")
        self.commit()
        for name, owner in (("parcels", "jo@example.org"), ("letters", "ann@example.org")):
            file = self.terminal.write(f"{name}.yaml", product(name, owner=owner))
            assert self.terminal.run("submit", file).code == 0
        return self

    def copied(self, folder: Path) -> Repository:
        """The same in another folder."""
        copy = Repository(folder)
        for before, after in ((self.folder, copy.folder), (self.terminal.home, copy.terminal.home)):
            shutil.copytree(before, after, dirs_exist_ok=True)
        return copy

    def policy(self, name: str, rules: str) -> None:
        self.write(f"governance/policies/mesh/{name}/{name}.rego", rego.policy(f"mesh.{name}", rules))

    def write(self, path: str, text: str) -> None:
        self.terminal.write(path, text)

    def commit(self) -> None:
        self.git("add", "governance", "meshgate.yaml")
        self.git("-c", "user.name=jo", "-c", "user.email=jo@example.org", "commit", "-qm", "policies")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout

    def impact(self, *arguments: str) -> Ended:
        return self.terminal.run("policy", "impact", *arguments)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("model")).filled()


@pytest.fixture
def stricter(model: Repository, tmp_path: Path) -> Repository:
    """The repository with a second policy in its working tree, which one of the products breaks."""
    repository = model.copied(tmp_path)
    repository.policy("second", OWNED)
    return repository


def test_the_working_tree_is_compared_with_a_revision_and_left_as_it_is(stricter: Repository) -> None:
    before = stricter.git("status", "--short")
    ended = stricter.impact("--base", "HEAD")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("Of 2 products 1 would be blocked.\nNewly blocked: in 1 domain (logistics).\n")
    assert f"newly blocked: {LINE} 1.0.0  (logistics, jo@example.org): accepted -> rejected" in ended.out
    assert "+ mesh.second wrong [blocking] /info: it is wrong" in ended.out
    assert stricter.git("status", "--short") == before


def test_json_holds_counts_by_domain_owner_and_policy(stricter: Repository) -> None:
    told = stricter.impact("--base", "HEAD", "--format", "json").json
    assert told["schema"] == "meshgate/impact/1"
    assert told["summary"] == {
        "products": 2,
        "newly_blocked": 1,
        "newly_undecided": 0,
        "newly_passing": 0,
        "changed": 0,
    }
    assert told["by_domain"]["logistics"]["newly_blocked"] == 1
    assert list(told["by_owner"]) == ["jo@example.org"]
    assert told["by_policy"] == {"mesh.second": {"appeared": 1, "waived": 0, "gone": 0, "shifted": 0}}
    assert [one["product"] for one in told["products"]] == [LINE]
    assert told["decisions"] is None


def test_a_comment_for_a_pull_request_is_markdown(stricter: Repository) -> None:
    ended = stricter.impact("--base", "HEAD", "--format", "markdown")
    assert ended.out.startswith("<!-- meshgate impact -->\n## ❌ Of 2 products 1 would be blocked\n")
    assert "| logistics | 1 | 0 | 0 | 0 |" in ended.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--base", "HEAD"], 0),
        (["--base", "HEAD", "--fail-on", "newly-blocking"], 1),
        (["--base", "HEAD", "--fail-on", "change"], 1),
        (["--base", "governance", "--fail-on", "change"], 0),
        (["--base", "nowhere"], 2),
        (["--base", "HEAD", "--environment", "moon"], 2),
    ],
)
def test_the_exit_code_says_what_was_asked_for(stricter: Repository, arguments: list[str], code: int) -> None:
    ended = stricter.impact(*arguments)
    assert ended.code == code, ended.err
    if code == 2:
        assert "[usage]" in ended.err
        assert "Traceback" not in ended.err


def test_an_assignment_and_a_waiver_are_part_of_what_is_compared(stricter: Repository) -> None:
    stricter.commit()
    stricter.write(
        "governance/waivers.yaml",
        f"- {{id: w1, policy: mesh.second, product: '{LINE}', reason: It is so., requested_by: jo,"
        " approved_by: ann, from: 2026-01-01, until: 2099-01-01}\n",
    )
    told = stricter.impact("--base", "HEAD", "--format", "json").json
    assert (told["summary"]["newly_passing"], told["products"][0]["shifted"][0]["waiver"]) == (1, "w1")


def test_a_revision_before_the_folder_was_there_says_so(stricter: Repository) -> None:
    stricter.git("checkout", "-q", "--orphan", "empty")
    stricter.git("-c", "user.name=jo", "-c", "user.email=jo@example.org", "commit", "-q", "--allow-empty", "-m", "none")
    stricter.git("rm", "-rq", "--cached", "governance", "meshgate.yaml")
    stricter.git("-c", "user.name=jo", "-c", "user.email=jo@example.org", "commit", "-q", "--allow-empty", "-m", "none")
    ended = stricter.impact("--base", "HEAD")
    assert ended.code == 2
    assert "holds none of the configured folders of policies" in ended.err


def test_past_decisions_are_judged_again_as_of_their_own_moment(stricter: Repository) -> None:
    told = stricter.impact("--base", "HEAD", "--decisions", "10", "--format", "json").json["decisions"]
    assert (told["decisions"], told["newly_blocked"]) == (2, 1)
    assert told["changes"][0]["decision"]
    recent = stricter.impact("--base", "HEAD", "--decisions", "1", "--format", "json").json["decisions"]
    assert recent["decisions"] == 1
    later = stricter.impact("--base", "HEAD", "--since", "2099-01-01", "--format", "json").json["decisions"]
    assert later["decisions"] == 0


def test_a_bundle_and_a_folder_can_be_named_on_either_side(stricter: Repository) -> None:
    from api.flows.bundles import Released
    from api.settings import read
    from api.wiring import House

    folders = {"policies": [str(stricter.folder / "governance" / "policies")]}
    with House(read(folders, environ={}, folder=stricter.folder)) as house:
        released = Released.of(house.bundle, house.governance, taken=house.clock())
    (stricter.folder / "mesh.tar.gz").write_bytes(released.content)
    told = stricter.impact("--base", "mesh.tar.gz", "--head", "governance", "--format", "json")
    assert told.code == 0, told.err
    assert told.json["summary"]["newly_blocked"] == 0
    assert told.json["base"]["name"] == "mesh.tar.gz"
    other = stricter.impact("--base", "mesh.tar.gz", "--head", "HEAD", "--format", "json")
    assert other.json["summary"]["newly_passing"] == 1


def granted(repository: Repository) -> None:
    """Let somebody else approve a waiver of the second policy for the line that breaks it."""
    from api.auth.permissions import LOCAL
    from api.flows import waivers
    from api.settings import read
    from api.wiring import House
    from engine.model import Principal

    folders = {"policies": [repository.folder / "governance/policies"], "data_dir": repository.terminal.data_dir}
    asked = {"policy": "mesh.second", "product": LINE, "reason": "It moves.", "until": "2099-01-01"}
    with House(read(folders, environ={}, folder=repository.folder)) as house:
        made = waivers.request(asked, principal=LOCAL, house=house)
        ann = Principal("ann", frozenset({"approver"}))
        waivers.take(waivers.Step.APPROVE, made.id, note="", principal=ann, house=house)


def test_a_waiver_that_was_granted_by_request_excuses_in_the_comparison_too(stricter: Repository) -> None:
    granted(stricter)
    told = stricter.impact("--base", "HEAD", "--format", "json").json
    assert (told["summary"]["newly_blocked"], told["summary"]["changed"]) == (0, 1)
    (found,) = told["products"][0]["appeared"]
    assert found["disposition"] == "waived"
    assert told["base"]["waivers_digest"] != told["head"]["waivers_digest"], "only one side has its policy"


def test_a_policy_that_is_set_aside_is_a_shadow_in_the_comparison_too(stricter: Repository) -> None:
    aside = stricter.terminal.run("policy", "suspend", "mesh.second", "--reason", "It errs.", "--until", tomorrow())
    assert aside.code == 0, aside.err
    told = stricter.impact("--base", "HEAD", "--format", "json").json
    assert told["summary"]["newly_blocked"] == 0
    assert [one["disposition"] for one in told["products"][0]["appeared"]] == ["shadow"]


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


@pytest.fixture
def served(stricter: Repository) -> Iterator[str]:
    with stricter.terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        yield address


def test_a_server_gives_the_facts_and_this_side_decides(stricter: Repository, served: str) -> None:
    here = stricter.impact("--base", "HEAD", "--server", served, "--decisions", "5", "--format", "json")
    assert here.code == 0, here.err
    told = json.loads(here.out)
    assert told["summary"]["newly_blocked"] == 1
    assert told["decisions"]["newly_blocked"] in (1, 2), "the server's own rescan may have decided it once more"


def test_a_governance_folder_is_compared_with_what_lies_in_it(stricter: Repository) -> None:
    shutil.copytree(stricter.folder / "governance", stricter.folder / "proposed")
    stricter.write("proposed/assignments.yaml", "- {policy: mesh.second, scope: mesh, enforcement: advisory}\n")
    told = stricter.impact("--base", "HEAD", "--head", "proposed", "--format", "json").json
    assert (told["summary"]["newly_blocked"], told["summary"]["changed"]) == (0, 1)
    assert told["products"][0]["appeared"][0]["disposition"] == "advisory"


def test_the_page_about_impact_shows_what_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "howto" / "impact.md").read_text("utf-8")
    blocks = dict(re.findall(r"^```(rego|text)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    repository = Repository(tmp_path)
    shutil.copytree(ROOT / "policies", repository.folder / "policies")
    repository.git("init", "-q")
    repository.git("add", "policies")
    repository.git("-c", "user.name=jo", "-c", "user.email=jo@example.org", "commit", "-qm", "policies")
    assert repository.terminal.run("submit", MESH / "sales").code == 0
    file = repository.folder / "policies/mesh/ownership/owner_declared/owner_declared.rego"
    file.write_text(f"{file.read_text()}\n{blocks['rego']}")
    assert repository.impact("--base", "HEAD", "--policies", "policies").out == blocks["text"]
