"""meshgate policy trace: which way leads from a rule in words to its policies and to the mesh, and back?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli.options import AsJson
from api.cli.printing import last, note
from api.cli.reaching import RULES, Told, answer, reaching
from api.settings import Settings


@reaching(*RULES)
def tracing(
    settings: Settings,
    about: Annotated[
        str | None,
        typer.Argument(help="A global policy or a policy; else all of them.", metavar="[GLOBAL-ID|POLICY-ID]"),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when something is missing on a way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow the rules in words to their policies, assignments, products, findings and waivers, and back."""
    told = _traced(settings, about)
    answer("trace", told, _lines, as_json=as_json)
    raise typer.Exit(1 if strict and told["gaps"] else 0)


def _traced(settings: Settings, about: str | None) -> Told:
    """From the catalog where there is one: a server's, or one here that exists already; else from the folder alone."""
    if settings.server is None and not settings.has_catalog:
        from api.flows.trace import from_the_folder
        from api.wiring import House

        note("note: no catalog is at hand: how the mesh stands by the policies is not known")
        with House(settings) as house:
            return from_the_folder(about, house=house)
    from api.cli.talk import talking

    with talking(settings) as talk:
        return talk.told("GET", "/v1/trace", params={"id": about} if about else {}).body


def _lines(told: Told) -> Iterator[str]:
    policies = {one["id"]: one for one in told["policies"]}
    for words in told["global_policies"]:
        yield from _global(words)
        for policy in words["policies"]:
            if policy in policies:
                yield from _policy(policies[policy], "  ")
    loose = [one for one in told["policies"] if not one["global_policies"]]
    if loose:
        yield "without a global policy"
    for policy in loose:
        yield from _policy(policy, "  ")
    yield from (f"missing: {gap['subject']}: {gap['msg']} [{gap['code']}]" for gap in told["gaps"])
    if told["complete"] is False:
        yield "the mesh is too large to be counted whole: the numbers are those of its first products"
    yield _summary(told)


def _global(words: Told) -> Iterator[str]:
    yield f"{words['id']}  {words['title']}"
    yield f"  {words['status']}, owner {words['owner']}, scope {words['scope']}, review by {words['review_by']}"
    if word := words["attestation"]:
        holds = "" if word["in_force"] else " (does not hold today)"
        yield f"  attested by {word['by']} from {word['on']} to {word['until']}{holds}: {word['evidence']}"


def _policy(one: Told, margin: str) -> Iterator[str]:
    yield f"{margin}{one['id']}  {one['enforcement']}, owner {one['owner']}"
    if held := one["suspension"]:
        yield f"{margin}  suspended until {last(held['until'])} by {held['suspended_by']}: {held['reason']}"
    for each in one["assignments"]:
        since = f" from {each['effective_from'][:10]}" if each["effective_from"] else ""
        yield f"{margin}  assigned in {each['scope']}: {each['enforcement']}{since} ({each['file']}:{each['line']})"
    if one["coverage"] is not None:
        yield f"{margin}  {_tally(one['coverage'])}"
        yield from (f"{margin}    {name}: {_tally(tally)}" for name, tally in one["coverage"]["domains"].items())
    yield from (f"{margin}  waiver {each['id']}  {each['state']}  {each['product']}" for each in one["waivers"])
    for each in one.get("findings", ()):
        excused = f" by {each['waiver']}" if each["waiver"] else ""
        what = f"{each['product']} {each['version']}  {each['code']}: {each['message']}"
        yield f"{margin}  {each['disposition']}{excused}  {what}"


def _tally(tally: Told) -> str:
    if not tally["products"]:
        return "applies to no product"
    words = {"passed": "pass", "failed": "fail", "waived": "waived", "erred": "error", "skipped": "skipped"}
    ended = [f"{tally[name]} {word}" for name, word in words.items() if tally[name]]
    many = f"{tally['products']} product{'' if tally['products'] == 1 else 's'}"
    return f"applies to {many}: {', '.join(ended)}"


def _summary(told: Told) -> str:
    words, policies, gaps = (len(told[name]) for name in ("global_policies", "policies", "gaps"))
    globals_ = f"{words} global polic{'y' if words == 1 else 'ies'}"
    return f"{globals_}, {policies} polic{'y' if policies == 1 else 'ies'}, {gaps or 'nothing'} missing"
