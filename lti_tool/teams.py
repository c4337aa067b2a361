"""Teams of a link: who sits in which, what they answered, and what is settled for all. Floor 3.

Two records. A team knows its order, its seats with their roles, and which questions are settled; it names nobody. A
learner's record says on which seat they sit and what they answered; it goes with them when they are erased, and the
team goes on. A seat counts where both agree. Every change is compare-and-set, the learner's record first and the team's
after it: of two members at the same moment neither is lost, and what a crash left between the two is made up by
`settled_all` at the next page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from curriculum.practice import team as rules
from curriculum.practice.task import Case
from curriculum.practice.team import Share
from lti_tool.settings import TEAM_SEATS, TEAMS
from storage import errors as storage_errors
from storage.port import Storage

LARGEST = len(rules.ROLES)  # seats of a team: more would have no role
MOST = 400  # teams of a link


@dataclass(frozen=True)
class Chair:
    """A seat of a team: its name of chance, and the roles that whoever sits there has; none before the team begins."""

    seat: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settled:
    """A settled question: id of the step, whose seat, whether right, when; its worth where that is neither 0 nor 1."""

    step: str
    seat: str
    right: bool
    at: float
    worth: float | None = None


@dataclass(frozen=True)
class Team:
    """A team of a link.

    Attributes:
        link: Key of the resource link.
        team: Its number in the link, as text.
        destination: Where the order goes, one of `rules.DESTINATIONS`.
        size: How many may sit in it.
        number: Which order it is, from 1: a team may take another one after the first.
        seed: What the order is made from.
        on: The day it was begun with, as YYYY-MM-DD: its rules stay those of that day.
        mark: Of the case; where the data have changed since, it cannot be made again.
        total: How many questions it has.
        chairs: The seats.
        settled: In the order in which they were settled.
        begun: Seconds since the epoch: when the roles were shared; 0 while the team gathers.
        finished: Seconds; 0 while questions are open.
    """

    link: str
    team: str
    destination: str
    size: int
    number: int
    seed: int
    on: str
    mark: str
    total: int
    chairs: tuple[Chair, ...] = ()
    settled: tuple[Settled, ...] = ()
    begun: float = 0.0
    finished: float = 0.0

    @property
    def table(self) -> str:
        """Its key over all links."""
        return table(self.link, self.team)

    @property
    def steps(self) -> frozenset[str]:
        """Ids of the settled steps."""
        return frozenset(one.step for one in self.settled)

    @property
    def right(self) -> int:
        """How many settled questions were answered right."""
        return sum(one.right for one in self.settled)

    def roles(self, seat: str) -> tuple[str, ...]:
        """The roles of a seat; none where it is no seat of the team."""
        return next((chair.roles for chair in self.chairs if chair.seat == seat), ())


@dataclass(frozen=True)
class Answer:
    """What a member answered.

    Attributes:
        step: Id of the question.
        given: As `attempts.Answer` keeps it; empty if they asked to see the answer.
        right: Whether it was right.
        cause: Id of a misconception, "unknown", or empty.
        at: Seconds since the epoch.
        seconds: How long it took; None if that cannot be said.
        hints, worth: How many hints came before it; what it is worth, None: 1 if it is right.
    """

    step: str
    given: str
    right: bool
    cause: str
    at: float
    seconds: int | None
    hints: int = 0
    worth: float | None = None


@dataclass(frozen=True)
class Sitting:
    """A learner of a link, with a team or without one.

    Attributes:
        link: Key of the resource link.
        learner: Pseudonym.
        table: The team's key (`Team.table`); empty without one.
        seat: Name of their seat; empty without a team.
        zone: Minutes ahead of UTC, as they say; None if they do not.
        number: Of the order that the answers belong to.
        answers: In their order.
        shown: Seconds: when their next question was first shown; 0: it was not.
        sealed: Who they are at the platform, sealed, until the score of the order is queued.
        known: The name by which the platform's own events know them, sealed; empty if that is no other.
        scored: Number of the newest order whose score was handed to the gradebook's outbox.
        helps: One for each hint taken: number of the order and id of the step.
    """

    link: str
    learner: str
    table: str = ""
    seat: str = ""
    zone: int | None = None
    number: int = 0
    answers: tuple[Answer, ...] = field(default=())
    shown: float = 0.0
    sealed: str = field(default="", repr=False)
    known: str = field(default="", repr=False)
    scored: int = 0
    helps: tuple[str, ...] = ()

    def of(self, team: Team) -> tuple[Answer, ...]:
        """Their answers on the team's present order."""
        return self.answers if self.table == team.table and self.number == team.number else ()


Change = Callable[[Team], Team | None]
Move = Callable[[Sitting], Sitting | None]


def points(settled: Iterable[Settled]) -> Decimal:
    """What settled questions are worth together."""
    return sum((Decimal(str(one.right + 0 if one.worth is None else one.worth)) for one in settled), Decimal(0))


def table(link: str, team: str) -> str:
    """The key of a team over all links."""
    return f"{link}/{team}"


def of_link(storage: Storage, link: str) -> list[Team]:
    """The teams of a link by their numbers."""
    return sorted(map(_team, storage.find(TEAMS, {"link": link})), key=lambda one: int(one.team))


def find(storage: Storage, link: str, team: str) -> Team | None:
    """One team."""
    document = storage.get(TEAMS, (link, team))
    return None if document is None else _team(document)


def sitting(storage: Storage, pseudonyms: Sequence[str], link: str) -> Sitting:
    """A learner's record in a link; an empty one where there is none.

    Args:
        storage: The institution's store.
        pseudonyms: The learner's, the active key's first: while they are rotated it may stand under any.
        link: Key of the resource link.
    """
    present = _present(storage, pseudonyms, link)
    return Sitting(link, pseudonyms[0]) if present is None else _sitting(present)


def everybody(storage: Storage, link: str) -> list[Sitting]:
    """Every learner's record in a link, in the order of pseudonyms."""
    return [_sitting(document) for document in storage.find(TEAM_SEATS, {"link": link})]


def members(storage: Storage, team: Team) -> dict[str, Sitting]:
    """Who sits in a team, by seat, in the order of the seats: where the team's record and the learner's agree."""
    there = {one.seat: one for one in map(_sitting, storage.find(TEAM_SEATS, {"table": team.table}))}
    return {chair.seat: there[chair.seat] for chair in team.chairs if chair.seat in there}


def own(storage: Storage, sat: Sitting) -> Team | None:
    """The team that a learner sits in; None where the team does not know their seat."""
    if not sat.table:
        return None
    team = find(storage, *sat.table.rsplit("/", 1))
    return team if team and any(chair.seat == sat.seat for chair in team.chairs) else None


def found(storage: Storage, link: str, make: Callable[[str], Team]) -> Team:
    """Make a new team under the next free number.

    Args:
        storage: The institution's store.
        link: Key of the resource link.
        make: Makes the team of a number.

    Raises:
        ValueError: The link has `MOST` teams.
    """
    taken = {one.team for one in of_link(storage, link)}
    for number in range(1, MOST + 1):
        if str(number) in taken:
            continue
        made = make(str(number))
        try:
            storage.insert(TEAMS, _team_document(made))
        except storage_errors.DuplicateKey:
            continue  # somebody made a team of this number in the same moment
        return made
    message = f"teams: {MOST} in one link are enough"
    raise ValueError(message)


def sit(storage: Storage, pseudonyms: Sequence[str], team: Team, seat: str, *, late: bool = False) -> Team | None:
    """Sit down in a team, and leave the one that was.

    Args:
        storage: The institution's store.
        pseudonyms: The learner's, the active key's first.
        team: Where; as it is kept now decides, not as it was read.
        seat: A new name of chance.
        late: Whether a team may be joined that has begun: an instructor may, a learner may not.

    Returns:
        The team with the seat; None where it had no room (any more).
    """

    def seated(sat: Sitting) -> Sitting:
        return replace(sat, table=team.table, seat=seat, number=0, answers=(), shown=0.0, helps=())

    sat = change_sitting(storage, pseudonyms, team.link, seated)

    def joined(kept: Team) -> Team | None:
        there = members(storage, kept)  # of the very record that is replaced: nobody who came meanwhile is lost
        live = [chair for chair in kept.chairs if chair.seat in there or chair.seat == seat]
        if any(chair.seat == seat for chair in live):
            return kept
        room = LARGEST if late else kept.size
        if len(live) >= room or (kept.begun and not late):
            return None
        return replace(kept, chairs=(*live, Chair(seat)), size=max(kept.size, len(live) + 1))

    after = change(storage, team.link, team.team, joined)
    if after is None or sat is None or all(chair.seat != seat for chair in after.chairs):
        change_sitting(storage, pseudonyms, team.link, lambda kept: _up(kept) if kept.seat == seat else None)
        return None
    return after


def leave(storage: Storage, pseudonyms: Sequence[str], link: str) -> None:
    """Stand up; what was settled stays settled, and the seat is nobody's."""
    before = sitting(storage, pseudonyms, link)
    team = own(storage, before)
    change_sitting(storage, pseudonyms, link, lambda kept: _up(kept) if kept.table else None)
    if team is not None:
        change(
            storage,
            link,
            team.team,
            lambda kept: replace(kept, chairs=tuple(chair for chair in kept.chairs if chair.seat != before.seat)),
        )


def begin(
    storage: Storage, team: Team, now: float, worth: Mapping[str, Mapping[str, float]] | None = None
) -> Team | None:
    """Share the roles among those who sit there: a team that gathers begins, one that has begun shares anew.

    Who has answered in a role keeps it as far as that is possible, so that a change of members moves little.

    Args:
        storage: The institution's store.
        team: As it was read.
        now: Seconds since the epoch.
        worth: By seat and role, how good it is that this seat has the role; None: their order decides.

    Returns:
        The team as it is kept now; None if it is gone.
    """

    def shared(kept: Team) -> Team | None:
        live = tuple(members(storage, kept))
        if not live:
            return replace(kept, chairs=()) if kept.chairs else kept
        held = {chair.seat: dict.fromkeys(chair.roles, 100.0) for chair in kept.chairs}
        given = rules.shared(live, held if kept.begun else worth)
        chairs = tuple(Chair(seat, given[seat]) for seat in live)
        return replace(kept, chairs=chairs, begun=kept.begun or now, size=max(kept.size, len(live)))

    return change(storage, team.link, team.team, shared)


def renew(storage: Storage, team: Team, make: Callable[[Team], Team], now: float) -> Team | None:
    """Give a team another order, with its roles turned by one seat: who did finance does operations next.

    Args:
        storage: The institution's store.
        team: As it was read: once for this number, however often it is asked for.
        make: The team with the seed, day, mark and total of a new order.
        now: Seconds since the epoch.
    """

    def renewed(kept: Team) -> Team | None:
        if kept.number != team.number:
            return kept
        roles = [chair.roles for chair in kept.chairs]
        turned = [*roles[-1:], *roles[:-1]]
        chairs = tuple(replace(chair, roles=own_) for chair, own_ in zip(kept.chairs, turned, strict=True))
        fresh = replace(make(kept), number=kept.number + 1, chairs=chairs, settled=(), finished=0.0)
        return replace(fresh, begun=now if kept.begun else 0.0)

    return change(storage, team.link, team.team, renewed)


def answer(storage: Storage, pseudonyms: Sequence[str], team: Team, given: Answer) -> tuple[Team | None, bool]:
    """Keep a member's answer, once, and settle its question for the team.

    Args:
        storage: The institution's store.
        pseudonyms: The learner's, the active key's first.
        team: Theirs, as it was read: its number says which order is meant.
        given: On a step that is open and theirs.

    Returns:
        The team as it is now (None: it is gone), and whether this call gave the answer that counts.
    """
    wrote = False

    def answered(sat: Sitting) -> Sitting | None:
        nonlocal wrote
        wrote = False
        earlier = sat.of(team)
        if sat.table != team.table or any(one.step == given.step for one in earlier):
            return None
        wrote = True
        return replace(sat, number=team.number, answers=(*earlier, given), shown=0.0)

    sat = change_sitting(storage, pseudonyms, team.link, answered)
    if sat is None or not wrote:
        return find(storage, team.link, team.team), False
    after = change(storage, team.link, team.team, lambda kept: _settled(kept, team.number, [(sat.seat, given)]))
    # Another page may have settled it meanwhile (`settled_all`): what counts is whose answer it is, and who kept it.
    mine = after is not None and any((one.step, one.seat) == (given.step, sat.seat) for one in after.settled)
    return after, mine


def settled_all(storage: Storage, team: Team, there: Mapping[str, Sitting]) -> Team:
    """The team with every answer of its members settled: what a crash left between the two records is made up.

    Args:
        storage: The institution's store.
        team: As it was read.
        there: Its members (`members`), read after it.
    """
    missing = [(seat, one) for seat, sat in there.items() for one in sat.of(team) if one.step not in team.steps]
    if not missing:
        return team
    after = change(storage, team.link, team.team, lambda kept: _settled(kept, team.number, missing))
    return team if after is None else after


def share(case: Case, team: Team, seat: str) -> Share:
    """What whoever has a seat brought in: a question counts for the seat that settled it.

    Args:
        case: The team's.
        team: As it is kept.
        seat: One of its seats.
    """
    mine = [one for one in team.settled if one.seat == seat]
    found = rules.share(case, team.roles(seat), {one.step: one.right for one in mine}, team.steps)
    return replace(found, points=points(mine))


def drop(storage: Storage, team: Team) -> None:
    """Take a team away that nobody sits in, if nothing of it has changed since it was read."""
    storage.delete(TEAMS, (team.link, team.team), expected=_team_document(team))


def remove(storage: Storage, link: str) -> None:
    """Remove the teams of a link whose platform is removed, and who sat in them."""
    for sat in everybody(storage, link):
        storage.delete(TEAM_SEATS, (link, sat.learner))
    for team in of_link(storage, link):
        storage.delete(TEAMS, (link, team.team))


def change(storage: Storage, link: str, team: str, make: Change) -> Team | None:
    """Change a team, whatever others write at the same time.

    Args:
        storage: The institution's store.
        link: Key of the resource link.
        team: Its number.
        make: From what is there to what shall be; None: leave it, and answer None.

    Returns:
        The team as it is now; None if there is none, or `make` refused.
    """
    while True:
        document = storage.get(TEAMS, (link, team))
        if document is None:
            return None
        kept = _team(document)
        wanted = make(kept)
        if wanted is None or wanted == kept:
            return wanted
        if storage.replace(TEAMS, _team_document(wanted), expected=document):
            return wanted


def change_sitting(storage: Storage, pseudonyms: Sequence[str], link: str, make: Move) -> Sitting | None:
    """Change a learner's record, whatever other windows of theirs write at the same time.

    Args:
        storage: The institution's store.
        pseudonyms: The learner's, the active key's first.
        link: Key of the resource link.
        make: From what is there (an empty record where nothing is) to what shall be; None: leave it, and answer None.
    """
    while True:
        document = _present(storage, pseudonyms, link)
        kept = Sitting(link, pseudonyms[0]) if document is None else _sitting(document)
        wanted = make(kept)
        if wanted is None or wanted == kept:
            return wanted
        if storage.replace(TEAM_SEATS, _sitting_document(wanted), expected=document):
            return wanted


def _settled(team: Team, number: int, given: Iterable[tuple[str, Answer]]) -> Team:
    """A team with answers settled; the first on a question counts, and none of another order."""
    if team.number != number:
        return team
    settled, steps = list(team.settled), set(team.steps)
    for seat, one in given:
        if one.step not in steps:
            settled.append(Settled(one.step, seat, one.right, one.at, one.worth))
            steps.add(one.step)
    finished = max((one.at for one in settled), default=0.0) if len(settled) == team.total else 0.0
    return replace(team, settled=tuple(settled), finished=finished)


def _up(sat: Sitting) -> Sitting:
    """A learner without a team."""
    return replace(sat, table="", seat="", number=0, answers=(), shown=0.0, helps=())


def _present(storage: Storage, pseudonyms: Sequence[str], link: str) -> dict[str, Any] | None:
    keys = [(link, pseudonym) for pseudonym in pseudonyms]
    kept = storage.get_many(TEAM_SEATS, keys)
    return next((kept[key] for key in keys if key in kept), None)


def _team(document: Mapping[str, Any]) -> Team:
    chairs = tuple(Chair(one["seat"], tuple(one["roles"])) for one in document["chairs"])
    return Team(**{**document, "chairs": chairs, "settled": tuple(Settled(**one) for one in document["settled"])})


def _team_document(team: Team) -> dict[str, Any]:
    chairs = [{"seat": chair.seat, "roles": list(chair.roles)} for chair in team.chairs]
    return {**asdict(team), "chairs": chairs, "settled": [asdict(one) for one in team.settled]}


def _sitting(document: Mapping[str, Any]) -> Sitting:
    lists = {"answers": tuple(Answer(**one) for one in document["answers"]), "helps": tuple(document.get("helps", ()))}
    return Sitting(**{**document, **lists})


def _sitting_document(sat: Sitting) -> dict[str, Any]:
    return {**asdict(sat), "answers": [asdict(one) for one in sat.answers], "helps": list(sat.helps)}
