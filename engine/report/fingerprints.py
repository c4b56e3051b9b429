"""By what does a program know one finding or problem again in the next report?"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from engine.report.entries import Entry


class Fingerprints:
    """Gives each finding and problem of one report a name of its own that survives moved lines and new wording.

    A finding's own fingerprint says nothing of the product, and a problem has none: the name is made of the product
    (of the file where no product is known), the rule and the place in the document; what is still equal is numbered.
    Numbers are kept from document to document only of products that several documents describe.
    """

    def __init__(self, documents: Iterable[Entry]) -> None:
        several = Counter(map(_subject, documents))
        self._shared = frozenset(subject for subject, number in several.items() if number > 1)
        self._seen: Counter[str] = Counter()
        self._alone: tuple[str, Counter[str]] = ("", Counter())

    def of(self, document: Entry, told: dict[str, Any]) -> str:
        """The name, as 64 hexadecimal digits; ask once for each finding and problem, in the order of the report."""
        subject = _subject(document)
        own = told.get("fingerprint") or f"{told['code']} {told['path']}"
        key = "\0".join((subject, told.get("policy", ""), own))
        seen = self._numbers(subject)
        seen[key] += 1
        return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()

    def _numbers(self, subject: str) -> Counter[str]:
        if subject in self._shared:
            return self._seen
        if subject != self._alone[0]:
            self._alone = (subject, Counter())
        return self._alone[1]


def _subject(document: Entry) -> str:
    product = document["product"]
    return f"{product['namespace']}:{product['name']}" if product else str(document["file"])
