"""Which adapters are there, and which instance serves a binding?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from engine.errors import GovernanceError, PlanInvalid, ProvisioningFailed
from engine.model import Json
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.checked import CheckedAdapter
from engine.provision.contract import Provisioner

GROUP = "meshgate.provisioners"

Factory = Callable[[Mapping[str, Json]], Provisioner]

BUILT_IN: Mapping[str, Callable[[], Factory]] = {"local-fs": lambda: cast(Factory, LocalFs)}


class Registry:
    """Adapters by name: built in, or found by the entry point `meshgate.provisioners`; loaded only when used.

    `defaults` holds settings per adapter that a binding's `config` overrides; the adapter is called with both.
    """

    def __init__(
        self,
        loaders: Mapping[str, Callable[[], Factory]],
        *,
        defaults: Mapping[str, Mapping[str, Json]] | None = None,
    ) -> None:
        self._loaders = dict(loaders)
        self._defaults = dict(defaults or {})

    @classmethod
    def installed(cls, *, defaults: Mapping[str, Mapping[str, Json]] | None = None) -> Registry:
        """Every adapter installed beside meshgate, and what we ship ourselves, which no other can stand in for.

        Ours has no entry point: it must be there in any checkout, and an equal name of somebody else is ignored. A
        name that two others claim is refused when it is used.
        """
        found: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=GROUP):
            found.setdefault(point.name, []).append(point)
        return cls({**{name: _loader(points) for name, points in found.items()}, **BUILT_IN}, defaults=defaults)

    @property
    def names(self) -> list[str]:
        return sorted(self._loaders)

    def adapter(self, name: str, config: Mapping[str, Json]) -> CheckedAdapter:
        """The adapter of this name with this configuration; raises PlanInvalid when there is none that works."""
        if name not in self._loaders:
            raise PlanInvalid(f"no adapter is called {name}; there are {', '.join(self.names) or 'none'}")
        try:
            return CheckedAdapter(name, self._loaders[name]()({**self._defaults.get(name, {}), **config}))
        except ProvisioningFailed as error:
            raise PlanInvalid(f"the adapter {name} cannot be used: {error.detail}") from error
        except Exception as error:
            raise PlanInvalid(f"the adapter {name} cannot be used: {type(error).__name__}: {error}") from error

    def report(self) -> list[dict[str, Json]]:
        """Each adapter with what it says of itself, or with the reason why it cannot be used (`meshgate doctor`)."""
        rows: list[dict[str, Json]] = []
        for name in self.names:
            try:
                rows.append({"name": name, "info": self.adapter(name, {}).facts, "reason": None})
            except GovernanceError as error:
                rows.append({"name": name, "info": None, "reason": error.detail})
        return rows


def _loader(points: Sequence[EntryPoint]) -> Callable[[], Factory]:
    if len({point.value for point in points}) == 1:
        return cast(Callable[[], Factory], points[0].load)

    def ambiguous() -> Factory:
        claims = ", ".join(sorted(f"{point.value} of {point.dist.name if point.dist else '?'}" for point in points))
        raise ProvisioningFailed(f"several installed distributions claim this name: {claims}")

    return ambiguous
