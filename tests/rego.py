"""Policy folders that tests write: a policy with all its annotations, and whatever Rego the test is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ANNOTATIONS = """\
# METADATA
# title: {title}
# description: What this policy is for.
# scope: package
# organizations: [Federated Governance Team]
# custom:
#   severity: high
#   category: test
#   enforcement: blocking
#   findings:
#     wrong: {{title: Something is wrong, remediation: Put it right}}
"""


def policy(package: str, rules: str, *, annotations: str = ANNOTATIONS) -> str:
    """The text of one policy: annotations, package, rules."""
    return f"{annotations.format(title=package)}package {package}\n\nimport rego.v1\n\n{rules}\n"


def finding(code: str = "wrong", msg: str = '"it is wrong"', path: str = '["info"]') -> str:
    """A finding in Rego; message and path are Rego terms."""
    return f'{{"code": "{code}", "msg": {msg}, "path": {path}}}'


def violation(condition: str, **told: str) -> str:
    """The rule that gives one finding under a condition."""
    return f"violation contains {finding(**told)} if {{ {condition} }}"


def write(folder: Path, policies: Mapping[str, str], *, libraries: Mapping[str, str] | None = None) -> Path:
    """Write each policy (package to rules) where its package demands, and libraries (path to text) as they are."""
    texts = {
        f"{id.replace('.', '/')}/{id.rpartition('.')[2]}.rego": policy(id, rules) for id, rules in policies.items()
    }
    for path, text in {**texts, **(libraries or {})}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def fixture(folder: Path, policy: str, name: str, files: Mapping[str, str]) -> Path:
    """Write a fixture of a policy; the folder that holds all of them is given back."""
    place = folder / policy / name
    place.mkdir(parents=True)
    for file, text in files.items():
        (place / file).write_text(text)
    return folder
