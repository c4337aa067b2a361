"""What the pages of works show an instructor, as plain data for their templates: pure. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from curriculum.catalog import Catalog
from curriculum.courses.tree import LEVELS, Project
from lti_tool import marks, projects
from lti_tool.outside import Address
from lti_tool.pages import classroom, judging
from lti_tool.pages.judging import Said
from lti_tool.projects import Entry, Handin, Setting
from lti_tool.reviews import DECISION, DONE, OUTSIDE, PEER, RELEASED, Allotment, Verdict
from lti_tool.texts import Say
from recommender import peers

GOOD, FAIR = 0.667, 0.4
"""Krippendorff, 2004: from 0.667 on tentative conclusions may be drawn. Below 0.4 a rubric was hardly read alike."""
LEANS = 0.4
"""Levels from which on a page says that a reviewer is mild or strict."""


@dataclass(frozen=True)
class Book:
    """All that is known of a project of a class.

    Attributes:
        project: The project.
        setting: What is set.
        works: Every work, those withdrawn among them.
        verdicts: Everything that was said of them.
        allotted: Every allotment.
        teams: The team of each learner who sits in one.
    """

    project: Project
    setting: Setting
    works: Sequence[Handin]
    verdicts: Sequence[Verdict]
    allotted: Sequence[Allotment]
    teams: Mapping[str, str]

    @property
    def there(self) -> list[Handin]:
        """The works that are there: a decision among them or not."""
        return [one for one in self.works if one.there]

    @cached_property
    def decided(self) -> dict[str, Verdict]:
        """The decision on each work that has one."""
        return {one.work: one for one in self.verdicts if one.kind == DECISION}

    @cached_property
    def authors(self) -> dict[str, str]:
        """Which learner wrote each review, by the key of the allotment."""
        return {one.key: one.learner for one in self.allotted}

    @cached_property
    def reviews(self) -> list[peers.Review]:
        """The reviews of peers, in the order of `heard`."""
        return [peers.Review(self.authors.get(one.source, ""), one.work, one.opinion.levels) for one in self.heard]

    @cached_property
    def heard(self) -> list[Verdict]:
        """What peers said of works that are there, by the rubric as it is."""
        there, count = {one.key for one in self.there}, len(self.project.rubric)
        return [
            one
            for one in self.verdicts
            if one.kind == PEER and one.work in there and len(one.opinion.levels) == count
        ]  # fmt: skip

    @cached_property
    def weighed(self) -> list[peers.Weighed]:
        """Each of `reviews` beside the others."""
        said = {work: one.opinion.levels for work, one in self.decided.items()}
        return peers.weigh(self.reviews, {work: levels for work, levels in said.items() if self._fits(levels)})

    @cached_property
    def standing(self) -> dict[str, peers.Standing]:
        """What the reviews of each work say together."""
        return peers.standings(self.reviews)

    @cached_property
    def far(self) -> set[str]:
        """Works with a review that is far from the others."""
        return {review.work for review, beside in zip(self.reviews, self.weighed, strict=True) if beside.far}

    def _fits(self, levels: Sequence[int]) -> bool:
        return len(levels) == len(self.project.rubric)


@dataclass(frozen=True)
class Row:
    """A work in the list.

    Attributes:
        work: Its key.
        learner: Pseudonym.
        team: Of the learner, in words; empty without one.
        when: When the version that counts came.
        late: Whether that was after the deadline.
        peer: What peers say together, in words.
        outside: How many from outside judged, in words; empty if none did.
        far: Whether a review of it is far from the others.
        decision: Points in words; empty before a decision.
    """

    work: str
    learner: str
    team: str
    when: str
    late: bool
    peer: str
    outside: str
    far: bool
    decision: str


@dataclass(frozen=True)
class Page:
    """The list of works and what reviews say together.

    Attributes:
        count: In words.
        rows: Those without a decision first.
        withdrawn: In words; empty if nobody did.
        given: How many reviews are done of how many, in words; empty before any were given out.
        lacking: In words; empty if none lacks any.
        agreement: In words.
        yes: How many learners let reviewers from outside in.
        all: How many works are there.
    """

    count: str
    rows: list[Row]
    withdrawn: str
    given: str
    lacking: str
    agreement: str
    yes: int
    all: int


def page(book: Book, say: Say, *, zone: ZoneInfo) -> Page:
    """The list of works.

    Args:
        book: What is known.
        say: How to say a text.
        zone: In which moments are shown.
    """
    rows = [_row(book, one, say, zone) for one in book.there]
    gone = sum(not one.there and bool(one.withdrawn) for one in book.works)
    late = sum(row.late for row in rows)
    return Page(
        count=say("marking.counts", count=len(rows), late=late, decided=sum(bool(row.decision) for row in rows)),
        rows=sorted(rows, key=lambda row: (bool(row.decision), row.when)),
        withdrawn=say("marking.withdrawn", count=gone) if gone else "",
        given=_given(book, say),
        lacking=_lacking(book, say),
        agreement=_agreement(book, say),
        yes=sum(one.outside for one in book.there),
        all=len(book.there),
    )


def choices(catalog: Catalog, counts: Mapping[str, int], language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The projects of a catalog by course, each with how many works it has: those with works first."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for name, course, project in judging.every(catalog):
        here = found.setdefault(course.name[language], [])
        here.append((name, project.name[language], counts.get(name, 0)))
    ordered = sorted(found.items(), key=lambda pair: not any(count for _, _, count in pair[1]))
    return [(over, [(name, f"{called} ({count})" if count else called) for name, called, count in listed])
            for over, listed in ordered]  # fmt: skip


def hints(verdicts: Sequence[Verdict], say: Say) -> dict[int, str]:
    """What others say of each criterion of a work, by its place."""
    said = [peers.Review(one.key, one.work, one.opinion.levels) for one in verdicts if one.kind == PEER]
    standing = next(iter(peers.standings(said).values()), None)
    found: dict[int, str] = {}
    if standing is not None:
        found = {
            place: say("marking.hint", count=standing.count, level=f"{level:g}")
            for place, level in enumerate(standing.middle)
        }
    for one in verdicts:
        if one.kind == OUTSIDE:
            for place, level in enumerate(one.opinion.levels):
                told = say("marking.hint.outside", level=level)
                found[place] = f"{found[place]} {told}" if place in found else told
    return found


def others(book: Book, work: Handin, language: str, say: Say, *, zone: ZoneInfo) -> list[Said]:
    """What others say of one work: peers with whose review it is, then reviewers from outside."""
    beside = {one.key: (review, weight) for one, review, weight in zip(
        book.heard, book.reviews, book.weighed, strict=True)}  # fmt: skip
    leaning = peers.leanings(book.reviews, book.weighed)
    found = []
    for one in sorted(book.verdicts, key=lambda one: (one.kind != PEER, one.at)):
        if one.work != work.key or one.kind == DECISION:
            continue
        who, flag = judging.called(one, 0, say), ""
        if one.key in beside:
            review, weight = beside[one.key]
            code = review.by[: classroom.CODE]
            who = say("marking.who.peer", code=code) if code else say("marking.who.gone")
            flag = _flag(weight, leaning.get(review.by, 0.0), say, decided=work.key in book.decided)
        when = judging.moment(one.at, zone)
        found.append(judging.said(one, book.project, language, say, who=who, when=when, flag=flag))
    return found


def following(book: Book, work: Handin) -> str:
    """The key of another work without a decision; empty where each has one."""
    open_ = [one for one in book.there if one.key not in book.decided and one.key != work.key]
    waiting = sorted(open_, key=lambda one: (one.versions[-1].at, one.key))
    return waiting[0].key if waiting else ""


def team(book: Book, learner: str, say: Say) -> str:
    """The team of a learner in words; empty without one."""
    found = book.teams.get(learner, "")
    return say("marking.team", team=found.rpartition("/")[2]) if found else ""


def address(one: Address, label: str, *, now: float, zone: ZoneInfo, say: Say) -> tuple[str, str, str, bool]:
    """An address in a list: its id, its label, its state in words, whether it holds."""
    if one.revoked:
        words = say("marking.outside.revoked", when=judging.moment(one.revoked, zone))
    else:
        told = "until" if one.holds(now) else "over"
        words = say(f"marking.outside.{told}", when=judging.moment(one.until, zone))
    return one.id, label, words, one.holds(now)


def line(one: Entry, zone: ZoneInfo, say: Say) -> str:
    """A line of the log in words."""
    when, what = judging.moment(one.at, zone), say(f"marking.log.{one.act}")
    return say("marking.log.line", when=when, what=what, code=one.by[: classroom.CODE])


def _row(book: Book, work: Handin, say: Say, zone: ZoneInfo) -> Row:
    version = projects.counted(work, book.setting.due) or work.versions[-1]
    together, decision = book.standing.get(work.key), book.decided.get(work.key)
    best = LEVELS * len(book.project.rubric)
    outside = sum(one.kind == OUTSIDE and one.work == work.key for one in book.verdicts)
    return Row(
        work=work.key,
        learner=work.learner,
        team=team(book, work.learner, say),
        when=judging.moment(version.at, zone),
        late=projects.late(version, book.setting.due),
        peer=""
        if together is None
        else say("marking.peer.count", points=f"{sum(together.middle):g}", most=best, count=together.count),
        outside=say("marking.outside.count", count=outside) if outside else "",
        far=work.key in book.far,
        decision="" if decision is None else say("judging.points", points=marks.points(decision.opinion), most=best),
    )


def _given(book: Book, say: Say) -> str:
    live = [one for one in book.allotted if one.state != RELEASED]
    if not book.setting.given:
        return ""
    return say("marking.peers.state", done=sum(one.state == DONE for one in live), count=len(live))


def _lacking(book: Book, say: Say) -> str:
    """How many reviews works go without: fewer are done or on their way than each should have."""
    if not book.setting.given or not book.setting.reviews:
        return ""
    has: dict[str, int] = {one.key: 0 for one in book.there}
    heard = {one.source for one in book.heard}
    for one in book.allotted:
        if one.work in has and (one.state not in {DONE, RELEASED} or one.key in heard):
            has[one.work] += 1
    lacks = {work: book.setting.reviews - count for work, count in has.items() if count < book.setting.reviews}
    return say("marking.lacking", works=len(lacks), lacking=sum(lacks.values())) if lacks else ""


def _agreement(book: Book, say: Say) -> str:
    alpha = peers.agreement(book.reviews)
    if alpha is None:
        return say("marking.agreement.none")
    grade = "good" if alpha >= GOOD else "fair" if alpha >= FAIR else "poor"
    return say("marking.agreement", alpha=f"{alpha:.2f}", words=say(f"marking.agreement.{grade}"))


def _flag(weight: peers.Weighed, leaning: float, say: Say, *, decided: bool) -> str:
    told = []
    if weight.far and weight.apart is not None:
        told.append(say("marking.flag.decision" if decided else "marking.flag", apart=f"{weight.apart:.1f}"))
    if abs(leaning) >= LEANS:
        told.append(say(f"marking.leaning.{'mild' if leaning > 0 else 'strict'}", by=f"{abs(leaning):.1f}"))
    return " ".join(told)
