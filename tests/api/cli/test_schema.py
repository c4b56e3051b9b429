"""Does `meshgate schema export` give each published schema, fit for use?"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from commands import MESH, Ended, Terminal
from jsonschema import Draft202012Validator

from api.cli.schema import Kind
from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits

Run = Callable[..., Ended]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_a_valid_schema_on_standard_output_and_in_a_file(
    run: Run, terminal: Terminal, kind: Kind
) -> None:
    told = run("schema", "export", "--kind", kind)
    assert told.code == 0
    Draft202012Validator.check_schema(told.json)
    assert run("schema", "export", "--kind", kind, "-o", "made/here.json") == Ended(0, "", "")
    assert (terminal.folder / "made" / "here.json").read_text("utf-8") == told.out


def test_an_editor_accepts_good_descriptors_with_their_references_and_refuses_a_missing_owner(run: Run) -> None:
    schema = Draft202012Validator(run("schema", "export").json)
    for good in ("sales/orders.yaml", "logistics/shipments/data-product-descriptor.yaml"):
        value, _ = yaml_source.read((MESH / good).read_text("utf-8"), Limits())
        assert list(schema.iter_errors(value)) == []
    value, _ = yaml_source.read((MESH / "broken" / "returns-without-owner.yaml").read_text("utf-8"), Limits())
    assert [list(error.path) for error in schema.iter_errors(value)] == [["info", "owner"]]


def test_the_schema_of_the_report_knows_the_report(run: Run) -> None:
    schema = Draft202012Validator(json.loads(run("schema", "export", "--kind", "report").out))
    assert schema.is_valid(run("check", "-f", "json", MESH / "broken").json)


def test_an_unknown_kind_ends_with_2(run: Run) -> None:
    assert run("schema", "export", "--kind", "cookbook").code == 2
