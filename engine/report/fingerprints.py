"""By what does a program know one finding or problem again in the next report?"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any


class Fingerprints:
    """Gives each finding and problem of one report a name of its own that survives moved lines and new wording.

    A finding's own fingerprint says nothing of the product, and a problem has none: the name is made of the product
    (of the file where no product is known), the rule and the place in the document; what is still equal is numbered.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, document: dict[str, Any], told: dict[str, Any]) -> str:
        """The name, as 64 hexadecimal digits; ask once for each finding and problem, in the order of the report."""
        product = document["product"]
        subject = f"{product['namespace']}:{product['name']}" if product else document["file"]
        own = told.get("fingerprint") or f"{told['code']} {told['path']}"
        key = "\0".join((subject, told.get("policy", ""), own))
        self._seen[key] += 1
        return hashlib.sha256(f"{key}\0{self._seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()
