from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from curriculum.catalog import Resource
from lti_tool import advice, texts
from lti_tool.advice import Model, Wish
from lti_tool.pages import bar, today
from lti_tool.plans import Plan
from recommender.knobs import Knobs
from recommender.recommend import Part, Stuck
from tests.lti_tool.advised import CBEC, NOW, OULAD, THREE, advised, history

SAY = texts.speaker("en")


def page(given: advice.Advice, plan: Plan | None = None, language: str = "en") -> today.Page:
    return today.page(given, plan or Plan(), language, NOW.timestamp())


def hundredths(text: str) -> int:
    return 0 if text == bar.NOTHING else round(100 * float(text.replace("−", "-")))


def test_a_newcomer_gets_three_cards() -> None:
    shown = page(advised(CBEC, "operations"))

    assert [card.rank for card in shown.cards] == [1, 2, 3]
    assert shown.counts == {"there": 0, "on_the_way": 0, "unknown": len(CBEC.roles["operations"].targets)}


def test_without_a_goal_there_are_no_cards_and_no_week() -> None:
    shown = page(advised(CBEC, ""))

    assert (shown.cards, shown.others, shown.news, shown.likely, shown.help) == ([], [], [], "", "")


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("role", [*CBEC.roles])
def test_every_role_has_a_page_in_both_languages(role: str, language: str) -> None:
    shown = page(advised(CBEC, role), language=language)

    assert all(card.reasons and card.kind and card.title for card in shown.cards)


def test_what_is_done_is_not_on_a_card() -> None:
    titles = {card.title for card in page(advised(OULAD, "AAA", *THREE)).cards}

    done = [OULAD.items[item].name or {} for item, _ in THREE]
    assert titles.isdisjoint({name["en"] for name in done})


@pytest.mark.parametrize("answers", [(), (("practice:fnd.ecom_models", 1.0), ("practice:fnd.intl_trade", 0.0))])
def test_the_parts_of_every_weight_add_up_as_shown(answers: tuple[tuple[str, float], ...]) -> None:
    for card in page(advised(CBEC, "operations", *answers)).cards:
        assert sum(hundredths(row.value) for row in card.weight.rows) == hundredths(card.weight.total)


def test_the_greatest_weight_of_the_three_is_one_however_small_it_is() -> None:
    for given in (advised(CBEC, "operations"), advised(OULAD, "AAA", *THREE)):
        totals = [hundredths(card.weight.total) for card in page(given).cards]
        assert max(totals) == 100
        assert min(totals) > 0


def test_all_cards_show_the_same_parts_of_a_weight_so_that_they_can_be_compared() -> None:
    given = advised(CBEC, "operations")
    first, *others = given.recommendations
    parts = tuple(Part(one.name, 0.25 if one.name == "refresh" else one.value) for one in first.parts)
    changed = replace(given, recommendations=(replace(first, parts=parts), *others))

    names = [[row.name for row in card.weight.rows] for card in page(changed).cards]
    assert names == [["gap", "refresh", "opens"]] * 3


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.01, "less than 1 in 10"), (0.06, "about 1 in 10"), (0.76, "about 8 in 10"), (0.97, "more than 9 in 10")],
)
def test_a_chance_is_said_in_tenths(chance: float, words: str) -> None:
    given = advised(CBEC, "operations")
    (first, *_) = given.recommendations
    changed = replace(given, recommendations=(replace(first, chance=chance),))

    (card,) = page(changed).cards
    assert card.chance_words == words


@pytest.mark.parametrize("kind", ["practice", "step_back", "refresh", "review", "test_out", "stretch"])
def test_every_kind_of_step_has_its_name(kind: str) -> None:
    given = advised(CBEC, "operations")
    changed = replace(given, recommendations=(replace(given.recommendations[0], kind=kind),))

    assert page(changed).cards[0].kind


def test_a_card_offers_the_case_or_the_questions_of_its_skill() -> None:
    given = advised(CBEC, "operations")
    first, *others = given.recommendations
    low = replace(first, skill="cus.low_value_eu", item="practice:cus.low_value_eu")
    changed = replace(given, recommendations=(low, *others))

    assert [card.practice for card in page(changed).cards] == [
        "case:eu_import",
        *(f"quiz:{other.skill}" for other in others),
    ]
    assert [card.practice for card in page(advised(OULAD, "AAA")).cards] == ["", "", ""]


def test_a_card_says_what_to_read_first_where_there_is_something() -> None:
    name = {"en": "Duty in ten minutes", "zh": "十分钟读懂关税"}
    video = Resource("r.duty", "https://example.org/duty", ("cus.duty",), name, 10.0, "video")
    given = advised(CBEC, "operations")
    catalog = replace(CBEC, resources={"r.duty": video})
    changed = replace(given, catalog=catalog, recommendations=(replace(given.recommendations[0], resource="r.duty"),))

    assert page(changed).cards[0].read == "First, if you like: Duty in ten minutes (Video)"
    assert page(given).cards[0].read == "First, if you like: the lesson, 5 min to read"
    assert all(card.lesson for card in page(given).cards)
    bare = replace(given, recommendations=tuple(replace(one, resource=None) for one in given.recommendations))
    assert [card.read for card in page(bare).cards] == ["", "", ""]


def test_the_hours_of_the_week_are_the_times_that_answers_say_they_took() -> None:
    answers = [("practice:fnd.ecom_models", 1.0)] * 5
    timed = replace(history(CBEC, *answers, seconds=1200.0))
    given = advice.of_history(CBEC, timed, Model("missing"), wish=Wish("operations"), now=NOW)

    hours = page(given, Plan(hours=2)).hours

    # Monday to Wednesday: three of five answers, a day apart, the last one yesterday.
    assert (hours.spent, hours.timed, hours.answers, hours.share) == ("1 h", 3, 3, "50.0%")


def test_without_times_there_is_no_number_of_hours() -> None:
    hours = page(advised(CBEC, "operations", *[("practice:fnd.ecom_models", 1.0)] * 2)).hours

    assert (hours.spent, hours.timed, hours.answers) == ("", 0, 2)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 min"), (600, "10 min"), (3600, "1 h"), (11_400, "3 h 10 min"), (3599, "1 h")]
)
def test_a_duration_reads_as_hours_and_minutes(seconds: float, words: str) -> None:
    assert today.duration(seconds, SAY) == words


def test_with_hours_a_week_there_is_a_likely_date_and_it_is_told_when_it_comes_after_the_deadline() -> None:
    given = advised(CBEC, "operations", hours=5.0)
    soon, late = Plan(hours=5, deadline=NOW.date() + timedelta(days=1)), Plan(hours=5, deadline=date(2040, 1, 1))

    assert page(advised(CBEC, "operations")).likely == ""
    assert page(given, late).likely.startswith("At this pace your goal is likely between ")
    assert "after the day you named" in page(given, soon).likely
    assert "after the day you named" not in page(given, late).likely


def test_a_person_is_offered_where_the_same_skill_went_wrong_again_and_again() -> None:
    stuck = advised(CBEC, "operations", *[("practice:fnd.ecom_models", 0.0)] * 5)

    assert "E-commerce business models" in page(stuck).help
    assert page(advised(CBEC, "operations", *[("practice:fnd.ecom_models", 0.0)] * 4)).help == ""


def test_help_names_every_skill_that_needs_it() -> None:
    given = advised(CBEC, "operations")
    assert given.outlook is not None
    both = tuple(Stuck(name, 5, (), resting=False, help=True, seqs=()) for name in ("cus.duty", "prc.landed"))
    shown = page(replace(given, outlook=replace(given.outlook, stuck=both)))

    assert "Compute import duty, Compute landed cost" in shown.help


def test_a_skill_that_reached_the_goal_this_week_is_news() -> None:
    given = advised(CBEC, "operations", *[("practice:fnd.ecom_models", 1.0)] * 4)

    (news,) = [one for one in page(given).news if one.mark == "done"]
    assert news.words.startswith("E-commerce business models reached level ")
    assert news.words.endswith("from 4 answers")


def test_what_was_reached_before_this_week_is_none() -> None:
    old = history(CBEC, *[("practice:fnd.ecom_models", 1.0)] * 4)
    old = replace(old, when=old.when - 14 * 86_400_000_000)
    given = advice.of_history(CBEC, old, Model("missing"), wish=Wish("operations"), now=NOW)

    assert given.profile.knowledge["fnd.ecom_models"].level is not None
    assert [one for one in page(given).news if one.mark == "done"] == []


def test_a_rule_is_news_for_a_month() -> None:
    rule = CBEC.rules["eu.flat_duty_2026"]
    given = advised(CBEC, "operations")

    def told(days: int) -> int:
        moment = NOW.replace(year=rule.valid_from.year, month=rule.valid_from.month, day=rule.valid_from.day)
        shown = today.page(given, Plan(), "en", (moment + timedelta(days=days)).timestamp())
        return sum(one.mark == "changed" and "EUR 3" in one.words for one in shown.news)

    assert (told(-1), told(0), told(today.LATELY), told(today.LATELY + 1)) == (0, 1, 1, 0)


def test_what_rests_is_listed_and_not_on_a_card() -> None:
    first = page(advised(CBEC, "operations")).cards[0]
    until = NOW.timestamp() + 86_400
    plan = Plan(paused={first.skill: until, "no.such.skill": until})
    shown = page(advised(CBEC, "operations", knobs=Knobs(paused=plan.paused)), plan)

    assert [(one.id, one.until) for one in shown.resting] == [(first.skill, "27\xa0November")]
    assert first.skill not in {card.skill for card in shown.cards}


def test_every_other_skill_of_the_goal_can_be_chosen_by_area() -> None:
    shown = page(advised(CBEC, "operations"))

    listed = {id_ for _, skills in shown.others for id_, _ in skills}
    assert listed | {card.skill for card in shown.cards} == CBEC.roles["operations"].targets.keys()
    assert listed.isdisjoint({card.skill for card in shown.cards})
