"""Does a date in the governance folder mean one moment, everywhere?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.policy.dates import beginning, end, span, utc_day


def test_a_day_begins_at_its_first_moment_and_ends_with_its_last() -> None:
    assert beginning("2027-01-31") == datetime(2027, 1, 31, tzinfo=UTC)
    assert end("2027-01-31") == datetime(2027, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize("read", [beginning, end])
def test_a_moment_is_itself_in_utc(read: object) -> None:
    assert callable(read)
    told = read("2027-01-31T09:30:00.5+05:30")
    assert (told, told.tzinfo) == (datetime(2027, 1, 31, 4, 0, 0, 500000, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    "text",
    ["", "2027", "2027-1-31", "20270131", "2027-W05-7", "2027-02-30", "2027-01-31T09:30:00", "2027-01-31T25:00:00Z",
     "2027-01-31 09:30:00Z", "tomorrow", "\uff12\uff10\uff12\uff17-01-31", "2027-01-31\n", "0001-01-01T00:00:00+23:00"],
)  # fmt: skip
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither a day|is no date"):
        beginning(text)


def test_the_last_day_of_all_has_an_end() -> None:
    assert end("9999-12-31") == datetime.max.replace(tzinfo=UTC)


def test_a_length_of_time_is_told_in_days_or_weeks() -> None:
    assert (span("90d"), span("2w")) == (timedelta(days=90), timedelta(days=14))
    for text in ("90", "d", "1m", "-1d", "1.5d", "999999d"):
        with pytest.raises(ValueError, match="is no length of time"):
            span(text)


def test_policies_see_the_utc_day_of_a_moment() -> None:
    late = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert utc_day(late) == "2026-11-23T00:00:00Z"
