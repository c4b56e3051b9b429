"""Is no secret left in what an adapter says, and everything else?"""

from __future__ import annotations

import pytest

from engine.provision.discreet import LONGEST, discreet, secrets_of, worded


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("connect to postgresql://owner:s3cret@db:5432/mesh failed", "connect to postgresql://***@db:5432/mesh failed"),
        ("password=s3cret, user=jo", "password=***, user=jo"),
        ("PGPASSWORD: 's3 cret' is wrong", "PGPASSWORD: *** is wrong"),
        ('{"client_secret": "s3cret", "id": 1}', '{"client_secret": ***, "id": 1}'),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("key AKIAIOSFODNN7EXAMPLE is unknown", "key *** is unknown"),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "***"),
        ("table orders.tokens has no column secretary", "table orders.tokens has no column secretary"),
        ("https://example.org/a@b is not there", "https://example.org/a@b is not there"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_nothing_else(said: str, kept: str) -> None:
    assert discreet(said) == kept


def test_the_secrets_of_a_configuration_are_known_by_their_keys_and_in_addresses() -> None:
    configuration = {
        "url": "postgresql://owner:hunter%402@db/mesh",
        "schema": "sales",
        "login": {"password": "letmein", "user": "jo"},
        "tokens": ["first-token", "x"],
    }
    assert secrets_of(configuration) == {"hunter%402", "hunter@2", "letmein", "first-token"}
    assert discreet("user jo: letmein is wrong", secrets_of(configuration)) == "user jo: *** is wrong"


def test_words_are_made_discreet_wherever_they_stand_and_outputs_stay() -> None:
    body = {
        "state": "failed",
        "error": {"class": "INVALID", "message": "token=abcd"},
        "observation": {"state": "unknown", "reason": "token=abcd", "outputs": {"message": "token=abcd"}},
        "issues": [{"message": "token=abcd"}],
    }
    told = worded(body)
    assert told["error"] == {"class": "INVALID", "message": "token=***"}
    assert told["observation"] == {"state": "unknown", "reason": "token=***", "outputs": {"message": "token=abcd"}}
    assert told["issues"] == [{"message": "token=***"}]


@pytest.mark.parametrize("text", ["a" * 1_000_000, "secret-" * 100_000, "x://" * 200_000, "-----BEGIN KEY" * 9999])
def test_a_message_without_end_is_cut(text: str) -> None:
    assert len(discreet(text)) <= LONGEST + 1
