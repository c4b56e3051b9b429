"""Which environments exist, in which order, and which adapter makes what in each?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model import Json


@dataclass(frozen=True, slots=True)
class Binding:
    """Which adapter makes components of a platform and type; `*` in a pattern stands for any text."""

    adapter: str
    platform: str = "*"
    type: str = "*"
    configuration: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SampleBinding:
    """Where the data of output ports is read for samples, and through which connector; `*` stands for any text.

    Texts of `configuration` may name what is sampled in braces (`engine.sampling.places`), and secrets by reference.
    """

    connector: str
    platform: str = "*"
    product: str = "*"
    port: str = "*"
    configuration: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """One place where containers run; versions are promoted from a lower `order` to a higher one.

    `on_failure` says what becomes of a first deployment that failed: `rollback` removes what it made, `keep` leaves it
    for inspection. A deployment that takes longer than `deadline_seconds` fails. The first binding of `samples` that
    fits a port is where its data is; where none are named, files in the output `data` of its resource. Every
    `observe_seconds` it is looked whether what was made is still there (None: never); `drift` says whether what is not
    is only reported (`report`) or deployed again (`repair`), at most `repairs_per_day` times for one container.
    """

    name: str
    order: int
    adapters: tuple[Binding, ...]
    on_failure: str = "rollback"
    deadline_seconds: float = 3600.0
    samples: tuple[SampleBinding, ...] = (SampleBinding("duckdb", configuration={"output": "data"}),)
    observe_seconds: float | None = 300.0
    drift: str = "report"
    repairs_per_day: int = 4


DEFAULT = Environment("dev", 1, (Binding("local-fs"),))
"""What exists with no configuration at all (DESIGN §5): every component is made in local files."""


_PLAIN = ("on_failure", "deadline_seconds", "observe_seconds", "drift", "repairs_per_day")
"""What is taken over as it stands."""


def from_list(items: list[dict[str, Json]]) -> dict[str, Environment]:
    """The environments of a checked list by name, in its order; a name without adapters has `local-fs`."""
    return {item["name"]: _environment(item, order) for order, item in enumerate(items, start=1)}


def _environment(item: dict[str, Json], order: int) -> Environment:
    adapters = tuple(Binding(**one) for one in item.get("adapters", [])) or DEFAULT.adapters
    told: dict[str, Json] = {name: item[name] for name in _PLAIN if name in item}
    if "samples" in item:
        told["samples"] = tuple(SampleBinding(**one) for one in item["samples"])
    return Environment(item["name"], order, adapters, **told)
