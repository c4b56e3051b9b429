"""Which configuration holds here, and where did each value come from?

Flags beat `MESHGATE_*` variables, these beat `meshgate.yaml`, and that beats the defaults (DESIGN §5). One small reader
of our own serves every door, because `meshgate check` must start without a settings library. Nothing else in this
project reads its configuration from the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.settings_keys import KEYS
from api.settings_values import of_variable, understood
from engine.errors import SettingsInvalid

FILE_NAME = "meshgate.yaml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration as one value. Paths are absolute; `origins` tells where each key was set, for `doctor`."""

    data_dir: Path
    namespace: str | None = None
    policies: tuple[str, ...] = ()
    governance: Path | None = None
    environments: Path | None = None
    server: str | None = None
    server_token: str | None = field(default=None, repr=False)
    verify_key: Path | None = None
    releases: str = "follow"
    database_url: str | None = field(default=None, repr=False)
    opa_url: str | None = None
    opa_policies: str | None = None
    opa_token: str | None = field(default=None, repr=False)
    tokens: Path | None = None
    listen: str = "127.0.0.1:8471"
    workers: int = 1
    body_limit: int = 8 * 1024 * 1024
    subscription_key: Path | None = None
    subscription_receivers: tuple[str, ...] = ()
    adapter_hosts: tuple[str, ...] = ()
    public_url: str | None = None
    access_days: int = 365
    orphans_hours: int = 24
    subscription_days: int = 3
    stuck_seconds: int = 300
    reference_hosts: tuple[str, ...] = ()
    introspection: str = "on"
    graphql_documents: Path | None = None
    odm_rego: str = "v1"
    trust_formula: str | None = None
    #: where what can be computed again may be kept; None where the environment names no home for it
    cache_dir: Path | None = None
    #: the configuration file that was read, if any
    file: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def database(self) -> str:
        """The URL of the catalog: the configured one, else SQLite below the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'meshgate.db'}"

    @property
    def on_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def has_catalog(self) -> bool:
        """Whether there is a catalog: a configured one, or one that a command made here before."""
        return not self.on_sqlite or self.database_url is not None or (self.data_dir / "meshgate.db").is_file()

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    def shown(self, key: str) -> str:
        """The value of a key as `doctor` may print it: secrets are only said to be set."""
        value = getattr(self, key)
        if KEYS[key].secret and value is not None:
            return "(set)"
        return "" if value is None else str(value)


def read(
    flags: Mapping[str, object] | None = None,
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The configuration for a command started in `folder`, with these flags (None means: flag not given).

    Raises SettingsInvalid, naming file and line, variable or flag, for an unknown key or a value that cannot be meant.
    """
    environ = os.environ if environ is None else environ
    folder = (folder or Path.cwd()).absolute()
    found = _file(config, folder)
    values: dict[str, object] = {"data_dir": _default_data_dir(environ)}
    origins = dict.fromkeys(KEYS, "default")
    for source in (_from_file(found), _from_variables(environ, folder), _from_flags(flags or {}, folder)):
        for name, (value, origin) in source.items():
            values[name], origins[name] = value, origin
    return Settings(**values, file=found, origins=origins, cache_dir=_cache_dir(environ))  # type: ignore[arg-type]


def _file(config: Path | None, folder: Path) -> Path | None:
    """The file that `--config` names, else the nearest `meshgate.yaml` upwards."""
    if config is not None:
        path = folder / config
        if not path.is_file():
            raise SettingsInvalid(f"The configuration file {path} does not exist.", file=str(path))
        return path
    return next((at / FILE_NAME for at in (folder, *folder.parents) if (at / FILE_NAME).is_file()), None)


def _from_file(path: Path | None) -> dict[str, tuple[object, str]]:
    if path is None:
        return {}
    from api.settings_file import values

    return values(path)


def _from_variables(environ: Mapping[str, str], folder: Path) -> dict[str, tuple[object, str]]:
    """Unknown MESHGATE_ variables are left alone: orchestrators inject some (`MESHGATE_SERVICE_HOST`)."""
    given = {key: environ[key.variable] for key in KEYS.values() if environ.get(key.variable)}
    return {key.name: (of_variable(key, text, folder), key.variable) for key, text in given.items()}


def _from_flags(flags: Mapping[str, object], folder: Path) -> dict[str, tuple[object, str]]:
    given = {name: value for name, value in flags.items() if value is not None}
    for name in given.keys() - KEYS.keys():
        raise SettingsInvalid(f"There is no configuration key `{name}`.", key=name)
    named = {name: f"--{name.replace('_', '-')}" for name in given}
    return {name: (understood(KEYS[name], given[name], folder, named[name]), named[name]) for name in given}


def _default_data_dir(environ: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/meshgate`, where a relative XDG path is void (XDG base directory specification)."""
    home = Path(environ.get("XDG_DATA_HOME") or "")
    return (home if home.is_absolute() else Path.home() / ".local" / "share") / "meshgate"


def _cache_dir(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/meshgate`, else that of the home."""
    named, home = Path(environ.get("XDG_CACHE_HOME") or ""), Path(environ.get("HOME") or "")
    if named.is_absolute():
        return named / "meshgate"
    return home / ".cache" / "meshgate" if home.is_absolute() else None
