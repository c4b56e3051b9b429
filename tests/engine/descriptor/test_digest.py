"""Is the canonical form that of RFC 8785, and does every value have exactly one?"""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.descriptor.digest import canonical, digest_of

DECIMALS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-1000, 1000, places=3).map(float)
    | st.sampled_from(
        [0.0, -0.0, 1e-4, 9.9999e-5, 1e-6, 1e-7, 1e15, 999999999999999.9, 1e16, 2.0**53, 1e20, 1e21, 5e-324]
    )
)


def values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | DECIMALS | st.text(),
        lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4),
    )


@settings(max_examples=300, deadline=None)
@given(values(st.text(max_size=4)) | values(st.text(st.characters(max_codepoint=127), max_size=4)))
def test_the_fast_form_is_the_form_of_the_reference_library(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_order_and_spelling_of_the_source_do_not_matter() -> None:
    first = json.loads('{"b": 1.0, "a": "\\u00e9", "\\ud83d\\ude00": 0, "\\ue000": 0}')
    second = json.loads('{"\\ue000": 0, "\\ud83d\\ude00": 0, "a": "é", "b": 1}')
    assert canonical(first) == '{"a":"é","b":1,"😀":0,"\ue000":0}'.encode()
    assert digest_of(first) == digest_of(second)


def test_large_integers_have_the_documented_tagged_form() -> None:
    assert canonical({"a": [2**53 - 1, 2**53, -(2**63) + 1]}) == (
        b'{"a":[9007199254740991,{"\\u0000integer":"9007199254740992"},{"\\u0000integer":"-9223372036854775807"}]}'
    )


def test_the_digest_is_a_sha256_by_name() -> None:
    assert digest_of({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_no_document_holds_has_no_form(value: float) -> None:
    with pytest.raises(rfc8785.FloatDomainError):
        canonical(value)
