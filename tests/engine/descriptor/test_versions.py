"""Are versions ordered as Semantic Versioning says?"""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from engine.descriptor.versions import compare, is_semver, major, precedence_key, without_build

ORDERED = [
    *("0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"),
    *("1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0-0", "2.0.0", "10.0.0"),
]


def test_precedence_is_that_of_the_specification() -> None:
    shuffled = random.Random(2).sample(ORDERED, len(ORDERED))
    assert sorted(shuffled, key=precedence_key) == ORDERED
    assert [compare(low, high) for low, high in pairwise(ORDERED)] == [-1] * (len(ORDERED) - 1)


def test_build_metadata_does_not_make_another_version() -> None:
    assert without_build("1.2.3-rc.1+build.5") == "1.2.3-rc.1"
    assert (compare("1.2.3+a", "1.2.3+b"), precedence_key("1.2.3+a")) == (0, precedence_key("1.2.3"))


@pytest.mark.parametrize(
    "text", ["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0\n", "\u0661.0.0", "", 1, None]
)
def test_other_texts_are_no_version(text: object) -> None:
    assert not is_semver(text)


@pytest.mark.parametrize("text", [*ORDERED, "1.0.0-0A.is.legal", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788"])
def test_versions_are_versions(text: str) -> None:
    assert is_semver(text)
    assert major(text) == int(text.split(".")[0])
