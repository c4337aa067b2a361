from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from lti_tool import advice, texts
from lti_tool.advice import Advice, Model, Wish
from lti_tool.goals import Chosen
from lti_tool.pages import profiling
from lti_tool.plans import Plan
from recommender import mastery, verbs
from recommender.measures import Measure
from tests.lti_tool.advised import CBEC, NOW, OULAD, THREE, advised, history

OLD = [("practice:cus.low_value_eu", 1.0)] * 4


def page(
    given: Advice, *, plan: Plan | None = None, chosen: Chosen | None = None, asked: str = "", language: str = "en"
) -> profiling.Page:
    stories = [mastery.story(given.catalog, given.history, None, name, NOW) for name in profiling.to_tell(given, asked)]
    return profiling.page(given, stories, plan or Plan(), chosen=chosen or Chosen(), asked=asked, language=language)


def aged(days: int) -> Advice:
    """Answers on a skill that a rule of 1 July 2026 changed, so many days ago."""
    answers = history(CBEC, *OLD)
    answers = replace(answers, when=answers.when - days * 86_400_000_000)
    return advice.of_history(CBEC, answers, Model("missing"), wish=Wish("operations"), now=NOW)


def test_a_skill_with_answers_shows_its_estimate_and_one_without_says_how_many_are_missing() -> None:
    shown = page(advised(OULAD, "AAA", *THREE))
    words = {skill.id: skill.meter.words for skill in shown.near}

    assert re.fullmatch(r"about \d\.\d, likely \d\.\d to \d\.\d, goal 4", words["AAA.TMA"])
    assert words["AAA.Exam"] == "not enough data yet: 0 of 3 answers, goal 4"


def test_at_most_six_skills_are_near_and_the_one_asked_for_is_first() -> None:
    given = advised(CBEC, "operations", *[(item, 1.0) for item in list(CBEC.items)[:9]])

    assert len(profiling.near(given)) == 6
    assert profiling.near(given, "cus.duty")[0] == "cus.duty"
    assert profiling.near(given, "no.such.skill") == profiling.near(given)


def test_every_skill_of_the_goal_and_every_skill_with_answers_is_listed() -> None:
    given = advised(CBEC, "logistics", ("practice:sel.niche", 1.0))
    listed = {skill.id for _, skills in page(given).areas for skill in skills}

    assert listed > set(CBEC.roles["logistics"].targets)
    assert len(listed) == len(CBEC.roles["logistics"].targets) + 1


def test_the_lines_of_a_story_add_up_to_the_estimate_as_shown() -> None:
    for story in page(advised(CBEC, "operations", *OLD)).stories:
        tenths = [round(10 * float(row.moved.replace("−", "-"))) for row in story.rows]

        assert sum(tenths) == round(10 * float(story.total))
        assert story.heading.endswith(f"about {story.total}” was computed")


def test_a_story_begins_at_the_starting_point_and_tells_each_answer() -> None:
    (story,) = page(advised(CBEC, "operations", *OLD)).stories

    assert story.rows[0].what == "Starting point from the declared difficulty"
    told = [row for row in story.rows if row.when]
    assert [row.result for row in told] == ["as expected"] * 4
    assert told[0].what.startswith("Practice: EU low-value consignments")


def test_a_story_with_too_few_answers_has_no_sum_and_says_why() -> None:
    (story,) = page(advised(CBEC, "operations", ("practice:cus.duty", 0.0)), asked="cus.duty").stories

    assert (story.total, story.open) == ("", True)
    assert [(row.result, row.moved) for row in story.rows] == [("another answer", "–")]
    assert story.note == "Under three answers no estimate is shown."


def test_a_story_that_was_asked_for_without_any_answer_says_so() -> None:
    (story,) = page(advised(CBEC, "operations"), asked="cus.duty").stories

    assert (story.rows, story.heading) == ([], "Compute import duty: what there is so far")


def test_many_answers_are_told_in_one_line_but_the_newest() -> None:
    (story,) = page(advised(CBEC, "operations", *[("practice:cus.duty", 1.0)] * 15), asked="cus.duty").stories

    assert [row.what for row in story.rows if row.what.endswith("earlier answers")] == ["3 earlier answers"]


def test_a_newer_rule_is_counted_named_and_part_of_the_story() -> None:
    shown = page(aged(200))

    assert shown.ruled == 1
    assert [rule.skills.startswith("EU low-value consignments") for rule in shown.rules] == [True]
    (story,) = shown.stories
    assert any(row.what.startswith("The rule since 1\xa0July\xa02026: ") for row in story.rows)


def test_answers_after_the_rule_are_not_touched_by_it() -> None:
    assert (page(aged(0)).ruled, page(aged(0)).rules) == (0, [])


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_a_newcomer_s_numbers_are_all_missing_and_none_is_drawn(language: str) -> None:
    shown = page(advised(CBEC, "operations"), language=language)

    gauges = [one for card in shown.cards for one in card.gauges]
    assert gauges
    assert [one.value for one in gauges] == [""] * len(gauges)
    assert [one.point for one in gauges] == [""] * len(gauges)


def test_every_number_has_its_method_in_words() -> None:
    for card in page(advised(CBEC, "operations", *OLD)).cards:
        assert len(card.methods) == len({one.method for one in card.gauges})


def test_goals_say_who_set_them_and_how_far_they_are() -> None:
    given = advised(CBEC, "operations", hours=5.0)
    plan = Plan(hours=5, deadline=date(2027, 1, 31))
    shown = page(given, plan=plan, chosen=Chosen("operations", int(NOW.timestamp()))).goals

    assert [aim.name for aim in shown] == [
        "Cross-border platform operations specialist",
        "5 hours a week",
        "By 31\xa0January, if possible",
    ]
    assert shown[0].note == "Set by you on 26\xa0November"
    assert shown[1].note.startswith("What you kept: not enough data yet")
    assert shown[2].note.startswith("Likely between ")


def test_a_goal_of_the_course_and_no_plan_say_so() -> None:
    shown = page(advised(CBEC, "operations"), plan=Plan(deadline=date(2027, 1, 31))).goals

    assert [aim.note for aim in shown][::2] == ["Set by your course", "Plan hours a week to see a likely date"]
    assert shown[1].name == "No hours planned"


def test_without_a_goal_the_block_says_where_to_choose_one() -> None:
    assert page(advised(CBEC, "")).goals[0].name == "No goal chosen yet"


def test_hours_that_were_kept_have_their_range() -> None:
    given = advised(CBEC, "operations")
    goals = replace(given.profile.goals, kept=Measure("rhythm.hours", 4.2, 3.1, 5.3, 8, 0, unit="hours/week"))
    shown = page(replace(given, profile=replace(given.profile, goals=goals))).goals

    assert shown[1].note == "You kept 4.2 h on average, likely 3.1 h to 5.3 h"


def ways(
    given: Advice, effects: dict[str, Measure], best: str | None = None, plan: Plan | None = None
) -> profiling.Card:
    found = replace(given.profile.ways, effects=effects, best=best)
    changed = replace(given, profile=replace(given.profile, ways=found))
    return next(card for card in page(changed, plan=plan).cards if card.title == "Ways of learning")


def effect(value: float, unit: str = "level/hour") -> Measure:
    return Measure("ways.effect", value, value - 0.1, value + 0.1, 9, 0, unit=unit)


def test_ways_that_overlap_are_told_as_equal_and_one_that_stands_out_by_name() -> None:
    given = advised(CBEC, "operations")
    both = {"simulation": effect(0.21), "quiz": effect(0.15)}

    assert ways(given, both).finding.startswith("The likely ranges overlap")
    assert ways(given, both, "simulation").finding == "Practice case brings you clearly most so far."
    assert ways(given, {"quiz": effect(0.2)}).finding.startswith("Only one way")
    assert ways(given, {}).finding.startswith("Not enough data yet")
    assert ways(given, {}, plan=Plan(way="video")).finding.endswith("You prefer: Video.")


def test_ways_share_one_scale_with_zero_on_it() -> None:
    card = ways(advised(CBEC, "operations"), {"simulation": effect(0.3), "quiz": effect(-0.2, "level/hour")})

    assert card.lead == "Levels gained per hour; the upright mark is zero."
    assert [one.value for one in card.gauges] == ["+0.30", "−0.20"]
    assert len({one.zero for one in card.gauges}) == 1
    assert 0 < float(card.gauges[0].zero[:-1]) < 100


def test_without_times_effects_are_told_per_activity() -> None:
    card = ways(advised(CBEC, "operations"), {"quiz": effect(0.1, "level/activity")})

    assert card.lead == "Levels gained per activity; the upright mark is zero."


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_way_of_learning_has_its_name(language: str) -> None:
    say = texts.speaker(language)

    assert len({say(f"way.{mode}") for mode in verbs.MODES}) == len(verbs.MODES)
