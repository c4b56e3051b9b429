"""How does a sentence about where data must not flow become a policy?"""

from __future__ import annotations

from engine.errors import UsageError
from engine.model import Json
from engine.policy.drafting import rules, words
from engine.policy.drafting.places import Place, holds_texts
from engine.policy.drafting.rules import Parameter, Rules, texts
from engine.policy.drafting.said import Said, Sentence

PORT = ("interfaceComponents", "outputPorts", None)


def not_flow_to(said: Said, target: Place) -> Sentence:
    """The sentence about domains, or about platforms where it names some. Raises UsageError."""
    if len(said.value) != 1:
        raise UsageError("`not-flow-to` takes one --value: what the data is marked with.")
    value = words.printable("--value", said.value[0])
    target = Place(target.steps[:-1]) if target.steps[-1] is None else target
    port = Place(PORT) if target.steps[:3] == PORT else None
    if target.above.steps not in ((), PORT):
        raise UsageError(f"{target} belongs to no output port and not to the product; only these are read by others.")
    marked = (target, [value] if holds_texts(target) else value)
    mark = Parameter(value, {"description": f"What {target} is marked with.", "type": "string"})
    if said.platform:
        return _not_on_platform(said, target, mark, marked)
    domains = [words.printable("--to", one) for one in said.to]
    text = f"{rules.flowing(target, port)}\n{_marks(target)}"
    schemas = {"value": mark, "domains": texts(domains, "Domains to which it must not flow.")}
    told = ("Marked data is read where it must not flow", "Withdraw the access, or offer the port without marked data.")
    made = Rules(text, {"flows_there": told}, schemas, needs=("mesh",))
    named = [(Place((*PORT, "name")), "parcelList")] if port else []
    reader = {"product": "urn:dpds:org.example:dataproducts:reader:1", "port": "parcelList", "input_port": "in"}
    context = {"mesh": {"consumers": [{**reader, "domain": domains[0]}]}}
    title = f"What is marked {value} does not flow to {', '.join(domains)}"
    return Sentence(
        title, target, made, [*named, (target, None)], {"flows_there": [*named, marked]}, port or target, context
    )


def _not_on_platform(said: Said, target: Place, mark: Parameter, marked: tuple[Place, Json]) -> Sentence:
    """The platforms are those on which the ports themselves are offered: where readers run, no descriptor says."""
    platforms = [words.printable("--platform", one).casefold() for one in said.platform]
    if whole := [one for one in platforms if len(rules.PARTS.split(one)) > 1]:
        raise UsageError(f"--platform {whole[0]}: name one part of it, such as {rules.PARTS.split(whole[0])[0]}.")
    ports, place = Place(PORT), Place((*PORT, "promises", "platform"))
    text = f"{rules.offered(target, ports)}\n{_marks(target)}\n{rules.PLACED}"
    schemas = {
        "value": mark,
        "platforms": texts(platforms, "Parts of platform names (lower case) to which it must not flow."),
    }
    told = ("Marked data is offered where it must not flow", "Offer the port elsewhere, or without marked data.")
    made = Rules(text, {"offered_there": told}, schemas)
    there = (place, f"{platforms[0].upper()}:here")
    title = f"What is marked {mark.default} does not flow to {', '.join(platforms)}"
    found_at = ports if target.above.steps else target
    return Sentence(title, target, made, [there, (target, None)], {"offered_there": [there, marked]}, found_at, {})


def _marks(target: Place) -> str:
    return rules.HOLDS.format(name="_marked", below=target.below)
