"""May a server without tokens listen here, and did a request without a token really come from this machine's user?

Without tokens everybody who can send a request is the principal `local`. So such a server binds only to loopback, and
it refuses what a web page in the user's browser could send there: foreign Host names (DNS rebinding) and foreign
Origins (cross-site posts).
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from engine.errors import SettingsInvalid


def is_loopback(host: str) -> bool:
    """Whether this host is this machine only: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def require_loopback(host: str, *, tokens_configured: bool) -> None:
    """Raise SettingsInvalid where a server without tokens would be reachable from other machines."""
    if not tokens_configured and not is_loopback(host):
        raise SettingsInvalid(
            f"Without a tokens file the server would obey anybody who reaches {host}; it then binds only to loopback.",
            key="tokens",
            host=host,
        )


def is_own(host_header: str, origin: str | None) -> bool:
    """Whether a request names this machine as its host and does not come from the page of another site."""
    host = urlsplit(f"//{host_header}")
    if not is_loopback(host.hostname or ""):
        return False
    return origin is None or urlsplit(origin).netloc == host.netloc
