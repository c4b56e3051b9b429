"""Which commands are there?

Modules of commands import only what parsing needs; the parts of the product are imported when a command runs, so that
`--help` and `check` start fast (DESIGN §5).
"""

from __future__ import annotations

import typer

from api.cli.lazily import Group, program

COMMANDS: dict[str, str | Group] = {
    "check": "check:check",
    "submit": "submit:submit",
    "search": "search:search",
    "show": "show:show",
    "diff": "diff:diff",
    "impact": "impact:impact",
    "compare": "compare:compare",
    "fitness": "fitness:fitness",
    "trust": "trust:trust",
    "sample": "sample:sample",
    "deploy": "deploy:deploy",
    "approve": "approving:approve",
    "reject": "approving:reject",
    "cancel": "cancel:cancel",
    "containers": Group(
        "What runs where, and is it as it was made?",
        {"list": "containers:containers", "observe": "observe:observe"},
        otherwise="list",
        alone=True,
    ),
    "deployments": Group(
        "Which deployments are there, what does each wait for, and what happens to one?",
        {"list": "deployments:listing", "follow": "deployments:follow"},
        otherwise="list",
        alone=True,
    ),
    "retire": "retire:retire",
    "orphans": "orphans:orphans",
    "adopt": "adopt:adopt",
    "rescan": "rescan:rescan",
    "serve": "serve:serve",
    "worker": "worker:worker",
    "export": Group(
        "Print what meshgate makes of a descriptor (FILE), or what the catalog holds, in forms that others understand.",
        {
            "descriptor": "export:export",
            "catalog": "exporting:catalog",
            "dcat": "exporting:dcat",
            "openlineage": "exporting:openlineage",
            "dpds": "exporting:dpds",
        },
        otherwise="descriptor",
    ),
    "explain": "explain:explain",
    "doctor": "doctor:doctor",
    "demo": "demo:demo",
    "adapter": Group(
        "Connect, try and lend provisioning adapters.",
        {"list": "adapter.listing:listing", "check": "adapter.checking:checking", "serve": "adapter.serving:serving"},
    ),
    "db": Group(
        "Look after the catalog's database.",
        {
            "create": "loading:create",
            "upgrade": "db:upgrade",
            "load": "loading:load",
            "verify": "db:verify",
            "head": "db:head",
        },
    ),
    "decision": Group("The log of decisions.", {"export": "decision:export", "erase": "decision:erase"}),
    "subscription": Group(
        "Have changes of the mesh sent to an address.",
        {
            "list": "subscription:listing",
            "add": "subscription:add",
            "remove": "subscription:remove",
            "resume": "subscription:resume",
        },
    ),
    "requirement": Group(
        "Save what you need of products, and be told when one starts or stops to fit.",
        {
            "save": "requirement:save",
            "list": "requirement:listing",
            "show": "requirement:shown",
            "delete": "requirement:delete",
        },
    ),
    "init": Group(
        "Begin a data product or a governance folder.",
        {"product": "init:product", "governance": "init:governance"},
    ),
    "schema": Group("The JSON Schemas that meshgate publishes.", {"export": "schema:export"}),
    "policy": Group(
        "Write, check, release and describe the policies of the mesh.",
        {
            "new": "policy.new:new",
            "lint": "policy.linting:lint",
            "test": "policy.testing:run_tests",
            "fixture": "policy.taking:fixture",
            "mutate": "policy.mutating:mutate",
            "docs": "policy.docs:docs",
            "list": "policy.listing:listing",
            "trace": "policy.tracing:tracing",
            "impact": "policy.impact:impact",
            "bundle": "policy.bundling:bundle",
            "release": "policy.releasing:release",
            "rollback": "policy.releasing:rollback",
            "releases": "policy.releasing:releases",
            "opas": "policy.opas:opas",
            "suspend": "policy.suspending:suspend",
            "unsuspend": "policy.suspending:unsuspend",
            "replay": "policy.replaying:replay",
            "import": "policy.importing:importing",
        },
    ),
    "access": Group(
        "Ask to read output ports, decide on it, and see who may.",
        {
            "list": "access.listing:listing",
            "request": "access.steps:request",
            "approve": "access.steps:approve",
            "reject": "access.steps:reject",
            "revoke": "access.steps:revoke",
        },
    ),
    "waiver": Group(
        "Ask for exceptions, decide on them, and see which should end.",
        {
            "list": "waiver.listing:listing",
            "request": "waiver.steps:request",
            "approve": "waiver.steps:approve",
            "reject": "waiver.steps:reject",
            "revoke": "waiver.steps:revoke",
        },
    ),
}


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"meshgate {metadata.version('meshgate')}")
        raise typer.Exit


def _meshgate(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


app = program(
    COMMANDS,
    _meshgate,
    help="Decides whether a data product may join the mesh, remembers why, and deploys what was cleared.",
    epilog="Exit codes: 0 nothing to object to, 1 blocking findings, 2 could not decide, 3 nothing evaluated.",
)
