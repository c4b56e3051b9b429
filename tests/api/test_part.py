"""Is a part built at the first question, once, and again after a failure?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.part import part


class Shed:
    def __init__(self) -> None:
        self.building = threading.RLock()
        self.built: list[str] = []
        self.broken = True

    @part
    def tool(self) -> object:
        """A tool."""
        self.built.append("tool")
        return object()

    @part
    def bench(self) -> tuple[object, str]:
        return self.tool, "bench"

    @part
    def lamp(self) -> str:
        if self.broken:
            raise RuntimeError("no light")
        return "lamp"


def test_nothing_is_built_before_it_is_asked_for() -> None:
    assert Shed().built == []


def test_many_threads_get_the_one_part() -> None:
    shed, together = Shed(), threading.Barrier(8)

    def asked(_: int) -> object:
        together.wait()
        return shed.tool

    with ThreadPoolExecutor(8) as pool:
        tools = list(pool.map(asked, range(8)))
    assert len(set(map(id, tools))) == 1
    assert shed.built == ["tool"]


def test_a_part_may_need_another() -> None:
    shed = Shed()
    assert shed.bench == (shed.tool, "bench")


def test_a_part_that_could_not_be_built_is_tried_again() -> None:
    shed = Shed()
    with pytest.raises(RuntimeError):
        _ = shed.lamp
    shed.broken = False
    assert shed.lamp == "lamp"


def test_the_class_shows_what_a_part_is() -> None:
    assert Shed.tool.__doc__ == "A tool."
