"""Partner enterprises for an instructor, over HTTP: registered, furnished, let in, ended; what is not shown there."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from lti_tool import outside, partners
from lti_tool.openings import MOST
from lti_tool.partnered import GRANTS, OPENINGS, PARTNER_LOG, PARTNERS
from lti_tool.roles import SYSTEM
from tests.lti_tool import allied
from tests.lti_tool.allied import came, get, grant, offered, registered, teaches
from tests.lti_tool.builders import Bench
from tests.lti_tool.working import keys, post


def written(bench: Bench, **changes: Any) -> TestResponse:
    """The page of a partner that was registered by the form."""
    return post(
        bench, "class/partners", teaches(bench, **changes), register="1", name=allied.NAME, contact="desk",
        purpose="Practice base for operations.", until=allied.day(bench, 200),
    )  # fmt: skip


def let(bench: Bench, partner: str) -> str:
    """An address that was made by the form, as a path."""
    page = post(
        bench, "class/partners/set", teaches(bench), partner=partner, let="1", label=allied.LABEL, days="90"
    )  # fmt: skip
    found = re.search(r'readonly value="([^"]+)"', page.text)
    assert found, page.text
    return urlsplit(unescape(found[1])).path


def test_a_partner_is_registered_and_the_log_says_who_did_it(bench: Bench) -> None:
    written(bench)
    (kept,) = bench.storage.find(PARTNERS, {})
    (line,) = bench.storage.find(PARTNER_LOG, {})
    listed = post(bench, "class/partners", teaches(bench)).text

    assert allied.NAME in listed
    assert "Practice base for operations." in listed
    assert (line["act"], line["partner"]) == ("registered", kept["partner"])
    assert line["by"] == allied.pseudonym(bench, "teacher")
    assert allied.NAME not in str(kept)


def test_an_administrator_registers_too_and_a_learner_does_not(bench: Bench) -> None:
    written(bench, roles=[SYSTEM + "Administrator"])

    assert post(bench, "class/partners", came(bench), register="1").status_code == 403
    assert len(bench.storage.find(PARTNERS, {})) == 1


def test_without_what_is_needed_nobody_is_registered(bench: Bench) -> None:
    page = post(bench, "class/partners", teaches(bench), register="1", name="X", until="2020-01-01")

    for words in ("Say whom to write to", "Say what the partnership is for", "a day from today on"):
        assert words in page.text
    assert 'value="X"' in page.text
    assert bench.storage.find(PARTNERS, {}) == []


def test_a_course_has_so_many_partners(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partners, "MOST", 1)
    registered(bench)
    page = post(
        bench, "class/partners", teaches(bench), register="1", name="X", contact="x", purpose="y",
        until=allied.day(bench, 9),
    )  # fmt: skip

    assert "The course has 1 partners already." in page.text


def test_facts_change_and_what_lacks_changes_nothing(bench: Bench) -> None:
    partner = registered(bench)
    fields = {"partner": partner, "facts": "1", "contact": "new@lantern.example", "purpose": "Returns."}
    changed = post(bench, "class/partners/set", teaches(bench), name="Lamp Ltd", until=allied.day(bench, 9), **fields)
    lacking = post(bench, "class/partners/set", teaches(bench), name="", until="", **fields)

    assert "<h1>Lamp Ltd</h1>" in changed.text
    assert "Name the enterprise." in lacking.text
    assert "<h1>Lamp Ltd</h1>" in lacking.text


def test_an_address_is_shown_once_and_revoked_at_once(bench: Bench) -> None:
    partner = registered(bench)
    path = let(bench, partner)
    page = post(bench, "class/partners/one", teaches(bench), partner=partner)
    assert path not in page.text
    (key,) = keys(page, "revoke")
    assert get(bench, path).status_code == 200
    gone = post(bench, "class/partners/set", page, partner=partner, revoke=key)
    again = post(bench, "class/partners/set", page, partner=partner, revoke=key)

    assert "Revoked." in gone.text
    assert "It was not there any more." in again.text
    assert get(bench, path).status_code == 404
    assert [one["act"] for one in bench.storage.find(PARTNER_LOG, {})] == ["let_in", "revoked"]


def test_an_address_needs_a_label_a_term_and_a_contract(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = registered(bench)
    made = {"partner": partner, "let": "1"}
    for fields in ({"label": "", "days": "30"}, {"label": "X", "days": "9999"}):
        assert "Nothing was made" in post(bench, "class/partners/set", teaches(bench), **made, **fields).text
    monkeypatch.setattr(outside, "MOST", 0)
    many = post(bench, "class/partners/set", teaches(bench), **made, label="X", days="30")
    assert "There are 0 addresses already." in many.text
    post(bench, "class/partners/set", teaches(bench), partner=partner, end="1")

    over = post(bench, "class/partners/set", teaches(bench), **made, label="X", days="30")
    assert "The partnership has ended" in over.text


def test_the_end_of_a_partnership_ends_everything_at_once(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    grant(bench, came(bench), partner)
    path = allied.address(bench, partner)
    ended = post(bench, "class/partners/set", teaches(bench), partner=partner, end="1")

    assert "Its addresses open nothing any more" in ended.text
    for one in ("", "/cohort", "/shared", "/openings", "/calendar.ics"):
        assert get(bench, path + one).status_code == 404
    assert "no partner enterprises" in grant(bench, came(bench), partner).text
    assert "your view with it" in post(bench, "sharing", came(bench)).text
    (kept,) = bench.storage.find(GRANTS, {})
    assert "blob" not in kept


def test_an_instructor_does_not_see_what_a_learner_granted(bench: Bench) -> None:
    partner = registered(bench)
    grant(bench, came(bench), partner, note="Between us.", reach="liis@example.org")
    page = post(bench, "class/partners/one", teaches(bench), partner=partner)

    for text in ("Tamm", "Between us.", "liis@", allied.pseudonym(bench, "ada")[:6]):
        assert text not in page.text


def test_what_waits_can_be_declined_and_only_once(bench: Bench) -> None:
    partner = registered(bench)
    form = {**allied.OPENING, "role": "compliance", "closes": allied.day(bench, 30), "level cus.duty": "2"}
    bench.client().post(f"{allied.address(bench, partner)}/openings", data=form)
    page = post(bench, "class/partners/one", teaches(bench), partner=partner)
    (waiting,) = keys(page, "decline")
    declined = post(bench, "class/partners/set", page, partner=partner, decline=waiting)
    again = post(bench, "class/partners/set", page, partner=partner, approve=waiting)

    assert "Declined." in declined.text
    assert "It was not there any more." in again.text
    assert bench.storage.find(OPENINGS, {})[0]["state"] == "declined"


def test_an_opening_of_another_partner_is_not_settled_here(bench: Bench) -> None:
    one, other = registered(bench), registered(bench, "Lamp Ltd")
    offered(bench, other)
    (opening,) = bench.storage.find(OPENINGS, {})

    assert post(bench, "class/partners/set", teaches(bench), partner=one, close=opening["opening"]).status_code == 404
    assert bench.storage.find(OPENINGS, {})[0]["state"] == "open"


def test_an_opening_that_lacks_something_comes_back_as_it_was_typed(bench: Bench) -> None:
    partner = registered(bench)
    page = post(
        bench, "class/partners/set", teaches(bench), partner=partner, write="1", role="operations", title="A",
        text="Half a text", begins="no day", closes="2020-01-01",
    )  # fmt: skip

    for words in ("Choose the kind.", "Ask for at least one skill.", "Write the first day", "until when one may apply"):
        assert words in page.text
    assert "Half a text" in page.text
    assert bench.storage.find(OPENINGS, {}) == []


def test_a_partner_has_so_many_openings(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST > 1
    monkeypatch.setattr("lti_tool.openings.MOST", 1)
    partner = registered(bench)
    offered(bench, partner)
    form = {**allied.OPENING, "role": "compliance", "closes": allied.day(bench, 30), "level cus.duty": "2"}
    page = post(bench, "class/partners/set", teaches(bench), partner=partner, write="1", **form)
    theirs = bench.client().post(f"{allied.address(bench, partner)}/openings", data=form)

    assert "as many openings as there can be" in page.text
    assert "as many openings as there can be" in theirs.text


def test_in_chinese_too(bench: Bench) -> None:
    partner = registered(bench)

    assert "合作企业" in post(bench, "class/partners", teaches(bench), language="zh").text
    assert "谁可以进入" in post(bench, "class/partners/one", teaches(bench), partner=partner, language="zh").text
