"""Learners, an instructor and a partner enterprise over HTTP: what tests of grants and openings share."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from lti_tool import app as tool_app
from lti_tool import courses, outside, partners
from lti_tool import learner as learners
from lti_tool import openings as openings_of
from lti_tool.courses import Course
from lti_tool.openings import Text
from lti_tool.partners import Facts
from lti_tool.roster import members
from recommender import verbs
from storage.port import Row
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.working import keys, post
from xapi_collector import extract

CBEC = catalogs.load("cbec")
NAME = "Lantern Bay Trading"
LABEL = "Trainee desk"
DAY = 86_400.0
OPENING = {
    "kind": "internship", "title": "Operations trainee", "place": "Tallinn", "languages": "English, Estonian",
    "text": "Listings, returns and freight for three markets.", "how": "Write to the desk.",
}  # fmt: skip


def came(bench: Bench, sub: str = "ada", **changes: Any) -> TestResponse:
    """The page of a learner of the course; the same page again where one was opened within the hour."""
    asked = (id(bench), sub, repr(sorted(changes.items())), bench.clock.offset // 3600)
    if asked not in _opened:
        custom = {"catalog": "cbec", "role": "operations"}
        _opened[asked] = bench, builders.launched(bench, **{"sub": sub, "custom": custom, **changes})
    return _opened[asked][1]


_opened: dict[tuple[int, str, str, float], tuple[Bench, TestResponse]] = {}
"""Pages by what was asked for; with the bench, so that no other gets its number."""


def teaches(bench: Bench, **changes: Any) -> TestResponse:
    """The page of the instructor of the same course."""
    return came(bench, "teacher", **{"roles": [INSTRUCTOR], **changes})


def course(bench: Bench, context: str = "course-1") -> str:
    """The key of a course of the platform, as its launches make it; the course is known."""
    key = learners.key(bench.issuer.iss, "client-a", "1", "context", context)
    title = "Module AAA"
    courses.remember(bench.storage, Course(key, bench.issuer.iss, "client-a", "1", context, title), None)
    return key


def day(bench: Bench, ahead: float) -> str:
    """A day ahead, as a field of a form holds it."""
    return f"{datetime.fromtimestamp(bench.clock() + ahead * DAY, UTC):%Y-%m-%d}"


def registered(bench: Bench, name: str = NAME, context: str = "course-1") -> str:
    """A partner of a course; its id."""
    facts = Facts(name, "desk@lantern.example", "Practice base for operations.")
    now = bench.clock()
    made = partners.register(
        bench.storage, bench.keyring, course(bench, context), facts, catalog="cbec", until=now + 200 * DAY, now=now,
        new_token=tool_app.new_token,
    )  # fmt: skip
    assert made is not None
    return made.partner


def address(bench: Bench, partner: str, label: str = LABEL, context: str = "course-1") -> str:
    """A new address of a partner, as a path."""
    text, _ = outside.make(
        bench.storage, bench.keyring, course(bench, context), f"{partners.ROOM}{partner}", label, days=90,
        now=bench.clock(), new_token=tool_app.new_token,
    )  # fmt: skip
    return f"/lti/partner/{text}"


def grant(bench: Bench, page: TestResponse, partner: str, **fields: Any) -> TestResponse:
    """Give a partner a view; by default of all skills of a role, with a name."""
    sent = {
        "give": "1", "partner": partner, "scope": "role", "role": "operations", "name": "Tamm, Liis", "days": "90",
        "agree": "yes", **fields,
    }  # fmt: skip
    return post(bench, "sharing/keep", page, **sent)


def ended(bench: Bench, page: TestResponse) -> TestResponse:
    """End the first view of a learner."""
    shown = post(bench, "sharing", page)
    return post(bench, "sharing/keep", page, revoke=keys(shown, "revoke")[0])


def offered(bench: Bench, partner: str, role: str = "operations", *, title: str = "", days: float = 30) -> str:
    """An opening of a partner that an instructor approved; its id."""
    there, now = partners.find(bench.storage, course(bench), partner), bench.clock()
    assert there is not None
    text = Text(title or OPENING["title"], *(OPENING[name] for name in ("place", "languages", "text", "how")))
    made = openings_of.write(
        bench.storage, bench.keyring, there, text, kind="internship", role=role, targets=CBEC.roles[role].targets,
        begins=0.0, closes=now + days * DAY, now=now, new_token=tool_app.new_token,
    )  # fmt: skip
    assert made is not None
    openings_of.settle(bench.storage, made.course, made.opening, openings_of.OPEN, now)
    return made.opening


def get(bench: Bench, path: str) -> TestResponse:
    return bench.client().get(path)


def views(page: TestResponse) -> list[str]:
    """The views that a partner's page leads to, as paths."""
    return re.findall(r'<a href="(/lti/partner/[^"?]+/shared/[^"?]+)\?', page.text)


def openings(page: TestResponse) -> list[str]:
    """The openings that a page leads to."""
    return keys(page, "opening")


def answered(bench: Bench, sub: str, skill: str = "cus.duty", *, count: int = 4, right: bool = True) -> None:
    """Answers of a learner on a skill, as the record store has them."""
    rows = []
    for number in range(count):
        when = datetime.fromtimestamp(bench.clock() - DAY * (number + 1), UTC).isoformat()
        statement = {
            "id": str(uuid.uuid4()),
            "actor": {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": sub}},
            "verb": {"id": verbs.ANSWERED},
            "object": {"objectType": "Activity", "id": CBEC.items[f"practice:{skill}"].activity},
            "timestamp": when,
            "result": {"success": right},
        }
        found = extract.extract(statement, bench.keyring.pseudonym_key)
        rows.append(Row(uuid.UUID(str(statement["id"])).bytes, found.verb, "s", found.label, b"body", found.terms))
    bench.storage.statements.append(rows, lambda: int(time.time() * 1e6))


def pseudonym(bench: Bench, sub: str) -> str:
    """Of a learner, as a launch makes it."""
    return members.pseudonym(bench.keyring, bench.issuer.iss, sub)
