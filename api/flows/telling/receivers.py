"""Which address may a subscription name, as far as it can be seen without asking for its name?"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from api.auth.loopback import is_loopback
from api.destinations import SCHEMES, Destinations
from engine.errors import SubscriptionInvalid

LONGEST = 2048


def checked(url: str, allowed: Destinations) -> SplitResult:
    """The parts of an address that may be told; where its name leads is looked at when it is called.

    Raises SubscriptionInvalid.
    """
    parts = _parts(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        raise SubscriptionInvalid(f"{_shown(parts)}: only https is spoken with other machines.")
    literal = "127.0.0.1" if host.lower() == "localhost" else host
    if _is_address(literal) and not allowed.allow(literal, host):
        raise SubscriptionInvalid(f"{_shown(parts)}: this address is not public, and the operator allows it not.")
    return parts


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0 and len(url) <= LONGEST
    except ValueError:
        usable = None
    if not usable or parts.scheme not in SCHEMES or not url.isascii() or any(one <= " " for one in url):
        raise SubscriptionInvalid("This is no address such as https://hooks.example.org/meshgate.")
    if parts.username is not None or parts.fragment:
        raise SubscriptionInvalid(f"{_shown(parts)}: an address has neither user nor fragment here.")
    return parts


def _shown(parts: SplitResult) -> str:
    """The address as it is told: what follows a `?` may be a secret."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
