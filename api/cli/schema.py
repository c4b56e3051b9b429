"""meshgate schema: which JSON Schemas does meshgate publish?"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What a published schema describes."""

    DESCRIPTOR = "descriptor"
    CONFIGURATION = "configuration"
    ASSIGNMENTS = "assignments"
    WAIVERS = "waivers"
    ENVIRONMENTS = "environments"
    EXPECT = "expect"
    ADAPTER = "adapter"
    ADAPTER_CASE = "adapter-case"
    ADAPTER_HTTP = "adapter-http"
    REPORT = "report"
    BASELINE = "baseline"
    LINT = "lint"
    POLICY_TESTS = "policy-tests"
    POLICY_MUTANTS = "policy-mutants"
    IMPACT = "impact"
    REPLAY = "replay"
    POLICIES = "policies"
    TRACE = "trace"
    RELEASE = "release"
    RELEASES = "releases"
    OPAS = "opas"
    CONTEXT = "context"
    PLAN = "plan"
    ACCESS = "access"
    ACCESS_LIST = "access-list"
    ORPHANS = "orphans"
    CONTAINER = "container"
    CONTAINERS = "containers"
    DEPLOYMENT = "deployment"
    DEPLOYMENTS = "deployments"
    DEPLOYMENT_EVENT = "deployment-event"
    DEPLOYMENT_EVENTS = "deployment-events"
    DEPLOYMENT_REQUEST = "deployment-request"
    WAIVER = "waiver"
    WAIVER_LIST = "waiver-list"
    SUBSCRIPTION = "subscription"
    SUBSCRIPTIONS = "subscriptions"
    DECISION = "decision"
    ERASURE = "erasure"
    RESCAN = "rescan"
    HEAD = "head"
    VERIFICATION = "verification"
    SEARCH = "search"
    PRODUCT = "product"
    LINEAGE = "lineage"
    COMPARISON = "comparison"
    DIFFERENCE = "difference"
    DOWNSTREAM = "downstream"
    FITNESS = "fitness"
    REQUIREMENT = "requirement"
    REQUIREMENTS = "requirements"
    SAMPLE = "sample"
    TRUST = "trust"
    TRUST_FACTS = "trust-facts"
    LOADED = "loaded"
    ADAPTERS = "adapters"
    CONFORMANCE = "conformance"


_REPORTS = (Kind.REPORT, Kind.BASELINE, Kind.LINT, Kind.POLICY_TESTS, Kind.POLICY_MUTANTS, Kind.IMPACT, Kind.REPLAY)
_FILES = {
    **{kind: ("api", f"{kind}-1.json") for kind in Kind},
    **{kind: ("engine.report", f"{kind}-1.json") for kind in _REPORTS},
    Kind.DESCRIPTOR: ("engine.descriptor", "dpds-1.0.0.json"),
    Kind.ASSIGNMENTS: ("engine.policy", "assignments.json"),
    Kind.WAIVERS: ("engine.policy", "waivers.json"),
    Kind.ENVIRONMENTS: ("engine.policy", "environments.json"),
    Kind.CONTEXT: ("engine.descriptor", "context-1.json"),
    Kind.EXPECT: ("engine.policy", "expect.json"),
    Kind.ADAPTER: ("engine.provision", "upp-1.json"),
    Kind.ADAPTER_CASE: ("engine.policy", "adapter-case.json"),
    Kind.ADAPTER_HTTP: ("engine.provision", "upp-1.openapi.json"),
}
"""Of documents that meshgate prints (`meshgate/<kind>/1`), or REST alone answers, the file has the name of the kind."""


def export(
    kind: Annotated[Kind, typer.Option(help="What the schema describes.")] = Kind.DESCRIPTOR,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """Print a JSON Schema (draft 2020-12), or an OpenAPI document, for editors and other tools."""
    if output is None:
        sys.stdout.write(text(kind))
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text(kind), encoding="utf-8")


def text(kind: Kind) -> str:
    """The published schema as it stands in the installation."""
    from importlib import resources

    package, name = _FILES[kind]
    return resources.files(package).joinpath("schemas", name).read_text(encoding="utf-8")
