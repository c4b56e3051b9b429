"""Which environments exist, in which order, and which adapter makes what in each?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from engine.model import Json


@dataclass(frozen=True, slots=True)
class Binding:
    """Which adapter makes components of a platform and type; `*` in a pattern stands for any text.

    `callback_secret` is the reference (`env:NAME`, `file:PATH`) of what its callbacks are signed with; without one it
    is given no address to call back.
    `secrets` are references (`env:NAME`, `file:/PATH`) by the name under which the adapter gets what they lead to. With
    `stage` it takes part in that stage of the life cycle (`build`) and in nothing else.
    `concurrency` is how many deployments to the environment may ask this adapter to change something at once.
    """

    adapter: str
    platform: str = "*"
    type: str = "*"
    configuration: Mapping[str, Json] = field(default_factory=dict)
    callback_secret: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    concurrency: int | None = None


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
    for inspection. `consent` says whether a deployment that takes something away or makes it anew waits until somebody
    agrees to that (`needed`, `not-needed`), `approval` whether every one waits until somebody else approves it
    (`required`, `not-required`); after `approval_seconds` without an answer it is rejected. A deployment that takes
    longer than `deadline_seconds` fails. At most `concurrency` deployments are at work at once (None: as many as there
    are workers for). The first binding of `samples` that fits a port is where its data is; where none are named, files
    in the output `data` of its resource.

    With `promotion: required` only versions may come that were deployed to the environment before it. With `on_accept:
    deploy` whatever is accepted comes here by itself. With `tasks: required` a task of the life cycle that no adapter
    is bound to refuses the deployment, which else goes without it.

    Every `observe_seconds` it is looked whether what was made is still there (None: never); `drift` says whether what
    is not is only reported (`report`) or deployed again (`repair`), at most `repairs_per_day` times for one container.
    """

    name: str
    order: int
    adapters: tuple[Binding, ...]
    on_failure: str = "rollback"
    deadline_seconds: float = 3600.0
    concurrency: int | None = None
    samples: tuple[SampleBinding, ...] = (SampleBinding("duckdb", configuration={"output": "data"}),)
    consent: str = "needed"
    approval: str = "not-required"
    approval_seconds: float = 7 * 86400.0
    promotion: str = "free"
    on_accept: str = "nothing"
    tasks: str = "optional"
    observe_seconds: float | None = 300.0
    drift: str = "report"
    repairs_per_day: int = 4


_READ = ("name", "order", "adapters", "samples")
TOLD = tuple(one.name for one in fields(Environment) if one.name not in _READ)
"""Keys that are taken as they are."""

DEFAULT = Environment("dev", 1, (Binding("local-fs"),))
"""What exists with no configuration at all (DESIGN §5): every component is made in local files."""


_PLAIN = ("on_failure", "deadline_seconds", "observe_seconds", "drift", "repairs_per_day")
"""What is taken over as it stands."""


def from_list(items: list[dict[str, Json]]) -> dict[str, Environment]:
    """The environments of a checked list by name, in its order; a name without adapters has `local-fs`."""
    return {item["name"]: _environment(item, order) for order, item in enumerate(items, start=1)}


def _environment(item: dict[str, Json], order: int) -> Environment:
    adapters = tuple(Binding(**one) for one in item.get("adapters", [])) or DEFAULT.adapters
    told: dict[str, Json] = {name: item[name] for name in TOLD if name in item}
    if "samples" in item:
        told["samples"] = tuple(SampleBinding(**one) for one in item["samples"])
    return Environment(item["name"], order, adapters, **told)
