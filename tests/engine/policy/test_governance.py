"""Does the governance folder mean exactly what is written in it, and is everything else refused at its line?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import make
import pytest

from engine.descriptor.digest import digest_of
from engine.errors import GovernanceInvalid
from engine.model import Bundle, Enforcement
from engine.policy import bundle as policy_bundle
from engine.policy import governance
from engine.policy.assignments import Assignment, Match
from engine.policy.environments import Binding, Environment
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver
from policies import DIRECTORY

OWNER = "mesh.ownership.owner_declared"
LATE = "mesh.lineage.late"
SALES = "sales.naming.prefix"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"

PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "domains": {"type": "array", "items": {"type": "string"}},
        "hint": {"type": "string", "local": True},
    },
    "required": ["domains"],
}


def bundle() -> Bundle:
    owner = make.policy(parameters_schema=PARAMETERS, defaults={"domains": []})
    late = make.policy(LATE, effective_on=datetime(2027, 1, 1, tzinfo=UTC), enforcement=Enforcement.ADVISORY)
    return make.bundle(owner, late, make.policy(SALES, parameters_schema=PARAMETERS, defaults={"domains": []}))


def load(folder: Path, **files: str) -> governance.Governance:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return governance.load(folder, bundle())


def breaches(folder: Path, **files: str) -> list[str]:
    with pytest.raises(GovernanceInvalid) as caught:
        load(folder, **files)
    return str(caught.value).splitlines()


def waiver(**changes: str) -> str:
    told = {
        "id": "W-1",
        "policy": OWNER,
        "product": ORDERS,
        "reason": "the owner moves",
        "requested_by": "ann",
        "approved_by": "bob",
        "from": "2026-11-01",
        "until": "2026-12-31",
    }
    told.update({key.rstrip("_"): value for key, value in changes.items()})
    lines = [f"{key}: {value}" for key, value in told.items() if value]
    return "- " + "\n  ".join(lines) + "\n"


def test_no_folder_means_nothing_but_the_environment_dev_with_local_files() -> None:
    assert governance.load(None, bundle()) == governance.Governance(
        assignments=(),
        waivers=(),
        assignments_digest=digest_of([]),
        waivers_digest=digest_of([]),
        environments={"dev": Environment("dev", 1, (Binding("local-fs", "*", "*", {}),))},
    )


def test_an_empty_folder_means_the_same_as_none(tmp_path: Path) -> None:
    (tmp_path / "global").mkdir()
    assert load(tmp_path) == governance.load(None, bundle())


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GovernanceInvalid, match="does not exist"):
        governance.load(tmp_path / "nowhere", bundle())


def test_assignments_are_read_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        assignments__b=f"- {{policy: {LATE}, scope: mesh, enforcement: shadow}}\n",
        assignments__a=f"""\
- policy: {OWNER}
  scope: mesh
  match:
    domains: [sales, hr]
    events: [deploy]
    exclude: [{ORDERS}]
  enforcement: mandatory
  parameters: {{domains: [example.com]}}
  effective_from: 2027-03-01
  grace_for_existing: 90d
- policy: {OWNER}
  scope: mesh
  match: {{exclude: {{tags: [legacy], environments: [dev]}}}}
  enforcement: blocking
""",
    )
    assert read.assignments == (
        Assignment(
            OWNER,
            "mesh",
            Enforcement.MANDATORY,
            match=Match(domains=("sales", "hr"), events=("deploy",)),
            exclude=Match(products=(ORDERS,)),
            parameters={"domains": ["example.com"]},
            effective_from=datetime(2027, 3, 1, tzinfo=UTC),
            grace_for_existing=timedelta(days=90),
            file="assignments/a.yaml",
            line=1,
        ),
        Assignment(
            OWNER,
            "mesh",
            Enforcement.BLOCKING,
            exclude=Match(tags=("legacy",), environments=("dev",)),
            file="assignments/a.yaml",
            line=11,
        ),
        Assignment(LATE, "mesh", Enforcement.SHADOW, file="assignments/b.yaml", line=1),
    )


@pytest.mark.parametrize("key", ["reason", "requested_by", "approved_by"])
def test_a_waiver_whose_reason_or_people_are_blank_is_refused(tmp_path: Path, key: str) -> None:
    (told,) = breaches(tmp_path, waivers=waiver(**{key: '"  "'}))
    assert told.startswith("waivers.yaml:")
    assert "does not match" in told


def test_a_waiver_holds_from_the_start_of_its_first_day_to_the_end_of_its_last(tmp_path: Path) -> None:
    told = waiver(
        code="owner_missing", component=f"{ORDERS}:outputports:placed", within="/promises/email", ticket="T-7"
    )
    assert load(tmp_path, waivers__sales=told).waivers == (
        Waiver(
            id="W-1",
            policy=OWNER,
            product=ORDERS,
            reason="the owner moves",
            requested_by="ann",
            approved_by="bob",
            begins=datetime(2026, 11, 1, tzinfo=UTC),
            ends=datetime(2027, 1, 1, tzinfo=UTC),
            code="owner_missing",
            component=f"{ORDERS}:outputports:placed",
            within="/promises/email",
            ticket="T-7",
            file="waivers/sales.yaml",
            line=1,
        ),
    )


def test_environments_keep_their_order_and_bindings(tmp_path: Path) -> None:
    text = """\
- name: qa
- name: prod
  adapters:
  - {adapter: postgresql, platform: "postgres*", type: storage-resource, configuration: {host: db}}
  - {adapter: local-fs}
"""
    assert load(tmp_path, environments=text).environments == {
        "qa": Environment("qa", 1, (Binding("local-fs"),)),
        "prod": Environment(
            "prod",
            2,
            (Binding("postgresql", "postgres*", "storage-resource", {"host": "db"}), Binding("local-fs")),
        ),
    }


def test_environments_say_how_versions_come_to_them_and_which_secrets_adapters_get(tmp_path: Path) -> None:
    text = """\
- name: dev
  on_accept: deploy
  adapters:
  - {adapter: local-fs}
  - {adapter: builder, stage: build, type: lifecycle-task}
- name: prod
  promotion: required
  tasks: required
  adapters:
  - {adapter: postgresql, secrets: {password: "env:DB", key: "file:/run/key"}}
"""
    dev, prod = load(tmp_path, environments=text).environments.values()
    assert (dev.on_accept, dev.promotion, dev.tasks) == ("deploy", "free", "optional")
    assert dev.adapters[1] == Binding("builder", type="lifecycle-task", stage="build")
    assert (prod.on_accept, prod.promotion, prod.tasks) == ("nothing", "required", "required")
    assert prod.adapters[0].secrets == {"password": "env:DB", "key": "file:/run/key"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "- name: dev\n  promotion: required\n",
            "2: no environment comes before `dev`, so nothing can be promoted to it",
        ),
        (
            "- name: dev\n- name: qa\n  adapters:\n  - adapter: b\n    stage: build\n",
            "5: only the first environment (`dev`) builds: bind `b` there",
        ),
        ("- name: build\n", "1: "),
        ("- name: dev\n  on_accept: always\n", "2: "),
        ("- name: dev\n  adapters:\n  - adapter: x\n    secrets: {password: swordfish}\n", "4: "),
        ("- name: dev\n  adapters:\n  - adapter: x\n    secrets: {password: 'file:relative'}\n", "4: "),
        ("- name: dev\n  adapters:\n  - adapter: x\n    stage: test\n", "4: "),
    ],
)
def test_what_is_wrong_with_an_environment_is_told_at_its_file_and_line(tmp_path: Path, text: str, told: str) -> None:
    found = breaches(tmp_path, environments=text)
    assert len(found) == 1
    assert found[0].startswith(f"environments.yaml:{told}")


def test_every_field_of_an_environment_is_described() -> None:
    def silent(at: str, schema: Any) -> list[str]:
        fields = schema.get("properties", {}).items()
        inner = [one for name, field in fields for one in silent(f"{at}/{name}", field)]
        own = [f"{at}/{name}" for name, field in fields if not field.get("description")]
        return own + inner + (silent(at, schema["items"]) if "items" in schema else [])

    published = resources.files("engine.policy").joinpath("schemas/environments.json").read_text(encoding="utf-8")
    assert silent("", json.loads(published)) == []


def test_an_environment_says_how_often_it_is_observed_and_what_becomes_of_drift(tmp_path: Path) -> None:
    text = """\
- {name: dev, observe_seconds: null}
- {name: prod, observe_seconds: 60, drift: repair, repairs_per_day: 2}
- {name: qa}
"""
    found = load(tmp_path, environments=text).environments
    told = {name: (one.observe_seconds, one.drift, one.repairs_per_day) for name, one in found.items()}
    assert told == {"dev": (None, "report", 4), "prod": (60, "repair", 2), "qa": (300.0, "report", 4)}


@pytest.mark.parametrize("wrong", ["observe_seconds: 0", "drift: mend", "repairs_per_day: 0", "repairs_per_day: 1.5"])
def test_an_environment_that_is_operated_in_no_way_is_refused(tmp_path: Path, wrong: str) -> None:
    (breach,) = breaches(tmp_path, environments=f"- name: dev\n  {wrong}\n")
    assert breach.startswith("environments.yaml:2: ")


def test_digests_follow_the_meaning_not_the_writing(tmp_path: Path) -> None:
    one = load(
        tmp_path / "one", assignments__a=f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow}}", waivers__a=waiver()
    )
    other = load(
        tmp_path / "other",
        assignments__z=f"# a comment\n- enforcement: shadow\n  scope: mesh\n  policy: {OWNER}\n",
        waivers__z=waiver(from_="2026-11-01T01:00:00+01:00"),
    )
    changed = load(tmp_path / "changed", assignments__a=f"- {{policy: {OWNER}, scope: mesh, enforcement: advisory}}")
    assert (one.assignments_digest, one.waivers_digest) == (other.assignments_digest, other.waivers_digest)
    assert changed.assignments_digest != one.assignments_digest


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f"- policy: {OWNER}\n  enforcement: shadow", '1: "scope" is a required property'),
        (f"- {{policy: {OWNER}, scope: mesh,\n   enforcement: hard}}", '2: "hard" is not one of'),
        ("- policy: mesh.owner\n  scope: mesh\n  enforcement: shadow", "1: the bundle has no policy `mesh.owner`"),
        (f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow}}\n- a: b\n  a: c", "3: "),
        ("assignments: []", '1: {"assignments":[]} is not of type "array"'),
        (
            f"- policy: {OWNER}\n  scope: sales\n  enforcement: blocking\n  parameters: {{domains: []}}",
            f"4: the domain sales may not set `domains` of {OWNER}: it is not local",
        ),
    ],
)
def test_an_assignment_that_cannot_be_applied_is_refused_at_its_line(tmp_path: Path, written: str, told: str) -> None:
    (breach,) = breaches(tmp_path, assignments__mesh=written)
    assert breach.startswith(f"assignments/mesh.yaml:{told}")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("paramters: {}", "4: Additional properties are not allowed ('paramters' was unexpected)"),
        ("match: {domain: [a]}", "4: Additional properties are not allowed ('domain' was unexpected)"),
        ("match: {events: [create]}", '4: "create" is not one of'),
        ("match: {exclude: {domains: []}}", "4: [] has less than 1 item"),
        ("effective_from: 01.03.2027", "4: `01.03.2027` is neither a day"),
        ("effective_from: 2027-02-30", "4: `2027-02-30` is no date"),
        ("effective_from: 2027-02-28T09:00:00", "4: `2027-02-28T09:00:00` is neither"),
        ("effective_from: 2027-01-01\n  grace_for_existing: 3 months", "5: `3 months` is no length of time"),
        ("grace_for_existing: 90d", "4: a grace needs the date it starts from"),
        ("match:\n    products:\n    - orders", "6: `orders` is not the fully qualified name of a product"),
        ("match:\n    exclude:\n    - orders", "6: `orders` is not the fully qualified name of a product"),
        ("parameters:\n    domain: [a]", f"5: {OWNER} has no parameter `domain`; it has `domains`, `hint`"),
        ("parameters:\n    domains: a", f'5: "a" is not of type "array" (parameter of {OWNER})'),
        ("parameters:\n    domains:\n    - 1", f'6: 1 is not of type "string" (parameter of {OWNER})'),
    ],
)
def test_a_wrong_detail_of_an_assignment_is_refused_at_its_line(tmp_path: Path, extra: str, told: str) -> None:
    written = f"- policy: {OWNER}\n  scope: mesh\n  enforcement: shadow\n  {extra}\n"
    (breach,) = breaches(tmp_path, assignments__mesh=written)
    assert breach.startswith(f"assignments/mesh.yaml:{told}")


def test_a_policy_without_parameters_takes_none(tmp_path: Path) -> None:
    text = f"- {{policy: {LATE}, scope: mesh, enforcement: shadow, parameters: {{x: 1}}}}"
    assert breaches(tmp_path, assignments__a=text) == [
        f"assignments/a.yaml:1: {LATE} has no parameter `x`; it has none"
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"until": ""}, '1: "until" is a required property'),
        ({"until": "soon"}, "8: `soon` is neither a day"),
        ({"until": "2026-10-31"}, "8: ends (2026-10-31) before it begins (2026-11-01)"),
        ({"approved_by": "Ann"}, "6: Ann cannot approve a waiver that the same person requested"),
        ({"policy": "mesh.nothing"}, "2: the bundle has no policy `mesh.nothing`"),
        ({"code": "owner_gone"}, f"9: {OWNER} has no finding code `owner_gone`; it has `owner_missing`"),
        ({"product": "orders"}, "3: `orders` is not the fully qualified name of a product"),
        ({"product": f"{ORDERS}:outputports:placed"}, "3: "),
        ({"within": "/columns/3"}, "9: `3` is a position; name the list item by its `name`, positions move"),
        ({"within": "columns"}, '9: "columns" does not match'),
        ({"expires": "2026-12-31"}, "9: Additional properties are not allowed ('expires' was unexpected)"),
    ],
)
def test_a_waiver_that_cannot_be_applied_is_refused_at_its_line(
    tmp_path: Path, changes: dict[str, str], told: str
) -> None:
    (breach,) = breaches(tmp_path, waivers__all=waiver(**changes))
    assert breach.startswith(f"waivers/all.yaml:{told}")


def test_every_breach_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    found = breaches(
        tmp_path,
        assignments__a="- policy: nothing\n  scope: mesh\n  enforcement: shadow\n",
        environments="- name: dev\n- name: dev\n",
        waivers__a=waiver(),
        waivers__b=waiver(approved_by="ann"),
        waivers__c=waiver(),
    )
    assert found == [
        "assignments/a.yaml:1: the bundle has no policy `nothing`",
        "environments.yaml:2: the environment `dev` is named twice",
        "waivers/b.yaml:6: ann cannot approve a waiver that the same person requested",
        "waivers/c.yaml:1: the waiver id `W-1` is used before, at waivers/a.yaml:1",
    ]


def test_the_error_carries_file_and_line_of_the_first_breach(tmp_path: Path) -> None:
    with pytest.raises(GovernanceInvalid) as caught:
        load(tmp_path, environments="- name: Dev\n")
    assert (caught.value.context["file"], caught.value.context["line"]) == ("environments.yaml", 1)


LOOSER = f"- {{policy: {OWNER}, scope: sales, enforcement: advisory}}\n"
HARDER = f"- {{policy: {OWNER}, scope: sales, enforcement: mandatory}}\n"


@pytest.mark.parametrize(
    "mesh",
    [
        "[]",  # the annotation says blocking
        f"- {{policy: {OWNER}, scope: mesh, enforcement: mandatory, match: {{domains: [hr]}}}}",
        f"- {{policy: {OWNER}, scope: mesh, enforcement: blocking, match: {{events: [deploy]}}}}\n"
        f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow}}",
        f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow, match: {{exclude: [{ORDERS}]}}}}",
    ],
)
def test_a_domain_may_not_loosen_what_the_mesh_says_but_may_tighten_it(tmp_path: Path, mesh: str) -> None:
    (breach,) = breaches(tmp_path / "looser", assignments__mesh=mesh, assignments__sales=LOOSER)
    assert breach == (
        f"assignments/sales.yaml:1: the domain sales may not loosen {OWNER}: the mesh says blocking, this says advisory"
    )
    assert len(load(tmp_path / "harder", assignments__mesh=mesh, assignments__sales=HARDER).assignments) >= 1


@pytest.mark.parametrize(
    "mesh",
    [
        f"- {{policy: {OWNER}, scope: mesh, enforcement: advisory}}",
        f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow, match: {{domains: [sales]}}}}\n"
        f"- {{policy: {OWNER}, scope: mesh, enforcement: mandatory}}",
    ],
)
def test_a_domain_may_set_what_the_mesh_leaves_at_that_level_or_below(tmp_path: Path, mesh: str) -> None:
    assert len(load(tmp_path, assignments__mesh=mesh, assignments__sales=LOOSER).assignments) >= 2


def test_a_domain_sets_local_parameters_and_everything_of_its_own_policies(tmp_path: Path) -> None:
    read = load(
        tmp_path,
        assignments__sales=f"""\
- {{policy: {OWNER}, scope: sales, enforcement: blocking, parameters: {{hint: ask Jo}}}}
- {{policy: {SALES}, scope: sales, enforcement: shadow, parameters: {{domains: [a]}}}}
""",
    )
    assert [one.parameters for one in read.assignments] == [{"hint": "ask Jo"}, {"domains": ["a"]}]


def test_a_grace_may_start_at_the_date_of_the_policy_itself(tmp_path: Path) -> None:
    text = f"- {{policy: {LATE}, scope: mesh, enforcement: blocking, grace_for_existing: 2w}}"
    assert load(tmp_path, assignments__mesh=text).assignments[0].grace_for_existing == timedelta(weeks=2)


def test_a_parameter_schema_that_refers_elsewhere_fetches_nothing(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/x.json"}}}
    (tmp_path / "assignments").mkdir()
    text = f"- {{policy: {OWNER}, scope: mesh, enforcement: shadow, parameters: {{x: 1}}}}"
    (tmp_path / "assignments" / "a.yaml").write_text(text)
    with pytest.raises(GovernanceInvalid, match=f"the parameter schema of {OWNER} is itself wrong"):
        governance.load(tmp_path, make.bundle(make.policy(parameters_schema=schema)))


def test_json_is_read_as_well_and_notes_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "assignments" / "deep").mkdir(parents=True)
    (tmp_path / "assignments" / "README.md").write_text("# how we assign")
    (tmp_path / "assignments" / ".mesh.yaml.swp").write_text("?")
    (tmp_path / "assignments" / "deep" / "mesh.json").write_text(
        f'[\n  {{"policy": "{OWNER}", "scope": "mesh", "enforcement": "shadow"}}\n]'
    )
    (read,) = governance.load(tmp_path, bundle()).assignments
    assert (read.enforcement, read.file, read.line) == (Enforcement.SHADOW, "assignments/deep/mesh.json", 2)


def test_nothing_is_missed_in_silence(tmp_path: Path) -> None:
    (tmp_path / "assignment").mkdir()
    (tmp_path / "waivers").mkdir()
    (tmp_path / "waivers" / "sales.txt").write_text("- id: W-1")
    (tmp_path / "environment.yaml").write_text("- name: prod")
    (tmp_path / "README.md").write_text("# our mesh")
    assert breaches(tmp_path) == [
        "assignment:1: `assignment` is not read; did you mean `assignments`?",
        "environment.yaml:1: `environment.yaml` is not read; did you mean `environments`?",
        "waivers/sales.txt:1: only .yaml, .yml, .json files are read here",
    ]


def test_the_governance_folder_of_the_examples_holds() -> None:
    example = Path(__file__).resolve().parents[3] / "examples" / "governance"
    read = governance.load(example, policy_bundle.load([DIRECTORY, example / "policies"]))
    assert len(read.assignments) >= 4
    assert len(read.waivers) >= 1
    assert list(read.environments) == ["dev", "qa", "prod"]


@pytest.mark.parametrize(
    ("component", "told"),
    [
        ("orders", "`orders` is not the fully qualified name of a port or component"),
        (ORDERS, f"`{ORDERS}` is not the fully qualified name of a port or component"),
        ("urn:dpds:org.example:dataproducts:other:1:outputports:x", f"is no part of `{ORDERS}`"),
        ("urn:dpds:org.example:dataproducts:orders:2:outputports:x", f"is of another major than `{ORDERS}`"),
    ],
)
def test_a_waiver_for_a_component_that_the_product_cannot_have_is_refused(
    component: str, told: str, tmp_path: Path
) -> None:
    (line,) = breaches(tmp_path, waivers=waiver(component=f"'{component}'"))
    assert line.startswith("waivers.yaml:9: ")
    assert told in line


def test_parameters_of_a_domain_are_tried_on_top_of_those_of_the_mesh(tmp_path: Path) -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"least": {"type": "integer"}, "hint": {"type": "string", "local": True}},
        "if": {"required": ["least"], "properties": {"least": {"minimum": 5}}},
        "then": {"properties": {"hint": {"maxLength": 3}}},
    }
    policy = make.policy(parameters_schema=schema)
    written = [
        f"- {{policy: {OWNER}, scope: mesh, enforcement: blocking, parameters: {{least: 9}}}}",
        f"- {{policy: {OWNER}, scope: sales, enforcement: blocking, parameters: {{hint: longer}}}}",
    ]
    (tmp_path / "assignments.yaml").write_text("\n".join(written))
    with pytest.raises(GovernanceInvalid) as caught:
        governance.load(tmp_path, make.bundle(policy))
    assert str(caught.value).startswith("assignments.yaml:2: ")
    assert str(caught.value).endswith(f"(parameter of {OWNER}, on top of assignments.yaml:1)")


def test_a_suspension_that_came_with_a_bundle_and_stands_in_the_catalog_counts_once() -> None:
    day = datetime(2027, 1, 1, tzinfo=UTC)
    aside = Suspension(OWNER, "It errs.", "olga", day, day + timedelta(days=9))
    once = governance.joined(governance.of(), bundle(), waivers=(), suspensions=[aside])
    again = governance.joined(once, bundle(), waivers=(), suspensions=[aside])
    assert (again.suspensions, again.assignments_digest) == ((aside,), once.assignments_digest)
