"""Which closed sets of words does the schema have? (The words of the glossary, in capitals.)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene


def closed_set(name: str, says: str, words: Mapping[str, str]) -> Any:
    """A GraphQL enum whose values stand for these words; every value is documented."""
    meanings = {word.upper(): meaning for word, meaning in words.items()}

    def described(value: Any) -> str:
        return says if value is None else meanings[value.name]

    return graphene.Enum(name, [(word.upper(), word) for word in words], description=described)


VersionStatus = closed_set(
    "VersionStatus",
    "The standing of an accepted version.",
    {
        "active": "In use.",
        "deprecated": "Still there, but consumers should move on.",
        "withdrawn": "No longer to be used; lists and search leave it out.",
    },
)

PortKind = closed_set(
    "PortKind",
    "The five kinds of ports that a descriptor has.",
    {
        "inputport": "Where the product takes data in.",
        "outputport": "Where the product serves data.",
        "discoveryport": "Where the product tells about itself.",
        "observabilityport": "Where the product shows how it is doing.",
        "controlport": "Where the product is controlled.",
    },
)

Outcome = closed_set(
    "Outcome",
    "How a decision ended.",
    {
        "accepted": "Nothing stood against it.",
        "rejected": "A problem or a blocking finding stood against it.",
        "undecided": "It could not be judged, and so was not accepted.",
    },
)

StandingState = closed_set(
    "StandingState",
    "How a product stands by the policies that hold now.",
    {
        "compliant": "Nothing stands against it.",
        "non_compliant": "It would be rejected now; it stays in the mesh.",
        "undecided": "It could not be judged by all policies that may reject.",
    },
)

PolicyState = closed_set(
    "PolicyState",
    "How one policy ended in a decision.",
    {
        "pass": "Evaluated, nothing found.",
        "fail": "Evaluated, something found.",
        "error": "Could not be evaluated.",
        "skipped": "Was not evaluated, for the reason given.",
    },
)

Enforcement = closed_set(
    "Enforcement",
    "How hard a policy applies, weakest first.",
    {
        "shadow": "Findings are recorded.",
        "advisory": "Findings are shown.",
        "blocking": "A finding rejects, unless it is waived.",
        "mandatory": "A finding rejects, and cannot be waived.",
    },
)

Severity = closed_set(
    "Severity",
    "How bad a finding is, worst first; it does not decide whether the finding blocks.",
    {
        "critical": "Harm is being done.",
        "high": "Harm is likely.",
        "medium": "Harm is possible.",
        "low": "A blemish.",
        "info": "Worth knowing.",
    },
)

Disposition = closed_set(
    "Disposition",
    "What became of a finding after assignments, dates and waivers.",
    {
        "blocking": "It rejects.",
        "advisory": "It is shown.",
        "shadow": "It is recorded.",
        "waived": "A waiver covers it.",
        "baselined": "It was there before the policy, and is tolerated.",
    },
)

SloState = closed_set(
    "SloState",
    "Whether a promise is kept over its window.",
    {
        "met": "It is kept.",
        "broken": "More was bad than its error budget allows.",
        "unknown": "Nothing was observed.",
    },
)
