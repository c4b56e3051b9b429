"""How are many questions about one bundle cut into portions that one worker answers in one go?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from engine.model import Bundle
from engine.policy import answers
from engine.policy.port import Question

LARGEST = 256 << 10
"""Bytes of documents in one portion: some twenty whole descriptors, or hundreds that are shown in part."""

Portion = list[tuple[int, bytes]]
"""The places of some questions in their sequence, each with its document as JSON."""


def portions(bundle: Bundle, questions: Sequence[Question], *, largest: int = LARGEST) -> Iterator[Portion]:
    """The questions that may be asked together, in their order, each portion of so many bytes or of one question.

    Who asks nothing, or for a policy that the bundle does not hold, is left out.
    """
    portion: Portion = []
    size = 0
    for place, one in enumerate(questions):
        if not one.policies or not bundle.policies.keys() >= set(one.policies):
            continue
        content = orjson.dumps(answers.narrowed(one.document, one.policies))
        if portion and size + len(content) > largest:
            yield portion
            portion, size = [], 0
        portion.append((place, content))
        size += len(content)
    if portion:
        yield portion
