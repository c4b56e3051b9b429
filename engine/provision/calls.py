"""Which calls does upp/1 have, with which arguments, which of them change the world, and how do they travel over HTTP?

One table for the three forms: a method of a Python object, a request over HTTP, a call on the standard input of an
executable. The bodies are the same in all of them (`schemas/upp-1.json`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ROOT = "/upp/v1"

CALLBACK = "callback-location"
"""The header in which the `callback` of a request or ref travels over HTTP."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the bodies of its arguments by name, the body that it answers, and its place over HTTP.

    `writes` says that it may change the world, so that a call without an answer leaves an unknown outcome. Arguments
    that `path` and `query` do not name travel in the body: alone as it is, several as an object by name.
    """

    arguments: Mapping[str, str]
    answers: str
    method: str
    path: str
    query: tuple[str, ...] = ()
    writes: bool = False
    says: str = ""

    @property
    def body(self) -> tuple[str, ...]:
        """The arguments that travel in the body."""
        return tuple(name for name in self.arguments if name not in self.query and f"{{{name}}}" not in self.path)


RESOURCE = ROOT + "/resources/{id}"
OPERATION = ROOT + "/operations/{operation}"

CALLS: Mapping[str, Call] = {
    "info": Call({}, "AdapterInfo", "GET", ROOT, says="What the adapter is, and what it can do."),
    "validate": Call(
        {"request": "ResourceRequest"},
        "Issues",
        "POST",
        ROOT + "/validate",
        says="What is wrong with a request, without side effects and without credentials.",
    ),
    "plan": Call(
        {"request": "ResourceRequest", "seen": "Seen"},
        "Plan",
        "POST",
        ROOT + "/plan",
        says="What would be done, given what was seen; no side effects.",
    ),
    "apply": Call(
        {"request": "ResourceRequest"},
        "Outcome",
        "PUT",
        RESOURCE,
        writes=True,
        says="Make the resource as asked, whatever is there: asked twice, it is made once.",
    ),
    "destroy": Call(
        {"ref": "ResourceRef", "policy": "DeletionPolicy"},
        "Outcome",
        "DELETE",
        RESOURCE,
        query=("ref", "policy"),
        writes=True,
        says="Remove the resource, or keep its data under `retain`; what is absent is removed already.",
    ),
    "observe": Call(
        {"ref": "ResourceRef"}, "Observation", "GET", RESOURCE, query=("ref",), says="What is there, without a change."
    ),
    "set_access": Call(
        {"ref": "ResourceRef", "grants": "Grants"},
        "Outcome",
        "PUT",
        RESOURCE + "/access",
        writes=True,
        says="Give exactly these grants, and no other.",
    ),
    "poll": Call({"operation": "Text"}, "Operation", "GET", OPERATION, says="How far an operation is."),
    "cancel": Call(
        {"operation": "Text"},
        "Operation",
        "POST",
        OPERATION + "/cancel",
        writes=True,
        says="Stop it, if that is possible.",
    ),
    "adopt": Call(
        {"request": "ResourceRequest", "external": "Text"},
        "Outcome",
        "POST",
        RESOURCE + "/adopt",
        writes=True,
        says="Take over what somebody else made, which `external` names (capability `adopt`).",
    ),
    "inventory": Call(
        {"environment": "Text"},
        "Inventory",
        "GET",
        ROOT + "/inventory",
        query=("environment",),
        says="Everything that bears our labels in an environment (capability `inventory`).",
    ),
}
