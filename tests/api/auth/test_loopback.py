"""Does a server without tokens obey nobody but the user of this machine?"""

from __future__ import annotations

import pytest

from api.auth.loopback import is_loopback, is_own, require_loopback
from engine.errors import SettingsInvalid


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "localhost.example.org"])
def test_everything_else_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_without_tokens_a_server_refuses_to_listen_beyond_this_machine() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        require_loopback("0.0.0.0", tokens_configured=False)
    assert refused.value.context == {"key": "tokens", "host": "0.0.0.0"}


def test_with_tokens_or_on_loopback_it_listens() -> None:
    require_loopback("0.0.0.0", tokens_configured=True)
    require_loopback("127.0.0.1", tokens_configured=False)


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("127.0.0.1:8471", None, True),
        ("localhost", None, True),
        ("[::1]:8471", "http://[::1]:8471", True),
        ("127.0.0.1:8471", "http://127.0.0.1:8471", True),
        ("127.0.0.1:8471", "http://127.0.0.1:9999", False),
        ("127.0.0.1:8471", "https://attacker.example", False),
        ("127.0.0.1:8471", "null", False),
        ("attacker.example:8471", None, False),
        ("attacker.example", "http://attacker.example", False),
        ("", None, False),
    ],
)
def test_a_page_of_another_site_cannot_speak_for_the_user(host: str, origin: str | None, own: bool) -> None:
    assert is_own(host, origin) is own
