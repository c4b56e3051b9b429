"""How are policies of an Open Data Mesh platform taken over into this mesh's own git?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.descriptor.limits import Limits
from engine.descriptor.source import parse, refused
from engine.descriptor.text import SourceRefused
from engine.errors import BundleInvalid
from engine.policy import adoption
from engine.policy.adoption import Adopted, Foreign

if TYPE_CHECKING:
    from api.wiring import House


def adopt(content: bytes, *, file: str, id: str, owner: str, v0: bool, house: House) -> Adopted:
    """The policy in these bytes (Rego, or the platform's JSON form by the file's ending) under an id of ours.

    Raises BundleInvalid for what is no policy or cannot be adopted, PolicyEngineUnavailable.
    """
    policy = _rego(content, file) if file.endswith(".rego") else adoption.foreign(_json(content, file), file)
    return adoption.adopted(house.embedded.workers, policy, id=id, owner=owner, file=file, v0=v0)


def _rego(content: bytes, file: str) -> Foreign:
    try:
        return Foreign(content.decode())
    except UnicodeDecodeError as reason:
        raise BundleInvalid(f"{file}: byte {reason.start + 1} is not UTF-8") from None


def _json(content: bytes, file: str) -> object:
    try:
        return parse(file, content, Limits()).value
    except SourceRefused as refusal:
        place, msg = refused(file, content, refusal)
        raise BundleInvalid(f"{file}:{place.line}:{place.column}: {msg}") from None
