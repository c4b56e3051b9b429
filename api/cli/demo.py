"""meshgate demo: the main job, end to end, on a small invented mesh."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.errors import NotFound

if TYPE_CHECKING:
    from api.cli.stage import Stage

PRODUCT = "orders"
DOMAINS = ("customer", "finance", "logistics", "sales")


def demo(
    folder: Annotated[Path, typer.Option(help="The only place that the demo writes to; emptied first.")] = Path(
        ".demo"
    ),
) -> None:
    """Check, submit, search, trace and deploy an example mesh on a server of its own; ends by itself."""
    from api.cli.stage import Stage

    stage = Stage(folder, examples())
    stage.clear()
    _say("1. Check descriptors here, without a server: four of them are not good enough")
    stage.run("check", str(stage.examples), expect=2)
    _say("2. Start a server with an empty catalog")
    print("starting", flush=True)
    with stage.server() as address:
        print(f"serving {address}, log in {stage.folder / 'server.log'}")
        _submit(stage)
        _ask(stage)
        _deploy(stage)
    _close(stage)


def examples() -> Path:
    """The example mesh: beside the checkout's packages, or inside the installed application."""
    import api

    package = Path(api.__file__).parent
    beside, inside = package.parent / "examples" / "mesh", package / "examples" / "mesh"
    found = next((place for place in (beside, inside) if place.is_dir()), None)
    if found is None:
        raise NotFound("The example mesh is not part of this installation; run the demo in a checkout.")
    return found


def _submit(stage: Stage) -> None:
    _say("3. Submit the good ones over HTTP")
    stage.run("submit", "--quiet", *(str(stage.examples / domain) for domain in DOMAINS))
    _say("4. The bad ones are refused, and nothing of them is stored but the decision")
    stage.run("submit", str(stage.examples / "broken" / "returns-without-owner.yaml"), expect=1)
    stage.run("submit", str(stage.examples / "broken" / "couriers-unreadable.yaml"), expect=2)


def _ask(stage: Stage) -> None:
    _say("5. Ask the catalog by GraphQL: a search, then one product with its neighbours")
    stage.run("search", "order")
    stage.run("show", PRODUCT, "--lineage")


def _deploy(stage: Stage) -> None:
    _say("6. Deploy one product to dev")
    stage.run("deploy", PRODUCT, "1.0.0", "--environment", "dev")
    stage.run("containers")
    _made(stage)
    _say("7. A second version of the same major updates the container in place")
    stage.run("submit", "--quiet", str(stage.examples / "versions" / "orders-1.1.0.yaml"))
    stage.run("deploy", PRODUCT, "1.1.0", "--environment", "dev")
    _say("8. A second major lives beside it")
    stage.run("submit", "--quiet", str(stage.examples / "versions" / "orders-2.0.0.yaml"))
    stage.run("deploy", _second_major(), "2.0.0", "--environment", "dev")
    stage.run("containers")
    _made(stage)


def _second_major() -> str:
    return f"urn:dpds:org.example:dataproducts:{PRODUCT}:2"


def _made(stage: Stage) -> None:
    """What the adapter made: a folder for each container, and in it one for each resource with its files."""
    root = stage.folder / "data" / "containers"
    for container in sorted(root.glob("[!.]*/*")):
        print(f"\n{container}")
        for resource in sorted(container.iterdir()):
            files = (f"{path.name}{'/' * path.is_dir()}" for path in sorted(resource.iterdir()))
            print(f"  {f'{resource.name}/':<32} {'  '.join(files)}")


def _close(stage: Stage) -> None:
    data = stage.folder / "data"
    _say("Done")
    print(f"Everything was written below {stage.folder}: the catalog {data / 'meshgate.db'}, the containers")
    print(f"{data / 'containers'}, the server's log {stage.folder / 'server.log'}.")
    print("\nTo look around in this mesh:")
    print(f"  {_command()} serve --data-dir {data}")
    print("  then open http://127.0.0.1:8471/graphql (GraphiQL) and http://127.0.0.1:8471/docs (REST)")


def _command() -> str:
    """How meshgate is called here: by its name where that is on the path, else as it was called."""
    from api.cli.stage import near

    return "meshgate" if shutil.which("meshgate") else str(near(Path(sys.argv[0])))


def _say(title: str) -> None:
    print(f"\n\n=== {title}", flush=True)
