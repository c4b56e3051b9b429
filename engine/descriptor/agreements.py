"""Where does a document use what the text of DPDS allows and its schema does not, or the other way round?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.descriptor.components import text
from engine.descriptor.contracts.recognition import claimed, parsed, recognised
from engine.descriptor.grammar import STANDARD_SHAPES, TASK
from engine.descriptor.limits import Limits
from engine.descriptor.subject import Subject
from engine.model import Problem


def unnamed_definitions(subject: Subject) -> Iterator[Problem]:
    for path, value, shape in subject.objects:
        missing = [field for field in ("name", "version") if not text(value, field)]
        if shape in STANDARD_SHAPES and "definition" in value and missing and path[0] != "components":
            yield subject.problem("DP354", f"{path[-1]} has no {' and no '.join(missing)}", path)


def services_by_reference(subject: Subject) -> Iterator[Problem]:
    for path, value, shape in subject.objects:
        service = value.get("service")
        if shape is TASK and type(service) is dict and "$ref" in service:
            msg = "the service is written with $ref and never followed"
            yield subject.problem("DP353", msg, (*path, "service", "$ref"), "write $href")


def reading_lists(subject: Subject) -> Iterator[Problem]:
    for one in subject.components:
        for field in ("dependsOn", "x-dependsOn"):
            if one.kind == "inputport" and type(one.value.get(field)) is list:
                msg = f"{field} of an input port is a list"
                yield subject.problem("DP355", msg, (*one.path, field), "write one input port for each entry")


def unreadable_contracts(subject: Subject) -> Iterator[Problem]:
    """Definitions that claim a specification whose columns could be told, and are not of it."""
    for one in subject.components:
        promises = one.value.get("promises")
        api = promises.get("api") if one.is_port and type(promises) is dict else None
        if type(api) is not dict or "definition" not in api:
            continue
        named = text(api, "specification")
        if claimed(named) is not None and recognised(named, parsed(named, api["definition"], Limits())) is None:
            path = (*one.path, "promises", "api", "definition")
            yield subject.problem("DP456", f"the definition of {one.name or 'this port'} is not {named}", path)
