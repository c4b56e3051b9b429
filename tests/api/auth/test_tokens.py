"""Does a bearer token give its principal, and a wrong tokens file a clear error?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from api.auth.tokens import load
from engine.errors import SettingsInvalid
from engine.model import Principal


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def written(folder: Path, text: str) -> Path:
    file = folder / "tokens.yaml"
    file.write_text(text)
    return file


def test_a_token_gives_its_principal(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "tokens:\n"
        f"- {{id: sales-ci, sha256: {sha256('one')}, roles: [submitter, deployer], domains: [sales]}}\n"
        f"- {{id: portal, sha256: {sha256('two')}, roles: [reader]}}\n",
    )
    tokens = load(file)
    assert tokens.principal("one") == Principal("sales-ci", frozenset({"submitter", "deployer"}), frozenset({"sales"}))
    assert tokens.principal("two") == Principal("portal", frozenset({"reader"}))


@pytest.mark.parametrize("guess", ["", "on", "One", sha256("one"), "öne", "one "])
def test_anything_else_gives_nobody(tmp_path: Path, guess: str) -> None:
    tokens = load(written(tmp_path, f"tokens: [{{id: a, sha256: {sha256('one')}, roles: [reader]}}]\n"))
    assert tokens.principal(guess) is None


HASH = 64 * "0"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "a tokens file is one key `tokens` with a list"),
        ("tokens: []", "at least one token"),
        (f"tokens: [{{id: a, sha256: '{HASH}', roles: [root]}}]", "there is no role `root`"),
        (f"tokens: [{{id: a, sha256: '{HASH}', roles: reader}}]", "roles must be a list of texts"),
        (f"tokens: [{{id: '', sha256: '{HASH}', roles: []}}]", "`id` must be a text"),
        ("tokens: [{id: a, sha256: plain-token, roles: []}]", "`sha256` must be 64"),
        (f"tokens: [{{id: a, sha256: '{HASH.replace('0', 'A')}', roles: []}}]", "`sha256` must be 64"),
        (f"tokens: [{{id: a, sha256: '{HASH}'}}]", "a token has `id`"),
        (f"tokens: [{{id: a, sha256: '{HASH}', roles: [], role: x}}]", "a token has `id`"),
        (2 * f"- {{id: a, sha256: '{HASH}', roles: []}}\n", "one key `tokens`"),
        (f"tokens:\n{2 * f'- {{id: a, sha256: {HASH!r}, roles: []}}{chr(10)}'}", "none twice"),
        ("tokens: [", "tokens.yaml:1:"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(written(tmp_path, text))
    assert told in refused.value.detail


def test_an_error_never_repeats_what_stands_where_a_hash_should(tmp_path: Path) -> None:
    file = written(tmp_path, "tokens: [{id: a, sha256: hunter2-the-token-itself, roles: []}]")
    with pytest.raises(SettingsInvalid) as refused:
        load(file)
    assert "hunter2" not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read: No such file"):
        load(tmp_path / "none.yaml")
