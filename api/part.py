"""How is a part of the house built at the first question, and only once however many threads ask?"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar, overload

Built = TypeVar("Built")


class Building(Protocol):
    """What has parts: it lends the lock under which they are built."""

    building: RLock


class part(Generic[Built]):
    """A property that is computed once. (`functools.cached_property` has no lock from Python 3.12 on.)"""

    def __init__(self, build: Callable[[Any], Built]) -> None:
        self._build = build
        self._name = build.__name__
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, house: None, kind: type) -> part[Built]: ...
    @overload
    def __get__(self, house: Building, kind: type) -> Built: ...
    def __get__(self, house: Building | None, kind: type) -> part[Built] | Built:
        if house is None:
            return self
        with house.building:
            if self._name not in house.__dict__:
                house.__dict__[self._name] = self._build(house)
            built: Built = house.__dict__[self._name]
        return built
