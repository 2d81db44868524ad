"""`Create Date:` is read as Python 3.11 reads it, whatever Python runs this."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from gitlembic.core.create_date import parse_create_date


def _utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro, timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29 12:34:56.789012", _utc(2024, 2, 29, 12, 34, 56, 789012)),
        ("2024-02-29 12:34:56", _utc(2024, 2, 29, 12, 34, 56)),
        ("2024-02-29T12:34", _utc(2024, 2, 29, 12, 34)),
        ("2024-02-29T12", _utc(2024, 2, 29, 12)),
        ("2024-02-29", _utc(2024, 2, 29)),
        ("20240229", _utc(2024, 2, 29)),
        ("20240229T123456", _utc(2024, 2, 29, 12, 34, 56)),
        ("20240229T1234", _utc(2024, 2, 29, 12, 34)),
        ("20240229T123456.789", _utc(2024, 2, 29, 12, 34, 56, 789000)),
        ("2024-02-29T123456", _utc(2024, 2, 29, 12, 34, 56)),
        ("2024-W09", _utc(2024, 2, 26)),
        ("2024W09", _utc(2024, 2, 26)),
        ("2024-W09-4", _utc(2024, 2, 29)),
        ("2024W094", _utc(2024, 2, 29)),
        ("2024-W09-4T12:34", _utc(2024, 2, 29, 12, 34)),
        ("2024W094T12", _utc(2024, 2, 29, 12)),
        ("2024-W09T12", _utc(2024, 2, 26, 12)),
        ("2020-W53-7", _utc(2021, 1, 3)),
        ("2024-02-29 12:34:56,5", _utc(2024, 2, 29, 12, 34, 56, 500000)),
        ("2024-02-29 12:34:56.1234567", _utc(2024, 2, 29, 12, 34, 56, 123456)),
        ("2024-02-29 12:34:56.9999999", _utc(2024, 2, 29, 12, 34, 56, 999999)),
        ("2024-02-29 12:34:56Z", _utc(2024, 2, 29, 12, 34, 56)),
        ("2024-02-29 12:34:56+02:00", _utc(2024, 2, 29, 10, 34, 56)),
        ("2024-02-29 12:34:56-0530", _utc(2024, 2, 29, 18, 4, 56)),
        ("2024-02-29 12:34:56+02", _utc(2024, 2, 29, 10, 34, 56)),
        ("2024-02-29 01:00:00+23:59:59.999999", _utc(2024, 2, 28, 1, 0, 0, 1)),
        ("2024-02-29x12:34", _utc(2024, 2, 29, 12, 34)),
        ("2024-02-29\u00a012:34", _utc(2024, 2, 29, 12, 34)),
        ("2024-02-29\U0001f63912:34", _utc(2024, 2, 29, 12, 34)),
        ("0001-01-01", _utc(1, 1, 1)),
        ("9999-12-31T23:59:59.999999", _utc(9999, 12, 31, 23, 59, 59, 999999)),
        ("", None),
        ("2024", None),
        ("2024-02", None),
        ("202402", None),
        ("2024-2-29", None),
        ("2023-02-29", None),
        ("0000-01-01", None),
        ("2024-060", None),
        ("2024-02-29 24:00", None),
        ("2024-02-29 12:60", None),
        ("2024-02-29 12:34:60", None),
        ("2024-02-29 12:", None),
        ("2024-02-29 1:34", None),
        ("2024-02-29 12:3456", None),
        ("2024-02-29 1234:56", None),
        ("2024-02-29 12:34:56.", None),
        ("2024-02-29 12.5", None),
        ("2024-02-29 12:34:56+", None),
        ("2024-02-29 12:34:56+24:00", None),
        ("2024-02-29 12:34:56 +02:00", _utc(2024, 2, 29, 10, 34, 56)),
        ("2024-02-29 12:34:56.789012 +02:00", _utc(2024, 2, 29, 10, 34, 56, 789012)),
        ("2024-02-29 12:34 Z", _utc(2024, 2, 29, 12, 34)),
        ("2024-02-29 12:34:56.7 +02:00", None),
        ("2024-02-29 12:34:56  +02:00", None),
        ("2024-02-29 12:34:56z", None),
        ("2024-02-29 ", None),
        (" 2024-02-29", None),
        ("2024-W00", None),
        ("2024-W53", None),
        ("2024-W09-0", None),
        ("2024-W09-8", None),
        ("2024W0941", None),
        ("2024W09412", _utc(2024, 2, 26, 12)),
        ("2024-W09-12", _utc(2024, 2, 26, 12)),
        ("\u0662\u0660\u0662\u0664-02-29", None),
        ("2024-02-29 12:34:\u0665\u0666", None),
        ("29.02.2024", None),
        ("Thu Feb 29 12:34:56 2024", None),
        ("0001-01-01 00:00+01:00", None),
        ("9999-12-31 23:59-01:00", None),
    ],
)
def test_is_the_moment_that_is_named(text: str, expected: datetime | None) -> None:
    assert parse_create_date(text) == expected


def _as_python_reads_it(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


_dates = st.dates(date(2, 1, 1), date(9998, 12, 30))
_date_texts = st.one_of(
    st.builds(date.isoformat, _dates),
    st.builds(lambda day: f"{day.year:04}{day.month:02}{day.day:02}", _dates),
    st.builds(lambda day: "{:04}-W{:02}-{}".format(*day.isocalendar()), _dates),
    st.builds(lambda day: "{:04}W{:02}{}".format(*day.isocalendar()), _dates),
    st.builds(lambda day: "{:04}-W{:02}".format(*day.isocalendar()), _dates),
    st.builds(lambda day: "{:04}W{:02}".format(*day.isocalendar()), _dates),
)
_fractions = st.just("") | st.builds("{}{}".format, st.sampled_from(".,"), st.from_regex("[0-9]{1,9}", fullmatch=True))


@st.composite
def _clock_texts(draw: st.DrawFn) -> str:
    clock = draw(st.times())
    colon = draw(st.sampled_from([":", ""]))
    fields = [f"{clock.hour:02}", f"{clock.minute:02}", f"{clock.second:02}"][: draw(st.integers(1, 3))]
    return colon.join(fields) + (draw(_fractions) if len(fields) == 3 else "")


_zones = st.just("") | st.just("Z") | st.builds("{}{}".format, st.sampled_from("+-"), _clock_texts())
_texts = _date_texts | st.builds("{}{}{}{}".format, _date_texts, st.sampled_from("T tx_"), _clock_texts(), _zones)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads less")
@example("2024-W09")
@example("2024-W09-12")
@example("2024W09412")
@given(_texts)
def test_every_form_is_read_as_python_reads_it(text: str) -> None:
    assert parse_create_date(text) == _as_python_reads_it(text)


@st.composite
def _mutated_texts(draw: st.DrawFn) -> str:
    text = draw(_texts)
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 2))
        put = draw(st.text("0123456789-:.,+TWZ w\u0661", max_size=2) | st.text(max_size=1))
        text = text[:where] + put + text[where + length :]
    return text


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads less")
@given(_mutated_texts() | st.text())
def test_whatever_is_read_is_read_as_python_reads_it(text: str) -> None:
    """Not the other way round: in some malformed texts Python's parser passes over characters."""
    found = parse_create_date(text)
    assert found is None or found == _as_python_reads_it(text)


@given(_mutated_texts() | st.text())
def test_anything_gives_a_moment_in_utc_or_none(text: str) -> None:
    found = parse_create_date(text)
    assert found is None or found.utcoffset() == timedelta(0)


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001 -- the zones are drawn
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)),
)
def test_str_and_isoformat_of_a_moment_are_read_back(local: datetime, offset: timedelta) -> None:
    moment = local.replace(tzinfo=timezone(offset))
    assert parse_create_date(str(moment)) == parse_create_date(moment.isoformat()) == moment
    assert parse_create_date(str(local)) == local.replace(tzinfo=timezone.utc)


@given(_texts, _texts)
def test_moments_can_be_compared(one: str, other: str) -> None:
    first, second = parse_create_date(one), parse_create_date(other)
    if first is None or second is None:
        reject()
    assert (first < second) + (first == second) + (first > second) == 1


def test_midnight_is_the_beginning_of_the_day() -> None:
    assert parse_create_date("2024-02-29") == datetime.combine(date(2024, 2, 29), time(), timezone.utc)
