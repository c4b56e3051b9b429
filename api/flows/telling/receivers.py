"""To which addresses may this server send what it tells, and to which never?

A subscription makes the server call an address that somebody else named. It must not become a way into the network
that the server stands in: only public addresses are called, and what the operator names besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from api.auth.loopback import is_loopback
from engine.errors import SettingsInvalid, SubscriptionInvalid

LONGEST = 2048
THIS_MACHINE = ("127.0.0.0/8", "::1/128")
_NAT64 = ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Receivers:
    """What is allowed besides public addresses: hosts by name, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, allowed: Iterable[str], *, key: str = "subscription_receivers") -> Receivers:
        """From names, addresses and networks as the settings have them. Raises SettingsInvalid."""
        hosts, networks = set(), []
        for one in allowed:
            try:
                networks.append(ip_network(one))
            except ValueError:
                if "/" in one or ":" in one:
                    raise SettingsInvalid(f"`{key}`: {one} is no host, address or network.", key=key) from None
                hosts.add(one.lower())
        return cls(frozenset(hosts), tuple(networks))

    def checked(self, url: str) -> SplitResult:
        """The parts of an address that may be told, as far as it can be seen without asking for its name.

        Raises SubscriptionInvalid.
        """
        parts = _parts(url)
        host = parts.hostname or ""
        if parts.scheme == "http" and not is_loopback(host):
            raise SubscriptionInvalid(f"{_shown(parts)}: only https is spoken with other machines.")
        literal = "127.0.0.1" if host.lower() == "localhost" else host
        if _is_address(literal) and not self.allow(literal, host):
            raise SubscriptionInvalid(f"{_shown(parts)}: this address is not public, and the operator allows it not.")
        return parts

    def allow(self, address: str, host: str) -> bool:
        """Whether this address, to which the name `host` leads, may be called."""
        meant = _meant(ip_address(address.partition("%")[0]))
        if self.listed(address, host):
            return True
        return meant.is_global and not (meant.is_multicast or meant.is_reserved or meant.is_unspecified)

    def listed(self, address: str, host: str) -> bool:
        """Whether the operator names this address, or the host that leads to it."""
        meant = _meant(ip_address(address.partition("%")[0]))
        return host.lower() in self.hosts or any(meant in one for one in self.networks)


def port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0 and len(url) <= LONGEST
    except ValueError:
        usable = None
    if not usable or parts.scheme not in _PORTS or not url.isascii() or any(one <= " " for one in url):
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


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address
