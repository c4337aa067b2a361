"""What the page of a project shows a learner of their work and of others', as plain data: pure. Floor 3.

What peers say is shown when the learner has given their own reviews, or when no more can be given: nobody writes after
what they read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from curriculum.courses.tree import Project
from lti_tool import enclosures, projects, reviews, texts
from lti_tool.enclosures import Problem
from lti_tool.pages import judging
from lti_tool.pages.judging import Said
from lti_tool.projects import Handin, Setting, Version
from lti_tool.reviews import Allotment, Verdict
from lti_tool.texts import Say

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Look:
    """How a page looks at a project: in which language and zone, and when."""

    project: Project
    language: str
    zone: ZoneInfo
    now: float

    @property
    def say(self) -> Say:
        """How to say a text."""
        return texts.speaker(self.language)


@dataclass(frozen=True)
class Row:
    """A version: its id, when it came, what its file is, whether it counts, whether it is late."""

    id: str
    when: str
    file: str
    counts: bool
    late: bool


@dataclass(frozen=True)
class Own:
    """One's own work.

    Attributes:
        state: "none", "withdrawn", "handed" or "decided".
        words: The state in a sentence.
        versions: The newest first.
        outside: Whether reviewers from outside may see it.
        final: Whether it cannot be withdrawn any more.
    """

    state: str
    words: str
    versions: list[Row]
    outside: bool
    final: bool


@dataclass(frozen=True)
class Task:
    """A work to review: its letter, the key of the form, its state in words, whether it is done."""

    letter: str
    key: str
    words: str
    done: bool


@dataclass(frozen=True)
class Heard:
    """What was said of one's work: all that may be shown, and why some is not; how many reviews wait."""

    said: list[Said]
    note: str


def own(
    look: Look, setting: Setting, work: Handin | None, verdicts: Sequence[Verdict], allotted: Sequence[Allotment]
) -> Own:
    """One's own work in words.

    Args:
        look: How the page looks at the project.
        setting: What is set.
        work: What was handed in; None: nothing ever was.
        verdicts: What was said of it.
        allotted: What the learner reviews.
    """
    say, due = look.say, setting.due
    if work is None or not work.there:
        state = "none" if work is None or not work.withdrawn else "withdrawn"
        return Own(state, say(f"handing.state.{state}"), [], outside=False, final=False)
    counts = projects.counted(work, due)
    rows = [
        Row(
            one.id,
            judging.moment(one.at, look.zone),
            file(one, say),
            counts=one == counts,
            late=projects.late(one, due),
        )
        for one in reversed(work.versions)
    ]
    decided = any(one.kind == reviews.DECISION for one in verdicts)
    shown = next(row for row in rows if row.counts)
    state = "decided" if decided else "late" if shown.late else "handed"
    given = say("handing.state.reviews", count=len(allotted)) if allotted and not decided else ""
    words = " ".join(filter(None, (say(f"handing.state.{state}", when=shown.when), given)))
    return Own("decided" if decided else "handed", words, rows, outside=work.outside, final=decided)


def tasks(look: Look, setting: Setting, allotted: Sequence[Allotment]) -> list[Task]:
    """The works to review, each by a letter."""
    say, over = look.say, bool(setting.reviewed) and look.now > setting.reviewed
    return [
        Task(
            letter(place),
            one.key,
            say("handing.review.done", when=judging.moment(one.done, look.zone))
            if one.done
            else say("handing.review.over" if over else "handing.review.open"),
            done=bool(one.done),
        )
        for place, one in enumerate(allotted)
    ]


def heard(look: Look, setting: Setting, verdicts: Sequence[Verdict], allotted: Sequence[Allotment]) -> Heard:
    """What was said of one's own work; of peers only when one's own reviews are given, or cannot be given any more."""
    say = look.say
    decided = any(one.kind == reviews.DECISION for one in verdicts)
    over = bool(setting.reviewed) and look.now > setting.reviewed
    waits = any(not one.done for one in allotted) and not over and not decided
    shown: list[Said] = []
    hidden = number = 0
    for one in sorted(verdicts, key=lambda one: (one.kind != reviews.DECISION, one.at, one.key)):
        if one.kind == reviews.PEER:
            number += 1
            if waits:
                hidden += 1
                continue
        when = "" if one.kind == reviews.PEER else judging.moment(one.at, look.zone)
        who = judging.called(one, number, say)
        shown.append(judging.said(one, look.project, look.language, say, who=who, when=when))
    return Heard(shown, say("handing.said.waits", count=hidden) if hidden else "")


def letter(place: int) -> str:
    """The letter of a work among those that a learner reviews.

    >>> letter(0), letter(1)
    ('A', 'B')
    """
    return LETTERS[place % len(LETTERS)]


def form(sent: Mapping[str, str], count: int) -> tuple[list[str], list[str]]:
    """What a form by a rubric says: levels and sentences, by the place of their criterion.

    Args:
        sent: The form.
        count: Criteria.
    """
    places = range(count)
    return [sent.get(f"level-{one}", "") for one in places], [sent.get(f"words-{one}", "") for one in places]


def file(version: Version, say: Say) -> str:
    """What the file of a version is, in words; empty without one."""
    size = f"{max(1, round(version.size / 1024)):,}"
    return say(f"handing.file.{version.kind}", size=size) if version.kind else ""


def problem(one: Problem, say: Say) -> str:
    """Why something cannot be handed in, and what would be right."""
    return say(
        f"handing.problem.{one.code}",
        line=one.line,
        text=f"{enclosures.LONGEST_TEXT:,}",
        part=f"{enclosures.LONGEST_PART:,}",
        links=enclosures.MOST_LINKS,
        size=enclosures.LARGEST // 1024 // 1024,
    )
