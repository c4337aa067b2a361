"""Teams formed by an instructor: a proposal with reasons, moved by hand, confirmed; and what each brings in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import numpy as np
import pytest

from curriculum import catalog as catalogs
from curriculum import practice
from curriculum.practice import team as rules
from lti_tool import courses, learner, teams
from lti_tool.deep_linking import choices
from lti_tool.pages import classroom, teaching, teamboard
from lti_tool.roster import members
from lti_tool.settings import TEAM_SEATS, TEAMS
from lti_tool.teams import Team
from tests.lti_tool import briefed, builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_teaming import TASK, account, bearer, go, opened
from xapi_collector import agents

ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"


def seen(bench: Bench, role: str = INSTRUCTOR, **changes: Any) -> TestResponse:
    page = opened(bench, "teacher", roles=[role], **changes)
    assert page.status_code == 200, page.text
    return page


def pressed(bench: Bench, page: TestResponse, path: str = "/lti/teams/form", **fields: str) -> TestResponse:
    return bench.client().post(path, data={"bearer": bearer(page), **fields})


def present(bench: Bench, *subs: str) -> dict[str, str]:
    """Learners who opened the link; their pseudonyms."""
    for sub in subs:
        opened(bench, sub)
    return {sub: agents.pseudonym(account(bench, sub), bench.keyring.pseudonym_key) for sub in subs}


def to(learner_: str) -> str:
    return f"to:{learner_[: classroom.ID]}"


def selected(page: TestResponse) -> dict[str, str]:
    """Which number each field of the page has, by the name of the field."""
    found = {}
    for name, body in re.findall(
        r'<select class="input" id="to-\d+" name="([^"]+)">(.*?)</select>', page.text, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def standing(bench: Bench) -> list[Team]:
    links = {one["link"] for one in bench.storage.find(TEAMS, {})}
    return [team for link in links for team in teams.of_link(bench.storage, link)]


def seats(bench: Bench) -> dict[str, str]:
    """The number of the team of each learner, by pseudonym."""
    return {sat.learner: team.team for team in standing(bench) for sat in teams.members(bench.storage, team).values()}


def test_the_teams_are_proposed_confirmed_and_begin(bench: Bench) -> None:
    people = present(bench, "a", "b", "c", "d", "e")
    page = seen(bench)
    assert builders.heading(page) == "5 learners have no team"
    assert "this proposal is by chance" in unescape(page.text)
    fields = selected(page)
    assert sorted(fields.values()) == ["1", "1", "1", "2", "2"]
    page = pressed(bench, page, **fields)

    assert "The teams are formed." in page.text
    assert builders.heading(page) == "Everybody has a team"
    assert seats(bench) == {one: fields[to(one)] for one in people.values()}
    assert all(team.begun and all(chair.roles for chair in team.chairs) for team in standing(bench))
    assert "question" in opened(bench, "a").text


def test_another_size_and_another_proposal_are_shown_and_kept_by_the_form(bench: Bench) -> None:
    present(bench, *"abcdef")
    page = pressed(bench, seen(bench), "/lti/teams", size="3", seed="7")

    assert sorted(selected(page).values()) == ["1", "1", "1", "2", "2", "2"]
    assert page.text.count('name="size" value="3"') >= 1
    assert 'name="seed" value="8"' in page.text
    assert sorted(selected(pressed(bench, page, "/lti/teams", size="9", seed="x")).values()) == list("112233")


def test_learners_are_moved_by_hand_and_what_was_settled_stays(bench: Bench) -> None:
    people = present(bench, "a", "b", "c", "d")
    page = pressed(
        bench, seen(bench), **{to(people["a"]): "1", to(people["b"]): "1", to(people["c"]): "2", to(people["d"]): "2"}
    )
    own = go(bench, opened(bench, "a"), act="look")
    step = re.search(r'name="step" value="([^"]+)"', own.text)
    assert step
    go(bench, own, act="unknown")
    page = pressed(bench, page, **{to(people["d"]): "1"})

    assert seats(bench) == {people["a"]: "1", people["b"]: "1", people["c"]: "2", people["d"]: "1"}
    first, second = standing(bench)
    assert first.steps == {step[1]}
    assert sorted(role for chair in first.chairs for role in chair.roles) == sorted(rules.ROLES)
    assert [len(chair.roles) for chair in second.chairs] == [4]
    page = pressed(bench, page, **{to(people["c"]): ""})
    assert [team.team for team in standing(bench)] == ["1"]
    assert seats(bench).keys() == {people["a"], people["b"], people["d"]}
    assert builders.heading(page) == "One learner has no team"


def test_a_team_of_five_and_a_number_that_was_not_offered_change_nothing(bench: Bench) -> None:
    people = present(bench, *"abcde")
    page = seen(bench)
    many = pressed(bench, page, **{to(one): "1" for one in people.values()})
    strange = pressed(bench, page, **{to(people["a"]): "x1"})

    assert "A team has at most 4 members" in many.text
    assert "was not offered" in strange.text
    assert (standing(bench), seats(bench)) == ([], {})


def test_a_team_that_learners_made_stands_beside_the_proposal(bench: Bench) -> None:
    people = present(bench, "a", "b", "c")
    go(bench, opened(bench, "a"), act="found")
    page = seen(bench)

    assert builders.heading(page) == "2 learners have no team"
    assert selected(page) == {to(people["a"]): "1", to(people["b"]): "2", to(people["c"]): "2"}
    assert "gathers" in page.text
    pressed(bench, page, **selected(page))
    assert [bool(team.begun) for team in standing(bench)] == [True, True]


def test_what_each_member_brought_in_is_shown(bench: Bench) -> None:
    people = present(bench, "a", "b")
    page = pressed(bench, seen(bench), **{to(one): "1" for one in people.values()})
    own = go(bench, opened(bench, "b"), act="look", step="")
    bench.clock.offset += 120
    go(bench, own, act="unknown")
    page = pressed(bench, page, "/lti/teams")
    rows = re.findall(r'<tr role="row"><th role="rowheader".*?</tr>', page.text)

    assert [
        code[: classroom.CODE] in row
        for code, row in zip(sorted(people.values(), key=rows_of(bench)), rows, strict=True)
    ] == [True, True]
    texts = [unescape(re.sub(r"<[^>]+>", "|", row)) for row in rows]
    assert any("1 of 10" in text and "2 min" in text for text in texts)
    assert "1 of 20 settled" in page.text
    assert "at work" in page.text


def rows_of(bench: Bench) -> Any:
    order = [sat.learner for team in standing(bench) for sat in teams.members(bench.storage, team).values()]
    return order.index


def test_points_are_there_once_the_order_is_settled(bench: Bench) -> None:
    people = present(bench, "a", "b")
    page = pressed(bench, seen(bench), **{to(one): "1" for one in people.values()})
    (found,) = standing(bench)
    for step, seat in ((step, chair.seat) for chair in found.chairs for step in steps_of(found, chair.roles)):
        sat = teams.members(bench.storage, found)[seat]
        teams.answer(bench.storage, [sat.learner], found, teams.Answer(step, "1", True, "", 9.0, None))
    page = pressed(bench, page, "/lti/teams")

    assert page.text.count("100.0") == 2
    assert "finished" in page.text


def steps_of(found: Team, roles: tuple[str, ...]) -> list[str]:
    case = practice.case(rules.kind_of(found.destination), found.seed, date.fromisoformat(found.on))
    return [step.id for step in case.steps if rules.role_of(step) in roles]


def test_an_assistant_sees_the_teams_and_cannot_move_anybody(bench: Bench) -> None:
    present(bench, "a", "b")
    page = seen(bench, ASSISTANT)

    assert "2 learners have no team" in page.text
    assert "<select" not in page.text
    assert pressed(bench, page).status_code == 403


def test_the_page_of_a_class_without_a_team_task_says_how_to_add_one(bench: Bench) -> None:
    page = builders.launched(bench, custom={"catalog": "cbec", "activity": "class"}, roles=[INSTRUCTOR])
    shown = pressed(bench, page, "/lti/teams")

    assert builders.heading(shown) == "No link of this course opens a team task"
    assert pressed(bench, page).status_code == 200


def test_one_of_several_team_tasks_is_chosen(bench: Bench) -> None:
    present(bench, "a", "b")
    other = opened(bench, "a", {**TASK, "team": "uk.3"}, resource_link={"id": "link-2", "title": "Team task two"})
    assert other.status_code == 200
    page = seen(bench)
    link = re.search(r'<option value="([^"]+)">Team task two', page.text)
    assert link
    shown = pressed(bench, page, "/lti/teams", link=link[1])

    assert "An order to the UK, in a team" in shown.text
    assert "An order to the EU, in a team" in page.text


def test_many_teams_have_fields_for_numbers(bench: Bench) -> None:
    people = present(bench, "a")
    context = bench.storage.find(courses.COURSES, {}, limit=1)[0]["course"]
    for number in range(70):
        name = f"{number:032x}"
        kept = members.Member(context, name, "m", True, "active", ("learner",), (), 1, 1)
        bench.storage.replace(members.MEMBERS, members.document(kept), expected=None)
    page = seen(bench)

    assert page.text.count('inputmode="numeric"') == 71
    assert builders.heading(page) == "71 learners have no team"
    assert to(people["a"]) in page.text


def test_reasons_name_the_skills_that_each_covers_and_the_roles_that_follow() -> None:
    catalog, case = catalogs.load("cbec"), briefed_case()
    customs = [step.skill for step in case.steps if rules.role_of(step) == rules.COMPLIANCE]
    shop = [step.skill for step in case.steps if rules.role_of(step) == rules.OPERATIONS]
    deeds = {
        "a": briefed.deeds(dict.fromkeys(customs, 4.5)),
        "b": briefed.deeds(dict.fromkeys(shop, 4.0)),
        "c": briefed.deeds(dict.fromkeys(customs, 4.4)),
    }
    people = ["a", "b", "c", "d"]
    mastery = teamboard.standing(catalog, people, deeds)
    assert np.isnan(mastery[3]).all()
    free = teamboard.Candidates(catalog, case, people, mastery, teamboard.zones(people, {}))
    groups = teamboard.formed(free, 2, seed=1)
    shown = teamboard.proposal(free, groups, ["1", "2"], "en")
    reasons = {one.learner: one for group in shown for one in group.members}

    assert free.known
    assert {frozenset(one.learner for one in group.members) for group in shown} != {frozenset("ac"), frozenset("bd")}
    assert "Compliance" in reasons["a"].roles
    assert "Operations" in reasons["b"].roles
    assert reasons["a"].skills
    assert reasons["d"].skills == ()
    assert all(group.coverage for group in shown)
    assert teamboard.worth(catalog, case, mastery[1])[rules.OPERATIONS] == pytest.approx(0.8)


def briefed_case() -> Any:
    return practice.case("flow_eu", 2, date(2026, 11, 26))


def test_a_skill_that_the_institution_took_out_counts_for_nothing() -> None:
    catalog, case = catalogs.load("cbec"), briefed_case()
    first, *rest = case.steps
    without = replace(case, steps=(replace(first, skill="own.gone"), *rest))

    assert teamboard.demand(catalog, case).sum() == len(case.steps)
    assert teamboard.demand(catalog, without).sum() == len(case.steps) - 1


def test_a_course_can_add_an_order_for_teams_of_each_size() -> None:
    offered = [one for one in choices.offered(catalogs.load("cbec")).values() if one.activity == "team"]

    assert [one.subject for one in offered][:4] == ["eu.2", "eu.3", "eu.4", "uk.2"]
    assert offered[1].custom == {"catalog": "cbec", "activity": "team", "team": "eu.3"}
    assert offered[1].key == "team:cbec:eu.3"
    assert offered[1].name["en"] == "An order to the EU, teams of 3"
    assert [one for one in choices.offered(catalogs.load("oulad")).values() if one.activity == "team"] == []


def test_teams_keep_to_the_groups_of_the_course_where_that_is_asked_for(bench: Bench) -> None:
    people = present(bench, *"abcdef")
    assert "Keep to the groups" not in seen(bench).text
    for place, sub in enumerate("abcdef"):
        opened(bench, sub, {**TASK, "groups": f"group-{place % 2}"})
    page = seen(bench)
    assert "Keep to the groups" in page.text
    fields = selected(pressed(bench, page, "/lti/teams", within="1", size="3"))

    assert len({fields[to(people[sub])] for sub in "ace"}) == 1
    assert len({fields[to(people[sub])] for sub in "bdf"}) == 1
    assert fields[to(people["a"])] != fields[to(people["b"])]


def test_what_learners_say_of_their_time_zone_forms_the_teams(bench: Bench) -> None:
    people = present(bench, *"abcd")
    for place, sub in enumerate("abcd"):
        go(bench, opened(bench, sub), act="zone", zone=str((480, -240)[place % 2]))
    page = seen(bench)
    fields = selected(page)

    assert fields[to(people["a"])] == fields[to(people["c"])] != fields[to(people["b"])] == fields[to(people["d"])]
    assert "12 hours a day in common" in page.text


def test_names_are_shown_only_where_they_are_asked_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    people = present(bench, "a", "b")
    monkeypatch.setattr(
        teaching, "names_of", lambda desk: ({people["a"]: "Ada Example"} if desk.asked.names else {}, "")
    )
    page = seen(bench)

    assert "Ada Example" not in page.text
    assert "Ada Example" in pressed(bench, page, "/lti/teams", names="1").text
    assert bench.storage.find(TEAM_SEATS, {}) == []
    assert learner.OPENS.count("team") == 1
