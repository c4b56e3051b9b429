"""Does every way in which a command can fail end in words and with exit code 2?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import typer
from commands import MESH, Terminal

from api.cli.endings import guarded, told
from engine.errors import CatalogBehind, NotFound
from engine.policy.sheets import Breach, refused


def ending(error: BaseException) -> Callable[[], None]:
    def command() -> None:
        raise error

    return guarded(command)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NotFound("There is no `x`."), "meshgate: There is no `x`. [not-found]\n"),
        (PermissionError(13, "Permission denied", "a.yaml"), "meshgate: a.yaml: Permission denied [system-error]\n"),
        (OSError(28, "No space left on device"), "meshgate: No space left on device [system-error]\n"),
        (TimeoutError(), "meshgate: TimeoutError [system-error]\n"),
    ],
    ids=["ours", "a file", "no file", "no words"],
)
def test_an_error_is_told_in_one_line(capsys: pytest.CaptureFixture[str], error: Exception, says: str) -> None:
    with pytest.raises(typer.Exit) as end:
        ending(error)()
    assert (end.value.exit_code, capsys.readouterr()) == (2, ("", says))


def test_what_nobody_foresaw_is_no_refusal_of_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end:
        ending(KeyError("x"))()
    said = capsys.readouterr().err
    assert end.value.exit_code == 2
    assert said.endswith("meshgate: This is a fault in meshgate, and nothing was decided. [internal-error]\n")
    assert "KeyError: 'x'" in said


def test_a_hint_stands_below_the_error() -> None:
    assert told(CatalogBehind("It is old.")) == (
        "meshgate: It is old. [catalog-schema-behind]\n  Run `meshgate db upgrade`."
    )


def test_several_breaches_stand_in_lines_of_their_own() -> None:
    breaches = [Breach("waivers.yaml", 9, "`until` is over"), Breach("waivers.yaml", 2, "no  such policy")]
    assert told(refused(breaches)) == (
        "meshgate: waivers.yaml:2: no such policy\n  waivers.yaml:9: `until` is over [governance-invalid]"
    )


@pytest.mark.parametrize("end", [typer.Exit(3), KeyboardInterrupt()])
def test_exits_and_interrupts_keep_their_numbers(end: BaseException) -> None:
    with pytest.raises(type(end)) as kept:
        ending(end)()
    assert kept.value is end


def test_a_reader_that_goes_away_hears_no_traceback(terminal: Terminal) -> None:
    process = subprocess.Popen(
        terminal.command("check", "--quiet", MESH),
        cwd=terminal.folder,
        env=terminal.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.wait(60), process.stderr.read()) == (2, b"")
    process.stderr.close()


def test_help_lists_the_commands_and_the_exit_codes(terminal: Terminal) -> None:
    shown = terminal.run("--help", COLUMNS="200")
    commands = "check submit search show deploy containers serve worker export doctor demo db"
    assert (shown.code, shown.err) == (0, "")
    assert [name for name in commands.split() if f" {name} " not in shown.out] == []
    assert "0 nothing to object to, 1 blocking findings, 2 could not decide, 3 nothing evaluated" in shown.out
    assert terminal.run("--version").out.startswith("meshgate 0.")


HEAVY = (
    "pydantic_settings",
    "jsonschema",
    "fastapi",
    "sqlmodel",
    "graphene",
    "dbos",
    "opa_client",
    "pydantic",
    "boto3",
    "duckdb",
)


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--quiet", str(MESH / "sales")]], ids=["help", "check"])
def test_what_must_start_fast_imports_nothing_heavy(terminal: Terminal, arguments: list[str]) -> None:
    program = (
        "import sys\nfrom api.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    print('|'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=terminal.folder, env=terminal.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.strip().splitlines()[-1].split("|"))
    assert "api.cli.commands" in loaded
    assert loaded & set(HEAVY) == set()
