"""Whose bearer token is this?"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.auth.permissions import ROLES
from engine.errors import SettingsInvalid
from engine.model import Json, Principal

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = frozenset({"id", "sha256", "roles", "domains"})


@dataclass(frozen=True, slots=True)
class Token:
    """The SHA-256 of one bearer token (never the token itself) and the principal it stands for."""

    sha256: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that a server accepts."""

    tokens: tuple[Token, ...]

    def principal(self, bearer: str) -> Principal | None:
        """The principal of this bearer token, or None; the time taken does not tell how close a guess was."""
        digest = hashlib.sha256(bearer.encode()).hexdigest()
        matches = [token.principal for token in self.tokens if hmac.compare_digest(token.sha256, digest)]
        return matches[0] if matches else None


def load(path: Path) -> Tokens:
    """The tokens file: `tokens: [{id, sha256, roles, domains}]` (docs/reference/http.md, Who asks).

    Raises SettingsInvalid when it cannot be read, names an unknown role or repeats a hash.
    """
    from api.settings_file import document

    try:
        content = path.read_bytes()
    except OSError as reason:
        raise SettingsInvalid(f"The tokens file {path} cannot be read: {reason.strerror}.", file=str(path)) from reason
    value = document(content, str(path))
    if not isinstance(value, Mapping) or value.keys() != {"tokens"} or not isinstance(value["tokens"], list):
        raise SettingsInvalid(f"{path}: a tokens file is one key `tokens` with a list.", file=str(path))
    tokens = tuple(_token(entry, f"{path}: tokens/{index}") for index, entry in enumerate(value["tokens"]))
    if not tokens or len({token.sha256 for token in tokens}) < len(tokens):
        raise SettingsInvalid(f"{path}: a tokens file holds at least one token, and none twice.", file=str(path))
    return Tokens(tokens)


def _token(entry: Json, where: str) -> Token:
    if not isinstance(entry, Mapping) or not {"id", "sha256", "roles"} <= entry.keys() <= _KEYS:
        raise SettingsInvalid(f"{where}: a token has `id`, `sha256`, `roles` and maybe `domains`.")
    if not isinstance(entry["id"], str) or not entry["id"]:
        raise SettingsInvalid(f"{where}: `id` must be a text.")
    if not isinstance(entry["sha256"], str) or not _SHA256.fullmatch(entry["sha256"]):
        raise SettingsInvalid(f"{where}: `sha256` must be 64 lower-case hexadecimal digits.")
    roles, domains = _names(entry["roles"], f"{where}/roles"), _names(entry.get("domains", []), f"{where}/domains")
    for unknown in sorted(roles - ROLES.keys()):
        raise SettingsInvalid(f"{where}: there is no role `{unknown}`; roles are {', '.join(ROLES)}.")
    return Token(entry["sha256"], Principal(id=entry["id"], roles=roles, domains=domains))


def _names(value: Json, where: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsInvalid(f"{where} must be a list of texts.")
    return frozenset(value)
