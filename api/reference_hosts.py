"""Which hosts may be asked for what a reference in a descriptor names?

An author writes the address, so it must not become a way into the network that this process stands in: only hosts
that the operator lists are asked, and even these only where they lead to public addresses or listed networks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from api.auth.loopback import is_loopback
from api.destinations import Destinations, port
from engine.descriptor import ReferenceRefused
from engine.errors import SettingsInvalid

KEY = "reference_hosts"
_USUAL = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ReferenceHosts:
    """The listed hosts with their ports (None: the usual one of the scheme), and where they may lead."""

    listed: frozenset[tuple[str, int | None]]
    where: Destinations

    @classmethod
    def of(cls, allowed: Iterable[str]) -> ReferenceHosts:
        """From `HOST`, `HOST:PORT` and networks as the settings have them. Raises SettingsInvalid."""
        hosts, networks = set(), []
        for one in allowed:
            try:
                if "/" in one:
                    networks.append(str(ip_network(one)))
                else:
                    hosts.add(_host(one))
            except ValueError:
                told = f"`{KEY}`: {one} is no host, host with port, or network."
                raise SettingsInvalid(told, key=KEY) from None
        return cls(frozenset(hosts), Destinations.of(networks, key=KEY))

    def refuse(self, url: str) -> None:
        """Raise ReferenceRefused where this URL may not be asked for, as far as its text shows."""
        parts = urlsplit(url)
        host, number = parts.hostname or "", port(parts)
        usual = number == _USUAL[parts.scheme]
        if (host, number) not in self.listed and not (usual and (host, None) in self.listed):
            raise ReferenceRefused(f"the host {parts.netloc} is not allowed")
        if parts.scheme == "http" and not is_loopback(host):
            raise ReferenceRefused("only https is spoken with other machines")

    def allow(self, address: str, host: str) -> bool:
        """Whether this address, to which the listed `host` leads, may be asked."""
        own = address == host or (host == "localhost" and is_loopback(address))
        return own or self.where.allow(address, "")


def _host(text: str) -> tuple[str, int | None]:
    """Raises ValueError."""
    bare = f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text
    parts = urlsplit(f"//{bare}")
    if not parts.hostname or parts.netloc != bare or "@" in bare or not bare.isascii() or not bare.isprintable():
        raise ValueError(text)
    if " " in bare or bare.endswith(":") or parts.port == 0:
        raise ValueError(text)
    return parts.hostname, parts.port
