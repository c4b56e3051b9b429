"""meshgate policy new: how does a steward begin a policy, with a sentence instead of Rego?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import Config, Governance
from api.cli.policy.mandates import mandated
from api.cli.printing import note, show
from engine.errors import UsageError
from engine.model import Enforcement, Severity

if TYPE_CHECKING:
    from api.settings import Settings
    from engine.policy.drafting.draft import Told
    from engine.policy.drafting.said import Said

TEMPLATES = ("required", "match", "one-of", "present-when", "not-flow-to", "at-least")
STARTING_FIELD = "info.displayName"
QUESTIONS = {
    "template": f"What is said of a field ({', '.join(TEMPLATES)})",
    "field": "Field, such as info.owner.id or interfaceComponents.outputPorts[*].promises.slo",
    "pattern": "Regular expression (RE2) that it must match",
    "value": "Value (several with commas)",
    "when": "When: FIELD=VALUE",
    "to": "Domain to which it must not flow (several with commas)",
    "platform": "Part of the name of a platform to which it must not flow (several with commas)",
    "minimum": "Least number, or count",
    "title": "Title",
    "description": "Why: what goes wrong without it",
    "owner": "Who owns the policy",
}
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the flags and the defaults.")]


def new(
    id: Annotated[str, typer.Argument(help="The id: scope, topic, policy, such as mesh.ownership.owner_named.")],
    template: Annotated[str | None, typer.Option(help=f"The sentence: {', '.join(TEMPLATES)}.")] = None,
    field: Annotated[str | None, typer.Option(help="The field it is about, [*] for every item of a list.")] = None,
    pattern: Annotated[str | None, typer.Option(help="match: the regular expression (RE2).")] = None,
    value: Annotated[
        list[str] | None, typer.Option(help="one-of: an allowed value (repeatable). not-flow-to: what marks the data.")
    ] = None,
    when: Annotated[str | None, typer.Option(help="present-when: FIELD=VALUE (a list holds the value).")] = None,
    to: Annotated[list[str] | None, typer.Option(help="not-flow-to: a domain (repeatable).")] = None,
    platform: Annotated[
        list[str] | None, typer.Option(help="not-flow-to: instead, a part of a platform's name, such as aws.")
    ] = None,
    minimum: Annotated[float | None, typer.Option(help="at-least: the number, or the count of a list.")] = None,
    required: Annotated[bool, typer.Option("--required", help="A missing value is a finding, too.")] = False,
    example: Annotated[str | None, typer.Option(help="A value that passes, for the tests.")] = None,
    title: Annotated[str | None, typer.Option(help="Title; else that of the sentence.")] = None,
    description: Annotated[str | None, typer.Option(help="Why the policy is there.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who owns the policy.")] = None,
    severity: Annotated[Severity, typer.Option(help="How bad a finding is.")] = Severity.MEDIUM,
    enforcement: Annotated[Enforcement, typer.Option(help="How hard it holds at first.")] = Enforcement.SHADOW,
    mandate: Annotated[
        str | None, typer.Option("--global", help="The global policy that it computes, by its id: GP-01.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="The folder to write below; else the governance folder.")
    ] = None,
    yes: Yes = False,
    config: Config = None,
    governance: Governance = None,
) -> None:
    """Write a policy from a sentence: Rego with annotations, tests that pass, a good and a bad document.

    Without --template it is an example to change.
    """
    from api.cli.starting.files import write
    from api.flows.draft import drafted
    from engine.policy.drafting.draft import well_formed

    well_formed(id)
    settings = options.settings(config, governance=governance)
    home = folder or settings.governance
    if home is None:
        raise UsageError(
            "There is no governance folder here: begin one with `meshgate init governance`, or give --dir."
        )
    _refuse_known(settings, id)
    words = {"field": field, "pattern": pattern, "value": value, "when": when, "to": to, "minimum": minimum}
    words |= {"platform": platform}
    said = _said(_asked({"template": template}, yes=yes)["template"], words, required, example or "", yes=yes)
    told = _told(id, {"title": title, "description": description, "owner": owner}, severity, enforcement, yes=yes)
    change = mandated(home, mandate, id) if mandate else None
    files = {home / path: text for path, text in drafted(told, said).files().items()}
    write(files)
    if change:
        change.write()
    show(os.path.relpath(path) for path in [*files, *([change.file] if change else [])])
    note(f"next: meshgate policy lint {os.path.relpath(home / 'policies' / id.replace('.', '/'))}")


def _refuse_known(settings: Settings, id: str) -> None:
    """Refuse an id that a policy has which is loaded beside the new one: the two would be one module."""
    from api.wiring import House
    from engine.errors import BundleInvalid

    path = f"{id.replace('.', '/')}/{id.rpartition('.')[2]}.rego"
    with House(settings) as house:
        try:
            known = house.policy_sources.modules()
        except BundleInvalid:  # no policy yet, or some that cannot be read, which lint tells
            return
    if path in known and settings.governance and not (settings.governance / "policies" / path).exists():
        raise UsageError(f"{id} is there already: {known[path].file}.")


def _said(template: object, given: Mapping[str, object], required: bool, example: str, *, yes: bool) -> Said:
    from engine.policy.drafting.said import Said, Template
    from engine.policy.drafting.sentences import needed

    if template not in (None, *TEMPLATES):
        raise UsageError(f"`{template}` is no sentence; choose {', '.join(TEMPLATES)}.")
    if template is None:
        given = {**given, "field": given["field"] or STARTING_FIELD}
    chosen = Template(template or Template.REQUIRED)
    asked = {name: given[name] for name in needed(chosen, platform=bool(given["platform"]))}
    found = {**given, **_asked(asked, yes=yes)}
    return Said(
        template=chosen,
        field=str(found["field"] or ""),
        pattern=str(found["pattern"] or ""),
        value=_several(found["value"]),
        when=str(found["when"] or ""),
        to=_several(found["to"]),
        platform=_several(found["platform"]),
        minimum=_number(found["minimum"]),
        required=required,
        example=example,
    )


def _told(id: str, given: Mapping[str, str | None], severity: Severity, enforcement: Enforcement, *, yes: bool) -> Told:
    from engine.policy.drafting.draft import Told

    found = _asked(given, yes=yes, defaults={"owner": "Federated Governance Team", "title": "", "description": ""})
    return Told(
        id=id,
        owner=str(found["owner"] or "Federated Governance Team"),
        title=str(found["title"] or ""),
        description=str(found["description"] or ""),
        severity=severity,
        enforcement=enforcement,
    )


def _asked(given: Mapping[str, object], *, yes: bool, defaults: Mapping[str, str] | None = None) -> dict[str, object]:
    """What was given, else what is answered on a terminal, else nothing."""
    asks = not yes and sys.stdin.isatty()
    return {
        name: typer.prompt(QUESTIONS[name], default=(defaults or {}).get(name), err=True)
        if asks and value in (None, [])
        else value
        for name, value in given.items()
    }


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, str):  # answered on a terminal
        return tuple(one.strip() for one in value.split(",") if one.strip())
    return tuple(value) if isinstance(value, (list, tuple)) else ()


def _number(value: object) -> float | None:
    if value is None or isinstance(value, (int, float)):
        return value
    try:
        return float(str(value))
    except ValueError:
        raise UsageError(f"{value!r} is no number.") from None
