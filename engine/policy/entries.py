"""Which values do the checked files of the governance folder hold, and what is still wrong with them?

The shape was checked before; here is what a schema cannot say: known policies and environments, dates, parameters,
two different people, no positions, nothing loosened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from engine.descriptor.identity import parse_fqn
from engine.model import Bundle, Enforcement, Json, Path
from engine.policy import dates
from engine.policy.assignments import Assignment, Match
from engine.policy.environments import Environment, from_list
from engine.policy.scopes import loosening, wrong_parameters
from engine.policy.sheets import Breach, Sheet
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

_POINTER = re.compile(r"(/([^~/]|~[01])*)*")

Entry = dict[str, Json]
Wrong = Iterator[tuple[Path, str]]
Made = TypeVar("Made")


def assignments(sheets: Iterable[Sheet], bundle: Bundle) -> tuple[list[Assignment], list[Breach]]:
    """The assignments in the order in which they are written, and what is wrong with them."""
    made, breaches = _made(sheets, lambda entry: _wrong_assignment(entry, bundle), _assignment)
    for sheet, position, one in made:
        policy = bundle.policies[one.policy]
        every = [other for _, _, other in made]
        wrong = [(("parameters", *path), msg) for path, msg in wrong_parameters(one, policy, every)]
        softer = "" if one.of_the_mesh else loosening(one, policy, every)
        wrong += [(("enforcement",), softer)] if softer else []
        breaches += [sheet.breach((position, *path), msg) for path, msg in wrong]
    return [one for _, _, one in made], breaches


def waivers(sheets: Iterable[Sheet], bundle: Bundle) -> tuple[list[Waiver], list[Breach]]:
    """The waivers in the order in which they are written, and what is wrong with them."""
    made, breaches = _made(sheets, lambda entry: _wrong_waiver(entry, bundle), _waiver)
    first: dict[str, Waiver] = {}
    for sheet, position, one in made:
        if (other := first.setdefault(one.id, one)) is not one:
            told = f"the waiver id `{one.id}` is used before, at {other.file}:{other.line}"
            breaches.append(sheet.breach((position, "id"), told))
    return [one for _, _, one in made], breaches


def suspensions(sheets: Iterable[Sheet], bundle: Bundle) -> tuple[list[Suspension], list[Breach]]:
    """The suspensions that a bundle was released with, and what is wrong with them."""
    made, breaches = _made(sheets, lambda entry: _wrong_suspension(entry, bundle), _suspension)
    return [one for _, _, one in made], breaches


def environments(sheets: Sequence[Sheet]) -> tuple[dict[str, Environment], list[Breach]]:
    """The environments by name in the order of promotion, and what is wrong with them."""
    items = [(sheet, position, item) for sheet in sheets for position, item in enumerate(sheet.items)]
    seen: set[str] = set()
    breaches = []
    for sheet, position, item in items:
        if item["name"] in seen:
            breaches.append(sheet.breach((position, "name"), f"the environment `{item['name']}` is named twice"))
        seen.add(item["name"])
    if items:
        breaches += _misplaced(items)
    return from_list([item for _, _, item in items]), breaches


def _misplaced(items: Sequence[tuple[Sheet, int, Entry]]) -> Iterator[Breach]:
    """What environments say that only holds elsewhere in the order."""
    sheet, position, first = items[0]
    if first.get("promotion") == "required":
        told = f"no environment comes before `{first['name']}`, so nothing can be promoted to it"
        yield sheet.breach((position, "promotion"), told)
    for sheet, position, item in items[1:]:
        for place, one in enumerate(item.get("adapters", [])):
            if "stage" in one:
                told = f"only the first environment (`{first['name']}`) builds: bind `{one['adapter']}` there"
                yield sheet.breach((position, "adapters", place, "stage"), told)


def _made(
    sheets: Iterable[Sheet], wrong: Callable[[Entry], Wrong], make: Callable[[Entry, str, int], Made]
) -> tuple[list[tuple[Sheet, int, Made]], list[Breach]]:
    made, breaches = [], []
    for sheet in sheets:
        for position, entry in enumerate(sheet.items):
            found = [sheet.breach((position, *path), msg) for path, msg in wrong(entry)]
            breaches += found
            if not found:
                made.append((sheet, position, make(entry, sheet.file, sheet.line((position,)))))
    return made, breaches


def _wrong_assignment(entry: Entry, bundle: Bundle) -> Wrong:
    yield from _unknown_policy(entry, bundle)
    yield from _wrong_date(entry, "effective_from", dates.beginning)
    yield from _wrong_date(entry, "grace_for_existing", dates.span)
    match = entry.get("match", {})
    exclude = match.get("exclude", {})
    yield from _no_products(match.get("products", []), ("match", "products"))
    if isinstance(exclude, list):
        yield from _no_products(exclude, ("match", "exclude"))
    else:
        yield from _no_products(exclude.get("products", []), ("match", "exclude", "products"))
    policy = bundle.policies.get(entry["policy"])
    if "grace_for_existing" in entry and "effective_from" not in entry and not (policy and policy.effective_on):
        yield ("grace_for_existing",), "a grace needs the date it starts from: give `effective_from`"


def _wrong_suspension(entry: Entry, bundle: Bundle) -> Wrong:
    yield from _unknown_policy(entry, bundle)
    yield from _wrong_date(entry, "from", dates.beginning)
    yield from _wrong_date(entry, "until", dates.end)


def _suspension(entry: Entry, file: str, line: int) -> Suspension:
    told = {key: entry[key] for key in ("policy", "reason", "suspended_by")}
    return Suspension(**told, begins=dates.beginning(entry["from"]), ends=dates.end(entry["until"]))


def _wrong_waiver(entry: Entry, bundle: Bundle) -> Wrong:
    yield from wrong_exception(entry, bundle)
    if entry["approved_by"].strip().casefold() == entry["requested_by"].strip().casefold():
        yield ("approved_by",), f"{entry['approved_by']} cannot approve a waiver that the same person requested"


def wrong_exception(entry: Entry, bundle: Bundle) -> Wrong:
    """What is wrong with a waiver, whoever approves it: pairs of path and message."""
    yield from _unknown_policy(entry, bundle)
    yield from _unknown_code(entry, bundle)
    yield from _no_products([entry["product"]], ("product",), listed=False)
    yield from _no_component(entry)
    yield from _wrong_date(entry, "from", dates.beginning)
    yield from _wrong_date(entry, "until", dates.end)
    if not _POINTER.fullmatch(entry.get("within", "")):
        yield ("within",), f"`{entry['within']}` is no JSON Pointer: it begins with `/`, and `~` stands as `~0`"
    for step in entry.get("within", "").split("/")[1:]:
        if step == "-" or (step.isascii() and step.isdigit()):
            yield ("within",), f"`{step}` is a position; name the list item by its `name`, positions move"
    yield from _ends_before_it_begins(entry)


def _no_component(entry: Entry) -> Wrong:
    if "component" not in entry:
        return
    component, product = parse_fqn(entry["component"]), parse_fqn(entry["product"])
    if component is None or component.component is None:
        told = f"`{entry['component']}` is not the fully qualified name of a port or component"
        yield ("component",), f"{told} (urn:dpds:<namespace>:dataproducts:<name>:1:outputports:<port>)"
    elif product and (component.namespace, component.name) != (product.namespace, product.name):
        yield ("component",), f"`{entry['component']}` is no part of `{entry['product']}`"
    elif product and None not in (product.major, component.major) and product.major != component.major:
        yield ("component",), f"`{entry['component']}` is of another major than `{entry['product']}`"


def _ends_before_it_begins(entry: Entry) -> Wrong:
    try:
        begins, ends = dates.beginning(entry["from"]), dates.end(entry["until"])
    except ValueError:
        return  # told already
    if ends <= begins:
        yield ("until",), f"ends ({entry['until']}) before it begins ({entry['from']})"


def _unknown_policy(entry: Entry, bundle: Bundle) -> Wrong:
    if entry["policy"] not in bundle.policies:
        yield ("policy",), f"the bundle has no policy `{entry['policy']}`"


def _unknown_code(entry: Entry, bundle: Bundle) -> Wrong:
    policy = bundle.policies.get(entry["policy"])
    if policy and policy.findings and entry.get("code", next(iter(policy.findings))) not in policy.findings:
        listed = ", ".join(f"`{code}`" for code in sorted(policy.findings))
        yield ("code",), f"{policy.id} has no finding code `{entry['code']}`; it has {listed}"


def _wrong_date(entry: Entry, key: str, read: Callable[[str], datetime | timedelta]) -> Wrong:
    if key in entry:
        try:
            read(entry[key])
        except ValueError as reason:
            yield (key,), str(reason)


def _no_products(names: Sequence[str], path: Path, *, listed: bool = True) -> Wrong:
    for position, fqn in enumerate(names):
        parsed = parse_fqn(fqn)
        if parsed is None or parsed.component is not None:
            told = f"`{fqn}` is not the fully qualified name of a product (urn:dpds:<namespace>:dataproducts:<name>:1)"
            yield (*path, position) if listed else path, told


def _assignment(entry: Entry, file: str, line: int) -> Assignment:
    match = dict(entry.get("match", {}))
    exclude = match.pop("exclude", None)
    since, grace = entry.get("effective_from"), entry.get("grace_for_existing")
    return Assignment(
        policy=entry["policy"],
        scope=entry["scope"],
        enforcement=Enforcement(entry["enforcement"]),
        match=_match(match),
        exclude=_match({"products": exclude} if isinstance(exclude, list) else exclude) if exclude else None,
        parameters=entry.get("parameters", {}),
        effective_from=dates.beginning(since) if since else None,
        grace_for_existing=dates.span(grace) if grace else None,
        file=file,
        line=line,
    )


def _match(lists: dict[str, list[str]]) -> Match:
    return Match(**{key: tuple(names) for key, names in lists.items()})


def _waiver(entry: Entry, file: str, line: int) -> Waiver:
    told = {key: entry[key] for key in ("id", "policy", "product", "reason", "requested_by", "approved_by")}
    narrowed = {key: entry.get(key, "") for key in ("code", "component", "within", "ticket")}
    begins, ends = dates.beginning(entry["from"]), dates.end(entry["until"])
    return Waiver(**told, **narrowed, begins=begins, ends=ends, file=file, line=line)
