"""meshgate doctor: is everything that this installation needs there, and which configuration holds?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.endings import in_lines
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, OpaUrl, Policies, Server
from api.cli.printing import show
from engine.errors import GovernanceError, UsageError

if TYPE_CHECKING:
    from api.wiring import House

MUTATIONS = 1_000
"""So many mutated descriptors are compared on: every place is met several times, within seconds."""
Look = Callable[["House"], str]
"""Looks at one part and says what it saw; raises GovernanceError for what does not work."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one part found."""

    part: str
    well: bool
    says: str
    more: tuple[str, ...] = ()


def doctor(
    paths: Annotated[
        list[str] | None, typer.Argument(help="With --parity: descriptors to compare on too.", metavar="FILE|DIR|GLOB…")
    ] = None,
    parity: Annotated[
        bool, typer.Option("--parity", help="Also ask the OPA server and the embedded engine the same, and compare.")
    ] = False,
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Look at every part and print what was found; exit 2 when one does not work."""
    from api.wiring import House

    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
        data_dir=data_dir,
        database_url=database_url,
    )
    if paths and not parity:
        raise UsageError("Descriptors are named for --parity; `meshgate check` judges them.")
    also: dict[str, Look] = {"parity": partial(_parity, paths=paths or [])} if parity else {}
    with House(settings) as house:
        show(_configuration(house))
        sights = list(_sights(house, {**_LOOKS, **also}))
    for seen in sights:
        says = f"{'ok  ' if seen.well else 'FAIL'}  {seen.part:<12} {seen.says}"
        show([*says.split("\n"), *seen.more])
    raise typer.Exit(0 if all(seen.well for seen in sights) else 2)


def _configuration(house: House) -> Iterator[str]:
    settings = house.settings
    yield f"configuration: {settings.file or 'no meshgate.yaml found'}"
    for key, origin in settings.origins.items():
        if origin != "default":
            yield f"  {key} = {settings.shown(key)}  (from {origin})"


def _sights(house: House, looks: Mapping[str, Look]) -> Iterator[Seen]:
    for part, look in looks.items():
        try:
            yield Seen(part, True, look(house))
        except GovernanceError as error:
            hint = (f"{' ' * 19}{error.hint}",) if error.hint else ()
            yield Seen(part, False, f"{in_lines(error.detail, ' ' * 19)} [{error.code}]", hint)


def _python(_: House) -> str:
    from importlib import metadata

    return f"meshgate {metadata.version('meshgate')} on Python {sys.version.split()[0]}"


def _bundle(house: House) -> str:
    from engine.policy.selection import owned_by_mesh, owner_scope

    bundle = house.bundle
    domains = sorted({owner_scope(one) for one in bundle.policies.values() if not owned_by_mesh(one)})
    told = [f"{len(bundle.policies)} policies, revision {bundle.revision}"]
    told += [f"some hold in one domain alone: {', '.join(domains)}"] if domains else []
    return "; ".join([*told, *house.policy_sources.notes])


def _governance(house: House) -> str:
    from engine.policy.unreachable import unreachable

    rules = house.governance
    counts = f"{len(rules.assignments)} assignments, {len(rules.waivers)} waivers"
    known = list(house.environments)
    idle = unreachable(rules.assignments, house.bundle.policies, known, domains=_domains(house))
    told = [f"{counts}; environments {', '.join(house.environments)}", *map(str, idle)]
    return "\n".join([told[0], *(f"{' ' * 19}{line}" for line in told[1:])])


def _domains(house: House) -> frozenset[str] | None:
    """The domains that have products, where a catalog can be asked and has any (what ails it is its own part)."""
    from api.auth.permissions import LOCAL

    if not house.settings.has_catalog:
        return None
    try:
        return house.products.domains(principal=LOCAL) or None
    except GovernanceError:
        return None


def _mask(house: House) -> str:
    mask = house.mask
    return "none: decisions leave as they were logged" if mask is None else f"{len(mask.policy.modules)} modules"


def _sampling(house: House) -> str:
    from engine.sampling.registry import report

    house.refuse_a_bad_sampling_policy()
    told = (f"{name} (not usable: {flaw})" if flaw else name for name, flaw in report().items())
    return f"connectors {', '.join(told)}"


def _engine(house: House) -> str:
    from api.flows.self_test import self_test

    engine = house.engine
    fitness = self_test(engine, house.bundle, now=house.clock())
    failing = ", ".join(fitness.failing)
    errors = f"; {len(fitness.failing)} policies err on it: {failing}" if failing else ""
    saw = f"{fitness.objecting} of {fitness.asked} policies object to an empty descriptor{errors}"
    return f"{engine.name} {engine.version}: {saw}"


def _parity(house: House, *, paths: Sequence[str]) -> str:
    from api.cli.demo import examples
    from api.cli.documents import named
    from api.cli.typed import submission
    from api.flows.parity import parity

    documents = named([str(examples()), *paths]).documents
    seen = parity([submission(path) for path in documents], house=house, count=MUTATIONS)
    agree = f"{' and '.join(seen.engines)} agree"
    return f"{agree} on {seen.documents} descriptors, most of them mutated, under {seen.policies} policies"


def _catalog(house: House) -> str:
    from engine.errors import CatalogBehind

    if not house.settings.on_sqlite and not house.database.at_head():
        raise CatalogBehind()
    return f"{house.database.dialect}, schema up to date"


def _release(house: House) -> str:
    from api.in_force import told

    if house.settings.releases == "ignore":
        return "ignored: the configured policies decide for the catalog"
    active = house.releases.active()
    if active is None:
        return "none: the configured policies decide for the catalog"
    house.in_force.held(active.number)
    return f"{told(active)} decides for the catalog"


def _server(house: House) -> str:
    address = house.settings.server
    if address is None:
        return "none configured: commands work on this machine's own catalog"
    from api.cli.talk import Refused, Talk

    answer = Talk(house.settings).call("GET", "/readyz")
    if answer.status == 503 and (checks := answer.body.get("checks")):
        told = "; ".join(f"{part}: {state}" for part, state in checks.items())
        raise Refused(f"{address} is not ready: {told}", code="server-not-ready", hint="")
    answer.or_error()
    return f"{address} is ready"


def _assets(_: House) -> str:
    from api.web.assets_folder import HOW_TO_BUILD, Assets

    built = "graphiql.js" in Assets().manifest
    return "GraphiQL" if built else f"not built: /graphql shows the plain query page (`{HOW_TO_BUILD}`)"


_LOOKS: dict[str, Look] = {
    "meshgate": _python,
    "policies": _bundle,
    "governance": _governance,
    "mask": _mask,
    "sampling": _sampling,
    "engine": _engine,
    "catalog": _catalog,
    "release": _release,
    "server": _server,
    "assets": _assets,
}
