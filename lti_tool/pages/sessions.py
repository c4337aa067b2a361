"""Sessions as pages show them, and a learner's week of what is alone and together, on line and on site; pure. Floor 3.

Times are those of the institution's zone, which is named beside them; calendars get UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from curriculum import courses
from curriculum.catalog import Catalog
from lti_tool import attendance, events, texts
from lti_tool.attendance import Attendance
from lti_tool.events import Event
from lti_tool.ical import Entry
from lti_tool.pages import reasons
from lti_tool.plans import Plan
from lti_tool.texts import Say

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SINCE = 1_767_225_600
"""The beginning of 2026, before which no plan was changed."""
HERE, OPEN, COMING, OVER, OFF = "here", "open", "coming", "over", "off"


@dataclass(frozen=True)
class Session:
    """A session in words.

    Attributes:
        id: Of the session.
        title: As the instructor wrote it.
        when: Day and time, with the zone.
        size: How long, in words.
        where: On site or on line, and the place.
        skills: Names of its skills.
        state: `HERE` (was there), `OPEN` (one can check in now), `COMING`, `OVER` or `OFF` (called off).
        said: What is to be said of that, in words; empty: nothing.
        levels: What the facilitator saw: (skill, level in words).
        count: How many were there, where that is told.
    """

    id: str
    title: str
    when: str
    size: str
    where: str
    skills: list[str]
    state: str
    said: str
    levels: list[tuple[str, str]]
    count: int = 0


@dataclass(frozen=True)
class Way:
    """A way of working in a week: its name, the time in words, and what it is."""

    name: str
    time: str
    lines: list[str]


@dataclass(frozen=True)
class Week:
    """A learner's week.

    Attributes:
        ways: Alone, together on site, together on line: those that there is something of.
        sessions: This week's, in order.
        note: What does not fit, or the deadline, in words; empty: nothing.
    """

    ways: list[Way]
    sessions: list[Session]
    note: str


@dataclass(frozen=True)
class Offer:
    """What a session can be of: its name in a form, what a page shows, how long it takes, its skills."""

    key: str
    name: str
    minutes: int
    skills: tuple[str, ...]


def session(
    event: Event,
    catalog: Catalog,
    language: str,
    *,
    zone: ZoneInfo,
    now: float,
    mine: Attendance | None = None,
    count: int = 0,
) -> Session:
    """A session in words.

    Args:
        event: The session.
        catalog: Gives the names of its skills.
        language: "en" or "zh".
        zone: In which times are shown.
        now: Seconds since the epoch.
        mine: The record of the learner who looks; None: nobody's.
        count: How many were there.
    """
    say = texts.speaker(language)
    standing = state(event, now, mine)
    seen = {} if mine is None else mine.seen
    return Session(
        id=event.event,
        title=event.title,
        when=when(event, language, zone),
        size=say("today.minutes", minutes=event.minutes),
        where=place(event, say),
        skills=[reasons.short(catalog.skills[one].name[language]) for one in event.skills if one in catalog.skills],
        state=standing,
        said=_said(event, standing, language, zone, mine),
        levels=[
            (reasons.short(catalog.skills[skill].name[language]), say(f"event.level.{one.level}"))
            for skill, one in seen.items()
            if skill in catalog.skills
        ],
        count=count,
    )


def state(event: Event, now: float, mine: Attendance | None) -> str:
    """How it stands with a session, for whoever looks."""
    if mine is not None and mine.here:
        return HERE
    if not event.held:
        return OFF
    if events.open_now(event, now):
        return OPEN
    return COMING if now < event.ends else OVER


def when(event: Event, language: str, zone: ZoneInfo) -> str:
    """Day and time of a session, with the zone."""
    say = texts.speaker(language)
    begins, ends = (local(moment, zone) for moment in (event.begins, event.ends))
    day = reasons.day(begins.date(), language)
    weekday = say(f"event.day.{DAYS[begins.weekday()]}")
    return say("event.when", day=day, weekday=weekday, begins=f"{begins:%H:%M}", ends=f"{ends:%H:%M}", zone=zone.key)


def local(moment: float, zone: ZoneInfo) -> datetime:
    """A moment as a clock of the zone shows it."""
    return datetime.fromtimestamp(moment, zone)


def place(event: Event, say: Say) -> str:
    """On site or on line, and the place."""
    where = say(f"event.where.{event.where}")
    return say("event.where.place", where=where, place=event.place) if event.place else where


def _said(event: Event, standing: str, language: str, zone: ZoneInfo, mine: Attendance | None) -> str:
    say = texts.speaker(language)
    if standing == HERE and mine is not None:
        return say(f"event.here.{mine.how}")
    if standing == COMING:
        first = local(events.opens(event)[0], zone)
        return say("event.opens", day=reasons.day(first.date(), language), time=f"{first:%H:%M}")
    return say("event.off") if standing == OFF else ""


def week(
    listed: Iterable[Event],
    records: Mapping[str, Attendance],
    catalog: Catalog,
    plan: Plan,
    *,
    steps: Sequence[tuple[str, int]],
    spent: float,
    language: str,
    zone: ZoneInfo,
    now: float,
) -> Week | None:
    """A learner's week: what is scheduled together, and what is left for work alone; None where nothing is scheduled.

    The sessions are fixed, so the steps alone get what they leave of the hours that the learner plans. It is made anew
    at each look, from what is scheduled and done by then.

    Args:
        listed: The sessions of the course.
        records: Of the learner, by id of the session.
        catalog: What there is to learn.
        plan: What the learner asked for.
        steps: What is recommended to do alone: (name, minutes).
        spent: Seconds of practice this week.
        language: "en" or "zh".
        zone: In which weeks begin, and times are shown.
        now: Seconds since the epoch.
    """
    say = texts.speaker(language)
    monday = begins(now, zone)
    inside = events.week(listed, monday)
    if not inside:
        return None
    shown = [session(one, catalog, language, zone=zone, now=now, mine=records.get(one.event)) for one in inside]
    ways = [_alone(plan, inside, steps, spent, say)]
    for where in events.WHERES:
        here = [one for one in inside if one.where == where]
        if here:
            minutes = sum(one.minutes for one in here)
            lines = [say("mix.session", title=one.title, when=when(one, language, zone)) for one in here]
            ways.append(Way(say(f"mix.together.{where}"), duration(minutes, say), lines))
    return Week(ways, shown, _note(plan, inside, monday, language, say))


def begins(now: float, zone: ZoneInfo) -> float:
    """Monday, 0:00 in a zone, of the week of a moment: seconds since the epoch."""
    day = datetime.fromtimestamp(now, zone).date()
    monday = day - timedelta(days=day.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=zone).timestamp()


def duration(minutes: float, say: Say) -> str:
    """A time as hours and minutes, such as "3 h 10 min"."""
    hours, rest = divmod(round(minutes), 60)
    if not hours:
        return say("today.minutes", minutes=rest)
    return say("today.hours", hours=hours, minutes=rest) if rest else say("today.hours.full", hours=hours)


def _alone(plan: Plan, inside: Sequence[Event], steps: Sequence[tuple[str, int]], spent: float, say: Say) -> Way:
    lines = [say("mix.step", name=name, minutes=minutes) for name, minutes in steps]
    if not plan.hours:
        return Way(say("mix.alone"), duration(sum(minutes for _, minutes in steps), say), lines)
    left = max(0.0, 60 * plan.hours - sum(one.minutes for one in inside) - spent / 60)
    return Way(say("mix.alone"), say("mix.left", time=duration(left, say)), lines)


def _note(plan: Plan, inside: Sequence[Event], monday: float, language: str, say: Say) -> str:
    taken = sum(one.minutes for one in inside)
    if plan.hours and taken > 60 * plan.hours:
        return say("mix.full", hours=plan.hours, time=duration(taken, say))
    first = datetime.fromtimestamp(monday, UTC).date()
    if plan.deadline is not None and first <= plan.deadline < first + timedelta(days=8):
        return say("mix.deadline", day=reasons.day(plan.deadline, language))
    return ""


def offers(catalog: Catalog, language: str) -> list[tuple[str, list[Offer]]]:
    """What the courses of a catalog have for a session: (course, sessions); variants for a platform are left out."""
    return [
        (
            course.name[language],
            [
                Offer(f"{course.id}/event:{one.id}", one.name[language], one.minutes, one.skills)
                for one in course.events.values()
            ],
        )
        for course in courses.of_catalog(catalog).values()
        if course.events and not course.of
    ]


def activity(catalog: Catalog, at: str, named: str) -> str:
    """What a session of a course's activity is called in `Event.activity`: variants share those of their course.

    Args:
        catalog: Of the course.
        at: Name of the course or a part of it.
        named: "event:desk".
    """
    course = courses.of_catalog(catalog).get(at.partition(courses.UNITS)[0])
    return "" if course is None else f"{course.of or course.id}/{named}"


def done(listed: Iterable[Event], records: Mapping[str, Attendance]) -> frozenset[str]:
    """The activities of courses at whose session a learner was, as `activity` names them."""
    return frozenset(
        one.activity for one in listed if one.activity and records.get(one.event, _NOBODY).here
    )  # fmt: skip


_NOBODY = Attendance("", "", "")


def entries(
    listed: Iterable[Event], deadline: datetime | None, *, host: str, course: str, language: str, changed: int
) -> list[Entry]:
    """The lines of a learner's calendar: the sessions, those called off among them, and the day of their goal.

    Args:
        listed: The sessions of the course.
        deadline: The day by which the learner wants to reach the goal, or None.
        host: Makes ids unique: the tool's host.
        course: Key of the course.
        language: "en" or "zh".
        changed: When the learner's plan was last changed, seconds since the epoch.
    """
    say = texts.speaker(language)
    found = [
        Entry(
            uid=f"{one.event}@{host}",
            title=one.title,
            begins=one.begins,
            ends=one.ends,
            changed=one.changed,
            sequence=one.sequence,
            place=one.place,
            about=say(f"event.where.{one.where}"),
            held=one.held,
        )
        for one in listed
    ]
    if deadline is not None:
        title = say("event.calendar.goal")
        # A plan has no number of its changes; the moment of the last one grows as well, and fits into 32 bits.
        found.append(
            Entry(
                f"goal-{course}@{host}",
                title,
                deadline.date(),
                None,
                changed,
                sequence=max(0, changed - SINCE),
                busy=False,
            )
        )
    return found


def levels(say: Say) -> list[tuple[int, str, str]]:
    """The levels of the rubric: number, name, what it looks like."""
    return [(one, say(f"event.level.{one}"), say(f"event.level.{one}.like")) for one in range(attendance.LEVELS)]
