"""Does `check` show and write fixes, say what it changed and what it could not, and judge again?"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from commands import Ended, Terminal

from api.cli.starting import product as starting

Run = Callable[..., Ended]
GOOD = starting.files(starting.Answers("orders", "sales", "jo@example.org", "org.example"), Path())[
    Path(starting.DESCRIPTOR)
]
SHORT = GOOD.replace('row stands for.\n      version: "1.0.0"', 'row stands for.\n      version: "1.2" # the second')
NOTE = "note: judged by the starter policies; set `policies` to use your own"


def changes(terminal: Terminal, before: str, name: str = "orders.yaml") -> list[tuple[str, str]]:
    after = (terminal.folder / name).read_text("utf-8").splitlines()
    return [pair for pair in zip(before.splitlines(), after, strict=True) if pair[0] != pair[1]]


def test_the_fix_of_a_policy_is_shown_written_told_and_judged_again(run: Run, terminal: Terminal) -> None:
    terminal.write("orders.yaml", SHORT)
    line = SHORT.splitlines().index('      version: "1.2" # the second') + 1
    told = [
        NOTE,
        f"fix: orders.yaml:{line}:16: mesh.versioning.semantic_versions/entity_not_semantic: "
        'set /interfaceComponents/outputPorts/0/version to "1.2.0" in orders.yaml',
    ]
    shown = run("check", "--diff", "orders.yaml")
    assert (shown.code, shown.err.splitlines()) == (1, told)
    assert changes(terminal, SHORT) == []
    fixed = run("check", "--fix", "orders.yaml", "-f", "json")
    assert (fixed.code, fixed.err.splitlines()) == (0, told)
    assert [one["decision"]["outcome"] for one in fixed.json["documents"]] == ["accepted"]
    assert changes(terminal, SHORT) == [('      version: "1.2" # the second', '      version: "1.2.0" # the second')]


def test_the_diff_is_one_that_git_applies(run: Run, terminal: Terminal) -> None:
    terminal.write("a/orders.yaml", SHORT)
    diff = run("check", "--diff", "a").out
    subprocess.run(["git", "apply", "-"], cwd=terminal.folder, input=diff, text=True, check=True)
    assert run("check", "a").code == 0


def test_what_a_correction_brings_to_light_is_fixed_in_the_same_run(run: Run, terminal: Terminal) -> None:
    text = SHORT.replace('"1.2" # the second', "1.10").replace(
        "        api:\n", '        api:\n          $ref: "#components/apis/one"\n        slo2:\n'
    )
    text += 'components:\n  apis:\n    one: {name: one, version: "1.0.0", specification: custom, definition: text}\n'
    terminal.write("orders.yaml", text)
    told = run("check", "--fix", "orders.yaml")
    assert told.code == 0, told.out
    assert changes(terminal, text) == [
        ("      version: 1.10", '      version: "1.10.0"'),
        ('          $ref: "#components/apis/one"', '          $ref: "#/components/apis/one"'),
    ]
    rules = [line.split(": ")[2] for line in told.err.splitlines()[1:]]
    assert rules == ["DP302", "DP251", "mesh.versioning.semantic_versions/entity_not_semantic"]


def test_a_fix_behind_a_reference_is_written_where_it_stands_once_for_all_who_use_it(
    run: Run, terminal: Terminal
) -> None:
    start, port = SHORT.split("  outputPorts:\n")
    body = "\n".join(line.removeprefix("      ") for line in port.replace("    - ", "      ", 1).splitlines())
    terminal.write("mesh/ports/records.yaml", body + "\n")
    for name in ("one", "two"):
        terminal.write(f"mesh/{name}.yaml", start + "  outputPorts:\n    - $ref: ports/records.yaml\n")
    told = run("check", "--fix", "mesh", "-q")
    assert told.code == 0, told.out
    assert [line.rsplit(" in ")[-1] for line in told.err.splitlines()] == ["mesh/ports/records.yaml"]
    assert changes(terminal, body, "mesh/ports/records.yaml")[0][1] == 'version: "1.2.0" # the second'
    assert (terminal.folder / "mesh" / "one.yaml").read_text("utf-8").endswith("$ref: ports/records.yaml\n")


POLICY = """# METADATA
# title: Documents end
# description: Offers fixes of which none can be placed.
# scope: package
# organizations: [Sales]
# custom:
#   severity: low
#   category: naming
#   enforcement: blocking
#   events: [submit]
#   findings: {wrong: {title: Wrong, remediation: None.}}
package sales.fixes

import rego.v1

violation contains finding if {
\tsome path in ["/info/nothing/here", "/info/id"]
\tfix := [{"op": "replace", "path": path, "value": "x"}]
\tfinding := {"code": "wrong", "msg": path, "path": ["info"], "fix": fix}
}
"""


def test_a_fix_that_cannot_be_placed_is_named_with_its_reason(run: Run, terminal: Terminal) -> None:
    terminal.write("own/sales/fixes/fixes.rego", POLICY)
    terminal.write("orders.yaml", GOOD)
    told = run("check", "--fix", "orders.yaml", "--policies", "own")
    assert told.code == 1
    place = "not fixed: orders.yaml:4:1: sales.fixes/wrong: replace"
    assert told.err.splitlines() == [
        f"{place} /info/id: /info/id is not written so in orders.yaml",
        f"{place} /info/nothing/here: there is no /info/nothing/here",
    ]
    assert changes(terminal, GOOD) == []


def test_what_is_waived_or_old_is_left_as_it_is(run: Run, terminal: Terminal) -> None:
    terminal.write("orders.yaml", SHORT)
    run("check", "orders.yaml", "--write-baseline", "old.json")
    assert run("check", "--fix", "orders.yaml", "--baseline", "old.json").code == 0
    assert changes(terminal, SHORT) == []


def test_flags_that_contradict_each_other_end_the_command(run: Run, terminal: Terminal) -> None:
    terminal.write("orders.yaml", SHORT)
    for flags in (("--fix", "--diff"), ("--fix", "--write-baseline", "x.json"), ("--diff", "-f", "json")):
        told = run("check", "orders.yaml", *flags)
        assert (told.code, told.out, "[usage]" in told.err) == (2, "", True)
    assert changes(terminal, SHORT) == []
    assert run("check", "orders.yaml", "--diff", "-f", "json=report.json").code == 1
    assert (terminal.folder / "report.json").is_file()


def test_a_file_that_cannot_be_written_changes_nothing_and_says_so(run: Run, terminal: Terminal) -> None:
    text = SHORT.replace('version: "1.2" # the second', "version: &v 1.10").replace(
        'specificationVersion: "1.0.0"', "specificationVersion: *v", 1
    )
    terminal.write("orders.yaml", text)
    told = run("check", "--fix", "orders.yaml", "-q")
    assert told.code == 1
    assert changes(terminal, text) == []
    reasons = [line.rpartition("DP302: ")[2] for line in told.err.splitlines() if line.startswith("not fixed: ")]
    assert reasons == ["an anchor or alias stands there: &v 1.10", "an anchor or alias stands there: *v"]
