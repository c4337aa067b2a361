"""What is told and scored of a team: each answer to the record store, the whole order to every gradebook. Floor 3.

xAPI 1.0.3, AGS 2.0. The member who settles the last question hands over the scores of all: who they are at the platform
lies sealed in their records until then.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from curriculum import catalog as catalogs
from curriculum.practice import team as rules
from curriculum.practice.task import Step
from lti_tool import emit, teams, texts, tries
from lti_tool.emit import Practised, Whole
from lti_tool.exercises import CATALOG
from lti_tool.grades import outbox, seal
from lti_tool.learner import Learner
from lti_tool.pages.teamtable import Table
from lti_tool.pages.teamwork import Work
from lti_tool.teams import Answer, Sitting, Team
from lti_tool.tries import Try


def keep(table: Table, team: Team) -> None:
    """Keep who the learner is at the platform until their score is queued: a team-mate may finish the order.

    Args:
        table: Who is at it.
        team: Theirs.
    """
    tool, person = table.tool, table.person

    def sealed(kept: Sitting) -> Sitting | None:
        if kept.table != team.table or kept.sealed or kept.scored >= team.number:
            return None
        known = seal.close(tool.keyring, person.link, person.iss, person.known_as) if person.known_as else ""
        return replace(kept, sealed=seal.close(tool.keyring, person.link, person.iss, person.sub), known=known)

    teams.change_sitting(tool.storage, table.pseudonyms, person.link, sealed)


def _group(table: Table, team: Team) -> dict[str, Any]:
    """A team in a statement: a group that is known by an account at this tool, and names no member."""
    account = {"homePage": table.tool.settings.url, "name": f"team:{team.table}"}
    return {"objectType": "Group", "account": account}


def tell(table: Table, team: Team, step: Step, given: Answer) -> None:
    """Tell the record store of an answer, and count it for the class."""
    tool, person = table.tool, table.person
    taught = tool.catalog(CATALOG)
    items = (taught if step.skill in taught.skills else catalogs.load(CATALOG)).items
    kind = rules.kind_of(team.destination)
    one = Practised(
        item=items[f"practice:{step.skill}"].activity,
        practice=table.activity,
        case=kind,
        seed=team.seed,
        step=step.id,
        right=given.right,
        given=given.given,
        cause=given.cause,
        rules=(step.rule.id,) if step.rule else (),
        seconds=given.seconds,
        at=given.at,
        hints=given.hints + int(not given.given),
        credit=given.worth,
        skills=(step.skill,),
        instance=str(team.seed),
        registration=_registration(team),
    )
    told = emit.answered(person, tool.settings.url, one, new_id=tool.new_id)
    emit.put(tool.emitter, [_by(told, _group(table, team))])
    note = Try(table.activity, f"{kind}.{step.id}", step.skill, given.right, not given.given, given.cause, given.at)
    tries.note(tool.storage, person.context, table.pseudonyms[0], [note])


def _registration(team: Team) -> str:
    """One order of one team: the same in the statements of all its members, so that they can be read together."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"team:{team.table}/{team.number}"))


def _by(statement: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    """A statement with the team in its context (xAPI 1.0.3 part 2, section 2.4.6: `team`, a Group)."""
    return {**statement, "context": {**statement["context"], "team": group}}


def score(table: Table, work: Work) -> None:
    """Hand the score of a finished order to the outbox for every member, once, whoever is at the page."""
    for seat, sat in work.there.items():
        if sat.scored >= work.team.number:
            continue
        person = table.person if seat == work.seat else _mate(table, sat)
        if person is None:
            continue  # they have not opened the link since the instructor seated them; their own page hands it over
        share = teams.share(work.case, work.team, seat)
        points = rules.score(share, teams.points(work.team.settled), work.team.total)
        say = texts.speaker(table.guest.language)
        outbox.put(
            table.tool.storage,
            table.tool.keyring,
            person,
            given=float(points),
            maximum=100.0,
            activity_progress="Completed",
            grading_progress=outbox.GRADED,
            comment=say(
                "team.comment", right=share.right, own=share.total, team=work.team.right, total=work.team.total
            ),
            now=table.tool.now(),
        )
        _handed(table, work, sat, person, round(points))


def _handed(table: Table, work: Work, sat: Sitting, person: Learner, score: int) -> None:
    """Note that a score is queued; who noted it tells the record store that the member completed the order."""
    tool, noted = table.tool, False

    def handed(kept: Sitting) -> Sitting | None:
        nonlocal noted
        noted = kept.seat == sat.seat and kept.scored < work.team.number
        return replace(kept, scored=work.team.number, sealed="", known="") if noted else None

    teams.change_sitting(tool.storage, [sat.learner], sat.link, handed)
    if noted:
        words = rules.name(work.team.destination)
        whole = Whole(table.activity, words, _registration(work.team), right=score, total=100)
        done = emit.finished(person, tool.settings.url, whole, new_id=tool.new_id, now=work.team.finished)
        emit.put(tool.emitter, [_by(done, _group(table, work.team))])


def _mate(table: Table, sat: Sitting) -> Learner | None:
    """A team-mate as their own launch made them; None where they have not been here."""
    person, keyring = table.person, table.tool.keyring
    sub = seal.open_(keyring, person.link, person.iss, sat.sealed) if sat.sealed else None
    if sub is None:
        return None
    known = seal.open_(keyring, person.link, person.iss, sat.known) if sat.known else ""
    return replace(person, sub=sub, known_as=known or "", roles=("learner",), visit="")
