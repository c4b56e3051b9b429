"""Which adapters are there, and which instance serves a binding?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from engine import extensions
from engine.errors import GovernanceError, PlanInvalid, ProvisioningFailed
from engine.model import Json
from engine.provision.adapters.command import Command
from engine.provision.adapters.http import Http
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.asking import Ask
from engine.provision.calling import Late, within
from engine.provision.checked import PROMPT, CheckedAdapter, Secrets
from engine.provision.contract import Provisioner, failed
from engine.provision.discreet import discreet, secrets_of, words_of
from engine.provision.naming import digest_of
from engine.provision.told import Told, nothing

if TYPE_CHECKING:
    from engine.provision.adapters.odm_executor import OdmExecutor
    from engine.provision.adapters.witboost_http import WitboostHttp

GROUP = "meshgate.provisioners"

Factory = Callable[[Mapping[str, Json]], Provisioner]


def _postgresql() -> Factory:
    from engine.provision.adapters.postgresql import PostgreSql

    return PostgreSql


def _duckdb() -> Factory:
    from engine.provision.adapters.duckdb import DuckDb

    return DuckDb


def _s3() -> Factory:
    from engine.provision.adapters.s3 import S3

    return S3


def _dbt() -> Factory:
    from engine.provision.adapters.dbt import DbtTransformation

    return DbtTransformation


BUILT_IN: Mapping[str, Callable[[], Factory]] = {
    "local-fs": lambda: cast(Factory, LocalFs),
    "command": lambda: cast(Factory, Command),
    "postgresql": _postgresql,
    "duckdb": _duckdb,
    "s3": _s3,
    "dbt": _dbt,
}
"""What is there without anything else; `http` and the bridges need somebody who asks (`asking_over`)."""

FRESH_SECONDS = 60.0
"""How long it is remembered what an adapter says that it is."""


def nobody(reference: str) -> str:
    """Resolves nothing: whoever takes no secrets from anywhere."""
    raise LookupError(f"nothing here says what `{reference}` leads to")


class Registry:
    """Adapters by name: built in, or found by the entry point `meshgate.provisioners`; loaded only when used.

    `defaults` holds settings per adapter that a binding's `config` overrides; the adapter is called with both.
    `secrets` says what references lead to, whenever an adapter is called.
    """

    def __init__(
        self,
        loaders: Mapping[str, Callable[[], Factory]],
        *,
        defaults: Mapping[str, Mapping[str, Json]] | None = None,
        secrets: Secrets = nobody,
    ) -> None:
        self._secrets = secrets
        self._loaders = dict(loaders)
        self._defaults = dict(defaults or {})
        self._known: dict[str, tuple[float, CheckedAdapter]] = {}

    @classmethod
    def installed(
        cls,
        *,
        defaults: Mapping[str, Mapping[str, Json]] | None = None,
        built_in: Mapping[str, Callable[[], Factory]] = BUILT_IN,
        secrets: Secrets = nobody,
    ) -> Registry:
        """Every adapter installed beside meshgate, and what we ship ourselves, which no other can stand in for.

        A name that two others claim is refused when it is used.
        """
        return cls(
            extensions.installed(GROUP, built_in, refused=ProvisioningFailed), defaults=defaults, secrets=secrets
        )

    @property
    def names(self) -> list[str]:
        return sorted(self._loaders)

    def adapter(
        self, name: str, config: Mapping[str, Json], secrets: Mapping[str, str] | None = None
    ) -> CheckedAdapter:
        """The adapter of this name with this configuration, entrusted with what these references lead to.

        Raises PlanInvalid when there is none that works.
        """
        key = digest_of([self._there(name), config])
        since, known = self._known.get(key, (0.0, None))
        if known is None or time.monotonic() - since > FRESH_SECONDS:
            known = self._checked(name, config)
            self._known[key] = (time.monotonic(), known)
        return known.entrusted(secrets, self._secrets) if secrets else known

    def refuse_missing(self, name: str, secrets: Mapping[str, str] | None) -> None:
        """Raises ProvisioningFailed with class INVALID where one of these references leads nowhere at the moment."""
        for reference in (secrets or {}).values():
            try:
                self._secrets(reference)
            except LookupError as reason:
                raise failed("INVALID", f"{name} is not asked: {reason.args[0]}") from None

    def made(self, name: str, config: Mapping[str, Json]) -> Provisioner:
        """A new instance, not checked. Raises PlanInvalid when there is none of this name."""
        return self._loaders[self._there(name)]()({**self._defaults.get(name, {}), **config})

    def _checked(self, name: str, config: Mapping[str, Json]) -> CheckedAdapter:
        secrets = secrets_of({**self._defaults.get(name, {}), **config})
        try:
            made = within(PROMPT, lambda: self.made(name, config))
            return CheckedAdapter(name, made, secrets=secrets)
        except Late:
            raise PlanInvalid(f"the adapter {name} cannot be used: it was not there within {PROMPT:g} s") from None
        except ProvisioningFailed as error:
            raise PlanInvalid(f"the adapter {name} cannot be used: {error.detail}") from error
        except Exception as error:
            why = discreet(words_of(error), secrets)
            raise PlanInvalid(f"the adapter {name} cannot be used: {why}") from error

    def _there(self, name: str) -> str:
        if name not in self._loaders:
            raise PlanInvalid(f"no adapter is called {name}; there are {', '.join(self.names) or 'none'}")
        return name

    def report(self) -> list[dict[str, Json]]:
        """Each adapter with what it says of itself, or with the reason why it cannot be used (`meshgate doctor`)."""
        rows: list[dict[str, Json]] = []
        for name in self.names:
            try:
                rows.append({"name": name, "info": self.adapter(name, {}).facts, "reason": None})
            except GovernanceError as error:
                rows.append({"name": name, "info": None, "reason": error.detail})
        return rows


def asking_over(ask: Ask, told: Told = nothing) -> Mapping[str, Callable[[], Factory]]:
    """What is built in, with the adapters that ask other machines, by this way out; `told` is what called back."""
    return {
        **BUILT_IN,
        "http": lambda: cast(Factory, partial(Http, ask=ask)),
        "odm-executor": lambda: cast(Factory, partial(_odm_executor(), ask=ask, told=told)),
        "witboost-http": lambda: cast(Factory, partial(_witboost_http(), ask=ask)),
    }


def _odm_executor() -> type[OdmExecutor]:
    from engine.provision.adapters.odm_executor import OdmExecutor

    return OdmExecutor


def _witboost_http() -> type[WitboostHttp]:
    from engine.provision.adapters.witboost_http import WitboostHttp

    return WitboostHttp
