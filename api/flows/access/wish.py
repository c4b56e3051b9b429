"""What does a request for access say, and what of it cannot be meant?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.descriptor.identity import line_fqn, parse_fqn
from engine.errors import AccessInvalid
from engine.policy import dates

LONGEST = 2000
"""Characters of a purpose or reason."""
LONGEST_NAME = 500
"""Characters of a subject or port."""
_SUBJECT = re.compile(r"(user|group|product):(.+)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Wrong = list[tuple[str, str]]
"""What is wrong, as pairs of the key and what is said about it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """That `subject` may read `port` of the line `product` in `environment` until a day or moment (empty: as long as
    the mesh allows)."""

    product: str
    port: str
    environment: str
    subject: str
    purpose: str = ""
    until: str = ""


def checked(wish: Wish, *, now: datetime, longest: timedelta) -> tuple[str, datetime]:
    """The subject as it is kept, and when the access ends. Raises AccessInvalid that names everything in `errors`."""
    wrong: Wrong = []
    subject = _subject(wish.subject.strip(), wrong)
    ends = _ends(wish.until.strip(), now, longest, wrong)
    if len(wish.purpose) > LONGEST or _CONTROL_IN_TEXT.search(wish.purpose):
        wrong.append(("purpose", f"is no plain text of at most {LONGEST} characters"))
    refuse(wrong)
    return subject, ends


def refuse(wrong: Wrong) -> None:
    """Raise AccessInvalid where anything is wrong."""
    if wrong:
        told = "; ".join(f"{key}: {msg}" for key, msg in wrong)
        raise AccessInvalid(told, errors=[{"at": key, "msg": msg} for key, msg in wrong])


def _subject(text: str, wrong: Wrong) -> str:
    """A product is kept by the fqn of its line, so that two spellings are one subject."""
    told = _SUBJECT.fullmatch(text)
    if told is None or len(text) > LONGEST_NAME or _CONTROL.search(text) or not told[2].strip():
        wrong.append(("subject", f"has to be `user:`, `group:` or `product:` and a name, {LONGEST_NAME} characters"))
        return ""
    if told[1] != "product":
        return text
    parsed = parse_fqn(told[2])
    if parsed is None or parsed.major is None or parsed.component is not None:
        wrong.append(("subject", "names no product line: write `product:urn:dpds:NAMESPACE:dataproducts:NAME:MAJOR`"))
        return ""
    return f"product:{line_fqn(parsed.namespace, parsed.name, parsed.major)}"


def _ends(text: str, now: datetime, longest: timedelta, wrong: Wrong) -> datetime:
    latest = now + longest
    if not text:
        return latest
    try:
        ends = dates.end(text)
    except ValueError as reason:
        wrong.append(("until", str(reason)))
        return latest
    if ends <= now:
        wrong.append(("until", f"has passed: {text}"))
    if ends > latest + timedelta(days=1):
        wrong.append(("until", f"is later than the {longest.days} days that access is granted for at the longest"))
    return ends
