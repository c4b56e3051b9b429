"""Where is a port's data read, and by which contract is it judged?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.samples import OUTPUT, SampledColumn, SampledPort
from engine.model import Json, Principal
from engine.policy.environments import SampleBinding
from engine.sampling.contract import Failure, Place, SourceFailed
from engine.sampling.declared import Declared
from engine.sampling.places import Target, bound, placed

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.containers import Container
    from catalog.shown import Product


class NotThere(Exception):
    """There is no such place; the reason is a word, the message for whoever asked."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


@dataclass(frozen=True, slots=True)
class Site:
    """One port in one environment: the contract in force there, and what the operator says of where its data is.

    In force is the version that runs there, else the current one. What the current one says of a column besides counts
    too: a tag that was forgotten at first masks before it is deployed.
    """

    product: Product
    port: SampledPort
    name: str
    environment: str
    dataset: str
    declared: Declared
    binding: SampleBinding
    container: Container | None

    def place(self, house: House) -> Place:
        """Where it is read. Raises SourceFailed."""
        if "output" in self.binding.configuration and self.container is None:
            raise SourceFailed(Failure.ABSENT, "no container of the product runs there")
        root = str(house.containers_dir)
        return placed(self.binding, self.target, outputs=self._outputs, root=root, secrets=house.secrets)

    @property
    def target(self) -> Target:
        return _target(self.product, self.environment, self.name, self.port.platform, self.dataset)

    @property
    def _outputs(self) -> Mapping[str, Json] | None:
        resources = self.container.resources if self.container else ()
        mine = (one for one in resources if one.kind == OUTPUT and one.name == self.name)
        found = next((one.outputs for one in mine), None)
        return found if isinstance(found, Mapping) else None


def site(
    current: Product, port: str, *, environment: str | None, dataset: str | None, principal: Principal, house: House
) -> Site:
    """The site of this port of the current version. Raises NotThere."""
    where, container = _environment(current, environment, principal, house)
    product = _in_force(current, container, principal, house)
    ids = list(dict.fromkeys((product.version_id, current.version_id)))
    found = house.samples.ports(ids, port, principal=principal).get(product.version_id)
    if found is None:
        raise NotThere("port-unknown", f"Version {product.version} has no output port `{port}`.")
    columns = house.samples.columns(ids, port, principal=principal)
    chosen = _dataset(columns, product.version_id, dataset)
    target = _target(product, where, port, found.platform, chosen)
    binding = bound(house.own_environments[where].samples, target)
    if binding is None:
        raise NotThere("not-bound", f"Nobody said where the data of `{port}` is in `{where}`.")
    told = Declared.of(columns, version_id=product.version_id, dataset=chosen)
    return Site(product, found, port, where, chosen, told, binding, container)


def _environment(
    product: Product, wanted: str | None, principal: Principal, house: House
) -> tuple[str, Container | None]:
    """The environment that is meant: the last one of the promotion where the product runs, else the last one."""
    known = list(house.own_environments)
    if wanted is not None and wanted not in known:
        raise NotThere(
            "environment-unknown", f"There is no environment `{wanted[:100]}`; there are {', '.join(known)}."
        )
    page = house.containers.page(principal=principal, product=product.fqn)
    running = {one.environment: one for one in page.items if one.usable}
    where = wanted or next((one for one in reversed(known) if one in running), known[-1])
    if where not in running:
        return where, None
    return where, house.containers.with_resources([running[where]])[0]


def _in_force(current: Product, container: Container | None, principal: Principal, house: House) -> Product:
    if container is None or container.version == current.version:
        return current
    return house.products.version(current.fqn, container.version, principal=principal) or current


def _dataset(columns: tuple[SampledColumn, ...], version_id: str, wanted: str | None) -> str:
    """The dataset that is meant: the first one of the contract where none is named, none where it tells of none."""
    known = list(dict.fromkeys(one.dataset for one in columns if one.version_id == version_id))
    if wanted is not None and wanted not in known:
        raise NotThere("dataset-unknown", f"The port has no dataset `{wanted[:100]}`; it has {', '.join(known)[:300]}.")
    return wanted if wanted is not None else next(iter(known), "")


def _target(product: Product, environment: str, port: str, platform: str, dataset: str) -> Target:
    return Target(environment, product.fqn, product.name, str(product.major), product.domain, port, platform, dataset)
