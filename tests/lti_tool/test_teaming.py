"""A team at an order, through its forms: gathering, answering, handing over, scores for every member."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from curriculum import catalog as catalogs
from curriculum import practice
from curriculum.practice import answers as written
from curriculum.practice import hints
from curriculum.practice import team as rules
from curriculum.practice.task import Case, Question, Step
from lti_tool import learner as learners
from lti_tool import platforms, teams
from lti_tool.pages import teaming
from lti_tool.roster import names as rosters
from lti_tool.settings import MEMBERS, SCORES, TEAM_SEATS, TEAMS, TRIES
from lti_tool.teams import Team
from recommender import activities, verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_practising import graded, told
from xapi_collector import agents, statements

TASK = {"catalog": "cbec", "activity": "team", "team": "eu.2"}
OBSERVER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"


def bearer(page: TestResponse) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def go(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    """Press a button of a page of a team."""
    sent = ("number", "step") if fields.get("act") in {"answer", "unknown", "hint", None} else ("number",)
    shown = {name: value for name in sent if (value := hidden(page, name))}
    return bench.client().post("/lti/team", data={"bearer": bearer(page), **shown, **fields})


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    return unescape(found[1]) if found else ""


def opened(bench: Bench, sub: str, custom: Mapping[str, str] | None = None, **changes: Any) -> TestResponse:
    return builders.launched(bench, custom=dict(custom or TASK), sub=sub, **changes)


def gathered(bench: Bench, *subs: str, custom: Mapping[str, str] | None = None) -> list[TestResponse]:
    """Learners of one team, each at the page after they sat down; the first page is that of the last who joined."""
    pages = []
    for place, sub in enumerate(subs):
        page = graded(bench, dict(custom or TASK), sub=sub)
        pages.append(go(bench, page, act="join", team="1") if place else go(bench, page, act="found"))
    return pages


def team(bench: Bench) -> Team:
    link = bench.storage.find(TEAM_SEATS, {}, limit=1)[0]["link"]
    (found,) = teams.of_link(bench.storage, link)
    return found


def case(bench: Bench) -> Case:
    found = team(bench)
    return practice.case(rules.kind_of(found.destination), found.seed, date.fromisoformat(found.on))


def answer(step: Step, *, right: bool = True) -> str:
    if right:
        return written.sent(step.right, step)
    return written.sent(written.mistaken(step.wrong[0].value, step), step)


def field(step: Step, text: str) -> dict[str, Any]:
    return {"answer": text.split(",") if step.form in {"several", "match"} else text}


def played(bench: Bench, pages: Sequence[TestResponse], wrong: Sequence[str] = ()) -> list[TestResponse]:
    """Let members answer in turns until the order is settled; those steps with a known wrong method."""
    steps = {step.id: step for step in case(bench).steps}
    shown = [go(bench, page, act="look") for page in pages]
    for _ in range(len(steps)):
        for place, page in enumerate(shown):
            step = steps.get(hidden(page, "step"))
            if step is not None:
                fields = field(step, answer(step, right=step.id not in wrong))
                go(bench, page, act="answer", **fields)
            shown[place] = go(bench, page, act="look")
        if team(bench).finished:
            break
    return [go(bench, page, act="look") for page in shown]


def nearly(bench: Bench, pages: Sequence[TestResponse], right: Callable[[Step], bool]) -> list[TestResponse]:
    """Settle all questions but the last in the store, and the last by its form; the pages after that."""
    *first, last = case(bench).steps
    found = team(bench)
    holder = {role: chair.seat for chair in found.chairs for role in chair.roles}
    there = {seat: sat.learner for seat, sat in teams.members(bench.storage, found).items()}
    for step in first:
        given = teams.Answer(step.id, answer(step), right(step), "", bench.clock(), 9)
        teams.answer(bench.storage, [there[holder[rules.role_of(step)]]], found, given)
    page = pages[[chair.seat for chair in found.chairs].index(holder[rules.role_of(last)])]
    go(bench, go(bench, page, act="look"), act="answer", **field(last, answer(last)))
    return [go(bench, page, act="look") for page in pages]


# Gathering


def test_a_learner_without_a_team_makes_one_and_the_next_joins_it_and_it_begins(bench: Bench) -> None:
    lobby = opened(bench, "a")
    assert builders.heading(lobby) == "Find your team"
    assert "No team is gathering" in lobby.text
    alone = go(bench, lobby, act="found")
    assert builders.heading(alone) == "Team 1 is gathering"
    assert "You are the first" in alone.text
    assert "Begin with who is here" not in alone.text
    other = go(bench, opened(bench, "b"), act="join", team="1")

    assert "question 4 of 20 of the order" in unescape(other.text)  # logistics: the first two are operations'
    assert "Operations · question 1 of 20" in unescape(go(bench, alone, act="look").text)
    assert team(bench).begun > 0


def test_three_places_and_two_who_begin(bench: Bench) -> None:
    custom = {**TASK, "team": "uk.3"}
    first, second = gathered(bench, "a", "b", custom=custom)
    assert "2 of 3 are here" in second.text
    assert "Member 1" in second.text
    page = go(bench, first, act="begin")

    assert "Operations" in page.text
    assert [len(chair.roles) for chair in team(bench).chairs] == [2, 2]
    assert "Find your team" in opened(bench, "c", custom).text
    assert "Join team 1" not in opened(bench, "c", custom).text


def test_nobody_begins_alone_joins_twice_or_leaves_once_it_has_begun(bench: Bench) -> None:
    alone = go(bench, opened(bench, "a"), act="found")
    assert builders.heading(go(bench, alone, act="begin")) == "Team 1 is gathering"
    assert builders.heading(go(bench, alone, act="found")) == "Team 1 is gathering"
    assert builders.heading(go(bench, alone, act="join", team="1")) == "Team 1 is gathering"
    assert builders.heading(go(bench, alone, act="leave")) == "Find your team"
    assert builders.heading(go(bench, alone, act="leave")) == "Find your team"
    for number in ("77", "1" * 9, "x", "\x00", "²"):
        assert builders.heading(go(bench, alone, act="join", team=number)) == "Find your team"
    assert bench.storage.find(TEAMS, {}) == []  # whoever leaves last takes it away


def test_a_link_has_an_end_of_teams_and_says_nothing_wrong(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "MOST", 0)

    assert builders.heading(go(bench, opened(bench, "a"), act="found")) == "Find your team"


def test_one_of_two_who_leaves_leaves_the_team_to_the_other(bench: Bench) -> None:
    first, _ = gathered(bench, "a", "b", custom={**TASK, "team": "eu.3"})
    go(bench, first, act="leave")

    assert len(team(bench).chairs) == 1


def test_a_member_who_would_leave_a_team_that_has_begun_stays(bench: Bench) -> None:
    page, _ = gathered(bench, "a", "b")
    go(bench, page, act="leave")

    assert len(team(bench).chairs) == 2


def test_a_learner_may_say_their_time_zone_and_take_it_back(bench: Bench) -> None:
    page = go(bench, opened(bench, "a"), act="found")
    kept = []
    for sent in ("480", "-210", "345", "7", "x", "²"):
        page = go(bench, page, act="zone", zone=sent)
        kept.append(bench.storage.find(TEAM_SEATS, {})[0]["zone"])
        assert ("selected" in page.text) == (kept[-1] is not None)

    assert kept == [480, -210, 345, None, None, None]


def test_a_team_task_that_there_is_not_is_refused(bench: Bench) -> None:
    wrong = [{**TASK, "team": subject} for subject in ("", "eu", "eu.9", "mars.2")] + [{**TASK, "catalog": "oulad"}]
    for custom in wrong:
        page = opened(bench, "a", custom)

        assert (page.status_code, "activity_unknown" in page.text) == (400, True)


def test_who_neither_learns_nor_teaches_sees_the_roles_and_nothing_is_kept(bench: Bench) -> None:
    page = opened(bench, "m", roles=[OBSERVER])
    page = go(bench, page, act="found")

    assert "This is a task for teams of learners." in page.text
    assert bench.storage.find(TEAM_SEATS, {}) == []
    assert bench.sent == []


# Answering and handing over


def test_a_right_answer_is_explained_and_handed_to_whoever_waits(bench: Bench) -> None:
    first, second = gathered(bench, "a", "b")
    steps = {step.id: step for step in case(bench).steps}
    waiting = go(bench, second, act="look")
    assert "The declaration names the goods as the listing does." in waiting.text
    assert "(Operations, Member 1)" in unescape(waiting.text)

    page = go(bench, first, act="look", step="title")
    page = go(bench, page, act="answer", **field(steps["title"], answer(steps["title"])))
    assert "Likely cause" in page.text
    assert team(bench).steps == {"title"}
    later = go(bench, second, act="look")
    assert "The declaration names the goods" not in later.text
    assert 'name="step" value="hs"' in later.text
    assert unescape(steps["title"].name["en"]) in unescape(later.text)


def test_a_wrong_figure_is_corrected_by_the_bookkeeper_and_both_sides_see_the_cause(bench: Bench) -> None:
    first, second = gathered(bench, "a", "b")
    step = next(step for step in case(bench).steps if step.id == "chargeable")
    wrong = next(one for one in step.wrong if one.cause != "unknown")
    page = go(bench, second, act="look", step="chargeable")
    own = go(bench, page, act="answer", answer=written.sent(wrong.value, step))
    theirs = go(bench, first, act="look")

    for shown in (own, theirs):
        assert "Bookkeeper:" in shown.text
        assert "was handed in. The books now say" in shown.text
        assert unescape(wrong.words["en"])[:40] in unescape(shown.text)
    assert team(bench).settled[0].right is False


def test_a_match_is_put_right_line_by_line(bench: Bench) -> None:
    first, _ = gathered(bench, "a", "b")
    step = next(step for step in case(bench).steps if step.form == "match")
    page = go(bench, go(bench, first, act="look", step=step.id), act="answer", **field(step, answer(step, right=False)))

    assert builders.heading(page) == f"{step.name['en']} · Another answer fits better"
    assert "The books now have the match above" in page.text


def test_an_answer_that_was_asked_for_is_handed_on_as_well(bench: Bench) -> None:
    _, second = gathered(bench, "a", "b")
    page = go(bench, go(bench, second, act="look", step="chargeable"), act="unknown")

    assert "The answer was asked for. The books say" in page.text
    assert [one["hints"] for one in extensions(told(bench, 3))] == [1]


def extensions(statements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = [one["context"]["extensions"] for one in statements if one["verb"]["id"] == verbs.ANSWERED]
    return [{"hints": one[verbs.EXTENSION_HINTS], "step": one[verbs.EXTENSION_STEP]} for one in found]


def test_nonsense_is_asked_again_and_counts_for_nothing(bench: Bench) -> None:
    _, second = gathered(bench, "a", "b")
    page = go(bench, go(bench, second, act="look", step="chargeable"), act="answer", answer="many")

    assert "could not read this" in page.text
    assert 'value="many"' in page.text
    assert team(bench).settled == ()


def test_what_waits_what_is_anothers_and_what_there_is_not_cannot_be_answered(bench: Bench) -> None:
    _, second = gathered(bench, "a", "b")
    for step in ("landed", "screen", "nothing"):
        assert go(bench, second, act="answer", step=step, answer="1").status_code == 200

    assert team(bench).settled == ()


def test_an_answer_on_an_earlier_order_counts_for_nothing(bench: Bench) -> None:
    _, second = gathered(bench, "a", "b")
    go(bench, go(bench, second, act="look", step="chargeable"), act="answer", answer="1", number="9")

    assert team(bench).settled == ()


def test_two_members_who_answer_at_the_same_moment_are_both_counted_once(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    steps = {step.id: step for step in case(bench).steps}
    shown = [go(bench, pages[0], act="look", step="title"), go(bench, pages[1], act="look", step="chargeable")]
    gate = threading.Barrier(6)

    def send(number: int) -> int:
        page, step = shown[number % 2], steps[("title", "chargeable")[number % 2]]
        gate.wait()
        return go(bench, page, act="answer", **field(step, answer(step))).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(send, range(6)))

    assert codes == [200] * 6
    assert team(bench).steps == {"title", "chargeable"}
    assert sorted(one["step"] for one in extensions(told(bench, 4))) == ["chargeable", "title"]


def test_a_page_in_the_other_language_shows_the_same_question(bench: Bench) -> None:
    first, _ = gathered(bench, "a", "b")
    page = go(bench, go(bench, first, act="look", step="gtin"), language="zh")

    assert hidden(page, "step") == "gtin"
    assert "运营" in page.text


# The end


def test_an_order_is_played_to_its_end_told_scored_and_taken_again_with_the_roles_turned(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    assert all(one["sealed"] for one in bench.storage.find(TEAM_SEATS, {}))
    pages = played(bench, pages, wrong=("chargeable", "title"))
    done = team(bench)
    kept = bench.storage.find(TEAM_SEATS, {})
    assert [(one["sealed"], one["known"], one["scored"]) for one in kept] == [("", "", 1)] * 2
    days = [steps for one in bench.storage.find(TRIES, {}) for steps in one["days"].values()]
    assert sum(len(steps) for steps in days) == 20
    assert {tally[0] for steps in days for tally in steps.values()} == {"team:eu.2"}

    assert builders.heading(pages[0]) == "The order is settled: 18 of 20 answers right"
    scores = {one["learner"]: one for one in bench.storage.find(SCORES, {})}
    assert [(one["given"], one["maximum"]) for one in scores.values()] == [(90.0, 100.0)] * 2
    assert all(one["comment"] == "Own questions: 9 of 10 right. The team's: 18 of 20." for one in scores.values())
    assert "90.0 of 100" in pages[1].text
    sent = told(bench, 24)
    answered = [one for one in sent if one["verb"]["id"] == verbs.ANSWERED]
    whole = [one for one in sent if one["verb"]["id"] == verbs.COMPLETED]
    assert sorted(one["step"] for one in extensions(answered)) == sorted(step.id for step in case(bench).steps)
    assert {one["actor"]["account"]["name"] for one in answered} == {"a", "b"}
    assert {one["actor"]["account"]["name"]: one["result"]["score"]["raw"] for one in whole} == {"a": 90, "b": 90}
    assert {one["context"]["team"]["account"]["name"] for one in (*answered, *whole)} == {f"team:{done.table}"}
    builders.stored(bench, sent)  # our own collector takes every one
    assert len({one["context"]["registration"] for one in (*answered, *whole)}) == 1
    labels = statements.labels(bench.storage, purpose="service")
    done_here = activities.from_labels(iter(labels), catalogs.load("cbec"))
    assert (done_here.mode == verbs.MODES.index("simulation")).sum() == 20

    again = go(bench, pages[0], act="again")
    assert team(bench).number == 2
    assert [chair.roles for chair in team(bench).chairs] == [done.chairs[1].roles, done.chairs[0].roles]
    assert "Logistics" in again.text
    go(bench, pages[0], act="again")
    assert team(bench).number == 2


def test_members_who_look_at_the_same_moment_are_each_scored_and_told_once(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    found = team(bench)
    holder = {role: chair.seat for chair in found.chairs for role in chair.roles}
    settled = tuple(teams.Settled(one.id, holder[rules.role_of(one)], True, 5.0) for one in case(bench).steps)
    teams.change(bench.storage, found.link, found.team, lambda kept: replace(kept, settled=settled, finished=5.0))
    gate = threading.Barrier(6)

    def look(number: int) -> int:
        gate.wait()
        return go(bench, pages[number % 2], act="look").status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(look, range(6)))

    assert codes == [200] * 6
    whole = [one for one in told(bench, 4) if one["verb"]["id"] == verbs.COMPLETED]
    assert sorted(one["actor"]["account"]["name"] for one in whole) == ["a", "b"]
    assert len(bench.storage.find(SCORES, {})) == 2


def test_each_member_is_scored_by_what_they_did(bench: Bench) -> None:
    """One member answers all of theirs right, the other five of ten: seventy points of a hundred are one's own."""
    less = {"chargeable", "value", "hs", "gri", "refund"}
    nearly(bench, gathered(bench, "a", "b"), lambda step: step.id not in less)
    given = {one["learner"]: one["given"] for one in bench.storage.find(SCORES, {})}
    both = {sub: agents.pseudonym(account(bench, sub), bench.keyring.pseudonym_key) for sub in ("a", "b")}

    assert given == {both["a"]: 92.5, both["b"]: 57.5}


def account(bench: Bench, sub: str) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": sub}}


def test_a_member_known_by_another_name_is_scored_and_told_by_it(bench: Bench) -> None:
    record = platforms.find(bench.storage, bench.issuer.iss, "client-a")
    assert record is not None
    platforms.change(bench.storage, record.iss, record.client_id, family="canvas")
    custom = {**TASK, "user": "10000000000042"}
    first = go(bench, graded(bench, custom, sub="a"), act="found")
    second = go(bench, graded(bench, TASK, sub="b"), act="join", team="1")
    nearly(bench, [first, second], lambda _: True)

    whole = [one for one in told(bench, 5) if one["verb"]["id"] == verbs.COMPLETED]
    assert {one["actor"]["account"]["name"] for one in whole} == {"10000000000042", "b"}


def test_a_member_who_has_not_been_here_is_scored_when_they_come(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    for document in bench.storage.find(TEAM_SEATS, {}):  # as an instructor seats them
        bench.storage.replace(TEAM_SEATS, {**document, "sealed": ""}, expected=document)
    steps = [step.id for step in case(bench).steps]
    found = team(bench)
    owner = {role: chair.seat for chair in found.chairs for role in chair.roles}
    settled = tuple(teams.Settled(step.id, owner[rules.role_of(step)], True, 5.0) for step in case(bench).steps)
    teams.change(bench.storage, found.link, found.team, lambda kept: replace(kept, settled=settled, finished=5.0))

    go(bench, pages[0], act="look")
    assert len(steps) == 20
    assert len(bench.storage.find(SCORES, {})) == 1
    go(bench, pages[1], act="look")
    assert len(bench.storage.find(SCORES, {})) == 2


def test_who_is_done_before_the_others_is_told_so_and_who_waits_for_whom(bench: Bench) -> None:
    custom = {**TASK, "team": "eu.4"}
    pages = gathered(bench, "a", "b", "c", "d", custom=custom)
    steps = {step.id: step for step in case(bench).steps}
    page = pages[3]  # finance
    for _ in range(2):
        page = go(bench, page, act="look")
        if step := hidden(page, "step"):
            page = go(bench, page, act="answer", **field(steps[step], answer(steps[step])))
    page = go(bench, page, act="look")
    assert builders.heading(page) == "Nothing is open for you right now"
    assert "(Compliance, Member 3)" in unescape(page.text)
    page = pages[0]
    for _ in range(6):
        page = go(bench, page, act="look")
        if step := hidden(page, "step"):
            page = go(bench, page, act="answer", **field(steps[step], answer(steps[step])))
    logistics = go(bench, pages[1], act="look", step="promise")
    go(bench, logistics, act="answer", **field(steps["promise"], answer(steps["promise"])))
    page = go(bench, page, act="look")
    page = go(bench, page, act="answer", **field(steps["stock"], answer(steps["stock"])))

    assert builders.heading(go(bench, page, act="look")) == "Your questions are all settled"


# What happens to a team


def test_roles_of_a_member_who_was_erased_go_to_the_others(bench: Bench) -> None:
    pages = gathered(bench, "a", "b", "c", custom={**TASK, "team": "eu.3"})
    gone = team(bench).chairs[2]
    document = next(one for one in bench.storage.find(TEAM_SEATS, {}) if one["seat"] == gone.seat)
    bench.storage.delete(TEAM_SEATS, (document["link"], document["learner"]))

    go(bench, pages[0], act="look")
    assert [len(chair.roles) for chair in team(bench).chairs] == [2, 2]


def test_what_somebody_settled_before_they_left_stands_there_without_them(bench: Bench) -> None:
    pages = gathered(bench, "a", "b", "c", custom={**TASK, "team": "eu.3"})
    steps = {step.id: step for step in case(bench).steps}
    page = go(bench, pages[2], act="look", step="dispute")
    go(bench, page, act="answer", **field(steps["dispute"], answer(steps["dispute"], right=False)))
    gone = team(bench).chairs[2]
    document = next(one for one in bench.storage.find(TEAM_SEATS, {}) if one["seat"] == gone.seat)
    bench.storage.delete(TEAM_SEATS, (document["link"], document["learner"]))

    page = go(bench, pages[0], act="look")
    assert "Finance, no longer in the team" in page.text
    assert team(bench).steps == {"dispute"}


def test_an_order_that_cannot_be_made_again_is_replaced(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    found = team(bench)
    teams.change(bench.storage, found.link, found.team, lambda kept: replace(kept, mark="of older data"))
    go(bench, pages[0], act="look")

    assert (team(bench).number, team(bench).mark != "of older data") == (2, True)


def test_the_mark_changes_when_the_team_moves_on_and_says_nothing_else(bench: Bench) -> None:
    def mark(page: TestResponse) -> Any:
        return bench.client().post("/lti/team/mark", data={"bearer": bearer(page)}).json

    lobby = opened(bench, "a")
    assert mark(lobby) == {"mark": ""}
    first, second = gathered(bench, "a", "b")
    before = mark(first)
    steps = {step.id: step for step in case(bench).steps}
    page = go(bench, second, act="look", step="promise")
    go(bench, page, act="answer", **field(steps["promise"], answer(steps["promise"])))

    assert before == mark(second) or before != mark(first)
    assert mark(first) != before
    assert mark(first) == mark(second)
    assert f'data-mark="{mark(first)["mark"]}"' in go(bench, first, act="look").text


def test_team_mates_see_names_where_the_platform_gives_them_now_and_no_name_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The course's roster is read as for an instructor; the page of a team shows those of its members."""
    learner = agents.pseudonym(account(bench, "b"), bench.keyring.pseudonym_key)
    monkeypatch.setattr(rosters, "read", lambda *_: {learner: "Ada Example", "another": "Never Shown"})
    nrps = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    body = builders.claims(bench.issuer.iss, begun.nonce, bench.clock(), custom=TASK, sub="a")
    service = {"context_memberships_url": f"{bench.issuer.iss}/members", "service_versions": ["2.0"]}
    page = builders.launch(browser, begun.state, builders.tokens.sign(bench.issuer.signer, {**body, nrps: service}))
    go(bench, page, act="found")
    go(bench, opened(bench, "b"), act="join", team="1")
    shown = go(bench, page, act="look")

    assert "Ada Example" in shown.text
    assert "Never Shown" not in shown.text
    assert "Ada" not in str(bench.storage.find(TEAM_SEATS, {})) + str(bench.storage.find(MEMBERS, {}))


def test_time_that_cannot_be_said_is_not_said(bench: Bench) -> None:
    _, second = gathered(bench, "a", "b")
    step = next(step for step in case(bench).steps if step.id == "chargeable")
    page = go(bench, second, act="look", step="chargeable")
    bench.clock.offset += 3000
    page = go(bench, page, act="look", step="chargeable")  # a page is good for an hour, and a new one for another
    bench.clock.offset += teaming.LONGEST_STEP - 2990
    go(bench, page, act="answer", answer=answer(step))

    answers = [one for document in bench.storage.find(TEAM_SEATS, {}) for one in document["answers"]]
    assert [one["seconds"] for one in answers] == [None]


def test_an_instructor_who_opens_the_link_sees_the_teams(bench: Bench) -> None:
    page = opened(bench, "i", roles=[INSTRUCTOR])

    assert "Nobody is in the course yet" in page.text


def test_learners_are_found_by_the_link(bench: Bench) -> None:
    """A bearer of another activity opens no team."""
    page = builders.launched(bench, custom={"catalog": "cbec", "activity": "case", "case": "freight"}, sub="a")
    refused = bench.client().post("/lti/team", data={"bearer": bearer(page)})

    assert (refused.status_code, "activity_unknown" in refused.text) == (400, True)
    assert learners.OPENS.count("team") == 1


def asked_first(bench: Bench) -> tuple[list[TestResponse], int, Step]:
    """A team's pages, whose of them asks for something first, and what."""
    pages = gathered(bench, "a", "b")
    place = next(place for place, page in enumerate(pages) if 'name="step"' in page.text)
    wanted = hidden(pages[place], "step")
    return pages, place, next(step for step in case(bench).steps if step.id == wanted)


def test_a_hint_in_a_team_costs_its_member_and_is_told(bench: Bench) -> None:
    pages, place, step = asked_first(bench)
    page = go(bench, pages[place], act="hint", helps="0")
    again = go(bench, pages[place], act="hint", helps="0")

    assert page.text.count("<li><p>") == again.text.count("<li><p>") == 1, "one press counts once"
    assert "A right answer is worth 75" in page.text
    assert [len(one["helps"]) for one in bench.storage.find(TEAM_SEATS, {}) if one["helps"]] == [1]
    after = go(bench, page, act="answer", **field(step, answer(step)))

    assert "Hints: 1. Try: 1. Worth 75" in after.text
    (settled,) = team(bench).settled
    assert (settled.right, settled.worth) == (True, 0.75)
    (sent,) = [one for one in told(bench, 3) if one["verb"]["id"] == verbs.ANSWERED]
    assert (sent["result"]["success"], sent["result"]["score"]["scaled"]) == (True, 0.75)
    assert sent["context"]["extensions"][verbs.EXTENSION_HINTS] == 1


def test_hints_of_a_team_end_and_are_taken_of_open_questions_of_ones_own_alone(bench: Bench) -> None:
    pages, place, step = asked_first(bench)
    page = pages[place]
    for shown in range(6):
        page = go(bench, pages[place], act="hint", helps=str(shown))
    most = len(hints.ladder(Question(case(bench), step)))

    assert page.text.count("<li><p>") == most
    assert 'value="hint"' not in page.text
    other = next(one for one in case(bench).steps if rules.role_of(one) != rules.role_of(step))
    for fields in ({"step": other.id}, {"step": "none"}, {"number": "7"}):
        go(bench, pages[place], **{"act": "hint", "helps": "0", **fields})
    assert [len(one["helps"]) for one in bench.storage.find(TEAM_SEATS, {}) if one["helps"]] == [most]


def test_what_is_partly_right_counts_for_its_member_and_for_the_team(bench: Bench) -> None:
    pages = gathered(bench, "a", "b")
    played(bench, pages, wrong=("risk",))
    risk = next(one for one in team(bench).settled if one.step == "risk")
    worth = Decimal(str(risk.worth or 0))
    scores = sorted(one["given"] for one in bench.storage.find(SCORES, {}))

    assert teams.points(team(bench).settled) == 19 + worth
    team_part = Decimal(30) * (19 + worth) / 20
    assert scores == sorted(
        float((part + team_part).quantize(Decimal("0.1"))) for part in (Decimal(70), 70 * (9 + worth) / 10)
    )
