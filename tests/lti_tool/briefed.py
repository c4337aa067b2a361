"""Classes with planted facts, for tests of the brief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from curriculum import catalog as catalogs
from lti_tool import texts
from lti_tool.attempts import Answer, Attempt
from lti_tool.pages import brief
from lti_tool.pages.brief import Brief
from lti_tool.pages.lately import Known, Left
from lti_tool.roster import columns
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from lti_tool.tries import Tally

CATALOG = catalogs.load("cbec")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
DAY = 86_400
ITEM = "practice:cus.duty"


def deeds(
    levels: Mapping[str, float] | None = None, *, age: float = 1.0, runs: Mapping[str, int] | None = None
) -> Deeds:
    """Somebody with levels by skill, the newest answers some days old, and rows of other answers by item."""
    stands, counts = columns.stands(len(CATALOG.skills)), columns.days(len(CATALOG.skills))
    rows, moment = columns.runs(len(CATALOG.items)), int((NOW - age * DAY) * 1e6)
    for skill, level in (levels or {}).items():
        place = CATALOG.skill_index[skill]
        stands[place] = (5, 3, moment, level, max(0.0, level - 0.5), level + 0.5)
        counts[-2, place] = 5
    for item, count in (runs or {}).items():
        rows[CATALOG.item_index[item]] = (count, moment - 2 * DAY * 1_000_000, moment)
    return Deeds(5 * len(levels or {}), moment, moment, skills=stands, days=counts, day=int(NOW // DAY), runs=rows)


def made(
    people: Mapping[str, Deeds],
    *,
    language: str = "en",
    left: Sequence[Left] = (),
    first: Mapping[str, float] | None = None,
    **practice: Sequence[Tally],
) -> Brief:
    """A brief of people who came into the course sixty days ago, or as many days ago as `first` says."""
    came = {one: int(NOW - (first or {}).get(one, 60.0) * DAY) for one in people}
    listed = [Member("c", one, "m", True, "active", ("learner",), (), came[one], 0) for one in people]
    known = Known(listed, people, practice, left)
    return brief.brief(known, CATALOG, language=language, say=texts.speaker(language), now=NOW)


def tally(cause: str = "", *, other: int = 1, skill: str = "cus.low_value_eu") -> Tally:
    return Tally("case:eu_import", skill, 1, other, 0, {cause: other} if cause else {})


def attempt(days: float, answers: int = 2) -> Attempt:
    given = tuple(Answer("1", True, "", NOW, None) for _ in range(answers))
    return Attempt("case:eu_import", 1, 7, "2026-11-01", "m", 5, given, NOW - days * DAY, NOW - days * DAY)
