"""The teams of a link for whoever teaches: a proposal with reasons, moved by hand, confirmed; and what each brings in.

Floor 3. A bearer names the course, and nothing that a form sends can name another. Names are not at rest: whoever asks
for them has them read from the platform, for this page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request

from curriculum.practice import team as rules
from curriculum.practice.task import Case
from lti_tool import teams, texts
from lti_tool.courses import Link
from lti_tool.pages import classroom, gate, teaching, teamboard, teamtable
from lti_tool.pages.gate import Guest
from lti_tool.pages.teaching import Desk
from lti_tool.pages.teamboard import Floats
from lti_tool.permissions import Permission
from lti_tool.roster.deeds import Deeds
from lti_tool.teams import Sitting, Team
from lti_tool.tool import Tool

MOST_SEEDS = 999
FIELD = "to:"
"""Before the id of a learner: the number of their team, or nothing."""


@dataclass(frozen=True)
class Board:
    """A request's view of the teams of one link.

    Attributes:
        desk: The class.
        link: The link; its custom parameters say what the teams do.
        destination: Where their orders go.
        size: How many are in a team where nothing else is said.
        seed: Which proposal is shown.
        within: Whether a proposal keeps to the groups of the course.
        standing: The teams of the link.
        sittings: Every learner's record by pseudonym.
    """

    desk: Desk
    link: Link
    destination: str
    size: int
    seed: int
    within: bool
    standing: Sequence[Team]
    sittings: Mapping[str, Sitting]

    @property
    def seated(self) -> dict[str, str]:
        """The number of the team of each learner of the class who sits in one."""
        chairs = {team.table: (team.team, {chair.seat for chair in team.chairs}) for team in self.standing}
        found = {}
        for learner, sat in self.sittings.items():
            number, seats = chairs.get(sat.table, ("", set()))
            if sat.seat in seats:
                found[learner] = number
        return found


def blueprint(tool: Tool) -> Blueprint:
    """The forms of the page."""
    views = Blueprint("forming", __name__)

    @views.post("/lti/teams")
    def shown() -> Response:
        return _show(teaching.posted(tool))

    @views.post("/lti/teams/form")
    def formed() -> Response:
        desk = teaching.posted(tool)
        board = _board(desk)
        return _show(desk, told="" if board is None else _arrange(board))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a team task opens for whoever teaches."""
    gate.require(guest.person, Permission.SEE_CLASS)
    return _show(teaching.entered(tool, guest))


def _board(desk: Desk) -> Board | None:
    """The teams of the link that is asked for, else that was opened, else the first of the course; None: of none."""
    tool, form = desk.tool, request.form
    listed = [one for one in desk.linked if _asks(one) is not None]
    wished = (form.get("link", ""), desk.guest.person.link)
    link = next((one for wish in wished for one in listed if one.link == wish), listed[0] if listed else None)
    asked = None if link is None else _asks(link)
    if link is None or asked is None:
        return None
    size = form.get("size", "")
    seed = form.get("seed", "")
    return Board(
        desk=desk,
        link=link,
        destination=asked[0],
        size=int(size) if size in {str(one) for one in rules.SIZES} else asked[1],
        seed=int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 4 else 1,
        within=form.get("within") == "1",
        standing=teams.of_link(tool.storage, link.link),
        sittings={one.learner: one for one in teams.everybody(tool.storage, link.link)},
    )


def _asks(link: Link) -> tuple[str, int] | None:
    opens = link.opens or {}
    return rules.read(opens.get("team", "")) if opens.get("activity") == "team" else None


def _show(desk: Desk, told: str = "") -> Response:
    board = _board(desk)
    links = [(one.link, one.title) for one in desk.linked if _asks(one) is not None]
    if board is None:
        return teaching.page(desk, "teams.html", board=None, links=links, told=told)
    say = texts.speaker(desk.language)
    known, problem = teaching.known_of(desk)
    seated = board.seated
    free = [one for one in desk.people if one not in seated]
    candidates = teamboard.Candidates(
        desk.catalog,
        _sample(board),
        free,
        teamboard.standing(desk.catalog, free, known.deeds),
        teamboard.zones(free, board.sittings),
        _parts(board, free),
    )
    groups = teamboard.formed(candidates, board.size, board.seed)
    numbers = _numbers(board.standing, max(len(groups), 1))
    proposed = teamboard.proposal(candidates, groups, numbers[: len(groups)], desk.language)
    wanted = {one.learner: group.number for group in proposed for one in group.members}
    return teaching.page(
        desk,
        "teams.html",
        board=board,
        links=links,
        told=told,
        name=rules.name(board.destination)[desk.language],
        teams=[_shown(board, team, say) for team in board.standing],
        proposed=proposed,
        known=candidates.known,
        rows=[(one, seated.get(one) or wanted.get(one, "")) for one in desk.people],
        numbers=[team.team for team in board.standing] + numbers,
        free=len(free),
        grouped=any(one.groups for one in desk.present),
        sizes=rules.SIZES,
        field=FIELD,
        most=teams.LARGEST,
        next_seed=board.seed % MOST_SEEDS + 1,
        called={one: known.names.get(one, "") for one in desk.people},
        names_problem=problem,
        own_share=round(100 * rules.OWN),
    )


def _shown(board: Board, team: Team, say: texts.Say) -> teamboard.Shown:
    by_seat = {sat.seat: sat for sat in board.sittings.values() if sat.table == team.table}
    there = {chair.seat: by_seat[chair.seat] for chair in team.chairs if chair.seat in by_seat}
    return teamboard.shown(team, teamtable.case_of(board.desk.tool, team), there, board.desk.language, say)


def _parts(board: Board, free: Sequence[str]) -> list[str]:
    """The group of the course that each learner stays in: their first one; nothing where that is not asked for."""
    groups = {one.learner: one.groups for one in board.desk.present}
    return [next(iter(groups[one]), "") for one in free] if board.within else []


def _sample(board: Board) -> Case:
    """An order of the link, for what its questions ask: which skills those are does not depend on the figures."""
    tool = board.desk.tool
    return teamtable.case_of(tool, teamtable.made(tool, board.link.link, board.destination, board.size, "1"))


def _numbers(standing: Sequence[Team], count: int) -> list[str]:
    """The next free numbers of teams."""
    taken = {int(team.team) for team in standing}
    free = (number for number in range(1, teams.MOST + 1) if number not in taken)
    return [str(number) for number, _ in zip(free, range(count), strict=False)]


# What the form asks for


def _arrange(board: Board) -> str:
    """Seat the learners of the class as the form says, all or nothing; what was done, as a suffix of `teams.told`."""
    seated = board.seated
    wanted = _wanted(board, seated)
    if wanted is None:
        return "unknown"
    after = Counter(number for number in {**seated, **wanted}.values() if number)
    if any(count > teams.LARGEST for count in after.values()):
        return "many"
    moves = {learner: number for learner, number in wanted.items() if number != seated.get(learner, "")}
    touched = _moved(board, moves, seated)
    known, _ = teaching.known_of(board.desk)
    for team in teams.of_link(board.desk.tool.storage, board.link.link):
        _settle(board, team, known.deeds, changed=team.team in touched)
    return "formed"


def _wanted(board: Board, seated: Mapping[str, str]) -> dict[str, str] | None:
    """The number of a team for each learner that the form names; None where it names a number that was not offered."""
    offered = {team.team for team in board.standing} | set(_numbers(board.standing, teams.MOST)) | {""}
    found = {}
    for learner in board.desk.people:
        sent = request.form.get(f"{FIELD}{learner[: classroom.ID]}")
        number = seated.get(learner, "") if sent is None else sent.strip()
        if number not in offered:
            return None
        found[learner] = number
    return found


def _moved(board: Board, moves: Mapping[str, str], seated: Mapping[str, str]) -> set[str]:
    """Move learners; the numbers of the teams that somebody came to or left."""
    tool, link = board.desk.tool, board.link.link
    make = partial(teamtable.made, tool, link, board.destination, board.size)
    there = {team.team: team for team in board.standing}
    for learner in moves:
        if learner in seated:
            teams.leave(tool.storage, [learner], link)
    for learner, number in sorted(moves.items(), key=lambda one: (len(one[1]), one[1], one[0])):
        if not number:
            continue
        if number not in there:
            there[number] = teams.found(tool.storage, link, make)
        teams.sit(tool.storage, [learner], there[number], tool.new_token(), late=True)
    return {there[number].team for number in moves.values() if number} | {
        seated[learner] for learner in moves if learner in seated
    }


def _settle(board: Board, team: Team, deeds: Mapping[str, Deeds], *, changed: bool) -> None:
    """Let a team begin, or share its roles anew where members came or went; take it away where nobody is left."""
    tool = board.desk.tool
    there = teams.members(tool.storage, team)
    if not there and not team.settled:
        teams.drop(tool.storage, team)
    elif there and (changed or not team.begun):
        teams.begin(tool.storage, team, tool.now(), _worth(board, team, there, deeds))


def _worth(
    board: Board, team: Team, there: Mapping[str, Sitting], deeds: Mapping[str, Deeds]
) -> dict[str, dict[str, float]]:
    """How good it is that each seat has each role: what its learner knows of it."""
    catalog, seats = board.desk.catalog, list(there)
    mastery: Floats = teamboard.standing(catalog, [there[seat].learner for seat in seats], deeds)
    case = teamtable.case_of(board.desk.tool, team)
    return {seat: teamboard.worth(catalog, case, mastery[row]) for row, seat in enumerate(seats)}
