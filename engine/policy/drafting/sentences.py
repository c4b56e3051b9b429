"""Which sentences can a steward say without Rego, and which policy does each become?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.errors import UsageError
from engine.model import Json
from engine.policy import patterns
from engine.policy.drafting import rules, words
from engine.policy.drafting.flowing import not_flow_to
from engine.policy.drafting.places import Place, holds_texts, place
from engine.policy.drafting.rules import Parameter, Rules, texts
from engine.policy.drafting.said import Said, Sentence, Template

_NEEDED: Mapping[Template, tuple[str, ...]] = {
    Template.REQUIRED: ("field",),
    Template.MATCH: ("field", "pattern"),
    Template.ONE_OF: ("field", "value"),
    Template.PRESENT_WHEN: ("field", "when"),
    Template.NOT_FLOW_TO: ("field", "value", "to"),
    Template.AT_LEAST: ("field", "minimum"),
}


def needed(template: Template, *, platform: bool) -> tuple[str, ...]:
    """What has to be said for a sentence, as the options of the command line are named.

    Data flows to domains, or, where the sentence speaks of a `platform`, to platforms.
    """
    names = _NEEDED[template]
    return tuple("platform" if name == "to" else name for name in names) if platform else names


def sentence(said: Said) -> Sentence:
    """The sentence as a policy. Raises UsageError for what was left out, and for what cannot be put into a policy."""
    _refuse_incomplete(said)
    target = place(said.field)
    if target.steps[-1] is None and (said.required or said.template in (Template.REQUIRED, Template.PRESENT_WHEN)):
        raise UsageError(f"{target} names the items of a list; to require the list itself, write {_listless(target)}.")
    return _MAKERS[said.template](said, target)


def _refuse_incomplete(said: Said) -> None:
    names = needed(said.template, platform=bool(said.platform))
    if lacking := [f"--{name}" for name in names if getattr(said, name) in ("", (), None)]:
        raise UsageError(f"`{said.template}` needs {' and '.join(lacking)} as well.")
    optional = ("pattern", "value", "when", "to", "platform", "minimum")
    if odd := [f"--{name}" for name in optional if name not in names and getattr(said, name) not in ("", (), None)]:
        raise UsageError(f"`{said.template}` says nothing with {' and '.join(odd)}.")
    if said.required and said.template in (Template.REQUIRED, Template.PRESENT_WHEN, Template.NOT_FLOW_TO):
        raise UsageError(f"`{said.template}` does not go with --required.")


def _required(said: Said, target: Place) -> Sentence:
    made = Rules(f"{rules.missing(target)}\n{_filled(target)}", {"missing": _missing(target)})
    good = [(target, example(target, said.example))]
    return Sentence(f"{target} is required", target, made, good, {"missing": [(target, None)]}, target, {})


def _match(said: Said, target: Place) -> Sentence:
    pattern = words.printable("--pattern", said.pattern)
    if reason := patterns.unportable(pattern):
        raise UsageError(f"--pattern {pattern}: {reason}.")
    msg = rules.message(f"{target} does not match %s.", "params.pattern")
    text = rules.judged(target, "not _matches(value)", "wrong_form", msg, required=said.required)
    told = "RE2 pattern that has to be found in the value; ^ and $ make it the whole value."
    schema = {"description": told, "type": "string"}
    return _judging(
        said,
        target,
        title=f"{target} must match a pattern",
        text=f"{text}\n{rules.MATCHES}",
        code=("wrong_form", f"{target} in an unexpected form", f"Write {target} as the parameter pattern demands."),
        parameters={"pattern": Parameter(pattern, schema)},
        good=example(target, said.example),
        bad=said.counterexample or 7,
    )


def _one_of(said: Said, target: Place) -> Sentence:
    allowed = [words.printable("--value", one) for one in said.value]
    msg = rules.message(f"{target} is none of: %s.", 'concat(", ", params.allowed)')
    return _judging(
        said,
        target,
        title=f"{target} is one of a list",
        text=rules.judged(target, "not value in params.allowed", "not_allowed", msg, required=said.required),
        code=("not_allowed", f"{target} with a value that is not allowed", f"Choose one of the allowed {target}."),
        parameters={"allowed": texts(allowed, "The values that are allowed.")},
        good=allowed[0],
        bad=f"not {allowed[0]}" if f"not {allowed[0]}" not in allowed else "-".join(allowed),
    )


def _at_least(said: Said, target: Place) -> Sentence:
    minimum = said.minimum or 0
    least = int(minimum) if float(minimum).is_integer() else minimum
    lists = target.kinds - {"null"} == {"array"}
    msg = rules.message(f"{target} has to be at least %v.", "params.minimum")
    text = rules.judged(target, "not _enough(value)", "too_little", msg, required=said.required)
    if lists and (least < 1 or least > 100 or not isinstance(least, int)):
        raise UsageError("--minimum of a list is a whole number from 1 to 100.")
    if target.kinds and not target.kinds & {"array", "number", "integer"}:
        raise UsageError(f"{target} is neither a number nor a list, so it cannot be at least something.")
    item = example(Place((*target.steps, None)), said.example) if lists else None
    return _judging(
        said,
        target,
        title=f"{target} is at least {least}",
        text=f"{text}\n{rules.ENOUGH}",
        code=("too_little", f"{target} is too little", "Raise it to what the parameter minimum demands."),
        parameters={"minimum": Parameter(least, {"description": "The least number, or count.", "type": "number"})},
        good=[item] * int(least) if lists else least,
        bad=[item] * (int(least) - 1) if lists else least - 1,
    )


def _present_when(said: Said, target: Place) -> Sentence:
    condition, value = _condition(said.when, target)
    where = f"_applies({rules.item_of(condition)})"
    applies = rules.HOLDS.format(name="_applies", below=condition.below)
    text = f"{rules.missing(target, where=where)}\n{applies}\n{_filled(target)}"
    schema = {"description": f"The value of {condition} that makes the field required.", "type": "string"}
    code, title, remediation = "missing", *_missing(target)
    made = Rules(text, {code: (title, remediation)}, {"value": Parameter(value, schema)})
    marked = (condition, [value] if holds_texts(condition) else value)
    good, bad = [marked, (target, example(target, said.example))], [marked, (target, None)]
    return Sentence(
        f"{target} is there where {_last(condition)} is {value}", target, made, good, {code: bad}, target, {}
    )


def _judging(
    said: Said,
    target: Place,
    *,
    title: str,
    text: str,
    code: tuple[str, str, str],
    parameters: Mapping[str, Parameter],
    good: Json,
    bad: Json,
) -> Sentence:
    name, told, remediation = code
    codes, cases = {name: (told, remediation)}, {name: [(target, bad)]}
    if said.required:
        text = f"{rules.missing(target)}\n{text}\n{_filled(target)}"
        codes, cases = {"missing": _missing(target), **codes}, {"missing": [(target, None)], **cases}
    return Sentence(title, target, Rules(text, codes, parameters), [(target, good)], cases, target, {})


def _condition(when: str, target: Place) -> tuple[Place, str]:
    field, equals, value = when.partition("=")
    if not equals:
        raise UsageError(f"--when {when!r} is written FIELD=VALUE, such as tags=pii.")
    condition = place(field.strip())
    if condition.steps[-1] is None:
        condition = Place(condition.steps[:-1])
    above = condition.above.steps
    if target.steps[: len(above)] != above:
        raise UsageError(f"{condition} belongs to other items than {target}; they have to share {condition.above}.")
    return condition, words.printable("the value of --when", value)


def example(target: Place, said: str) -> Json:
    """A value that may stand at the place: what was said, else one of a kind that DPDS knows there."""
    if said:
        return words.printable("--example", said)
    kinds = target.kinds
    if "string" in kinds or not kinds:
        return "example"
    if "array" in kinds:
        return [example(Place((*target.steps, None)), "")]
    return {"name": "example", "description": "An example."} if "object" in kinds else 1


def _last(target: Place) -> str:
    """The last field of the path, for a title that is short."""
    return next(step for step in reversed(target.steps) if step is not None)


def _missing(target: Place) -> tuple[str, str]:
    return f"{target} is missing", f"Fill in {target}."


def _filled(target: Place) -> str:
    return rules.FILLED.format(below=target.below)


def _listless(target: Place) -> str:
    return str(target).removesuffix("[*]")


_MAKERS: Mapping[Template, Callable[[Said, Place], Sentence]] = {
    Template.REQUIRED: _required,
    Template.MATCH: _match,
    Template.ONE_OF: _one_of,
    Template.PRESENT_WHEN: _present_when,
    Template.NOT_FLOW_TO: not_flow_to,
    Template.AT_LEAST: _at_least,
}
