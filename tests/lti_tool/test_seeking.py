"""The board of openings over HTTP: compared with one learner alone, applied to by a grant, decided on by a person."""

from __future__ import annotations

import pytest

from lti_tool import grants
from lti_tool import openings as openings_of
from lti_tool.partnered import DECISIONS, GRANT_LOG, GRANTS, OPENINGS
from tests.lti_tool import allied, builders
from tests.lti_tool.allied import CBEC, address, came, get, offered, openings, registered, views
from tests.lti_tool.builders import Bench, TestResponse
from tests.lti_tool.working import keys, post


def board(bench: Bench, sub: str = "ada") -> tuple[TestResponse, TestResponse]:
    """The page of a learner and the board."""
    page = came(bench, sub)
    return page, post(bench, "openings", page)


def apply(bench: Bench, page: TestResponse, opening: str, **fields: str) -> TestResponse:
    sent = {"opening": opening, "scope": "role", "role": "operations", "days": "90", "agree": "yes", **fields}
    return post(bench, "openings/apply", page, **sent)


def test_an_approved_opening_stands_beside_what_the_learner_can_do(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    allied.answered(bench, "ada", count=8)
    learner, shown = board(bench)
    (opening,) = openings(shown)
    page = post(bench, "openings/one", learner, opening=opening)

    assert builders.heading(page) == "Operations trainee"
    assert allied.NAME in page.text
    assert page.text.count('<li class="skill">') == len(CBEC.roles["operations"].targets)
    assert "not enough data yet: 3 more answers" in page.text
    assert "there</span>" in page.text
    assert "What to do next" in page.text
    assert "To the path to this goal" in page.text, "it is the goal of this link"


def test_an_opening_for_another_role_can_be_set_as_goal(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner, "marketing", title="Marketing trainee")
    learner = came(bench, custom={"catalog": "cbec"})
    page = post(bench, "openings/one", learner, opening=openings(post(bench, "openings", learner))[0])

    assert keys(page, "goal") == ["marketing"]


def test_the_board_is_empty_until_an_instructor_approved(bench: Bench) -> None:
    partner = registered(bench)
    path = address(bench, partner)
    levels = {"level cus.duty": "2"}
    form = {**allied.OPENING, "role": "compliance", "closes": allied.day(bench, 30), **levels}
    written = bench.client().post(f"{path}/openings", data=form)
    _, before = board(bench)
    page = post(bench, "class/partners/one", allied.teaches(bench), partner=partner)
    (waiting,) = keys(page, "approve")
    approved = post(bench, "class/partners/set", page, partner=partner, approve=waiting)
    _, after = board(bench)

    assert "once an instructor has approved it" in written.text
    assert "There is no opening at the moment." in before.text
    assert "Learners see it from now on." in approved.text
    assert openings(after) == [waiting]


def test_a_declined_and_a_closed_opening_are_on_no_board(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    page = post(bench, "class/partners/one", allied.teaches(bench), partner=partner)
    (open_,) = keys(page, "close")
    learner, shown = board(bench)
    (opening,) = openings(shown)
    post(bench, "class/partners/set", page, partner=partner, close=open_)

    assert openings(board(bench)[1]) == []
    assert post(bench, "openings/one", learner, opening=opening).status_code == 404
    assert post(bench, "openings/apply", learner, opening=opening).status_code == 404


def test_an_opening_closes_by_itself_and_with_the_partnership(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner, days=3)
    offered(bench, partner, title="Another")
    assert len(openings(board(bench)[1])) == 2
    bench.clock.offset += 5 * allied.DAY
    assert "Another" in board(bench)[1].text
    assert len(openings(board(bench)[1])) == 1
    post(bench, "class/partners/set", allied.teaches(bench), partner=partner, end="1")

    assert openings(board(bench)[1]) == []


def test_who_applies_is_seen_in_the_order_of_applying_whatever_they_can_do(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    allied.answered(bench, "last", count=12)
    for sub in ("first", "second", "last"):
        bench.clock.offset += 60
        learner, shown = board(bench, sub)
        apply(bench, learner, openings(shown)[0], name=f"The {sub}")
    page = get(bench, f"{address(bench, partner)}/shared")
    order = [page.text.index(f"The {sub}") for sub in ("first", "second", "last")]

    assert order == sorted(order)
    assert "sort" not in page.text.partition("<main")[2]


def test_an_application_shows_what_was_chosen_and_a_withdrawal_ends_it(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)
    (opening,) = openings(shown)
    applied = apply(bench, learner, opening, scope="skills", skill="cus.duty", reach="liis@example.org")
    path = address(bench, partner)
    (view,) = views(get(bench, f"{path}/shared"))
    seen = get(bench, view)
    withdrawn = post(bench, "openings/apply", learner, opening=opening, withdraw="1")

    assert "You have applied." in applied.text
    assert "1 level, without a name" in applied.text
    assert "liis@example.org" in seen.text
    assert "Applies to: Operations trainee." in seen.text
    assert "The partner’s page about you is gone." in withdrawn.text
    assert get(bench, view).status_code == 404
    assert bench.client().post(view, data={"outcome": "talk", "who": "A", "reason": "B"}).status_code == 404
    assert "You have applied." in apply(bench, learner, opening).text, "one may apply again"


def test_one_applies_once(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)
    apply(bench, learner, openings(shown)[0])

    assert "You had applied before." in apply(bench, learner, openings(shown)[0]).text
    assert len(bench.storage.find(GRANTS, {})) == 1
    assert "you applied" in board(bench)[1].text


def test_who_lacks_something_has_not_applied(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)
    (opening,) = openings(shown)
    assert "Tick that you agree" in apply(bench, learner, opening, agree="").text
    monkeypatch.setattr(grants, "MOST", 0)
    assert "as many views open as there can be" in apply(bench, learner, opening).text
    assert "You are no learner here" in apply(bench, allied.teaches(bench), opening).text

    assert bench.storage.find(GRANTS, {}) == []
    assert "It had ended before." in post(bench, "openings/apply", learner, opening=opening, withdraw="1").text


def test_a_person_decides_with_a_name_and_a_reason_and_the_learner_reads_both(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)
    (opening,) = openings(shown)
    apply(bench, learner, opening)
    (view,) = views(get(bench, f"{address(bench, partner)}/shared"))
    lacking = bench.client().post(view, data={"outcome": "talk", "who": "", "reason": "  "})
    assert bench.storage.find(DECISIONS, {}) == []
    kept = bench.client().post(
        view, data={"outcome": "talk", "who": "Head of operations", "reason": "Your freight work."}
    )
    page = post(bench, "openings/one", learner, opening=opening)

    assert "Name the person who decided." in lacking.text
    assert "Give the reason" in lacking.text
    assert "Kept. The learner reads it." in kept.text
    for text in ("They want to talk with you", "decided by Head of operations", "Your freight work."):
        assert text in page.text
        assert text in post(bench, "sharing", learner).text
    assert "Head of operations" not in str(bench.storage.find(DECISIONS, {}))
    assert "decided on your application" in post(bench, "sharing", learner).text


def test_somebody_may_think_anew_and_not_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings_of, "TOLD", 2)
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)
    apply(bench, learner, openings(shown)[0])
    (view,) = views(get(bench, f"{address(bench, partner)}/shared"))
    pages = [
        bench.client().post(view, data={"outcome": outcome, "who": "A", "reason": f"Reason {outcome}."}).text
        for outcome in openings_of.OUTCOMES
    ]

    assert ["as many decisions on this" in one for one in pages] == [False, False, True]
    assert pages[1].index("Reason taken.") < pages[1].index("Reason talk."), "the newest first"
    assert len(bench.storage.find(DECISIONS, {})) == 2


def test_a_plain_view_is_no_application_and_nobody_decides_on_it(bench: Bench) -> None:
    partner = registered(bench)
    allied.grant(bench, came(bench), partner)
    (view,) = views(get(bench, f"{address(bench, partner)}/shared"))

    assert 'name="outcome"' not in get(bench, view).text
    assert bench.client().post(view, data={"outcome": "taken", "who": "A", "reason": "B"}).status_code == 404
    assert bench.storage.find(DECISIONS, {}) == []


def test_an_applicant_still_finds_an_opening_that_closed(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner, days=3)
    learner, shown = board(bench)
    (opening,) = openings(shown)
    apply(bench, learner, opening)
    bench.clock.offset += 5 * allied.DAY
    learner = came(bench)
    page = post(bench, "openings/one", learner, opening=opening)

    assert "You have applied. The partner sees:" in page.text
    assert "cannot apply to it any more" in apply(bench, learner, opening).text
    gone = post(bench, "openings/apply", learner, opening=opening, withdraw="1")
    assert builders.heading(gone) == "Openings"


def test_what_is_compared_is_kept_nowhere(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    allied.answered(bench, "ada", count=8)
    learner, shown = board(bench)
    post(bench, "openings/one", learner, opening=openings(shown)[0])
    kept = bench.storage.find(OPENINGS, {})

    assert set(kept[0]) == {
        "course", "opening", "partner", "state", "kind", "role", "targets", "begins", "closes", "made", "settled",
        "sealed",
    }  # fmt: skip
    assert kept[0]["targets"] == dict(CBEC.roles["operations"].targets)
    assert bench.storage.find(GRANTS, {}) == bench.storage.find(GRANT_LOG, {}) == []


def test_a_link_of_the_platform_opens_the_board(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    page = came(bench, custom={"catalog": "cbec", "activity": "openings"})

    assert builders.heading(page) == "Openings"
    assert len(openings(page)) == 1
    guest = came(bench, "guest", custom={"catalog": "cbec", "activity": "openings"}, roles=[builders.INSTRUCTOR])
    assert builders.heading(guest) == "Openings"


def test_in_chinese_too(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    learner, shown = board(bench)

    assert "只有你能看到" in post(bench, "openings/one", learner, opening=openings(shown)[0], language="zh").text
