"""The form of an opening, for a partner or an instructor who writes it for one; an opening in a list. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from curriculum.catalog import Catalog
from lti_tool import openings, texts
from lti_tool.openings import Opening, Text
from lti_tool.pages import judging, reasons
from lti_tool.partners import Partner
from lti_tool.texts import Say
from lti_tool.tool import Tool
from xapi_collector.keyring import Keyring

FIELDS = ("title", "place", "languages", "text", "how", "begins", "closes", "kind")
LEVEL = "level "
"""What the name of a field of a skill begins with; its id follows."""
LONGEST = 400 * 86_400.0
"""How far ahead an opening may close, in seconds."""


@dataclass(frozen=True)
class Skill:
    """A skill in the form: its id, its name, the level that is chosen; 0: not asked for."""

    id: str
    name: str
    level: int


@dataclass(frozen=True)
class Form:
    """The form.

    Attributes:
        role: Id of the role; empty before one is chosen.
        roles: Id, name, whether it is chosen.
        skills: Of the role.
        kinds: Id, name, whether it is chosen.
        values: What was typed, by field.
        problems: What lacks, in words.
    """

    role: str
    roles: list[tuple[str, str, bool]]
    skills: list[Skill]
    kinds: list[tuple[str, str, bool]]
    values: Mapping[str, str]
    problems: list[str]


@dataclass(frozen=True)
class Read:
    """What a form says, or what lacks (ids of texts below "partner.problem.")."""

    text: Text | None
    kind: str = ""
    role: str = ""
    targets: Mapping[str, int] | None = None
    begins: float = 0.0
    closes: float = 0.0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """An opening in a list.

    Attributes:
        id: Of the opening.
        text: What the partner wrote.
        kind: In words.
        role: Name of its role.
        skills: Each skill with the level that is asked for, in words.
        state: One of `openings.STATES`, or "over" of one that closed by itself.
        when: When it begins and closes, in words.
    """

    id: str
    text: Text
    kind: str
    role: str
    skills: list[str]
    state: str
    when: str


@dataclass(frozen=True)
class Look:
    """How openings are shown.

    Attributes:
        keyring: The institution's secrets.
        catalog: Of the course.
        language: "en" or "zh".
        zone: Of the days.
        now: Seconds since the epoch.
    """

    keyring: Keyring
    catalog: Catalog
    language: str
    zone: ZoneInfo
    now: float


def form(
    catalog: Catalog, language: str, say: Say, *, role: str = "", typed: Any = None, problems: tuple[str, ...] = ()
) -> Form:
    """The form, empty or as it was typed.

    Args:
        catalog: Of the course.
        language: "en" or "zh".
        say: How to say a text.
        role: Id of the role that was chosen.
        typed: The form that came back; None: none did.
        problems: What lacks.
    """
    role = role if role in catalog.roles else ""
    values = {name: (typed.get(name, "") if typed is not None else "") for name in FIELDS}
    wanted = catalog.roles[role].targets if role else {}
    return Form(
        role=role,
        roles=[(one.id, one.name[language], one.id == role) for one in catalog.roles.values()],
        skills=[
            Skill(
                one,
                reasons.short(catalog.skills[one].name[language]),
                target if typed is None else _level(typed.get(f"{LEVEL}{one}", "")),
            )
            for one, target in sorted(wanted.items(), key=lambda pair: -pair[1])
        ],
        kinds=[(one, say(f"seeking.kind.{one}"), one == values["kind"]) for one in openings.KINDS],
        values=values,
        problems=[say(f"partner.problem.{one}") for one in problems],
    )


def read(form_: Mapping[str, str], catalog: Catalog, *, zone: ZoneInfo, now: float) -> Read:
    """What a form says.

    Args:
        form_: The form.
        catalog: Of the course.
        zone: Of the days.
        now: Seconds since the epoch.
    """
    lines = {name: " ".join(form_.get(name, "").split())[: openings.LINE] for name in ("title", "place", "languages")}
    words = {name: form_.get(name, "").strip()[: openings.LETTERS] for name in ("text", "how")}
    role, kind = form_.get("role", ""), form_.get("kind", "")
    begins = judging.read_moment(form_.get("begins", ""), "00:00", zone)
    closes = judging.read_moment(form_.get("closes", ""), "", zone)
    asked = catalog.roles[role].targets if role in catalog.roles else {}
    targets = {one: level for one in asked if (level := _level(form_.get(f"{LEVEL}{one}", "")))}
    problems = tuple(
        code
        for code, wrong in (
            ("title", not lines["title"]),
            ("text", not words["text"]),
            ("kind", kind not in openings.KINDS),
            ("role", role not in catalog.roles),
            ("skills", not targets),
            ("begins", begins is None),
            ("closes", closes is None or not now < closes <= now + LONGEST),
        )
        if wrong
    )
    if problems or begins is None or closes is None:
        return Read(None, problems=problems)
    return Read(Text(**lines, **words), kind, role, targets, begins, closes)


def write(tool: Tool, partner: Partner, found: Read) -> Opening | None:
    """Keep an opening that waits; None where a partner has too many, or the form said nothing."""
    if found.text is None or found.targets is None:
        return None
    return openings.write(
        tool.storage,
        tool.keyring,
        partner,
        found.text,
        kind=found.kind,
        role=found.role,
        targets=found.targets,
        begins=found.begins,
        closes=found.closes,
        now=tool.now(),
        new_token=tool.new_token,
    )


def row(opening: Opening, look: Look) -> Row:
    """An opening in a list."""
    say, catalog, language, zone = texts.speaker(look.language), look.catalog, look.language, look.zone
    role = catalog.roles.get(opening.role)
    begins = _day(opening.begins, zone) if opening.begins else say("seeking.begins.open")
    return Row(
        id=opening.opening,
        text=openings.text(look.keyring, opening),
        kind=say(f"seeking.kind.{opening.kind}"),
        role="" if role is None else role.name[language],
        skills=[
            say("notice.level", name=reasons.short(catalog.skills[one].name[language]), level=level)
            for one, level in opening.targets.items()
            if one in catalog.skills
        ],
        state="over" if opening.state == openings.OPEN and not opening.takes(look.now) else opening.state,
        when=say("notice.when", begins=begins, closes=_day(opening.closes, zone)),
    )


def _level(text: str) -> int:
    return int(text) if text in {"1", "2", "3", "4", "5"} else 0


def _day(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}"
