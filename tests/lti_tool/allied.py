"""Learners, an instructor and a partner enterprise over HTTP: what tests of grants and openings share."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
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
    """The page of a learner of the course."""
    custom = {"catalog": "cbec", "role": "operations"}
    return builders.launched(bench, **{"sub": sub, "custom": custom, **changes})


def teaches(bench: Bench, **changes: Any) -> TestResponse:
    """The page of the instructor of the same course."""
    return came(bench, "teacher", **{"roles": [INSTRUCTOR], **changes})


def day(bench: Bench, ahead: float) -> str:
    """A day ahead, as a field of a form holds it."""
    return f"{datetime.fromtimestamp(bench.clock() + ahead * DAY, UTC):%Y-%m-%d}"


def registered(bench: Bench, name: str = NAME, **changes: Any) -> str:
    """Register a partner; its id."""
    page = post(
        bench, "class/partners", teaches(bench, **changes), register="1", name=name, contact="desk@lantern.example",
        purpose="Practice base for operations.", until=day(bench, 200),
    )  # fmt: skip
    found = re.search(r'name="partner" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def address(bench: Bench, partner: str, label: str = LABEL, **changes: Any) -> str:
    """A new address of a partner, as a path."""
    page = post(
        bench, "class/partners/set", teaches(bench, **changes), partner=partner, let="1", label=label, days="90"
    )
    found = re.search(r'readonly value="([^"]+)"', page.text)
    assert found, page.text
    return urlsplit(unescape(found[1])).path


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


def offered(bench: Bench, partner: str, role: str = "operations", **fields: str) -> None:
    """Write an opening for a partner, as an instructor, who has approved it by that."""
    levels = {f"level {name}": str(level) for name, level in CBEC.roles[role].targets.items()}
    sent = {**OPENING, "role": role, "closes": day(bench, 30), **levels, **fields}
    page = post(bench, "class/partners/set", teaches(bench), partner=partner, write="1", **sent)
    assert "Learners see it from now on." in page.text, page.text


def get(bench: Bench, path: str) -> TestResponse:
    return bench.client().get(path)


def views(page: TestResponse) -> list[str]:
    """The views that a partner's page leads to, as paths."""
    return re.findall(r'<a class="btn" href="(/lti/partner/[^"?]+/shared/[^"?]+)\?', page.text)


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
