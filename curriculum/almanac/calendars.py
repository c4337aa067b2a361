"""Working days of a place: Monday to Friday without public holidays, and weekend days that are worked. Floor 1.

In China the State Council swaps working days with weekends each autumn for the next year, Hungary and Latvia do so by
decree. A calendar says up to which day that is known.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from curriculum.almanac import pages

SATURDAY = 5
ONE = timedelta(days=1)
Words = Mapping[str, str]


@dataclass(frozen=True)
class Calendar:
    """The days of a place.

    Attributes:
        off: Public holidays by day, weekends among them, with their names in both languages.
        worked: Weekend days that are worked.
        first: The first day that is known.
        last: The last one.
    """

    off: Mapping[date, Words]
    worked: frozenset[date]
    first: date
    last: date

    def works(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)


@functools.cache
def _rows() -> Mapping[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in pages.rows("holidays.csv"):
        found.setdefault(row["calendar"], []).append(row)
    return found


def known() -> tuple[str, ...]:
    """Calendars by code: a country (ISO 3166-1 alpha-2), or one of its parts (ISO 3166-2), such as "DE-SN"."""
    return tuple(_rows())


@functools.cache
def of(code: str) -> Calendar:
    """The calendar of a place.

    Raises:
        KeyError: There is none.
    """
    off: dict[date, Words] = {}
    worked: set[date] = set()
    rows = _rows()[code]
    for row in rows:
        for part in filter(None, row["days"].split("; ")):
            day = date.fromisoformat(f"{row['year']}-{part[:5]}")
            if row["kind"] == "off":
                off[day] = _named(part[6:])
            else:
                worked.add(day)
    years = [int(row["year"]) for row in rows]
    return Calendar(off, frozenset(worked), date(min(years), 1, 1), date(max(years), 12, 31))


def _named(key: str) -> Words:
    words = pages.tree("words.yaml")
    name, lieu, _ = key.partition(" *")
    if name == "~":
        swapped: Words = words["swapped"]
        return swapped
    both = {"en": name, "zh": words["holidays"][name]}
    return {language: words["observed"][language].format(name=both[language]) for language in both} if lieu else both


def after(calendar: Calendar, day: date, count: int) -> date:
    """The day after so many working days; the first of them is the day after, or the next working day.

    Args:
        calendar: Whose days count.
        day: From which it is counted.
        count: Working days, 0 or more.

    Examples:
        >>> after(of("CN"), date(2026, 9, 30), 2)  # National Day, 1 to 7 October; then 8 and 9 October
        datetime.date(2026, 10, 9)
        >>> after(of("CN"), date(2026, 10, 9), 1)  # Saturday the 10th is worked
        datetime.date(2026, 10, 10)
    """
    while count:
        day += ONE
        count -= calendar.works(day)
    return day
