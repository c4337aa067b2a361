"""Openings as they are kept: which state follows which, and how long they stay."""

from __future__ import annotations

import pytest

from lti_tool import app as tool_app
from lti_tool import openings, partners
from lti_tool.openings import CLOSED, DECLINED, OPEN, PROPOSED, Opening, Text
from lti_tool.partners import Facts, Partner
from tests.lti_tool.builders import Bench
from xapi_collector import errors

FOLLOWS = {PROPOSED: {OPEN, DECLINED, CLOSED}, OPEN: {CLOSED}, DECLINED: set[str](), CLOSED: set[str]()}
TEXT = Text("Trainee", "Tallinn", "English", "Listings.", "Write to Ms Kask.")


def partner(bench: Bench, now: float = 0.0) -> Partner:
    made = partners.register(
        bench.storage, bench.keyring, "c", Facts("Lamp Ltd", "Ms Kask", "Practice."), catalog="cbec", until=now + 1e9,
        now=now, new_token=tool_app.new_token,
    )  # fmt: skip
    assert made is not None
    return made


def write(bench: Bench, there: Partner, closes: float = 100.0) -> Opening:
    made = openings.write(
        bench.storage, bench.keyring, there, TEXT, kind="job", role="operations", targets={"cus.duty": 2}, begins=0.0,
        closes=closes, now=1.0, new_token=tool_app.new_token,
    )  # fmt: skip
    assert made is not None
    return made


@pytest.mark.parametrize("state", FOLLOWS)
def test_a_state_follows_only_where_it_may(bench: Bench, state: str) -> None:
    there = partner(bench)
    for wanted in (OPEN, DECLINED, CLOSED):
        opening = write(bench, there)
        if state != PROPOSED:
            openings.settle(bench.storage, "c", opening.opening, state, 2.0)
        settled = openings.settle(bench.storage, "c", opening.opening, wanted, 3.0)

        assert (settled is not None) == (wanted in FOLLOWS[state])
    assert openings.settle(bench.storage, "c", "no-such-opening", OPEN, 3.0) is None


def test_what_a_partner_wrote_is_sealed_and_bound_to_its_opening(bench: Bench) -> None:
    there = partner(bench)
    one, other = write(bench, there), write(bench, there)

    assert openings.text(bench.keyring, one) == TEXT
    assert "Kask" not in str(bench.storage.find(openings.OPENINGS, {}))
    with pytest.raises(errors.EnvelopeError):
        partners.open_(bench.keyring, other.opening, one.sealed)


def test_an_opening_goes_a_year_after_it_closed_and_a_partner_two_years_after_its_contract(bench: Bench) -> None:
    there = partner(bench)
    write(bench, there)

    assert len(openings.of_course(bench.storage, "c", 100.0 + openings.KEPT)) == 1
    assert openings.of_course(bench.storage, "c", 101.0 + openings.KEPT) == []
    assert openings.find(bench.storage, "c", "") is None
    assert len(partners.of_course(bench.storage, "c", 1e9 + partners.KEPT)) == 1
    assert partners.of_course(bench.storage, "c", 1e9 + partners.KEPT + 1) == []
    assert partners.change(bench.storage, "c", there.partner, lambda one: one) is None
