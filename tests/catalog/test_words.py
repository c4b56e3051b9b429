"""Which tokens does the analyser make of a text?"""

from __future__ import annotations

import pytest

from catalog.text.words import LONGEST, folded, tokens, word_tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tripExecution", [("tripexecution", ("trip", "execution"))]),
        ("trip_execution", [("tripexecution", ("trip", "execution"))]),
        ("HTTPServerLog", [("httpserverlog", ("http", "server", "log"))]),
        ("order2Cash v2", [("order2cash", ("order2", "cash")), ("v2", ())]),
        ("UPPER lower Title", [("upper", ()), ("lower", ()), ("title", ())]),
        ("Größe façade ÉCOLE", [("grosse", ()), ("facade", ()), ("ecole", ())]),
        ("c++ a.b@c.de", [("c", ()), ("abcde", ("a", "b", "c", "de"))]),
        ("日本語 Привет", [("日本語", ()), ("привет", ())]),
        ("ﬁle Ⅳ", [("file", ()), ("iv", ())]),
        ("", []),
        (" \t\n", []),
        ("++ -- 😀 \0 _", []),
    ],
)
def test_words_give_their_raw_token_and_their_parts(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(word_tokens(text)) == found


def test_tokens_repeat_and_are_cut() -> None:
    assert list(tokens("aB a")) == ["ab", "a", "b", "a"]
    assert list(tokens("x" * 1000)) == ["x" * LONGEST]


def test_every_token_is_letters_and_digits_only() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    for token in tokens(" ".join(every)):
        assert token.isalnum(), ascii(token)
        assert not any(char.isspace() for char in token), ascii(token)


def test_folding_twice_changes_nothing_more() -> None:
    for text in ("Größe", "İstanbul", "ΣΑΣ", "façade", "ﬁle", "K"):
        assert folded(folded(text)) == folded(text)
