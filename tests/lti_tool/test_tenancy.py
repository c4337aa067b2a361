"""Nothing crosses (issuer, client id, deployment): tokens, pages, links, courses. Hypothesis looks for a way.

All platforms here have the same signing key and the same ids of people, courses and links, so that what tells them
apart is the tool's own care and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from entrepot.sandbox import tokens
from lti_tool import courses, keys, platforms
from lti_tool.roles import MEMBERSHIP
from tests.lti_tool import builders, deep_links
from tests.lti_tool.builders import REMOVE, Bench

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
OTHER = "https://other.example"
CLIENTS = ("client-a", "client-b")
# Each client has two of the three deployments; each deployment id means something at both.
DEPLOYMENTS = {"client-a": ("1", "2"), "client-b": ("2", "3")}

Party = tuple[str, str, str]


@dataclass(frozen=True)
class Begun:
    """A login that waits for its launch, in a browser."""

    browser: FlaskClient
    state: str
    nonce: str
    iss: str
    client_id: str


@dataclass(frozen=True)
class Page:
    """An open picker: whose, in which course, and the hidden fields."""

    party: Party
    course: str
    bearer: str
    picking: str


@pytest.fixture
def many(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as bench:
        yield bench


def machine(bench: Bench) -> type[RuleBasedStateMachine]:
    issuers = (bench.issuer.iss, OTHER)
    for iss in issuers:
        for client_id in CLIENTS:
            record = builders.registered(
                iss, client_id, jwks_url=f"{bench.issuer.iss}/jwks", deployments=DEPLOYMENTS[client_id]
            )
            platforms.register(bench.storage, record)

    seen: set[tuple[Party, str]] = set()

    class Tenancy(RuleBasedStateMachine):
        begun = Bundle("begun")
        pages = Bundle("pages")

        @rule(target=begun, iss=st.sampled_from(issuers), client_id=st.sampled_from(CLIENTS))
        def begin(self, iss: str, client_id: str) -> Begun:
            browser = bench.client()
            found = builders.begin(browser, iss, client_id=client_id)
            return Begun(browser, found.state, found.nonce, iss, client_id)

        @rule(
            target=pages,
            login=consumes(begun),
            claimed=st.tuples(st.sampled_from(issuers), st.sampled_from(CLIENTS), st.sampled_from(("1", "2", "3"))),
            course=st.sampled_from(("3", "4")),
            same=st.booleans(),
        )
        def launch(self, login: Begun, claimed: Party, course: str, same: bool) -> Any:
            iss, client_id, deployment = claimed
            if same:  # else few launches would ever hold
                iss, client_id = login.iss, login.client_id
            claims = builders.claims(
                iss,
                login.nonce,
                bench.clock(),
                aud=client_id,
                deployment_id=deployment,
                context={"id": course, "title": f"{iss} {client_id} {deployment} {course}"},
                roles=[MEMBERSHIP + "Instructor"],
                message_type="LtiDeepLinkingRequest",
                resource_link=REMOVE,
                custom=REMOVE,
            )
            claims[deep_links.claims.DL] = deep_links.settings(iss)
            token = tokens.sign(bench.issuer.signer, claims)
            answer = builders.launch(login.browser, login.state, token)
            holds = (iss, client_id) == (login.iss, login.client_id) and deployment in DEPLOYMENTS[client_id]

            assert (answer.status_code == 200) == holds, answer.text
            assert builders.launch(login.browser, login.state, token).status_code == 400, "a launch counts once"
            if not holds:
                return Page(("", "", ""), "", "", "")
            party = (iss, client_id, deployment)
            seen.add((party, course))
            assert f"{iss} {client_id} {deployment} {course}" in answer.text
            assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {iss}")
            fields = dict(deep_links.form(answer).fields)
            return Page(party, course, fields["bearer"], fields["picking"])

        @rule(mine=pages, theirs=pages)
        def send(self, mine: Page, theirs: Page) -> None:
            form = {"bearer": mine.bearer, "picking": theirs.picking, "step": "add", "item": "path:cbec"}
            answer = bench.client().post("/lti/picking", data=form)
            holds = bool(mine.bearer) and (mine.party, mine.course) == (theirs.party, theirs.course)

            assert (answer.status_code == 200) == holds
            if holds:
                url, token = deep_links.answer(answer)
                told = deep_links.jwt.decode(token, options={"verify_signature": False})
                assert url.startswith(mine.party[0])
                assert (told["aud"], told["iss"], told[builders.LTI + "deployment_id"]) == mine.party

        @invariant()
        def every_course_is_one_of_those_that_were_launched(self) -> None:
            kept = [((one.iss, one.client_id, one.deployment), one.context) for one in courses.every(bench.storage)]

            assert len(kept) == len(set(kept))
            assert set(kept) == seen

    return Tenancy


def test_nothing_crosses_from_one_deployment_to_another(many: Bench) -> None:
    run_state_machine_as_test(
        machine(many),
        settings=settings(
            max_examples=200 if SOAK else 12,
            stateful_step_count=25 if SOAK else 12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
