"""Which numbers are read out of the shapes in which service levels are written?"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.promises import MOST, TARGET, WINDOW, Promise, promises
from engine.evaluation.quantities import Dimension, Quantity, quantity


def promised(definition: Any, name: str = "orders") -> tuple[Promise, ...]:
    port = {"name": name, "promises": {"slo": {"name": "slo", "definition": definition}}}
    return promises({"interfaceComponents": {"outputPorts": [port]}})


def short(definition: Any) -> list[tuple[str, str, float, str]]:
    return [
        (one.indicator.name, str(one.comparator), one.threshold.amount, one.threshold.unit)
        for one in promised(definition)
    ]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("99.9 %", "", Quantity(0.999, Dimension.RATIO, "ratio")),
        (99.9, "%", Quantity(0.999, Dimension.RATIO, "ratio")),
        ("PT1H30M", "", Quantity(5400, Dimension.TIME, "s")),
        ("P7D", "", Quantity(604800, Dimension.TIME, "s")),
        ("5m", "", Quantity(300, Dimension.TIME, "s")),
        ("200 ms", "", Quantity(0.2, Dimension.TIME, "s")),
        (4, "d", Quantity(345600, Dimension.TIME, "s")),
        ("500/s", "", Quantity(500, Dimension.RATE, "/s")),
        ("60 rows/min", "", Quantity(1, Dimension.RATE, "rows/s")),
        ("0.80", "", Quantity(0.8, Dimension.NUMBER, "")),
        ("12 rows", "", Quantity(12, Dimension.NUMBER, "rows")),
        (1e308, "", Quantity(1e308, Dimension.NUMBER, "")),
        (-3, "", Quantity(-3, Dimension.NUMBER, "")),
    ],
)
def test_a_value_with_a_unit_is_a_quantity(value: Any, unit: str, expected: Quantity) -> None:
    assert quantity(value, unit) == expected


@pytest.mark.parametrize(
    "value",
    [
        *(True, None, [], {}, "", "NaN", "inf", "-Infinity", "1e999", "as soon as possible", "P1M", "P1Y", "PT"),
        *(math.nan, math.inf, -math.inf, 10**400, "9" * 200, "99,5 %", "1.2.3", "\u0663"),
    ],
)
def test_what_is_no_finite_number_is_no_quantity(value: Any) -> None:
    assert quantity(value) is None


def test_two_units_are_one_too_many() -> None:
    assert quantity("5 m", "s") is None
    assert quantity("PT5M", "s") is None
    assert quantity(1e308, "w") is None, "it would overflow"


@given(st.one_of(st.floats(), st.integers(), st.text(max_size=30)), st.text(max_size=12))
def test_every_quantity_is_finite(value: Any, unit: str) -> None:
    found = quantity(value, unit)
    assert found is None or math.isfinite(found.amount)


def test_the_flat_shape_of_the_examples_is_read() -> None:
    assert short({"freshness": "PT1H", "availability": "99.5 %", "throughput": "500/s", "areaUnderCurve": "0.80"}) == [
        ("freshness", "<=", 3600, "s"),
        ("availability", ">=", 0.995, "ratio"),
        ("throughput", ">=", 500, "/s"),
        ("areaUnderCurve", ">=", 0.8, ""),
    ]


def test_the_shape_of_the_official_examples_is_read() -> None:
    definition = {
        "x-operationalSlo": {"availability": "0.99999", "responsetime": "1s"},
        "x-qualitySlo": {"freshness": "5m"},
    }
    assert short(definition) == [
        ("availability", ">=", 0.99999, "ratio"),
        ("responsetime", "<=", 1, "s"),
        ("freshness", "<=", 300, "s"),
    ]


def test_objects_with_thresholds_are_read() -> None:
    definition = {
        "freshness": {"threshold": 15, "unit": "min", "operator": "<", "target": "95 %", "window": "P7D"},
        "availability": {"target": 99.5, "unit": "%"},
        "list": [{"property": "latency", "value": 4, "unit": "d"}, {"name": "errorRate", "max": "1 %"}],
    }
    assert short(definition) == [
        ("freshness", "<", 900, "s"),
        ("availability", ">=", 0.995, "ratio"),
        ("latency", "<=", 345600, "s"),
        ("errorRate", "<=", 0.01, "ratio"),
    ]
    fresh, available, late, errors = promised(definition)
    assert (fresh.target, fresh.stated, fresh.window) == (0.95, True, 7 * 86400)
    assert (available.target, available.stated, available.window) == (0.995, True, WINDOW)
    assert (late.target, late.stated) == (TARGET, False)
    assert (errors.target, errors.stated) == (0.99, True)
    assert fresh.pointer == "/interfaceComponents/outputPorts/0/promises/slo/definition/freshness"


def test_a_comparator_may_stand_before_the_value() -> None:
    assert short({"retention": ">= 90 d", "freshness": "< 5m", "rows": "== 12"}) == [
        ("retention", ">=", 7776000, "s"),
        ("freshness", "<", 300, "s"),
        ("rows", "==", 12, ""),
    ]


@pytest.mark.parametrize("definition", [None, "fresh within an hour", 7, [], {}, {"freshness": None}, {"a": True}])
def test_prose_and_nothing_promise_nothing(definition: Any) -> None:
    assert promised(definition) == ()


@pytest.mark.parametrize("window", ["-P1D", "P0D", "P9999D", "soon", -5, "1e308 d"])
def test_a_window_that_is_none_is_that_of_every_promise(window: Any) -> None:
    (one,) = promised({"freshness": {"threshold": "5m", "window": window}})
    assert one.window == WINDOW


def test_what_is_nested_without_end_or_promised_without_end_is_cut() -> None:
    deep: Any = {"freshness": "5m"}
    for _ in range(30):
        deep = {"more": deep}
    assert promised(deep) == ()
    assert len(promised({f"indicator{number}": number for number in range(1000)})) == MOST


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_any_definition_is_read_without_an_error(definition: Any) -> None:
    for one in promised(definition):
        assert math.isfinite(one.threshold.amount)
        assert 0 <= one.target <= 1


@given(JSON)
def test_any_descriptor_is_read_without_an_error(effective: Any) -> None:
    for told in (effective, {"interfaceComponents": effective}, {"interfaceComponents": {"outputPorts": effective}}):
        if isinstance(told, dict):
            promises(told)
