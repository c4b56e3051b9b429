"""How do the files of a submission travel as one?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from engine.model import Part

_DAY = (1980, 1, 1, 0, 0, 0)


def zipped(parts: Sequence[Part]) -> bytes:
    """A ZIP of these files, the same bytes for the same files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as into:
        for part in parts:
            into.writestr(zipfile.ZipInfo(part.path, _DAY), part.content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def files(content: bytes) -> list[Part]:
    """The files in such a ZIP. Raises zipfile.BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return [Part(one.filename, opened.read(one)) for one in opened.infolist()]
