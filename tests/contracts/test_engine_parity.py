"""Do regorus and a real OPA say the same of every shipped policy, on good, broken and mutated descriptors?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

import policies
from engine.descriptor import Directory, Submission, ingest
from engine.model import Json
from engine.policy import bundle as bundles
from engine.policy import mutations
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.parity import Difference, differences

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "mesh"
DAY = "2026-11-23T00:00:00Z"


class Both:
    """The two engines, asked the same about the shipped policies."""

    def __init__(self, embedded: EmbeddedEngine, opa: OpaServer) -> None:
        self._bundle = bundles.load([policies.DIRECTORY])
        self._embedded, self._opa = embedded, opa

    def differences(self, documents: Iterable[tuple[str, Mapping[str, Json]]]) -> list[Difference]:
        return list(differences(self._embedded, self._opa, self._bundle, documents, now=DAY))


@pytest.fixture(scope="module")
def both(opa_url: str) -> Iterator[Both]:
    with ExitStack() as stack:
        embedded = stack.enter_context(closing(EmbeddedEngine()))
        yield Both(embedded, stack.enter_context(closing(OpaServer(opa_url, push=True))))


def effective(file: Path) -> dict[str, Json]:
    document = ingest(Submission(file.name, Directory(file.parent))).effective
    assert document is not None
    return document


def readable() -> list[Path]:
    files = [*EXAMPLES.glob("*/*.yaml"), *EXAMPLES.glob("*/*.json"), *EXAMPLES.glob("*/*/data-product-descriptor.yaml")]
    return sorted(file for file in files if "unreadable" not in file.name)


@pytest.mark.parametrize("file", readable(), ids=lambda file: file.relative_to(EXAMPLES).as_posix())
def test_both_engines_agree_on_an_example(both: Both, file: Path) -> None:
    assert both.differences([(file.name, effective(file))]) == []


@pytest.mark.long
@pytest.mark.parametrize("file", readable(), ids=lambda file: file.relative_to(EXAMPLES).as_posix())
def test_both_engines_agree_on_every_mutation_of_every_example(both: Both, file: Path) -> None:
    assert both.differences(mutations.every(file.name, effective(file))) == []
