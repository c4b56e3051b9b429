"""Which addresses may this installation call when somebody else names them, and which never?

A subscription, an adapter and a reference in a descriptor make it call an address that it did not choose. None of them
must become a way into the network that it stands in: only public addresses are called, and what the operator names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult

from engine.errors import SettingsInvalid

THIS_MACHINE = ("127.0.0.0/8", "::1/128")
_NAT64 = ip_network("64:ff9b::/96")
SCHEMES = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Destinations:
    """What is allowed besides public addresses: hosts by name, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, allowed: Iterable[str], *, key: str) -> Destinations:
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
    return parts.port or SCHEMES[parts.scheme]


def _meant(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address
