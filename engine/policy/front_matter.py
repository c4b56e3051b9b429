"""What does a page of Markdown say in its front matter, and on which line?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path as FilePath

from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused
from engine.model import Step
from engine.policy import sheets
from engine.policy.sheets import Breach, Sheet

FENCE = "---"


def page(path: FilePath, file: str, *, kind: str) -> tuple[Sheet | None, list[Breach]]:
    """The page as a list of one entry, checked against the schema of its kind: the keys of its front matter, and
    under `text` the words below it. None, with what is wrong and where, for a page that cannot be used.
    """
    if path.suffix != ".md":
        return None, [Breach(file, 1, "only pages of Markdown (.md) are read here")]
    try:
        text = path.read_text("utf-8")
    except OSError as reason:
        return None, [Breach(file, 1, f"cannot be read: {reason.strerror}")]
    except UnicodeDecodeError:
        return None, [Breach(file, 1, "is not UTF-8")]
    lines = text.splitlines()
    end = lines.index(FENCE, 1) if lines[:1] == [FENCE] and FENCE in lines[1:] else 0
    if not end:
        return None, [Breach(file, 1, f"begins with no front matter: YAML between two lines `{FENCE}`")]
    # The line of the fence stays, empty, so that lines count as in the file.
    return _sheet(kind, file, "\n".join(["", *lines[1:end], ""]), "\n".join(lines[end + 1 :]).strip())


def _sheet(kind: str, file: str, front: str, words: str) -> tuple[Sheet | None, list[Breach]]:
    content = front.encode()
    try:
        read = source.parse(f"{file}.yaml", content, Limits())
    except SourceRefused as refusal:
        place, msg = source.refused(file, content, refusal)
        return None, [Breach(file, place.line, msg)]
    if not isinstance(read.value, dict):
        return None, [Breach(file, 2, "the front matter is no mapping of keys")]
    if "text" in read.value:
        line = read.place(("text",), of_key=True).line
        return None, [Breach(file, line, "`text` is no key here: write the words below the front matter")]
    entry = {**read.value, **({"text": words} if words else {})}
    return sheets.checked(file, [entry], _line_of(read), kind=kind)


def _line_of(read: source.Source) -> Callable[[Sequence[Step]], int]:
    """Lines of the front matter by paths into a list of one; the entry itself begins at its first key."""

    def line(path: Sequence[Step]) -> int:
        inner = tuple(path)[1:]
        return max(2, read.place(inner, of_key=True).line) if inner and inner[0] != "text" else 2

    return line
