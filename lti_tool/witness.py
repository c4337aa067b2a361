"""What others vouch for of a learner: that they were somewhere, what was seen of a skill; and its taking back. Floor 3.

The actor is the learner, whoever said it; nothing here is scored in a gradebook. xAPI 1.0.3; a statement that is taken
back is voided (part 2, section 2.3.2), and never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recommender import verbs

Document = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where something was seen.

    Attributes:
        activity: IRI of the session, project, ...
        kind: IRI of its type.
        name: By language.
        around: IRIs of what it is a part of.
        about: Activity IRIs of the items whose skills it is about, the main one first.
    """

    activity: str
    kind: str
    name: Mapping[str, str]
    around: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


def attended(id_: str, agent: Mapping[str, Any], place: Place, skill: str, *, minutes: int, at: float) -> Document:
    """`attended`: the learner was at a session.

    Args:
        id_: Of the statement.
        agent: The learner.
        place: The session.
        skill: Activity IRI of the item of its main skill, by which the profile knows what it was about; empty: none.
        minutes: How long it took.
        at: When it was noted, seconds since the epoch.
    """
    statement = _statement(id_, agent, verbs.ATTENDED, "attended", at)
    statement["object"] = _about(place)
    statement["result"] = {"completion": True, "duration": f"PT{minutes}M"}
    statement["context"] = _context(place, (skill,) if skill else ())
    return statement


def scored(
    id_: str, agent: Mapping[str, Any], place: Place, item: str, *, level: int, levels: int, enough: int, at: float
) -> Document:
    """`scored`: a person saw the learner use a skill, and gave a level of a rubric.

    It is on the item of the catalog, so that it moves the skill, and grouped by the place, so that it is known as
    evidence of its own kind.

    Args:
        id_: Of the statement.
        agent: The learner.
        place: Where it was seen.
        item: Activity IRI of the item of the skill.
        level: From 0 on.
        levels: How many there are.
        enough: The lowest level at which it was done.
        at: When it was given, seconds since the epoch.
    """
    statement = _statement(id_, agent, verbs.SCORED, "scored", at)
    statement["object"] = {"objectType": "Activity", "id": item}
    scaled = round(level / (levels - 1), 6)
    score = {"scaled": scaled, "raw": level, "min": 0, "max": levels - 1}
    statement["result"] = {"score": score, "success": level >= enough}
    statement["context"] = _context(place, (place.activity,))
    return statement


def did(
    id_: str, agent: Mapping[str, Any], place: Place, verb: str, display: str, *, done: bool, at: float
) -> Document:
    """The learner did something at a place that has no score: handed in, reviewed, took part in a discussion.

    Args:
        id_: Of the statement.
        agent: The learner.
        place: Where.
        verb: IRI of the verb.
        display: The verb in English.
        done: Whether the place is done with it.
        at: Seconds since the epoch.
    """
    statement = _statement(id_, agent, verb, display, at)
    statement["object"] = _about(place)
    if done:
        statement["result"] = {"completion": True}
    statement["context"] = _context(place, (place.activity, *place.about))
    return statement


def voided(id_: str, agent: Mapping[str, Any], gone: str, *, at: float) -> Document:
    """`voided`: a statement of this actor does not hold any more.

    Args:
        id_: Of the new statement.
        agent: The actor of the one that goes.
        gone: Its id.
        at: Seconds since the epoch.
    """
    statement = _statement(id_, agent, verbs.VOIDED, "voided", at)
    statement["object"] = {"objectType": "StatementRef", "id": gone}
    return statement


def _about(place: Place) -> Document:
    definition = {"type": place.kind, "name": dict(place.name)}
    return {"objectType": "Activity", "id": place.activity, "definition": definition}


def _context(place: Place, grouping: tuple[str, ...]) -> Document:
    listed = {"parent": place.around, "grouping": grouping}
    return {
        "contextActivities": {
            name: [{"objectType": "Activity", "id": iri} for iri in iris] for name, iris in listed.items() if iris
        }
    }


def _statement(id_: str, agent: Mapping[str, Any], verb: str, display: str, at: float) -> Document:
    return {
        "id": id_,
        "actor": dict(agent),
        "verb": {"id": verb, "display": {"en": display}},
        "timestamp": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
    }
