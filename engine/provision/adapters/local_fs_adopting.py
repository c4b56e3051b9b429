"""How does a directory that somebody else made become the data of a component of `local-fs`?

It is moved, not copied: nothing is there twice. A note is written first, so that a move that a crash interrupted is
known as the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.provision.adapters.local_place import Body, refused

NOTE = "adopted"


class Taking(NamedTuple):
    """The taking over of a directory below `directory` to `place`; `labels` reads those of a directory."""

    directory: Path
    place: Path
    labels: Callable[[Path], Body | None]

    def take(self, external: str) -> Body | None:
        """Move it to where the component stands; what speaks against it, if anything does."""
        if "\0" in external or len(external) > 1000:
            return refused("INVALID", "a path holds no NUL, and at most 1000 characters")
        source, note = self.directory / external, self.place / NOTE
        if note.is_file() and note.read_text(encoding="utf-8") == external and not source.exists():
            return None  # that is done already
        if self.labels(self.place) is not None or (self.place / "data").exists():
            return refused("CONFLICT", f"{self.place} is there already, and becomes nothing else")
        refusal = self._against(source, Path(external))
        if refusal:
            return refusal
        self.place.mkdir(parents=True, exist_ok=True)
        note.write_text(external, encoding="utf-8")
        source.rename(self.place / "data")
        return None

    def _against(self, source: Path, named: Path) -> Body | None:
        """It has to be a directory inside ours, without labels, in nothing labelled and with nothing labelled in it."""
        outside = not source.resolve().is_relative_to(self.directory.resolve())
        if named.is_absolute() or ".." in named.parts or not named.parts or named.parts[0].startswith(".") or outside:
            return refused("INVALID", f"{str(named)!r} is no path below {self.directory}")
        if source.is_symlink() or not source.is_dir():
            return refused("INVALID", f"{source} is no directory")
        if self.place.is_relative_to(source):
            return refused("INVALID", f"{source} holds the place of the component itself")
        around = (one for one in source.parents if one.is_relative_to(self.directory))
        within = (one.parent for one in source.rglob("manifest.json"))
        for one in (source, *around, *within):
            labels = self.labels(one)
            if labels is not None:
                return refused("CONFLICT", f"{one} bears the labels of {labels['resource_id'] or 'somebody'}")
        return None
