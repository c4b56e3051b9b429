"""What is wrong with a policy, and at which place of its file?

One truth for two askers: loading refuses the first flaw of severity error, `meshgate policy lint` lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import BundleInvalid
from engine.policy.lint_rules import RULES, LintRule


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """One thing wrong: the file, the place in it (1-based, column in characters), the rule and what it says of it."""

    file: str
    line: int
    column: int
    code: str
    msg: str
    hint: str = ""

    @property
    def rule(self) -> LintRule:
        return RULES[self.code]

    def __str__(self) -> str:
        told = f"{self.msg}: {self.hint}" if self.hint else self.msg
        return f"{self.file}:{self.line}: {told}" if self.line else f"{self.file}: {told}"


def refuse_first(flaws: Iterable[Flaw]) -> None:
    """Raise BundleInvalid for the first flaw; none is let pass, whatever its severity."""
    for flaw in flaws:
        raise BundleInvalid(str(flaw))
