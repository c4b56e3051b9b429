"""Do the published schema and the reference page say exactly what the reader understands?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest

from api.settings import Settings
from api.settings_keys import KEYS, schema, table

ROOT = Path(__file__).resolve().parents[2]


def test_the_published_schema_is_the_one_of_the_keys() -> None:
    assert json.loads((ROOT / "api/schemas/configuration-1.json").read_text()) == schema()


def test_the_reference_page_lists_the_keys() -> None:
    page = (ROOT / "docs/reference/configuration.md").read_text()
    assert page.partition("<!-- keys")[2].partition("-->\n")[2].partition("<!-- /keys -->")[0] == table()


def test_every_key_is_a_setting_and_every_setting_a_key() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)} - {"file", "origins", "cache_dir"}
    assert fields == set(KEYS)


def test_the_example_of_the_reference_page_is_valid() -> None:
    from engine.descriptor.limits import Limits
    from engine.descriptor.source import parse

    page = (ROOT / "docs/reference/configuration.md").read_text()
    example = page.rpartition("```yaml\n")[2].partition("```")[0]
    jsonschema.Draft202012Validator(schema()).validate(parse("meshgate.yaml", example.encode(), Limits()).value)


@pytest.mark.parametrize("wrong", [{"databse_url": "x"}, {"workers": 0}, {"opa_policies": "pull"}, {"policies": []}])
def test_the_schema_refuses_what_the_reader_refuses(wrong: dict[str, object]) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid(wrong)
