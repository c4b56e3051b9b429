"""Does a clone work as a pre-commit hook, as a GitHub action, and for the shell that completes commands?"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import MESH, PROGRAM, ROOT, Terminal
from doors import product

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits


def read(name: str) -> Any:
    return yaml_source.read((ROOT / name).read_text("utf-8"), Limits())[0]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def hooked(terminal: Terminal, id: str, changed: str) -> int:
    """The exit code of the hook with this id, run as pre-commit runs it because of a file that changed."""
    (hook,) = [one for one in read(".pre-commit-hooks.yaml") if one["id"] == id]
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert re.search(hook["files"], changed)
    # pre-commit installs the clone with `pip install .` and finds the entry on the path of that environment.
    environment = {**terminal.environment, "PATH": f"{PROGRAM.parent}:{terminal.environment['PATH']}"}
    command = [*shlex.split(hook["entry"]), *hook.get("args", [])]
    return subprocess.run(
        command, cwd=terminal.folder, env=environment, stdout=subprocess.DEVNULL, check=False
    ).returncode


def test_the_hook_of_a_product_team_refuses_a_bad_descriptor(terminal: Terminal) -> None:
    terminal.write("a b/orders.yaml", product())
    assert hooked(terminal, "meshgate-check", "a b/orders.yaml") == 0
    terminal.write("a b/more.yaml", product("more", owner=""))
    assert hooked(terminal, "meshgate-check", "a b/more.yaml") == 1


def test_the_hooks_of_a_governance_team_refuse_a_bad_policy_and_stale_pages(terminal: Terminal) -> None:
    file = "policies/mesh/naming/short/short.rego"
    assert terminal.run("init", "governance").code == 0
    assert terminal.run("policy", "new", "mesh.naming.short", "--yes").code == 0
    assert hooked(terminal, "meshgate-policy-lint", file) == 0
    assert hooked(terminal, "meshgate-policy-docs", file) == 1
    assert terminal.run("policy", "docs").code == 0
    assert hooked(terminal, "meshgate-policy-docs", file) == 0
    text = (terminal.folder / file).read_text("utf-8")
    terminal.write(file, text.replace("severity: medium", "severity: hgih"))
    assert hooked(terminal, "meshgate-policy-lint", file) == 1


def test_the_action_checks_what_it_is_told_and_shows_a_summary(terminal: Terminal) -> None:
    action = read("action.yml")
    assert action["runs"]["using"] == "composite"
    step = action["runs"]["steps"][-1]
    environment = terminal.home / "meshgate"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "meshgate").symlink_to(PROGRAM)
    terminal.write("a b/orders.yaml", product("more", owner=""))
    terminal.write("good.yaml", product())

    def ended(paths: str, arguments: str = "") -> subprocess.CompletedProcess[str]:
        inputs = {"inputs.paths": paths, "inputs.arguments": arguments, "runner.temp": str(terminal.home)}
        given = {name: filled(value, inputs) for name, value in step["env"].items()}
        given["GITHUB_STEP_SUMMARY"] = str(terminal.home / "summary.md")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(
            command,
            cwd=terminal.folder,
            env={**terminal.environment, **given},
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended("good.yaml", action["inputs"]["arguments"]["default"]).returncode == 0
    bad = ended("a b\ngood.yaml\n", "--event=deploy\n--quiet")
    assert (bad.returncode, "::error file=a b/orders.yaml," in bad.stdout, bad.stderr) == (1, True, "")
    assert "1 accepted, 1 rejected" in (terminal.home / "summary.md").read_text("utf-8")
    assert ended(action["inputs"]["paths"]["default"]).returncode == 1


def filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text)


def test_what_the_action_installs_holds_everything_that_a_first_day_needs(terminal: Terminal) -> None:
    steps = [step["run"] for step in read("action.yml")["runs"]["steps"] if "pip install" in step.get("run", "")]
    lines = [line for step in steps for line in step.splitlines() if "--no-build-isolation" in line]
    assert [line.endswith(' "$SOURCE"') for line in lines] == [True]
    installed = terminal.home / "installed"
    # The line of the action, into a folder instead of an environment, so that the lock is not installed once more.
    command = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, *command, "--no-index", "--target", str(installed), str(ROOT)], check=True, capture_output=True
    )
    program = (
        f"import sys; sys.path[:] = [{str(installed)!r}] + [one for one in sys.path if one != {str(ROOT)!r}]\n"
        "sys.meta_path[:] = [one for one in sys.meta_path if '__editable__' not in repr(one)]\n"
        "import api; assert api.__file__.startswith(sys.path[0]), api.__file__\n"
        "from api.cli import main; main(sys.argv[1:])"
    )

    def run(*arguments: str | Path) -> None:
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=terminal.folder, env=dict(terminal.environment), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    run(
        "init",
        "product",
        "new",
        "--name",
        "orders",
        "--domain",
        "sales",
        "--owner",
        "jo",
        "--ci",
        "github",
        "--pre-commit",
    )
    run("init", "governance", "rules")
    run("check", "new", "--config", "rules/meshgate.yaml")
    run("check", "new", MESH / "sales")
    run("explain", "owner_missing")


@pytest.mark.parametrize(
    ("shell", "file"), [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", ".config/fish/completions/meshgate.fish")]
)
def test_completion_is_shown_and_installed(terminal: Terminal, shell: str, file: str) -> None:
    told = terminal.run("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (told.code, "_MESHGATE_COMPLETE" in told.out) == (0, True)
    done = terminal.run("--install-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.code == 0, done.err
    assert (terminal.home / file).is_file()


def test_bash_completes_commands_and_flags(terminal: Terminal) -> None:
    def words(line: str) -> list[str]:
        typed = line.split(" ")
        given = {"_MESHGATE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(typed) - 1)}
        done = subprocess.run(
            [str(PROGRAM)], env={**terminal.environment, **given}, capture_output=True, text=True, check=False
        )
        return done.stdout.split()

    assert words("meshgate exp") == ["explain", "export"] or words("meshgate exp") == ["export", "explain"]
    assert "--changed-since" in words("meshgate check --ch")
    assert words("meshgate schema export --kind des") == ["descriptor"]
