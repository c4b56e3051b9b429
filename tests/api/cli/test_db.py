"""Does `meshgate db` find what was changed or cut off, and does it refuse keys and heads that prove nothing?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from commands import MESH, Terminal
from joserfc.jwk import ECKey, OKPKey


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A catalog with the products of one domain, and a pair of keys as files."""
    terminal = Terminal(tmp_path)
    key = OKPKey.generate_key("Ed25519")
    terminal.write("key.pem", key.as_pem(private=True))
    terminal.write("public.pem", key.as_pem(private=False))
    assert terminal.run("submit", "--quiet", MESH / "sales").code == 0
    return terminal


def sql(terminal: Terminal, *statements: str) -> None:
    with sqlite3.connect(terminal.data_dir / "meshgate.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def cut_last(terminal: Terminal, revisions: int) -> int:
    """Remove the last revisions with everything in them and set the head back; gives the first that is missing."""
    with sqlite3.connect(terminal.data_dir / "meshgate.db") as connection:
        last = connection.execute("SELECT revision FROM catalog_head").fetchone()[0] - revisions
        tables = ("reading", "port", "part", "version_status", "listing", "version", "change", "decision", "payload")
        for table in tables:
            connection.execute(f"DELETE FROM {table} WHERE from_revision > {last}")
        connection.execute(f"DELETE FROM chain_link WHERE revision > {last}")
        connection.execute(
            "UPDATE catalog_head SET revision = ?, cursor = (SELECT max(cursor) FROM change),"
            " chain_hash = (SELECT hash FROM chain_link WHERE revision = ?)",
            (last, last),
        )
    connection.close()
    return int(last) + 1


def test_a_signed_head_kept_elsewhere_finds_a_tail_that_was_cut_with_the_head(terminal: Terminal) -> None:
    for _ in range(2):
        assert terminal.run("db", "head", "--sign", "key.pem", "--to", "heads.jws").code == 0
    asked = ("db", "verify", "--head", "heads.jws", "--verify-key", "public.pem")
    told = terminal.run(*asked)
    assert (told.code, "everything is as it was written" in told.out, "cut tail" in told.out) == (0, True, False)
    missing = cut_last(terminal, 2)
    plain = terminal.run("db", "verify")
    assert (plain.code, "a cut tail is only found with `--head`" in plain.out) == (0, True)
    told = terminal.run(*asked)
    assert told.code == 1
    assert told.out.startswith(f"revision {missing}: the tail was cut: the head of ")
    assert f"revisions {missing} to {missing + 1} existed" in told.out


def test_an_edited_record_is_named_with_its_revision(terminal: Terminal) -> None:
    sql(terminal, "UPDATE change SET principal = 'mallory' WHERE cursor = 3")
    told = terminal.run("db", "verify")
    assert (told.code, told.out) == (1, "revision 2: the change 3 was edited\n")
    as_json = terminal.run("db", "verify", "--json").json
    assert as_json["faults"] == ["revision 2: the change 3 was edited"]


def test_a_head_without_signature_is_json(terminal: Terminal) -> None:
    told = terminal.run("db", "head").json
    assert sorted(told) == ["at", "chain_hash", "cursor", "revision", "schema"]
    terminal.write("heads.json", json.dumps(told))
    assert terminal.run("db", "verify", "--head", "heads.json").code == 0


def test_a_head_that_another_signed_or_that_was_changed_is_no_proof(terminal: Terminal) -> None:
    terminal.write("other.pem", OKPKey.generate_key("Ed25519").as_pem(private=False))
    line = terminal.run("db", "head", "--sign", "key.pem").out.strip()
    head, body, signature = line.split(".")
    terminal.write("good.jws", f"{line}\n")
    terminal.write("changed.jws", f"{line}\n{head}.{body[:-2]}AA.{signature}\n")
    terminal.write("unsigned.json", terminal.run("db", "head").out)
    for file, public, says in (
        ("good.jws", "other.pem", "good.jws:1: It was not signed with this key"),
        ("changed.jws", "public.pem", "changed.jws:2: It was not signed with this key"),
        ("unsigned.json", "public.pem", "unsigned.json:1: It was not signed with this key"),
    ):
        told = terminal.run("db", "verify", "--head", file, "--verify-key", public)
        assert (told.code, says in told.err, "[head-invalid]" in told.err) == (2, True, True), told.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no head"),
        ("\n\n", "holds no head"),
        ("nonsense", "say with which key"),
        ("{}", "no statement of the schema"),
        ('{"schema": "meshgate/head/1", "revision": "1"}', "lacks revision"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_head_is_refused(terminal: Terminal, content: str | None, says: str) -> None:
    if content is not None:
        terminal.write("heads", content)
    told = terminal.run("db", "verify", "--head", "heads")
    assert (told.code, says in told.err, "[head-invalid]" in told.err) == (2, True, True), told.err


def test_a_key_that_cannot_be_used_is_told_and_nothing_is_signed(terminal: Terminal) -> None:
    terminal.write("garbage.pem", b"no key")
    terminal.write("ec.pem", ECKey.generate_key("P-256").as_pem(private=True))
    terminal.write("x25519.pem", OKPKey.generate_key("X25519").as_pem(private=True))
    terminal.write("huge.pem", b"x" * 70_000)
    for file, says in (
        ("missing.pem", "cannot be read: No such file"),
        ("garbage.pem", "holds no Ed25519 key"),
        ("ec.pem", "holds no Ed25519 key"),
        ("x25519.pem", "holds a key of X25519"),
        ("public.pem", "holds only a public key"),
        ("huge.pem", "larger than any key"),
    ):
        told = terminal.run("db", "head", "--sign", file, "--to", "heads.jws")
        assert (told.code, says in told.err, "[key-invalid]" in told.err) == (2, True, True), told.err
    assert not (terminal.folder / "heads.jws").exists()


def test_a_key_may_be_a_jwk_and_a_key_to_verify_with_needs_a_head(terminal: Terminal) -> None:
    key = OKPKey.generate_key("Ed25519")
    terminal.write("key.jwk", json.dumps(key.as_dict(private=True)))
    assert terminal.run("db", "head", "--sign", "key.jwk", "--to", "heads.jws").code == 0
    assert terminal.run("db", "verify", "--head", "heads.jws", "--verify-key", "key.jwk").code == 0
    told = terminal.run("db", "verify", "--verify-key", "key.jwk")
    assert (told.code, "[usage]" in told.err) == (2, True)
