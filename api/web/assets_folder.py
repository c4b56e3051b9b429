"""Which files may a browser load from us, and is GraphiQL among them?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
BUILT = HERE / "static"
PAGES = HERE / "pages"

HOW_TO_BUILD = "make assets"


class Assets:
    """The files below `built` (made by `make assets`, possibly absent) and our own plain ones."""

    def __init__(self, built: Path = BUILT, pages: Path = PAGES) -> None:
        self._built = built
        self._pages = pages

    @cached_property
    def manifest(self) -> dict[str, str]:
        """The hashed file of each entry; empty when the assets were not built."""
        try:
            manifest = json.loads((self._built / "manifest.json").read_bytes())
        except FileNotFoundError:
            return {}
        return {str(name): str(file) for name, file in manifest.items()}

    @cached_property
    def files(self) -> dict[str, Asset]:
        """Every file by the name it is served under; nothing else is ever opened."""
        plain = {
            path.name: Asset(path, hashed=False) for path in self._pages.iterdir() if path.suffix in (".js", ".css")
        }
        built = {path.name: Asset(path, hashed=True) for path in self._built.iterdir()} if self.manifest else {}
        built.pop("manifest.json", None)
        return plain | built

    def query_page(self, base: str) -> str:
        """GraphiQL where it was built, else the plain page; `base` is the path that the app is mounted at."""
        name, values = ("plain.html", {})
        if "graphiql.js" in self.manifest:
            name, values = "graphiql.html", {part: self.manifest[f"graphiql.{part}"] for part in ("js", "css")}
        return Template((self._pages / name).read_text("utf-8")).substitute(values, base=base)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; a hashed name means that its content never changes."""

    path: Path
    hashed: bool
