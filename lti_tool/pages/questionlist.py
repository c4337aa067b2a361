"""The list of questions: of an area, or what a search and filters find, each with its tags. Floor 3.

A question is stale where a dated rule that it rests on, or that changes its skill, began, ended or was changed after
somebody last looked at it; it lacks a language where it says the same in both. Both are findings for a person to look
at, never a reason to ask it no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from curriculum import bank, check, contents, freshness, telling
from curriculum.bank import own
from curriculum.bank.entry import BLOOM, Entry
from curriculum.practice.task import FORMS
from lti_tool import editions
from lti_tool.pages import finding, questionview, rulebook
from lti_tool.pages.ruling import Desk

ASKED, RESTING, RETIRED, UNSOUND = STATES = ("asked", "resting", "retired", "unsound")
OWN, LACKS, STALE = MARKS = ("own", "lacks", "stale")
MOST = 60
"""Questions that a page lists where it searches."""
_NEWS = frozenset({freshness.OVERTAKEN, freshness.ENDED})


@dataclass(frozen=True)
class Asked:
    """What the list was asked for; an empty text asks for all.

    Attributes:
        area: Id of an area.
        skill: Id of a skill.
        form: One of `task.FORMS`.
        state: One of `STATES`.
        mark: One of `MARKS`.
        bloom: One of `BLOOM`.
        find: What is searched for, as it was typed.
        begun: Whether the area is one that the page begins with, and nobody chose.
    """

    area: str = ""
    skill: str = ""
    form: str = ""
    state: str = ""
    mark: str = ""
    bloom: str = ""
    find: str = ""
    begun: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether it asks for more than an area."""
        return any((self.skill, self.form, self.state, self.mark, self.bloom, finding.words(self.find)))


@dataclass(frozen=True)
class Row:
    """A question in the list.

    Attributes:
        id: Of the question.
        ask: What it asks, in the language of the page.
        skill: Id of its skill.
        form: One of `task.FORMS`.
        bloom: One of `BLOOM`.
        difficulty: 1 to 5, as it is declared.
        rule: Id of the dated rule that it rests on; empty if none.
        since: First day on which it is asked, or empty.
        until: Last day on which it is asked, or empty.
        state: One of `STATES`.
        own: Whether the institution wrote it.
        lacks: The language that it lacks: "en" or "zh"; empty if none.
        stale: Why it may not hold any more, in words; empty if nothing says so.
        why: What is wrong with one that is unsound.
    """

    id: str
    ask: str
    skill: str
    form: str
    bloom: str
    difficulty: int
    rule: str
    since: str
    until: str
    state: str
    own: bool
    lacks: str = ""
    stale: str = ""
    why: str = ""


@dataclass(frozen=True)
class Listed:
    """The list.

    Attributes:
        groups: By skill: its name, how many of its questions are asked and how many not, and those that are shown.
        count: How many were found.
        more: How many of them are not shown.
    """

    groups: list[tuple[str, tuple[int, int], list[Row]]]
    count: int
    more: int


def asked(desk: Desk, form: Mapping[str, str]) -> Asked:
    """What a form asks for; what it cannot ask for is as if it had not."""
    catalog = desk.taught.catalog

    def one(name: str, known: object) -> str:
        value = form.get(name, "")
        return value if value in known else ""  # type: ignore[operator]  # a container of texts

    find = form.get("find", "")[: finding.LONGEST]
    area = one("area", catalog.areas)
    found = Asked(
        area, one("of", catalog.skills), one("by_form", FORMS), one("by_state", STATES),
        one("by_mark", MARKS), one("by_bloom", BLOOM), find,
    )  # fmt: skip
    if found.narrowed and area and area == form.get("begun"):
        return replace(found, area="")  # nobody chose the area that a page begins with
    if found.area or found.narrowed:
        return found
    about = form.get("skill", "")  # of a question that was just written
    begun = catalog.skills[about].area if about in catalog.skills else next(iter(catalog.areas))
    return Asked(area=begun, begun=True)


def listed(desk: Desk, wanted: Asked) -> Listed:
    """The questions that were asked for, by skill."""
    catalog = desk.taught.catalog
    groups: list[tuple[str, tuple[int, int], list[Row]]] = []
    count = shown = 0
    reasons = stale(desk)
    words = finding.words(wanted.find)
    for skill in catalog.skills.values():
        if (wanted.area and skill.area != wanted.area) or (wanted.skill and skill.id != wanted.skill):
            continue
        every = list(_rows(desk, skill.id, reasons))
        kept = [row for row, text in every if _fits(row, wanted) and finding.found(words, text)]
        count += len(kept)
        part = kept[: MOST - shown] if wanted.narrowed else kept
        shown += len(part)
        if part or not wanted.narrowed:
            used = sum(row.state == ASKED for row, _ in every)
            groups.append((skill.name[desk.language], (used, len(every) - used), part))
    return Listed(groups, count, count - shown)


def stale(desk: Desk) -> dict[str, str]:
    """Questions that may not hold any more, each with the reason in words."""
    catalog, language = desk.taught.catalog, desk.language
    touched = looked(desk)
    news = freshness.findings(
        catalog,
        [one for one in rulebook.everything(catalog) if one.kind == contents.QUESTION],
        desk.day,
        looked=touched,
        since=catalog.dated,
    )
    found = {
        one.id: telling.say(one.why, language) for one in news if one.sort == contents.QUESTION and one.kind in _NEWS
    }
    edited = _edited(desk)
    for entry in bank.whole(catalog).entries.values():
        last = touched.get(entry.id, catalog.dated)
        day = edited.get(entry.rule)
        if entry.id not in found and day is not None and (last is None or last < day):
            found[entry.id] = desk.say("qlist.stale.edited", rule=entry.rule, day=day.isoformat())
    return found


def looked(desk: Desk) -> dict[str, date]:
    """When somebody last wrote or looked at a question, by its id; shipped ones that nobody did are not in it."""
    found = dict(editions.looked(desk.tool.storage, desk.name))
    for change in desk.taught.changes:
        for edit in change.edits:
            for one in edit.value.get("questions") or () if edit.act == "question.put" else ():
                found[one["id"]] = max(found.get(one["id"], date.min), _day(change.made))
    return found


def lacks(ask: Mapping[str, str], explanation: Mapping[str, str]) -> str:
    """The language that a question lacks: its Chinese is English, or its English Chinese; empty where it has both.

    >>> lacks({"en": "Who pays?", "zh": "Who pays?"}, {"en": "The buyer.", "zh": "The buyer."})
    'zh'
    >>> lacks({"en": "Who pays?", "zh": "谁付？"}, {"en": "The buyer.", "zh": "买方。"})
    ''
    """
    for text in (explanation, ask):
        (han, letters), (others, those) = (_han(text[language]) for language in check.LANGUAGES)
        if 2 * han > letters:
            return "en"
        if those and not others:
            return "zh"
    return ""


def _han(text: str) -> tuple[int, int]:
    """How many letters of a text are Chinese characters, and how many there are."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum("\u3400" <= letter <= "\u9fff" for letter in letters), len(letters)


def _rows(desk: Desk, skill: str, reasons: Mapping[str, str]) -> Iterator[tuple[Row, str]]:
    """The questions on a skill with the text that a search looks in; those that no longer fit at the end."""
    catalog, language = desk.taught.catalog, desk.language
    used = {entry.id for entry in bank.asked(catalog, skill, desk.day)}
    mine = {one["id"]: one for one in catalog.questions}
    name = " ".join(catalog.skills[skill].name.values())
    for entry in own.by_skill(catalog).get(skill, ()):
        state = ASKED if entry.id in used else RETIRED if questionview.ended(desk, entry.id) else RESTING
        yield (
            Row(
                entry.id,
                entry.ask[language],
                skill,
                entry.form,
                entry.bloom,
                entry.difficulty,
                entry.rule,
                entry.valid_from.isoformat() if entry.valid_from else "",
                entry.valid_to.isoformat() if entry.valid_to else "",
                state,
                entry.id in mine,
                lacks(entry.ask, entry.explanation),
                reasons.get(entry.id, ""),
            ),
            finding.plain(f"{entry.id} {name} {_text(entry)}"),
        )
    left = own.left(catalog)
    for id_ in left:
        if mine[id_]["skill"] == skill:
            raw = mine[id_]
            row = Row(
                id_, str(raw["ask"][language]), skill, raw["form"], str(raw.get("bloom")), raw["difficulty"],
                "", "", "", UNSOUND, True, why="; ".join(left[id_]),
            )  # fmt: skip
            yield row, finding.plain(f"{id_} {name} {raw['ask']}")


def _text(entry: Entry) -> str:
    """What a question says, in both languages."""
    told = (entry.story, entry.ask, entry.explanation, *(option.text for option in entry.options))
    sides = (side for pair in entry.pairs for side in (pair.left, pair.right))
    both = " ".join(text[language] for text in (*told, *sides) for language in check.LANGUAGES)
    return f"{both} {' '.join(entry.codes.accept)} {entry.rule}"


def _fits(row: Row, wanted: Asked) -> bool:
    marks = {OWN: row.own, LACKS: bool(row.lacks), STALE: bool(row.stale), "": True}
    return (
        (not wanted.form or row.form == wanted.form)
        and (not wanted.state or row.state == wanted.state)
        and (not wanted.bloom or row.bloom == wanted.bloom)
        and marks[wanted.mark]
    )


def _edited(desk: Desk) -> dict[str, date]:
    """The day on which the institution last changed a dated rule, by its id."""
    return {
        edit.subject: _day(change.made)
        for change in desk.taught.changes
        if change.kind == editions.RULE
        for edit in change.edits
    }


def _day(made: int) -> date:
    return datetime.fromtimestamp(made, UTC).date()
