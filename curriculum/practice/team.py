"""An order of the whole flow as the work of a team: four roles, handovers between them, and what each counts. Floor 1.

Every question belongs to one role. A question that builds on another one opens once that is settled, which it is by any
answer: a wrong figure is corrected in the books, and the right one is handed on with its cause. So nobody's mistake
spoils a team-mate's work, and nobody can finish alone. Pure: who sits in a team is an argument.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from itertools import permutations
from typing import Any

import yaml

from curriculum import errors
from curriculum.practice import book
from curriculum.practice.task import Case, Step, Words

OPERATIONS, LOGISTICS, COMPLIANCE, FINANCE = ROLES = ("operations", "logistics", "compliance", "finance")
DESTINATIONS = ("eu", "uk", "us", "cn")
SIZES = (2, 3, 4)
BUNDLES: Mapping[int, tuple[tuple[str, ...], ...]] = {
    1: (ROLES,),
    2: ((OPERATIONS, FINANCE), (LOGISTICS, COMPLIANCE)),
    3: ((OPERATIONS, LOGISTICS), (COMPLIANCE,), (FINANCE,)),
    4: ((OPERATIONS,), (LOGISTICS,), (COMPLIANCE,), (FINANCE,)),
}
"""How a team of so many shares the roles: of all ways to do so, those with the most even numbers of questions, and of
these one that leaves most handovers between people."""
OWN = Decimal("0.7")
"""Share of a member's own answers in their score; the rest is the team's. More than half, so that nobody is carried or
sunk by others; and less than all, because a team whose members gain nothing by each other's success does not work
together (Slavin 1983, Psychological Bulletin 94(3), 429-445: individual accountability and a goal of the group)."""
SETTLED, OPEN, WAITS = "settled", "open", "waits"


@dataclass(frozen=True)
class Role:
    """A role of a team.

    Attributes:
        id: One of `ROLES`.
        name: What a page shows.
        about: What it does, in one sentence.
        parts: Groups of steps that it answers.
    """

    id: str
    name: Words
    about: Words
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """How it stands with one question of a team.

    Attributes:
        position: Of the step in the case, from 0.
        step: The question.
        role: Whose it is, one of `ROLES`.
        state: `SETTLED`, `OPEN` or `WAITS`.
        waits: Ids of the steps that are not settled yet and that it builds on; empty unless it waits.
        why: Why it builds on them; None where it builds on nothing.
    """

    position: int
    step: Step
    role: str
    state: str
    waits: tuple[str, ...] = ()
    why: Words | None = None


@dataclass(frozen=True)
class Share:
    """What a member brought in.

    Attributes:
        answered: How many of their questions are settled by them.
        right: How many of those were right.
        total: How many questions are theirs.
        points: What their answers are worth: hints taken off, parts that are right counted; None: as many as are right.
    """

    answered: int
    right: int
    total: int
    points: Decimal | None = None


@functools.cache
def pages() -> Mapping[str, Any]:
    """The file of the teams, as plain data."""
    text = resources.files("curriculum").joinpath("data", "team.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


@functools.cache
def roles() -> Mapping[str, Role]:
    """The four roles by id, in their order."""
    return {raw["id"]: Role(raw["id"], raw["name"], raw["about"], tuple(raw["parts"])) for raw in pages()["roles"]}


@functools.cache
def needs() -> Mapping[str, tuple[str, ...]]:
    """Which steps a step builds on, by its id; nothing for those that build on none."""
    return {raw["step"]: tuple(raw["for"]) for raw in pages()["waits"]}


def kind_of(destination: str) -> str:
    """The kind of case that a team of this destination works on.

    Raises:
        errors.UnknownReference: No order of the flow goes there.
    """
    if destination not in DESTINATIONS:
        raise errors.UnknownReference(book.CATALOG, "destination of a team", destination)
    return f"flow_{destination}"


def read(subject: str) -> tuple[str, int] | None:
    """Destination and size of teams that a link asks for; None where it asks for nothing that there is.

    >>> read("eu.3"), read("eu.9"), read("mars.3"), read("eu")
    (('eu', 3), None, None, None)
    """
    destination, _, size = subject.partition(".")
    if destination not in DESTINATIONS or size not in {str(one) for one in SIZES}:
        return None
    return destination, int(size)


def name(destination: str) -> Words:
    """What a page calls the task of a team.

    Raises:
        errors.UnknownReference: No order of the flow goes there.
    """
    kind_of(destination)
    return book.filled(pages()["name"], {"place": pages()["places"][destination]})


def choice(destination: str, size: int) -> Words:
    """What whoever adds the task to a course reads: where the order goes, and how many are in a team.

    Raises:
        errors.UnknownReference: No order of the flow goes there.
    """
    kind_of(destination)
    return book.filled(pages()["choice"], {"place": pages()["places"][destination], "size": str(size)})


def about() -> Words:
    """What a team does, in one sentence."""
    words: Words = pages()["about"]
    return words


def minutes(destination: str, size: int) -> int:
    """About how long an order takes a team: that of one person, shared, and half as long again for what waits."""
    whole = next(kind.minutes for kind in book.kinds() if kind.id == kind_of(destination))
    return round(whole * 1.5 / size)


def role_of(step: Step) -> str:
    """The role that answers a step.

    Raises:
        errors.UnknownReference: Its part belongs to none: it is no step of the flow.
    """
    for role in roles().values():
        if step.group in role.parts:
            return role.id
    raise errors.UnknownReference(book.CATALOG, "part of a team's case", step.group)


def skills(case: Case) -> Mapping[str, tuple[str, ...]]:
    """The skills that each role needs in a case, by role, a skill as often as it is asked about."""
    return {role: tuple(step.skill for step in case.steps if role_of(step) == role) for role in ROLES}


def shared(
    members: Sequence[str], worth: Mapping[str, Mapping[str, float]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Share the roles out, so that every one has a member.

    Args:
        members: One to four of them; the first of equal ways is taken, in their order.
        worth: By member and role, how good it is that this member has this role, such as their mastery of its skills;
            what is not said is 0.

    Returns:
        The roles of each member, in the order of `ROLES`; empty without members.

    Raises:
        ValueError: More members than roles.

    Examples:
        >>> shared(["a", "b"])
        {'a': ('operations', 'finance'), 'b': ('logistics', 'compliance')}
        >>> shared(["a", "b"], {"a": {"compliance": 1.0}})["a"]
        ('logistics', 'compliance')
    """
    if len(members) > len(ROLES):
        message = f"members: {len(members)}, at most {len(ROLES)} share the roles"
        raise ValueError(message)
    if not members:
        return {}
    told = worth or {}
    bundles = BUNDLES[len(members)]

    def value(order: Sequence[int]) -> float:
        return sum(
            told.get(member, {}).get(role, 0.0)
            for member, place in zip(members, order, strict=True)
            for role in bundles[place]
        )

    best = max(permutations(range(len(members))), key=value)
    return {member: bundles[place] for member, place in zip(members, best, strict=True)}


def board(case: Case, settled: Collection[str]) -> tuple[Place, ...]:
    """How it stands with every question.

    Args:
        case: Of the flow.
        settled: Ids of the steps that were answered, right or wrong.
    """
    why = {raw["step"]: raw["why"] for raw in pages()["waits"]}
    here = {step.id for step in case.steps}
    found = []
    for position, step in enumerate(case.steps):
        waits = tuple(one for one in needs().get(step.id, ()) if one in here and one not in settled)
        state = SETTLED if step.id in settled else WAITS if waits else OPEN
        words = None if state == SETTLED else why.get(step.id)
        found.append(Place(position, step, role_of(step), state, waits if state == WAITS else (), words))
    return tuple(found)


def note(given: Words, right: Words) -> Words:
    """What the books say where an answer was not right: that the right one is handed on.

    Args:
        given: What was answered, as a page shows it; an empty text if the answer was asked for.
        right: The right one.
    """
    return book.filled(pages()["bookkeeper" if given["en"] else "unsaid"], {"given": given, "right": right})


def share(case: Case, held: Collection[str], mine: Mapping[str, bool], settled: Collection[str]) -> Share:
    """What a member brought in.

    Args:
        case: Of the flow.
        held: The roles that they have now.
        mine: By id of a step that they settled, whether the answer was right.
        settled: Ids of all settled steps: what somebody else settled in a role of theirs is not theirs.
    """
    open_ = sum(role_of(step) in held and step.id not in settled for step in case.steps)
    return Share(len(mine), sum(mine.values()), len(mine) + open_)


def score(own: Share, right: Decimal | int, total: int) -> Decimal:
    """A member's score, from 0 to 100: `OWN` of what was theirs, the rest of what the team made of the whole order.

    Args:
        own: What the member brought in.
        right: What the answers of the whole team are worth.
        total: Questions of the case.

    Examples:
        >>> score(Share(5, 5, 5), 10, 20), score(Share(5, 0, 5), 20, 20), score(Share(0, 0, 0), 10, 20)
        (Decimal('85.0'), Decimal('30.0'), Decimal('15.0'))
    """
    points = Decimal(own.right) if own.points is None else own.points
    mine = points / own.total if own.total else Decimal(0)
    team = Decimal(right) / total if total else Decimal(0)
    return (100 * (OWN * mine + (1 - OWN) * team)).quantize(Decimal("0.1"))
