"""Who is meant by the subject that somebody typed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.cli.talk import Talk

PRODUCT = "product:"


def subject_of(typed: str, talk: Talk) -> str:
    """The subject; of a product the fqn of its line, also where it is named as other commands take it.

    A line that is named in full need not be in the catalog: it may read before it is accepted. Raises NotFound and
    UsageError.
    """
    from api.cli.show import line_of
    from engine.descriptor.identity import parse_fqn

    reference = typed.removeprefix(PRODUCT)
    if reference == typed or not reference.strip():
        return typed  # what it may be, the server says
    parsed = parse_fqn(reference)
    if parsed is not None and parsed.major is not None:
        return typed
    return f"{PRODUCT}{line_of(reference, talk)['fqn']}"
