from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from lti_tool import texts
from lti_tool.advice import Advice
from lti_tool.goals import Chosen
from lti_tool.pages import pathing
from lti_tool.plans import Plan
from recommender import switch
from recommender.candidates import Goal
from recommender.pace import Hours
from tests.lti_tool.advised import CBEC, NOW, OULAD, THREE, advised

SAY = texts.speaker("en")
KNOWN = [
    (f"practice:{skill}", 1.0)
    for skill in ("fnd.ecom_models", "fnd.intl_trade", "mkt.digital_basics")
    for _ in range(4)
]


def page(given: Advice, plan: Plan | None = None, chosen: Chosen | None = None, language: str = "en") -> pathing.Page:
    return pathing.page(given, plan or Plan(), chosen or Chosen(), language)


def trial(given: Advice, wanted: str, language: str = "en") -> pathing.Trial:
    compared = switch.compare(
        given.catalog,
        given.history,
        None,
        old=given.wish.goal,
        new=replace(given.wish.goal, role=wanted),
        now=NOW,
        levels={name: state.level for name, state in given.profile.knowledge.items()},
        ready=given.ready,
    )
    return pathing.trial(given, compared, language)


def test_the_path_is_the_whole_goal_for_a_newcomer() -> None:
    shown = page(advised(CBEC, "operations"))

    assert len(shown.steps) == pathing.FIRST_STRETCH
    assert len(shown.steps) + len(shown.later) == len(CBEC.roles["operations"].targets)
    assert shown.reached == []


def test_the_path_breaks_no_prerequisite() -> None:
    shown = page(advised(CBEC, "operations"))
    names = {skill.name["en"]: skill.id for skill in CBEC.skills.values()}
    order = [names[step.name] for step in (*shown.steps, *shown.later)]

    assert [
        skill
        for place, skill in enumerate(order)
        for needed in CBEC.skills[skill].prerequisites
        if needed in order[place:]
    ] == []


def test_what_is_reached_leaves_the_path_and_is_listed() -> None:
    shown = page(advised(CBEC, "operations", *KNOWN))

    assert "Basics of international trade" in shown.reached
    assert "Basics of international trade" not in {step.name for step in (*shown.steps, *shown.later)}
    assert len(shown.reached) == shown.counts["there"]


def test_every_step_says_how_long_how_it_stands_and_why() -> None:
    for step in page(advised(OULAD, "AAA", *THREE)).steps:
        assert step.words.startswith("about ")
        assert step.because


def test_why_a_step_is_needed_is_said_where_the_catalog_says_it() -> None:
    first = next(name for name in CBEC.skills if name == "fnd.ecom_models")
    after = next(skill for skill in CBEC.skills.values() if first in skill.prerequisites)
    told = replace(after, because={first: {"en": "modes are models", "zh": "模式即模型"}})
    given = advised(CBEC, "operations")
    changed = replace(given, catalog=replace(CBEC, skills={**CBEC.skills, after.id: told}))

    assert " (modes are models)" in page(changed).steps[0].because


def test_without_a_goal_there_is_no_path() -> None:
    shown = page(advised(CBEC, ""))

    assert (shown.steps, shown.later, shown.hours, shown.dates) == ([], [], "", "")


def test_dates_need_hours_a_week() -> None:
    planned = page(advised(CBEC, "operations", hours=5.0), Plan(hours=5))

    assert page(advised(CBEC, "operations")).dates == ""
    assert " – " in planned.dates


def test_a_goal_of_one_s_own_says_since_when() -> None:
    chosen = Chosen("operations", int(NOW.timestamp()))

    assert page(advised(CBEC, "operations"), chosen=chosen).since == "Chosen by you on 26\xa0November."
    assert page(advised(CBEC, "operations"), chosen=replace(chosen, role="marketing")).since == ""


@pytest.mark.parametrize(
    ("hours", "words"),
    [(Hours(38, 30, 47), "30–47 h"), (Hours(0.2, 0.1, 0.3), "0 h"), (Hours(2, 1.6, 2.4), "2 h")],
)
def test_hours_are_told_as_their_range(hours: Hours, words: str) -> None:
    assert pathing.hours(hours, SAY) == words


def test_days_are_told_with_their_year() -> None:
    assert (
        pathing.days((date(2027, 1, 10), date(2027, 2, 5)), "en", SAY)
        == "10\xa0January\xa02027 – 5\xa0February\xa02027"
    )
    assert pathing.days(None, "en", SAY) == ""


@pytest.mark.parametrize(("old", "new"), list(permutations(CBEC.roles, 2)))
def test_of_any_two_goals_the_parts_add_up_on_the_page(old: str, new: str) -> None:
    shown = trial(advised(CBEC, old, *KNOWN), new)

    assert shown.carry + shown.aside == shown.old.total == sum(shown.old.counts.values())
    assert shown.carry + shown.fresh == shown.new.total == sum(shown.new.counts.values())
    assert sum(shown.levels) == shown.carry
    assert len(shown.added) + len(shown.added_more) == shown.fresh
    assert len(shown.dropped) + len(shown.dropped_more) == shown.aside
    assert len(shown.higher) + len(shown.higher_more) == shown.levels[0]
    assert 0 <= shown.there <= shown.carry
    ends = [float(shown.shape.fresh_at[:-1]) + float(shown.shape.fresh[:-1])]
    assert ends[0] == pytest.approx(100, abs=0.15)


def test_a_goal_that_is_tried_out_shows_both_targets_on_one_meter() -> None:
    (first, *_) = trial(advised(CBEC, "operations"), "marketing").higher

    assert first.words == "Digital marketing techniques: 3 → 4"
    assert (first.meter.was, first.meter.target) == ("60.0%", "80.0%")
    assert first.meter.label.endswith("goal 4 instead of 3")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_first_stretch_gives_a_reason_for_every_step(language: str) -> None:
    shown = trial(advised(CBEC, "operations", *KNOWN), "marketing", language)

    assert shown.steps
    assert all(step.name and (step.because or step.mark == "done") for step in shown.steps)


def test_a_step_of_another_goal_says_what_is_reached_nearly_there_or_new() -> None:
    step = switch.Step("mkt.plan", 4, 4.2, "reached", False, 0.0, ("mkt.brand",), ())

    def told(**changes: object) -> pathing.Step:
        return pathing._first(replace(step, **changes), lambda skill: f"<{skill}>", SAY)  # type: ignore[arg-type]  # fields by name

    assert told() == pathing.Step("<mkt.plan>", "about 4.2, goal 4", "<mkt.brand> builds on it", "done", "Reached")
    assert told(opens=()).because == ""
    assert told(state="nearly", minutes=10.0).words == "nearly there"
    assert told(state="ready", minutes=180.0, new=True).words == "about 3 h · new"
    assert told(state="later", minutes=20.0, opens=()) == pathing.Step(
        "<mkt.plan>", "about 20 min", "Your goal asks for it directly", "goal"
    )


def test_words_stand_below_what_is_set_aside_only_where_there_is_room() -> None:
    assert trial(advised(CBEC, "operations"), "marketing").shape.roomy
    assert not pathing._shape(5, 60, 10).roomy


def test_two_goals_that_ask_for_nothing_have_a_shape() -> None:
    assert pathing._shape(0, 0, 0).carry == "0.0%"


def test_the_goal_is_not_changed_by_trying_out() -> None:
    given = advised(CBEC, "operations")
    trial(given, "marketing")

    assert given.wish.goal == Goal("operations")


@pytest.mark.parametrize("role", CBEC.roles)
def test_at_least_half_of_a_path_is_practice(role: str) -> None:
    shown = page(advised(CBEC, role))
    less = page(advised(replace(CBEC, resources={}), role))

    assert 50 <= int(shown.share.removesuffix("%")) < 100
    assert less.share == "100%"


def test_reading_counts_for_what_is_still_ahead_alone() -> None:
    given = advised(CBEC, "operations")
    half = replace(CBEC, resources={name: replace(one, minutes=6000.0) for name, one in CBEC.resources.items()})

    assert int(page(replace(given, catalog=half)).share.removesuffix("%")) < 5
    assert page(advised(CBEC, "")).share == ""
    there = {name: replace(state, level=5.0) for name, state in given.profile.knowledge.items()}
    done = replace(given, catalog=half, profile=replace(given.profile, knowledge=there))
    assert page(done).share == "100%"


@pytest.mark.parametrize("role", CBEC.roles)
def test_the_fields_of_a_goal_hold_each_of_its_skills_once(role: str) -> None:
    """Every role of the shipped catalog draws on trade, on data, and on working with people of other cultures."""
    targets = CBEC.roles[role].targets
    names = {CBEC.areas[CBEC.skills[skill].area].name["zh"] for skill in targets}
    shown = page(advised(CBEC, role, *KNOWN), language="zh").areas

    assert [one.name for one in shown] == [area.name["zh"] for area in CBEC.areas.values() if area.name["zh"] in names]
    assert sum(one.total for one in shown) == len(targets)
    assert sum(one.there for one in shown) == len(page(advised(CBEC, role, *KNOWN)).reached)
    assert {"fnd", "dat", "ict"} <= {CBEC.skills[skill].area for skill in targets}
