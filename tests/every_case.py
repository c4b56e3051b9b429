"""One report in which everything that a format has to tell happens, hostile text included, and its rules."""

from __future__ import annotations

from typing import Any

import make

from engine.descriptor.codes import CODES
from engine.model import (
    Decision,
    Disposition,
    Enforcement,
    Finding,
    FindingCode,
    JudgedFinding,
    Outcome,
    Place,
    PolicyState,
    Problem,
    ProblemSeverity,
    Severity,
)
from engine.report import record, rules

HOSTILE = (
    "</script><img src=x onerror=alert(1)> ]]> --> \x1b[31mred\x07\r\n::error::injected\n##[error]old %0A"
    " @everyone #1 [click](https://evil.example/a) `code` ``` | **bold** &amp; {0} \u202e\ufffe end"
)
"""What tries to command a terminal, XML, HTML, Markdown, a workflow runner or a SARIF viewer."""

_VIA = (
    "orders.yaml#/interfaceComponents/outputPorts/0",
    "ports/placed.yaml#/promises/api",
)
_PORT = "urn:dpds:org.example:dataproducts:orders:1:outputports:placed"


def _judged(policy: str, disposition: Disposition, number: int, **changes: Any) -> JudgedFinding:
    place = Place("orders.yaml", 10 + number, 3, "/info/owner")
    told: dict[str, Any] = {"place": place, "fingerprint": str(number) * 64, "disposition": disposition, **changes}
    return make.judged(Finding(policy, "owner_missing", f"finding {number}", ("info", "owner", "id")), **told)


def _problem(code: str, severity: ProblemSeverity = ProblemSeverity.ERROR, **changes: Any) -> Problem:
    return make.problem(code, name=CODES[code].name, severity=severity, layer=CODES[code].layer, **changes)


REJECTED = make.decision(
    policies=(
        make.run(PolicyState.FAIL, "mesh.a.blocks"),
        make.run(PolicyState.FAIL, "mesh.b.advises", enforcement=Enforcement.ADVISORY, severity=Severity.LOW),
        make.run(PolicyState.FAIL, "mesh.c.shadows", enforcement=Enforcement.SHADOW),
        make.run(PolicyState.FAIL, "mesh.d.waived"),
        make.run(PolicyState.FAIL, "mesh.e.baselined"),
        make.run(PolicyState.PASS, "mesh.f.passes"),
        make.run(PolicyState.SKIPPED, "mesh.g.skipped", reason=f"not for this event {HOSTILE}"),
        make.run(PolicyState.ERROR, "mesh.h.errs", reason=HOSTILE, enforcement=Enforcement.ADVISORY),
    ),
    findings=(
        make.judged(
            Finding("mesh.a.blocks", "owner_missing", HOSTILE, ("interfaceComponents", "outputPorts", 0, "a/b")),
            severity=Severity.CRITICAL,
            place=Place("apis/placed,1: 100%.yaml", 3, 5, "/info", _VIA),
            component=_PORT,
            remediation=f"Write {HOSTILE}",
        ),
        _judged("mesh.a.blocks", Disposition.BLOCKING, 1),
        _judged("mesh.b.advises", Disposition.ADVISORY, 2, severity=Severity.LOW),
        _judged("mesh.c.shadows", Disposition.SHADOW, 3),
        _judged("mesh.d.waived", Disposition.WAIVED, 4, waiver="W-1"),
        _judged("mesh.e.baselined", Disposition.BASELINED, 5, severity=Severity.INFO),
    ),
    problems=(
        _problem("DP301", msg=HOSTILE, hint=HOSTILE),
        _problem("DP301", place=Place("ports/placed.yaml", 7, 9, "/name", _VIA[:1]), hint=""),
        _problem("DP451", ProblemSeverity.WARNING, place=Place("orders.yaml", 5, 9, "/info/name")),
    ),
)

UNREADABLE = make.decision(
    outcome=Outcome.UNDECIDED,
    product=None,
    input_digest=None,
    bundle_revision=None,
    assignments_digest=None,
    waivers_digest=None,
    engine=None,
    policies=(),
    findings=(),
    problems=(_problem("DP104", path="", place=Place("b&d,name: 1.yaml", 9, 1), msg="the text ends here"),),
)

ERRED = make.decision(
    outcome=Outcome.UNDECIDED,
    product=make.identity("returns"),
    policies=(make.run(), make.run(PolicyState.ERROR, "mesh.h.errs", reason=HOSTILE)),
    findings=(),
)

_ASKED_NOTHING = (make.run(PolicyState.SKIPPED, "mesh.i.needs", reason="needs the mesh, and no catalog is at hand"),)

PROVISIONAL = make.decision(outcome=Outcome.ACCEPTED, provisional=True, policies=_ASKED_NOTHING, findings=())

UNJUDGED = make.decision(outcome=Outcome.UNDECIDED, policies=(), findings=())

CLEAN = make.decision(outcome=Outcome.ACCEPTED, policies=(make.run(policy="mesh.f.passes"),), findings=())

_DOCUMENTS: tuple[tuple[str, Decision], ...] = (
    ("shop/orders.yaml", REJECTED),
    ("shop/b&d,name: 1.yaml", UNREADABLE),
    ("shop/<b>returns\n::error::x.yaml", ERRED),
    ("shop/provisional|.yaml", PROVISIONAL),
    ("shop/@unjudged.yaml", UNJUDGED),
    ("shop/clean\udcff.yaml", CLEAN),
)

REPORT = record.report([record.document(decision, file=file) for file, decision in _DOCUMENTS])

_NAMES = ("a.blocks", "b.advises", "c.shadows", "d.waived", "f.passes")

RULES = rules.known(
    [
        make.policy(
            f"mesh.{name}",
            title=f"The rule {name}",
            findings={"owner_missing": FindingCode(f"Owner missing ({name})", "Set info.owner.id")},
            related=("not a link", "https://example.org/rules"),
        )
        for name in _NAMES
    ],
    CODES.values(),
)
"""Of one policy, `mesh.e.baselined`, nothing is known, as when a server judged."""


def source(file: str) -> list[str]:
    """The lines of every file of the report."""
    if file.endswith("clean.yaml"):
        raise FileNotFoundError(file)
    return [f"line: {number} <&> {HOSTILE[:40]}" for number in range(1, 30)]
