"""How does what somebody types become full text conditions of each store?

Every word must be found. A word is found as its raw token or as all of its parts; in the prefix condition the last
word need only begin a token. Tokens are letters and digits only, so any text makes a safe query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from catalog.search import oneline
from catalog.search.hints import Hint
from catalog.search.where import ANYTHING, Where, bounded, together
from catalog.text.words import plain, word_tokens
from engine.descriptor.identity import line_fqn, parse_fqn

Word = tuple[str, tuple[str, ...]]
#: a token, whether it may be only the start of one, and the field tiers it is looked for in ("" for all)
Term = Callable[[str, bool, str], str]

MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, analysed: `text` is compared with whole names, `words` with tokens, `where` with fields."""

    text: str
    words: tuple[Word, ...]
    where: Where = ANYTHING
    #: the filters of the line, as they were typed
    filters: str = ""
    hints: tuple[Hint, ...] = ()

    @property
    def lists_all(self) -> bool:
        """Whether no words narrow what is found."""
        return not self.text

    @property
    def finds_nothing(self) -> bool:
        """Whether there is text without any letter or digit."""
        return bool(self.text) and not self.words

    @property
    def scope(self) -> str:
        """What a cursor of this query belongs to."""
        return f"search {self.text}" + (f" {self.where}" if self.where != ANYTHING else "")


@lru_cache(maxsize=256)
def analysed(line: str, where: Where | None = None) -> Query:
    """The query behind a line and a typed filter; an fqn in any dialect with a major is read as its canonical line.

    Raises `SearchInvalid` for a filter that is too large.
    """
    read = oneline.read(plain(line).strip())
    text = read.words
    parsed = parse_fqn(text.strip())
    if parsed is not None and parsed.major is not None:
        text = line_fqn(parsed.namespace, parsed.name, parsed.major)
    words = tuple(islice(word_tokens(text), MOST_WORDS))
    return Query(text.strip(), words, bounded(together(read.where, where)), read.filters, read.hints)


def fts5(token: str, prefix: bool, tiers: str) -> str:
    """A term of SQLite's FTS5."""
    columns = f"{{{' '.join(tiers)}}} : " if tiers else ""
    return f'{columns}"{token}"{"*" if prefix else ""}'


def tsquery(token: str, prefix: bool, tiers: str) -> str:
    """A term of PostgreSQL's tsquery."""
    flags = ("*" if prefix else "") + tiers.upper()
    return f"'{token}'" + (f":{flags}" if flags else "")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a store writes terms, AND and OR."""

    term: Term
    both: str
    either: str

    def condition(self, words: Sequence[Word], tiers: str = "", *, begins: bool = False) -> str:
        """Every word is found in these tiers, the last one perhaps only begun."""
        last = len(words) - 1
        return self.both.join(self._word(word, tiers, begins and at == last) for at, word in enumerate(words))

    def anywhere(self, words: Sequence[Word]) -> str:
        """Every word is found somewhere, or they are found in the names with the last one only begun."""
        return f"({self.condition(words)}){self.either}({self.condition(words, 'a', begins=True)})"

    def _word(self, word: Word, tiers: str, begins: bool) -> str:
        raw, parts = word
        whole = self.term(raw, begins, tiers)
        if not parts:
            return whole
        pieces = [self.term(part, begins and at == len(parts) - 1, tiers) for at, part in enumerate(parts)]
        return f"({whole}{self.either}({self.both.join(pieces)}))"


DIALECTS = {"sqlite": Dialect(fts5, " AND ", " OR "), "postgresql": Dialect(tsquery, " & ", " | ")}
