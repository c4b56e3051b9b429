"""Which S3 server is meant, and who is a principal there?"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.provision.adapters.asked_tables import Unreadable
from engine.provision.adapters.sql_names import Body

BEGINNING = "mesh-"
KINDS = ("user", "group", "product")
PREFIX = re.compile(r"(?!xn--)[a-z0-9][a-z0-9-]{0,23}")
PRINCIPAL = re.compile(r"[\w+=,.@:/-]{1,128}", re.ASCII)

KEYS = {
    "access_key": "aws_access_key_id",
    "secret_key": "aws_secret_access_key",
    "session_token": "aws_session_token",
}
"""What a secret is called in a binding → what boto3 calls it."""

MAKING = threading.Lock()
SESSIONS: list[Any] = []

CONFIGURATION: Body = {
    "type": "object",
    "properties": {
        "endpoint": {"type": "string", "description": "address of the server; without it that of AWS"},
        "region": {"type": "string", "description": "`us-east-1` where it is not told"},
        "addressing": {
            "enum": ["path", "virtual"],
            "description": "how a bucket stands in an address; `path` where there is an `endpoint`",
        },
        "bucket_prefix": {
            "type": "string",
            "pattern": f"^{PREFIX.pattern}$",
            "description": "what the name of each bucket begins with; `mesh-` where it is not told",
        },
        "records": {"type": "string", "description": "the bucket of records; `{bucket_prefix}records`"},
        "expire_days": {"type": "integer", "minimum": 1, "description": "objects are removed after so many days"},
        "abort_days": {"type": "integer", "minimum": 1, "description": "unfinished uploads are removed after so many"},
        "principals": {
            "type": "object",
            "description": "the ARN of a principal of each kind, with `{name}`; without them nobody is let in",
            "properties": {kind: {"type": "string"} for kind in KINDS},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of a binding."""

    endpoint: str = ""
    region: str = "us-east-1"
    addressing: str = ""
    bucket_prefix: str = BEGINNING
    records: str = ""
    days: Mapping[str, int] = field(default_factory=dict)
    principals: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Settings:
        """Raises ValueError that says which setting is wrong."""
        texts = {name: _text(config, name) for name in ("endpoint", "region", "addressing", "bucket_prefix", "records")}
        told = {name: text for name, text in texts.items() if text}
        prefix = told.setdefault("bucket_prefix", BEGINNING)
        if not PREFIX.fullmatch(prefix):
            raise ValueError("`bucket_prefix` of s3 has to be up to 24 small letters, digits and hyphens")
        told.setdefault("records", f"{prefix}records")
        told.setdefault("addressing", "path" if "endpoint" in told else "virtual")
        days = {name: config[name] for name in ("expire_days", "abort_days") if name in config}
        if any(type(one) is not int or one < 1 for one in days.values()):
            raise ValueError("`expire_days` and `abort_days` of s3 are numbers of days")
        return cls(**told, days=days, principals=_principals(config.get("principals") or {}))

    def arn(self, principal: str) -> str:
        """What the server calls a principal of the mesh. Raises Unreadable."""
        kind, _, name = principal.partition(":")
        if kind not in self.principals:
            raise Unreadable(f"nothing says what {principal} is called here (`principals.{kind}`)")
        if not PRINCIPAL.fullmatch(name):
            raise Unreadable(f"{principal} is no name that a policy may hold")
        return self.principals[kind].replace("{name}", name)

    def outputs(self) -> Body:
        """Where the server is, as far as it was told."""
        return {"region": self.region, **({"endpoint": self.endpoint} if self.endpoint else {})}


def connected(settings: Settings, secrets: Mapping[str, str]) -> Any:
    """A client of boto3, with the keys of this call where it brings some."""
    from botocore.config import Config

    keys = {told: secrets[name] for name, told in KEYS.items() if secrets.get(name)}
    config = Config(
        region_name=settings.region,
        connect_timeout=5,
        read_timeout=60,
        retries={"max_attempts": 2, "mode": "standard"},
        s3={"addressing_style": settings.addressing},
    )
    with MAKING:
        return _session(kept=bool(keys)).client("s3", endpoint_url=settings.endpoint or None, config=config, **keys)


def _session(*, kept: bool) -> Any:
    """A session of boto3: one for all whose keys are told, since reading what S3 is takes long and is always the same;
    a new one where boto3 looks for the keys, which may be others by now."""
    import boto3

    if not kept:
        return boto3.session.Session()
    if not SESSIONS:
        SESSIONS.append(boto3.session.Session())
    return SESSIONS[0]


def _text(config: Mapping[str, Any], name: str) -> str:
    told = config.get(name, "")
    if not isinstance(told, str):
        raise ValueError(f"the setting `{name}` of s3 is no text")
    return told


def _principals(told: Mapping[str, Any]) -> dict[str, str]:
    for kind, pattern in told.items():
        if kind not in KINDS or not isinstance(pattern, str) or "{name}" not in pattern or "*" in pattern:
            raise ValueError(f"`principals.{kind}` of s3 has to be an ARN with {{name}}, for one of {', '.join(KINDS)}")
    if len(set(told.values())) < len(told):
        raise ValueError("two kinds of principals have one pattern: a user called like a group would be the group")
    return dict(told)
