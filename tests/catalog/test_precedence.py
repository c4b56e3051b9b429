"""Does the text key sort as SemVer precedence says?"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.precedence import key, without_build
from engine.descriptor.versions import compare

#: semver.org §11, lengthened at both ends
RISING = [
    "0.0.0-0", "0.0.0", "0.9.0", "0.10.0", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1",
    "1.0.0-alpha.beta", "1.0.0-alpha-1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
    "1.0.1", "1.2.0", "1.10.0", "2.0.0-rc", "2.0.0", "10.0.0", "100.0.0",
]  # fmt: skip


def test_the_examples_of_the_standard_rise() -> None:
    assert sorted(RISING, key=key) == RISING
    assert len({key(version) for version in RISING}) == len(RISING)


_NUMBER = st.integers(0, 10**18 - 1).map(str)
_PART = st.from_regex(r"[0-9]{0,3}[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True) | _NUMBER
_VERSION = st.builds(
    lambda core, parts: ".".join(core) + ("-" + ".".join(parts) if parts else ""),
    st.lists(_NUMBER, min_size=3, max_size=3),
    st.lists(_PART, max_size=3),
)


@given(st.lists(_VERSION, min_size=2, max_size=4))
def test_any_two_versions_compare_as_the_semver_library_says(versions: list[str]) -> None:
    for first, second in itertools.permutations(versions, 2):
        told = (key(first) > key(second)) - (key(first) < key(second))
        assert told == compare(first, second)


def test_build_metadata_counts_for_nothing() -> None:
    assert key("1.0.0+b") == key("1.0.0+a") == key("1.0.0")
    assert without_build("1.0.0-rc.1+a-b") == "1.0.0-rc.1"


@pytest.mark.parametrize("wrong", ["1.0", "v1.0.0", "", "1.0.0-01", "latest"])
def test_what_is_no_semver_has_no_key(wrong: str) -> None:
    with pytest.raises(ValueError, match="SemVer"):
        key(wrong)
