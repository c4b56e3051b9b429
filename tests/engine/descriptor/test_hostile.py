"""Does every kind of bad input end in its own code at the right place, with the process alive?"""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from hostile_documents import HOSTILE, TAMED, Hostile, Tamed

from engine.descriptor import Limits, Parts, Submission, ingest
from engine.descriptor.codes import CODES
from engine.model import Layer


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_bad_input_ends_in_its_own_code_at_its_place(case: Hostile) -> None:
    descriptor = ingest(Submission(case.root, Parts(case.files)), namespace="org.example")
    first = descriptor.problems[0]
    place = first.place
    assert (first.code, place.file, place.line, place.column) == (
        case.code,
        case.in_file or case.root,
        case.line,
        case.column,
    )
    assert (descriptor.effective, descriptor.identity, descriptor.digest) == (None, None, None)


@pytest.mark.parametrize("case", TAMED, ids=lambda case: case.id)
def test_what_others_misread_is_read_as_it_is_written(case: Tamed) -> None:
    descriptor = ingest(Submission(case.file, Parts({case.file: case.content})), namespace="org.example")
    told = [(one.code, one.place.line, one.place.column, one.hint) for one in descriptor.problems]
    assert descriptor.effective is not None
    assert (descriptor.effective.get("x-a"), told) == (case.value, list(case.problems))


def calls(case: Hostile) -> int:
    """How many functions ingestion calls for a document: a measure of work that no busy machine changes."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    submission = Submission(case.root, Parts(case.files))
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        ingest(submission, namespace="org.example")
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_bad_input_costs_no_more_than_reading_it(case: Hostile) -> None:
    size = sum(map(len, case.files.values()))
    assert calls(case) < 8 * size + 4 * Limits().nodes


def test_every_error_of_reading_and_references_has_a_hostile_input() -> None:
    shown_elsewhere = {"DP117", "DP208"}  # an unreadable root: there is no document; a host (test_addresses.py)
    stopping = {code for code, one in CODES.items() if one.layer in (Layer.SOURCE, Layer.REFERENCES) and code[3] == "0"}
    stopping |= {code for code in CODES if code[2] == "1" and int(code[3:]) < 50}
    assert stopping - {case.code for case in HOSTILE} == shown_elsewhere


@pytest.mark.parametrize(
    ("file", "content", "first"),
    [("dp.yaml", b"a: 1\nb: 2\na: 3\n", "1:1"), ("dp.json", b'{"b": 2,\n "a": 1, "a": 3}', "2:2")],
)
def test_a_duplicate_key_names_both_places(file: str, content: bytes, first: str) -> None:
    descriptor = ingest(Submission(file, Parts({file: content})))
    assert descriptor.problems[0].msg == f"the key 'a' stands here a second time; the first is at {first}"


def test_a_circle_prints_its_loop() -> None:
    document = b"interfaceComponents:\n  outputPorts:\n    - $ref: '#/interfaceComponents/outputPorts/0'\n"
    descriptor = ingest(Submission("dp.yaml", Parts({"dp.yaml": document})))
    step = "dp.yaml#/interfaceComponents/outputPorts/0"
    assert descriptor.problems[0].msg == f"references go in a circle: {step} -> {step}"
