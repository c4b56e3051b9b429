"""Which submission does a request body hold? One document, or the root and its files as multipart (DESIGN §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from api.http import bodies
from api.http.errors import BodyUnreadable, MediaTypeUnsupported
from api.http.idempotency import digest
from api.http.multipart import FormPart, parts
from engine.descriptor import Parts, Submission
from engine.descriptor.address import is_address

MULTIPART = "multipart/form-data"
ROOT_NAMES = {
    "application/json": "descriptor.json",
    "application/yaml": "descriptor.yaml",
    "application/x-yaml": "descriptor.yaml",
    "text/yaml": "descriptor.yaml",
    "text/x-yaml": "descriptor.yaml",
}

#: what the OpenAPI page says of such a body, because the framework does not read it
DOCUMENTED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/yaml": {"schema": {"type": "string"}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["root"],
                    "properties": {
                        "root": {"type": "string", "format": "binary", "description": "the root document"},
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "every file that is reached, with its relative path as filename",
                        },
                    },
                }
            },
        },
    }
}


async def content(request: Request, *, document_limit: int, body_limit: int) -> bytes:
    """The body under the limit of its media type. Raises BodyTooLarge or MediaTypeUnsupported."""
    kind = bodies.media_type(request)
    if kind != MULTIPART and kind not in ROOT_NAMES:
        taken = ", ".join((*ROOT_NAMES, MULTIPART))
        raise MediaTypeUnsupported(f"Content-Type `{kind}` is not taken here; send one of {taken}.")
    return await bodies.content(request, limit=body_limit if kind == MULTIPART else document_limit)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a body held: the path of the root document, and all files by path, verbatim."""

    root: str
    files: Mapping[str, bytes]

    @property
    def submission(self) -> Submission:
        return Submission(root=self.root, files=Parts(self.files))

    def digest(self, *about: bytes) -> str:
        """What makes two requests the same, whatever boundary the client chose; `about` is what else counts."""
        files = [piece for path in sorted(self.files) for piece in (path.encode(), self.files[path])]
        return digest(*about, self.root.encode(), *files)


def read(body: bytes, content_type: str) -> Sent:
    """The files in this body. Raises BodyUnreadable for transport faults only."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == MULTIPART:
        return _joined(parts(body, content_type))
    return Sent(ROOT_NAMES[kind], {ROOT_NAMES[kind]: body})


def _joined(sent: list[FormPart]) -> Sent:
    roots = [part for part in sent if part.name == "root"]
    if len(roots) != 1:
        raise BodyUnreadable(f"A submission has exactly one part named `root`; this one has {len(roots)}.")
    root = relative(roots[0].filename or "descriptor.yaml")
    files = {root: bytes(roots[0].content)}
    for part in sent:
        if part.name == "root":
            continue
        if part.name != "file":
            raise BodyUnreadable(f"Parts are named `root` or `file`, not `{part.name}`.")
        path = relative(part.filename)
        if path in files:
            raise BodyUnreadable(f"Two parts are named `{path}`.")
        files[path] = bytes(part.content)
    return Sent(root, files)


def relative(path: str) -> str:
    """The path, if it is a plain relative one: `/` between names, none of them empty, `.` or `..`.

    Names of fetched files are refused: what lies at an address is asked for there, not believed.
    """
    names = path.split("/")
    if is_address(path) or "\\" in path or "\0" in path or any(name in ("", ".", "..") for name in names):
        raise BodyUnreadable(f"`{path}` is no plain relative path.")
    return path
