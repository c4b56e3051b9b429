"""meshgate policy fixture: how does a stored version become a fixture for the tests of a policy?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Policies, Server
from engine.model import Event, Json

if TYPE_CHECKING:
    from api.cli.talk import Talk
    from engine.descriptor import Submission


def fixture(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    version: Annotated[str, typer.Argument(help="The version to take.")],
    policy: Annotated[str, typer.Option(help="The policy whose fixture it becomes.")],
    case: Annotated[str | None, typer.Option(help="The name of the case; else product and version.")] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Replace the letters of free texts, owners and contacts by x.")
    ] = False,
    fixtures: Annotated[
        Path | None, typer.Option(help="The folder of fixtures; else the one beside the policies.")
    ] = None,
    event: Annotated[Event, typer.Option(help="Evaluate as if for this event.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="Evaluate for this environment.")] = None,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Write a fixture from a stored version, expecting what the policy finds in it today; nothing is overwritten."""
    from api.cli.printing import show
    from api.cli.show import line_of
    from api.cli.talk import talking
    from api.flows.policy_fixture import fixture as flow
    from api.wiring import House

    settings = options.settings(
        config, server=server, data_dir=data_dir, database_url=database_url, policies=policies, governance=governance
    )
    with talking(settings) as talk, House(settings) as house:
        line = line_of(product, talk)
        stored = _stored(line["fqn"], version, talk)
        taken = flow(
            stored,
            policy,
            case or f"{line['name']}-{version}",
            house=house,
            source=f"{line['fqn']} {version}",
            folder=fixtures,
            event=event,
            environment=environment,
            previous=_previous(line, version, talk, settings.namespace),
            mask=mask,
        )
    show([f"wrote {taken.folder}", *(f"  expects {code} at {path or '/'}" for code, path in taken.findings)])


def _stored(fqn: str, version: str, talk: Talk) -> Submission:
    """The submission of a stored version, each file fetched when a reference asks for it."""
    from engine.descriptor import Submission

    path = f"/v1/products/{quote(fqn, safe='')}/versions/{quote(version, safe='')}"
    answer = talk.told("GET", path)
    json = answer.headers.get("content-type", "").startswith("application/json")
    root = "descriptor.json" if json else "descriptor.yaml"
    return Submission(root, _Stored(talk, path, root, answer.content))


class _Stored:
    """The files of a stored version; the root has the name that fixtures give it."""

    def __init__(self, talk: Talk, path: str, root: str, content: bytes) -> None:
        self._talk, self._path, self._root, self._content = talk, path, root, content

    def read(self, path: str) -> bytes:
        if path == self._root:
            return self._content
        answer = self._talk.call("GET", self._path, params={"part": path})
        if answer.status == 404:
            raise FileNotFoundError(path)
        return answer.or_error().content


def _previous(line: dict[str, Json], version: str, talk: Talk, namespace: str | None) -> dict[str, Json] | None:
    """What the version before this one says, of those that the line still shows; None for the first."""
    from engine.descriptor import ingest
    from engine.descriptor.versions import precedence_key

    versions = [one["version"] for one in line["versions"]]
    below = [one for one in versions if precedence_key(one) < precedence_key(version)]
    if not below:
        return None
    descriptor = ingest(_stored(line["fqn"], max(below, key=precedence_key), talk), namespace=namespace)
    return descriptor.effective
