"""Under which name is a file kept that a URL names, and which URL is it?

`https://schemas.example.org/ports/orders.yaml` is kept as `@https/schemas.example.org/ports/orders.yaml` among the
files of a submission, so that it is found there ever after. No file of an author may have such a name.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote

SCHEMES: Final = ("https", "http")
LONGEST: Final = 2048
_MARKS: Final = tuple(f"@{scheme}/" for scheme in SCHEMES)
_PORTS: Final = {"https": 443, "http": 80}
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_PLAIN: Final = "/:@!$&'()*+,;=~"
_HIDDEN: Final = re.compile("%(2f|5c|00)", re.IGNORECASE)


def is_address(file: str) -> bool:
    """Whether this is the name of a file that a URL names."""
    return file.startswith(_MARKS)


def name_of(parts: SplitResult) -> str:
    """The name under which the file of an http or https URL is kept; raises ValueError saying what is wrong with it."""
    if len(parts.geturl()) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} characters")
    if "@" in parts.netloc:
        raise ValueError("names a user")
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(host):
        raise ValueError("names no host in plain letters, digits, `.` and `-`")
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return below(f"@{parts.scheme}/{host}{port}", parts.path)


def home_of(file: str) -> str:
    """What all names of files begin with that lie on the host of this one, without the last slash."""
    return "/".join(file.split("/", 2)[:2])


def below(home: str, path: str, folder: str = "") -> str:
    """The name of what a path of a URL names, seen from a folder of the host `home`; raises ValueError.

    What would not come back the same from the name (an encoded slash, bytes that are no text) is refused.
    """
    plain = unquote(path)
    if _HIDDEN.search(path) or "\\" in plain or "\ufffd" in plain or not plain.isprintable():
        raise ValueError("holds characters that a path may not hold")
    joined = posixpath.normpath(posixpath.join(folder or home, plain) if plain[:1] != "/" else f"{home}/{plain}")
    if not joined.startswith(f"{home}/"):
        raise ValueError("names no file on its host")
    return joined


def url_of(file: str) -> str:
    """The URL of a file that is kept under this name."""
    scheme, host, path = file.removeprefix("@").split("/", 2)
    return f"{scheme}://{host}/{quote(path, safe=_PLAIN)}"
