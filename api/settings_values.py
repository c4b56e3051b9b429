"""What does one configured value mean, wherever it was written?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from api.settings_keys import Key, Kind
from engine.errors import SettingsInvalid

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):(\d{1,5})")
_ADDRESSES = ("server", "opa_url")


def understood(key: Key, value: object, folder: Path, origin: str) -> object:
    """The value as Settings holds it: relative paths are taken from `folder`, the place where the value was written.

    Raises SettingsInvalid naming the origin (`--server`, `MESHGATE_SERVER`, `meshgate.yaml:3:9`).
    """
    return _MEANINGS[key.kind](key, value, folder, origin)


def of_variable(key: Key, text: str, folder: Path) -> object:
    """What the text of an environment variable means: lists are parted by commas."""
    if key.kind is Kind.NUMBER:
        return understood(key, int(text) if text.isascii() and text.isdigit() else text, folder, key.variable)
    if key.kind in (Kind.SOURCES, Kind.NAMES):
        return understood(key, [one.strip() for one in text.split(",") if one.strip()], folder, key.variable)
    return understood(key, text, folder, key.variable)


def _refused(key: Key, origin: str, wanted: str) -> SettingsInvalid:
    return SettingsInvalid(f"{origin}: `{key.name}` must be {wanted}.", key=key.name, origin=origin)


def _text(key: Key, value: object, _folder: Path, origin: str) -> str:
    if not isinstance(value, str) or not value:
        raise _refused(key, origin, "a text")
    if key.choices and value not in key.choices:
        raise _refused(key, origin, " or ".join(f"`{choice}`" for choice in key.choices))
    if key.name == "listen" and not ((told := _LISTEN.fullmatch(value)) and int(told[2]) < 65536):
        raise _refused(key, origin, "`HOST:PORT`")
    if key.name in _ADDRESSES and not value.startswith(("http://", "https://")):
        raise _refused(key, origin, "an address that begins with http:// or https://")
    return value


def _path(key: Key, value: object, folder: Path, origin: str) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise _refused(key, origin, "a path")
    return folder / Path(value).expanduser()


def _sources(key: Key, value: object, folder: Path, origin: str) -> tuple[str, ...]:
    many = [value] if isinstance(value, str | Path) else value
    if not isinstance(many, list | tuple) or not many or not all(isinstance(one, str | Path) for one in many):
        raise _refused(key, origin, "a path or a list of paths")
    return tuple(text if "://" in (text := str(one)) else str(folder / Path(text).expanduser()) for one in many)


def _names(key: Key, value: object, _folder: Path, origin: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) and one for one in value):
        raise _refused(key, origin, "a list of texts")
    return tuple(value)


def _number(key: Key, value: object, _folder: Path, origin: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _refused(key, origin, "a whole number above zero")
    return value


_MEANINGS: Mapping[Kind, Callable[[Key, object, Path, str], object]] = {
    Kind.TEXT: _text,
    Kind.PATH: _path,
    Kind.SOURCES: _sources,
    Kind.NAMES: _names,
    Kind.NUMBER: _number,
}
