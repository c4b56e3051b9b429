"""Which changes does somebody want? What they name is checked, and written as changes have it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.changes import Wanted
from engine.descriptor.identity import parse_fqn
from engine.errors import UsageError

MOST = 100
"""Entries of one list."""

_KIND = re.compile(r"[a-z][a-z-]*(\.[a-z][a-z-]*)*(\.\*)?")


def wanted(
    kinds: Iterable[str] = (),
    domains: Iterable[str] = (),
    products: Iterable[str] = (),
    *,
    refusal: type[UsageError] = UsageError,
) -> Wanted:
    """These kinds, domains and products (an fqn in any dialect). Raises `refusal`, naming what is no such thing."""
    try:
        return Wanted(_kinds(kinds), _few(domains, "domains"), _products(products))
    except ValueError as reason:
        raise refusal(str(reason)) from None


def _few(named: Iterable[str], what: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(named))
    if len(found) > MOST or not all(0 < len(one) <= 500 and "\0" not in one for one in found):
        raise ValueError(f"`{what}` holds at most {MOST} names of 1 to 500 characters.")
    return found


def _kinds(named: Iterable[str]) -> tuple[str, ...]:
    found = _few(named, "kinds")
    for one in found:
        if not _KIND.fullmatch(one):
            raise ValueError(f"`{one}` is no kind of change, such as version.accepted or version.*")
    return found


def _products(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_product, _few(named, "products"))))


def _product(named: str) -> str:
    """The fqn as changes have it, of a line or, without major, of a product; every dialect is understood."""
    parsed = parse_fqn(named)
    if parsed is None or parsed.component is not None:
        raise ValueError(f"`{named}` is no fully qualified name of a product or a line.")
    product = f"urn:dpds:{parsed.namespace}:dataproducts:{parsed.name}"
    return product if parsed.major is None else f"{product}:{parsed.major}"
