"""Which commands are there?

Modules of commands import only what parsing needs; the parts of the product are imported when a command runs, so that
`--help` and `check` start fast (DESIGN §5).
"""

from __future__ import annotations

import typer

from api.cli import (
    check,
    containers,
    db,
    decision,
    demo,
    deploy,
    doctor,
    explain,
    export,
    init,
    rescan,
    schema,
    search,
    serve,
    show,
    submit,
    subscription,
    worker,
)
from api.cli.asking import CheckCommand
from api.cli.endings import guarded
from api.cli.policy import (
    bundling,
    docs,
    impact,
    importing,
    linting,
    listing,
    mutating,
    new,
    opas,
    releasing,
    replaying,
    suspending,
    taking,
    testing,
    tracing,
)
from api.cli.waiver import listing as waiver_listing
from api.cli.waiver import steps

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    help="Decides whether a data product may join the mesh, remembers why, and deploys what was cleared.",
    epilog="Exit codes: 0 nothing to object to, 1 blocking findings, 2 could not decide, 3 nothing evaluated.",
)

for _command in (
    check.check,
    submit.submit,
    search.search,
    show.show,
    deploy.deploy,
    containers.containers,
    rescan.rescan,
    serve.serve,
    worker.worker,
    export.export,
    explain.explain,
    doctor.doctor,
    demo.demo,
):
    app.command(cls=CheckCommand if _command is check.check else None)(guarded(_command))

database = typer.Typer(no_args_is_help=True, help="Look after the catalog's database.")
database.command()(guarded(db.upgrade))
database.command()(guarded(db.verify))
database.command()(guarded(db.head))
app.add_typer(database, name="db")

decisions = typer.Typer(no_args_is_help=True, help="The log of decisions.")
decisions.command()(guarded(decision.export))
decisions.command()(guarded(decision.erase))
app.add_typer(decisions, name="decision")

subscriptions = typer.Typer(no_args_is_help=True, help="Have changes of the mesh sent to an address.")
subscriptions.command("list")(guarded(subscription.listing))
subscriptions.command()(guarded(subscription.add))
subscriptions.command()(guarded(subscription.remove))
subscriptions.command()(guarded(subscription.resume))
app.add_typer(subscriptions, name="subscription")

start = typer.Typer(no_args_is_help=True, help="Begin a data product or a governance folder.")
start.command()(guarded(init.product))
start.command()(guarded(init.governance))
app.add_typer(start, name="init")

schemas = typer.Typer(no_args_is_help=True, help="The JSON Schemas that meshgate publishes.")
schemas.command()(guarded(schema.export))
app.add_typer(schemas, name="schema")

policy = typer.Typer(no_args_is_help=True, help="Write, check and describe the policies of the mesh.")
policy.command()(guarded(new.new))
policy.command()(guarded(linting.lint))
policy.command()(guarded(impact.impact))
policy.command("list")(guarded(listing.listing))
policy.command()(guarded(docs.docs))
policy.command("import")(guarded(importing.importing))
policy.command("test")(guarded(testing.run_tests))
policy.command()(guarded(mutating.mutate))
policy.command()(guarded(taking.fixture))
policy.command()(guarded(replaying.replay))
policy.command("trace")(guarded(tracing.tracing))
policy.command()(guarded(suspending.suspend))
policy.command()(guarded(suspending.unsuspend))
policy.command()(guarded(bundling.bundle))
policy.command()(guarded(releasing.release))
policy.command()(guarded(releasing.rollback))
policy.command()(guarded(releasing.releases))
policy.command()(guarded(opas.opas))
app.add_typer(policy, name="policy")

waiver = typer.Typer(no_args_is_help=True, help="Ask for exceptions, decide on them, and see which should end.")
waiver.command("list")(guarded(waiver_listing.listing))
for _step in (steps.request, steps.approve, steps.reject, steps.revoke):
    waiver.command()(guarded(_step))
app.add_typer(waiver, name="waiver")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"meshgate {metadata.version('meshgate')}")
        raise typer.Exit


@app.callback()
def _meshgate(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass
