from __future__ import annotations

from dataclasses import replace

from lti_tool.pages import hands
from lti_tool.pages.lately import Left
from tests.lti_tool.briefed import CATALOG, ITEM, attempt, deeds, made, tally


def test_three_in_a_row_want_a_hand_with_their_cause_and_what_comes_before() -> None:
    people = {"a": deeds({"cus.low_value_eu": 1.0}, runs={"practice:cus.low_value_eu": 3}), "b": deeds(runs={ITEM: 2})}
    (hand,) = made(people, a=[tally("m.old_150_relief", other=3)]).hands

    assert hand.learners == ("a",)
    assert hand.whys[0].startswith("3 tries at “")
    assert CATALOG.misconceptions["m.old_150_relief"].name["en"] in hand.whys[0]
    assert "not enough data yet" in hand.help
    assert hand.waiting == "3 days ago"
    assert hand.skill == "cus.low_value_eu"


def test_a_row_of_other_answers_is_no_news_after_two_weeks() -> None:
    assert [hand.quiet for hand in made({"a": deeds(age=15, runs={ITEM: 5})}).hands] == [True]


def test_what_may_help_is_the_thing_itself_where_all_before_is_there() -> None:
    skill = "cus.duty"
    there = dict.fromkeys(CATALOG.skills[skill].prerequisites, 4.0)
    first = next(name for name, item in CATALOG.items.items() if not CATALOG.skills[item.skills[0]].prerequisites)

    assert "what comes before is there" in made({"a": deeds(there, runs={ITEM: 3})}).hands[0].help
    assert made({"a": deeds(runs={first: 3})}).hands[0].help.endswith("gone through together")


def test_a_case_that_was_left_wants_a_hand_until_it_is_old() -> None:
    left = [Left("a", attempt(2)), Left("b", attempt(0.5)), Left("c", attempt(40)), Left("d", attempt(3, answers=0))]
    (hand,) = made({name: deeds({"cus.duty": 2.0}) for name in "abcd"}, left=left).hands

    assert (hand.learners, hand.skill) == (("a",), "")
    assert "at step 3 of 5" in hand.whys[0]


def test_who_has_waited_longest_comes_first_and_the_silent_share_a_row() -> None:
    people = {
        "a": deeds(age=1, runs={ITEM: 3}),
        "b": deeds(age=5, runs={ITEM: 3}),
        "c": deeds(age=20),
        "d": deeds(age=30),
        "e": deeds(age=1),
    }
    shown = made(people).hands

    assert [hand.learners for hand in shown] == [("d", "c"), ("b",), ("a",)]
    assert shown[0].quiet


def test_more_than_fit_are_counted() -> None:
    ages = {f"p{number:02}": 1.0 + number * 5 % (hands.ROWS + 3) / 4 for number in range(hands.ROWS + 3)}
    shown = made({name: deeds(age=age, runs={ITEM: 3}) for name, age in ages.items()})

    assert (len(shown.hands), shown.unshown) == (hands.ROWS, 3)
    waited = [ages[one] for hand in shown.hands for one in hand.learners]
    assert waited == sorted(ages.values(), reverse=True)[: hands.ROWS]


def test_the_weakest_of_what_comes_before_may_help() -> None:
    before = dict(zip(CATALOG.skills["cus.duty"].prerequisites, (2.5, 1.5), strict=True))
    (hand,) = made({"a": deeds(before, runs={ITEM: 3})}).hands

    assert CATALOG.skills[min(before, key=before.__getitem__)].name["en"] in hand.help
    assert CATALOG.skills[max(before, key=before.__getitem__)].name["en"] not in hand.help


def test_the_two_longest_rows_of_other_answers_are_told_the_longest_first() -> None:
    runs = {ITEM: 4, "practice:log.modes": 6, "practice:fnd.intl_trade": 3}
    (hand,) = made({"a": deeds(runs=runs)}).hands

    assert [why.split(" ")[0] for why in hand.whys] == ["6", "4"]
    assert hand.skill == "log.modes"


def test_who_came_into_the_course_this_week_is_not_missed() -> None:
    nothing = replace(deeds(), answered=None, launched=None)
    shown = made({"a": nothing, "b": nothing}, first={"a": 2.0})

    assert [hand.learners for hand in shown.hands] == [("b",)]


def test_a_case_or_an_exam_that_is_no_more_has_its_id() -> None:
    left = [Left("a", replace(attempt(2), activity="exam:gone"))]
    (hand,) = made({"a": deeds()}, left=left).hands

    assert "gone" in hand.whys[0]
