"""Which messages does a person get about one document, and in which order?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WORDS = {
    "blocking": "error",
    "advisory": "warning",
    "waived": "waived",
    "baselined": "baselined",
    "shadow": "shadow",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell: `word` says how bad it is, `origin` which rule says so, `notes` what else helps."""

    word: str
    code: str
    origin: str
    msg: str
    file: str = ""
    line: int = 0
    column: int = 0
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether the source line is shown: only where something is to be done."""
        return self.word in ("error", "warning")


def messages(document: dict[str, Any], *, verbose: bool) -> list[Message]:
    """Problems and findings in the order of their places; shadow findings only when `verbose`."""
    found = [_of_problem(problem) for problem in document["problems"]]
    found += [_of_finding(one) for one in document["decision"]["findings"] if verbose or one["disposition"] != "shadow"]
    return sorted(found, key=lambda one: (one.file, one.line, one.column))


def run_messages(document: dict[str, Any], *, verbose: bool) -> Iterator[Message]:
    """Policies that erred (those with one reason together), suspended ones, and skipped ones that the outcome needs."""
    decision = document["decision"]
    erred: dict[tuple[str, str], list[str]] = {}
    for run in decision["policies"]:
        if run["state"] == "error":
            word = "error" if run["enforcement"] in ("blocking", "mandatory") else "warning"
            erred.setdefault((word, run.get("reason", "")), []).append(run["policy"])
        elif run.get("suspended"):
            yield Message("suspended", "", run["policy"], run["reason"])
        elif verbose or (run["state"] == "skipped" and _is_open(decision)):
            yield Message(run["state"], "", run["policy"], run.get("reason", ""))
    for (word, reason), policies in erred.items():
        origin = policies[0] if len(policies) == 1 else f"{len(policies)} policies"
        yield Message(word, "policy-error", origin, reason)


def why(decision: dict[str, Any]) -> str:
    """What the reader must know to understand the outcome, where it is not what the messages say."""
    if decision["provisional"]:
        return "provisional: the skipped policies need a catalog"
    if decision["outcome"] != "undecided":
        return ""
    if decision["input_digest"] is None:
        return "it could not be read"
    states = {run["state"] for run in decision["policies"]}
    if "error" in states:
        return "not every policy could be evaluated"
    return "no policy was evaluated" if states <= {"skipped"} else "a policy that can reject was skipped"


def is_unjudged(decision: dict[str, Any]) -> bool:
    """Whether the document could be read and yet nothing was decided, which no problem says."""
    return decision["outcome"] == "undecided" and decision["input_digest"] is not None


def _is_open(decision: dict[str, Any]) -> bool:
    return bool(decision["provisional"]) or decision["outcome"] == "undecided"


def _of_problem(problem: dict[str, Any]) -> Message:
    notes = [("through", reference) for reference in problem.get("via", ())]
    notes += [("help", problem["hint"])] if problem["hint"] else []
    return _placed(problem, problem.get("disposition", problem["severity"]), problem["name"], tuple(notes))


def _of_finding(finding: dict[str, Any]) -> Message:
    notes = [("through", reference) for reference in finding["via"]]
    if waiver := finding.get("waiver"):
        notes.append(("waiver", waiver))
    elif remediation := finding.get("remediation"):
        notes.append(("help", remediation))
    return _placed(finding, _WORDS[finding["disposition"]], finding["policy"], tuple(notes))


def _placed(told: dict[str, Any], word: str, origin: str, notes: tuple[tuple[str, str], ...]) -> Message:
    return Message(word, told["code"], origin, told["msg"], told["file"], told["line"], told["column"], notes)
