"""How does a resource look to a tech adapter of Witboost, and what do its answers tell us?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.model import Json
from engine.provision.contract import Body, failed
from engine.provision.naming import digest_of

KINDS: Mapping[str, str] = {"infrastructure": "storage", "application": "workload", "outputport": "outputport"}
LONGEST_TOKEN = 1000
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Errand:
    """What was asked for and goes on under a token: all that the answer to `poll` needs."""

    what: str
    generation: int
    fingerprint: str
    token: str = ""

    @classmethod
    def read(cls, operation: str) -> Errand:
        """The errand that an operation names. Raises ProvisioningFailed, INVALID where it names none."""
        try:
            return cls(**json.loads(operation))
        except (ValueError, TypeError):
            raise failed("INVALID", "witboost-http began no such operation") from None

    @property
    def operation(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def seen(self, told: Body) -> Body:
        """The observation once it went well; of what cannot be asked, what it told is believed."""
        if self.what == "delete":
            return {"state": "absent"}
        here: Body = {"state": "present", "generation": self.generation, "fingerprint": self.fingerprint}
        if self.what == "retain":
            return {**here, "outputs": {}, "retained": True}
        return {**here, "outputs": outputs(told)}


def fingerprint(request: Body, refs: Sequence[str] = ()) -> str:
    """What was asked for; the adapter cannot say what is there."""
    return digest_of([request.get("definition", {}), request.get("config", {}), sorted(refs)])


def descriptor(request: Body, config: Mapping[str, Any]) -> str:
    """The `COMPONENT_DESCRIPTOR`: the data product with this component, and which one is meant (YAML)."""
    container, component = request["container"], request["component"]
    product = f"{container['domain']}:{container['name']}:{container['major']}"
    mine = f"urn:dmb:cmp:{product}:{component['name']}"
    definition: Mapping[str, Json] = request.get("definition", {})
    entry: Body = {
        "id": mine,
        "name": component["name"],
        "fullyQualifiedName": component["fqn"],
        "description": str(definition.get("description") or ""),
        "kind": KINDS.get(component["kind"], component["kind"]),
        "version": container["version"],
        "platform": component.get("platform", ""),
        "dependsOn": [],
        **_templates(config),
        "specific": {**definition, **dict(config.get("specific") or {})},
    }
    data_product: Body = {
        "id": f"urn:dmb:dp:{product}",
        "name": container["name"],
        "fullyQualifiedName": container["product"],
        "kind": "dataproduct",
        "domain": container["domain"],
        "version": container["version"],
        "environment": request["environment"],
        "components": [entry],
    }
    return _yaml({"dataProduct": data_product, "componentIdToProvision": mine})


def outputs(told: Body) -> Body:
    """`publicInfo` as it is, and of `privateInfo` that it is there: its values are for nobody's eyes."""
    info = told.get("info")
    if not isinstance(info, Mapping):
        return {}
    found: Body = {}
    if isinstance(info.get("publicInfo"), Mapping):
        found["public"] = dict(info["publicInfo"])
    if isinstance(info.get("privateInfo"), Mapping):
        found["private"] = _hidden(dict(info["privateInfo"]))
    return found


def errors(told: Json) -> str:
    """What an error tells: `{errors: [...]}`, `{error: ...}`, or what is inside of an `error`."""
    if not isinstance(told, Mapping):
        return ""
    listed = told.get("errors")
    if isinstance(listed, list):
        return "; ".join(str(one) for one in listed)[:300]
    inside = told.get("error", told.get("userMessage"))
    return errors(inside) if isinstance(inside, Mapping) else str(inside or told.get("result") or "")[:300]


def refs(grants: Sequence[Body]) -> list[str]:
    """The full set as Witboost names it. Raises ProvisioningFailed, INVALID for what it has no word for."""
    for one in grants:
        if one["principal"].startswith("product:") or one["privilege"] != "read":
            raise failed("INVALID", "witboost-http gives only users and groups access, and only to read")
    return sorted({one["principal"] for one in grants})


def _templates(config: Mapping[str, Any]) -> Body:
    names = ("infrastructureTemplateId", "useCaseTemplateId")
    return {name: config[name] for name in names if name in config}


def _hidden(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _hidden(one) for name, one in value.items()}
    return [_hidden(one) for one in value] if isinstance(value, list) else HIDDEN


def _yaml(value: Json) -> str:
    """YAML in the way of JSON, what YAML does not take in escapes, so that no value is read as something else."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
