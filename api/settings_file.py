"""What does a configuration file say, and where does it say it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api.settings_keys import KEYS
from api.settings_values import understood
from engine.errors import SettingsInvalid
from engine.model import Json

if TYPE_CHECKING:
    from engine.descriptor.source import Source


def values(path: Path) -> dict[str, tuple[object, str]]:
    """Each key of the file with what it means and where it stands (`meshgate.yaml:3:9`).

    Raises SettingsInvalid for an unknown key or a value that cannot be meant, naming file, line and column.
    """
    source = _read(_content(path), str(path))
    if not isinstance(source.value, dict):
        raise SettingsInvalid(f"{path}:1:1: the configuration must be a mapping of keys.", file=str(path))
    for name in source.value.keys() - KEYS.keys():
        raise SettingsInvalid(f"{_at(source, name, of_key=True)}: there is no configuration key `{name}`.", key=name)
    placed = {name: _at(source, name) for name in source.value}
    return {
        name: (understood(KEYS[name], value, path.parent, placed[name]), placed[name])
        for name, value in source.value.items()
    }


def document(content: bytes, origin: str) -> Json:
    """The value of a JSON or YAML text, read by the strict loader. Raises SettingsInvalid naming origin and place."""
    return _read(content, origin).value


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as reason:
        raise SettingsInvalid(f"{path} cannot be read: {reason.strerror}.", file=str(path)) from reason


def _read(content: bytes, file: str) -> Source:
    from engine.descriptor.limits import Limits
    from engine.descriptor.source import parse, refused
    from engine.descriptor.text import SourceRefused

    try:
        return parse(file, content, Limits())
    except SourceRefused as refusal:
        place, msg = refused(file, content, refusal)
        raise SettingsInvalid(f"{file}:{place.line}:{place.column}: {msg}.", file=file) from refusal


def _at(source: Source, name: str, *, of_key: bool = False) -> str:
    place = source.place((name,), of_key=of_key)
    return f"{place.file}:{place.line}:{place.column}"
