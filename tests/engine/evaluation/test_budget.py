"""Is the error budget of a promise what simple counting says?"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.budget import Observation, SloState, status
from engine.evaluation.promises import Promise, promises
from engine.evaluation.quantities import Dimension, Quantity

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def promise(**definition: object) -> Promise:
    port = {"name": "orders", "promises": {"slo": {"definition": definition}}}
    (one,) = promises({"interfaceComponents": {"outputPorts": [port]}})
    return one


def seen(
    amount: float, dimension: Dimension = Dimension.TIME, *, hours: float = 1, covers: float | None = None
) -> Observation:
    unit = {"time": "s", "ratio": "ratio"}.get(dimension, "")
    moment = NOW - timedelta(hours=hours)
    return Observation(
        f"o-{hours}", "orders", "x", Quantity(amount, dimension, unit), moment, covers, str(amount), "", "anna"
    )


def shares(*amounts: float) -> list[Observation]:
    return [seen(one, Dimension.RATIO) for one in amounts]


def test_without_an_observation_nothing_is_known() -> None:
    found = status(promise(freshness="PT1H"), [], now=NOW)
    assert (found.state, found.attainment, found.consumed, found.left, found.last) == (SloState.UNKNOWN, *[None] * 4)
    assert found.allowed == 0.01


def test_a_threshold_is_kept_while_few_observations_break_it() -> None:
    fresh = promise(freshness={"threshold": "PT1H", "target": "75 %"})
    good, bad = seen(60), seen(7200)
    found = status(fresh, [good, good, good, bad], now=NOW)
    assert (found.state, found.attainment, found.consumed, found.left) == (SloState.MET, 0.75, 0.25, 0)
    found = status(fresh, [good, bad], now=NOW)
    assert (found.state, found.attainment, found.left) == (SloState.BROKEN, 0.5, -0.25)


def test_of_shares_each_counts_by_how_good_it_was() -> None:
    found = status(promise(availability="99.5 %"), shares(0.999, 0.995), now=NOW)
    assert (found.state, found.attainment, found.allowed, found.consumed, found.left) == (
        SloState.MET,
        0.997,
        0.005,
        0.003,
        0.002,
    )
    found = status(promise(errorRate="1 %"), shares(0.02, 0.01), now=NOW)
    assert (found.state, found.attainment, found.allowed, found.consumed) == (SloState.BROKEN, 0.985, 0.01, 0.015)


def test_an_observation_counts_for_the_time_that_it_covers_where_all_say_so() -> None:
    available = promise(availability="90 %")
    long, down = seen(1, Dimension.RATIO, covers=9), seen(0, Dimension.RATIO, covers=1)
    assert status(available, [long, down], now=NOW).attainment == 0.9
    assert status(available, [long, down, seen(1, Dimension.RATIO)], now=NOW).attainment == pytest.approx(2 / 3)


def test_what_is_out_of_the_window_or_to_come_does_not_count() -> None:
    fresh = promise(freshness={"threshold": "PT1H", "window": "P1D"})
    found = status(fresh, [seen(60, hours=23.9), seen(9999, hours=24), seen(9999, hours=-1)], now=NOW)
    assert (found.observations, found.state) == (1, SloState.MET)


def test_what_cannot_be_compared_proves_nothing() -> None:
    found = status(promise(freshness="PT1H"), shares(0.5), now=NOW)
    assert (found.state, found.observations, found.foreign, found.last) == (SloState.UNKNOWN, 0, 1, None)


def test_the_last_observation_is_told_with_its_date() -> None:
    found = status(promise(freshness="PT1H"), [seen(60, hours=3), seen(30, hours=1), seen(90, hours=2)], now=NOW)
    assert found.last is not None
    assert (found.last.id, found.last.observed_at) == ("o-1", NOW - timedelta(hours=1))


def test_values_at_the_edge_of_what_a_number_can_be_count_like_others() -> None:
    ends = [seen(1e308, Dimension.NUMBER), seen(-1e308, Dimension.NUMBER)]
    found = status(promise(rows={"min": 1e308}), ends, now=NOW)
    assert found.attainment == 0.5
    found = status(promise(availability="99 %"), shares(1e300, -1e300), now=NOW)
    assert found.attainment == 0.5, "a share is from nothing to all"


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 100)), min_size=1, max_size=30),
    st.integers(0, 1000),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_the_budget_of_shares_agrees_with_counting_them(
    drawn: list[tuple[int, int]], threshold: int, weighed: bool, order: random.Random
) -> None:
    one = promise(availability={"threshold": threshold / 1000, "unit": "ratio"})
    observed = [seen(share / 1000, Dimension.RATIO, covers=weight if weighed else None) for share, weight in drawn]
    order.shuffle(observed)
    found = status(one, observed, now=NOW)
    weights = [weight if weighed else 1 for _, weight in drawn]
    bad = Fraction(sum(w * (1000 - share) for (share, _), w in zip(drawn, weights, strict=True)), 1000 * sum(weights))
    allowed = 1 - Fraction(threshold, 1000)
    assert found.consumed == float(bad)
    assert found.left == float(allowed - bad)
    assert (found.state is SloState.MET) == (bad <= allowed)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50), st.integers(0, 100), st.integers(0, 100))
def test_the_budget_of_thresholds_agrees_with_counting_them(amounts: list[int], most: int, target: int) -> None:
    one = promise(latency={"threshold": f"{most} s", "target": f"{target} %"})
    found = status(one, [seen(amount) for amount in amounts], now=NOW)
    bad = sum(amount > most for amount in amounts)
    assert found.consumed == float(Fraction(bad, len(amounts)))
    assert (found.state is SloState.MET) == (100 * bad <= (100 - target) * len(amounts))
