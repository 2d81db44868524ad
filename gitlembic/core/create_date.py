"""The docstring's `Create Date:` line -> a moment.

ORDER.md 2 reads it as Python 3.11's `datetime.fromisoformat` does. That function knows less on
3.10 and more on later versions, and the order of migrations must not depend on the interpreter,
so its grammar is written out here; the tests hold it against the real one.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

_DIGIT = "[0-9]"
_DATE = re.compile(
    rf"(?P<year>{_DIGIT}{{4}})"
    rf"(?:-(?:W(?P<week>{_DIGIT}{{2}})(?:-(?P<weekday>{_DIGIT}))?|(?P<month>{_DIGIT}{{2}})-(?P<day>{_DIGIT}{{2}}))"
    rf"|W(?P<week_b>{_DIGIT}{{2}})(?P<weekday_b>{_DIGIT})?"
    rf"|(?P<month_b>{_DIGIT}{{2}})(?P<day_b>{_DIGIT}{{2}}))"
)
_SECONDS = rf"(?:{_DIGIT}{{2}}:{_DIGIT}{{2}}:{_DIGIT}{{2}}|{_DIGIT}{{6}})"
_WHOLE = rf"(?:{_SECONDS}|{_DIGIT}{{2}}:{_DIGIT}{{2}}|{_DIGIT}{{4}}|{_DIGIT}{{2}})"
_CLOCK = rf"(?:{_SECONDS}[.,]{_DIGIT}+|{_WHOLE})"
_ZONE = rf"(?:Z|[+-]{_CLOCK})"
# Before a zone 3.11 overlooks one stray character, and any number of them after six digits of a
# fraction: `12:34:56 +02:00` is such a time.
_STRAY = r"[^+\-Z]"
_TIME = re.compile(
    rf"(?P<clock>{_CLOCK})(?P<zone>{_ZONE})?"
    rf"|(?P<clock_b>{_WHOLE}){_STRAY}(?P<zone_b>{_ZONE})"
    rf"|(?P<clock_c>{_SECONDS}[.,]{_DIGIT}{{6,}}){_STRAY}+(?P<zone_c>{_ZONE})"
)
_NO_SEPARATOR = 7


def parse_create_date(text: str) -> datetime | None:
    """The moment that `text` names, without a zone as UTC; `None` for what is not ISO 8601."""
    try:
        return _parse(text)
    except (ValueError, OverflowError):
        return None


def _parse(text: str) -> datetime | None:
    split = _date_length(text)
    day = _parse_date(text[:split])
    if day is None:
        return None
    if len(text) <= split:
        return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    found = _TIME.fullmatch(text, split + 1)
    if found is None:
        return None
    clock, micro = _parse_clock(found["clock"] or found["clock_b"] or found["clock_c"])
    zone = _parse_zone(found["zone"] or found["zone_b"] or found["zone_c"])
    moment = datetime(day.year, day.month, day.day, clock[0], clock[1], clock[2], micro, tzinfo=zone)
    # Overflows for a moment outside the years 1 to 9999, which nothing could be compared with.
    return moment.astimezone(timezone.utc)


def _date_length(text: str) -> int:
    """How many characters of `text` are the date; 3.11 accepts any separator after it.

    A week date may or may not name its day, so digits alone do not say where it ends: after
    `YYYY-Www-` a hyphen followed by two digits is read as the separator, and in `YYYYWww` an even
    number of digits belongs to the time.
    """
    if len(text) <= _NO_SEPARATOR:
        return len(text)
    if text[4] == "-":
        if text[5] != "W":
            return 10
        return 8 if text[8:9] != "-" or text[10:11].isdigit() else 10
    if text[4] != "W":
        return 8
    digits = len(text[7:]) - len(text[7:].lstrip("0123456789"))
    return 7 + digits if digits in {0, 1} else 8 - digits % 2


def _parse_date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year = int(found["year"])
    week = found["week"] or found["week_b"]
    if week is not None:
        return date.fromisocalendar(year, int(week), int(found["weekday"] or found["weekday_b"] or 1))
    return date(year, int(found["month"] or found["month_b"]), int(found["day"] or found["day_b"]))


def _parse_clock(text: str) -> tuple[tuple[int, int, int], int]:
    """Hours, minutes, seconds, and the microseconds (more digits are cut off, as 3.11 does)."""
    whole, _, fraction = text.replace(",", ".").partition(".")
    digits = whole.replace(":", "").ljust(6, "0")
    return (int(digits[:2]), int(digits[2:4]), int(digits[4:])), int(fraction[:6].ljust(6, "0"))


def _parse_zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return timezone.utc
    (hours, minutes, seconds), micro = _parse_clock(text[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
    return timezone(-offset if text[0] == "-" else offset)
