from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from lti_tool import advice, texts
from lti_tool.advice import Advice, Model
from lti_tool.pages import bar, meter, reasons, view
from recommender.explain import Contribution
from recommender.interactions import Interactions
from recommender.profile import SkillState
from recommender.reasons import Reason

OULAD = catalogs.load("oulad")
CBEC = catalogs.load("cbec")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def history(catalog: Catalog, *answers: tuple[str, float]) -> Interactions:
    """One learner's answers, a day apart, the last one yesterday."""
    end = int(NOW.timestamp() * 1e6)
    day = 86_400_000_000
    return Interactions(
        learners=("somebody",),
        learner=np.zeros(len(answers), np.int32),
        item=np.array([catalog.item_index[item] for item, _ in answers], np.int32),
        correct=np.array([score >= 0.75 for _, score in answers], np.float32),
        score=np.array([score for _, score in answers], np.float32),
        when=np.array([end - (len(answers) - n) * day for n in range(len(answers))], np.int64),
    )


def advised(catalog: Catalog, role: str, *answers: tuple[str, float]) -> Advice:
    return advice.of_history(catalog, history(catalog, *answers), Model("missing"), role=role, now=NOW)


def page(catalog: Catalog, role: str, *answers: tuple[str, float], language: str = "en") -> view.Page:
    return view.page(advised(catalog, role, *answers), language, NOW.timestamp())


THREE = (("AAA.TMA.1", 0.78), ("AAA.TMA.2", 0.85), ("AAA.TMA.3", 0.6))


def test_a_newcomer_gets_three_cards_and_the_whole_path_of_the_role() -> None:
    shown = page(CBEC, "operations")

    assert len(shown.cards) == 3
    assert len(shown.steps) + len(shown.later) == len(CBEC.roles["operations"].targets)
    assert shown.counts == {"there": 0, "on_the_way": 0, "unknown": len(CBEC.roles["operations"].targets)}


def test_without_a_goal_there_are_roles_to_choose_and_no_cards() -> None:
    shown = page(CBEC, "")

    assert (len(shown.roles), shown.cards, shown.steps) == (9, [], [])


def test_the_path_breaks_no_prerequisite() -> None:
    shown = page(CBEC, "operations")
    names = {skill.name["en"]: skill.id for skill in CBEC.skills.values()}
    order = [names[step.name] for step in (*shown.steps, *shown.later)]

    assert [
        skill
        for place, skill in enumerate(order)
        for needed in CBEC.skills[skill].prerequisites
        if needed in order[place:]
    ] == []


def test_a_skill_with_answers_shows_its_estimate_and_one_without_says_how_many_are_missing() -> None:
    shown = page(OULAD, "AAA", *THREE)

    assert re.fullmatch(r"about \d\.\d, likely \d\.\d to \d\.\d, goal 4", shown.near[0].meter.words)
    assert shown.near[0].answers == 3
    assert shown.near[1].meter.words == "not enough data yet: 0 of 3 answers, goal 4"


def test_what_is_done_is_not_on_a_card() -> None:
    titles = {card.title for card in page(OULAD, "AAA", *THREE).cards}

    done = [OULAD.items[item].name or {} for item, _ in THREE]
    assert titles.isdisjoint({name["en"] for name in done})


def test_the_parts_of_a_plan_add_up_as_shown() -> None:
    for card in page(CBEC, "operations").cards:
        assert round(100 * float(card.weight)) == round(100 * float(card.own)) + round(100 * float(card.opens))


def test_every_number_of_the_counts_is_a_skill_of_the_goal() -> None:
    shown = page(OULAD, "AAA", *THREE)

    assert sum(shown.counts.values()) == len(OULAD.roles["AAA"].targets)


def test_the_ability_needs_three_answers() -> None:
    assert page(OULAD, "AAA", *THREE[:2]).ability is None
    assert page(OULAD, "AAA", *THREE).ability is not None


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("role", [*CBEC.roles])
def test_every_role_has_a_page_in_both_languages(role: str, language: str) -> None:
    shown = page(CBEC, role, language=language)

    assert shown.role == CBEC.roles[role].name[language]
    assert all(card.reasons for card in shown.cards)


def test_the_day_reads_as_each_language_says_it() -> None:
    assert page(CBEC, "").today == "Monday 23\xa0November"
    assert page(CBEC, "", language="zh").today == "11\xa0月\xa023\xa0日 星期一"
    assert reasons.day(date(2026, 7, 1), "en") == "1\xa0July\xa02026"
    assert reasons.day(date(2026, 7, 1), "zh") == "2026-07-01"


def sentence(reason: Reason, language: str = "en") -> reasons.Sentence:
    return reasons.sentences((reason,), CBEC, language, texts.speaker(language))[0]


DUTY, LANDED = "cus.duty", "prc.landed"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("goal", (DUTY,), {"role": "operations", "target": 2}), "Your goal asks for level 2"),
        (Reason("needed_for", (DUTY, LANDED), {}), "Needed for Compute landed cost"),
        (Reason("ready", (), {"readiness": 1.0}), "Nothing else to learn first"),
        (Reason("ready", (DUTY,), {"readiness": 1.0}), "You are ready: Compute import duty"),
        (Reason("evidence", (DUTY,), {"answers": 7, "right": 5}), "5 of your 7 answers on it were right"),
        (Reason("no_evidence", (DUTY,), {}), "No answer of yours on it yet"),
        (Reason("opens", (LANDED,), {}), "Opens Compute landed cost"),
        (
            Reason("opens", (LANDED, DUTY, "cus.declare"), {}),
            "Opens Compute landed cost, Compute import duty and one more",
        ),
    ],
)
def test_a_reason_is_a_sentence(reason: Reason, words: str) -> None:
    assert sentence(reason).words == words


@pytest.mark.parametrize(
    ("answers", "right", "words"),
    [
        (4, 0, "4 answers of yours on it so far"),
        (1, 0, "One answer of yours on it so far"),
        (4, 3, "75\xa0% or more in 3 of your 4 results on it"),
        (1, 1, "Your one result on it so far is 75\xa0% or more"),
    ],
)
def test_results_are_compared_with_what_passes_and_failures_are_not_counted(
    answers: int, right: int, words: str
) -> None:
    told = (Reason("evidence", ("AAA.TMA",), {"answers": answers, "right": right}),)

    assert [one.words for one in reasons.sentences(told, OULAD, "en", texts.speaker("en"))] == [words]


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.01, "less than 1 in 10"), (0.06, "about 1 in 10"), (0.76, "about 8 in 10"), (0.97, "more than 9 in 10")],
)
def test_a_chance_is_said_in_tenths(chance: float, words: str) -> None:
    given_ = advised(CBEC, "operations")
    (first, *_) = given_.recommendations
    changed = replace(given_, recommendations=(replace(first, chance=chance),))

    (card,) = view.page(changed, "en", NOW.timestamp()).cards
    assert card.chance_words == words


def test_a_way_of_several_skills_names_the_next_and_the_last() -> None:
    chain = ("cus.customs_value", DUTY, LANDED)

    assert (
        sentence(Reason("needed_for", chain, {})).words
        == "Needed for Compute import duty, on the way to Compute landed cost"
    )


def test_a_rule_carries_its_date_and_its_mark() -> None:
    told = sentence(
        Reason("rule", (DUTY,), {"rule": "eu.flat_duty_2026", "valid_from": "2026-07-01", "answers_before": 3})
    )

    assert told.mark == "changed"
    assert told.words.startswith("EU, since 1\xa0July\xa02026: ")


def test_the_goal_ends_the_chain_and_nothing_is_said_twice() -> None:
    told = (
        Reason("goal", (DUTY,), {"target": 2}),
        Reason("opens", (LANDED,), {}),
        Reason("needed_for", (DUTY, LANDED), {}),
        Reason("needed_for", (DUTY,), {}),
    )

    assert [one.words for one in reasons.sentences(told, CBEC, "en", texts.speaker("en"))] == [
        "Needed for Compute landed cost",
        "Your goal asks for level 2",
    ]


def parts(*values: float) -> tuple[Contribution, ...]:
    names = ("level", "item", "earlier_right", "earlier_answers", "recency")
    return tuple(Contribution(name, value, {}) for name, value in zip(names, values, strict=False))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_the_rows_of_a_bar_add_up_to_its_total_as_shown(values: list[float]) -> None:
    drawn = bar.of_parts(parts(*values), bar.reach([parts(*values)]))

    assert sum(hundredths(row.value) for row in drawn.rows) == hundredths(drawn.total)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_no_piece_of_a_bar_leaves_it(values: list[float]) -> None:
    drawn = bar.of_parts(parts(*values), bar.reach([parts(*values)]))

    spans = [(float(piece.x[:-1]), float(piece.width[:-1])) for piece in drawn.pieces]
    assert all(x >= -0.01 and x + width <= 100.01 for x, width in spans)


def test_pieces_for_and_against_lie_on_their_side_of_zero() -> None:
    drawn = bar.of_parts(parts(-1.0, 0.0, 3.0), (1.0, 3.0))

    assert drawn.zero == "25.0%"
    assert [(piece.kind, piece.x) for piece in drawn.pieces] == [(1, "0.00%"), (3, "25.00%")]


def test_parts_that_are_all_nothing_are_drawn_as_nothing() -> None:
    assert bar.of_parts(parts(0.0, 0.0), bar.reach([parts(0.0, 0.0)])).pieces == ()


def hundredths(text: str) -> int:
    return round(100 * float(text.replace("−", "-")))


def test_a_meter_says_name_value_range_and_goal() -> None:
    state = SkillState("x", 7, 4, 0, 0.32, 1.6, 1.0, 2.2)
    drawn = meter.of_skill(state, "Duty", 2, texts.speaker("en"))

    assert drawn.label == "Duty: level 1.6, likely 1.0 to 2.2, goal 2"
    assert (drawn.dot, drawn.band, drawn.width, drawn.target) == ("32.0%", "20.0%", "24.0%", "40.0%")


def test_a_meter_without_enough_data_is_a_dashed_track() -> None:
    state = SkillState("x", 2, 1, 0, None, None, None, None)
    drawn = meter.of_skill(state, "关税", 2, texts.speaker("zh"))

    assert drawn.label == "关税：数据还不够，目标 2 级"
    assert drawn.words == "数据还不够：已有 2 次作答，还需 1 次，目标 2 级"
    assert drawn.dot == ""


def test_a_card_whose_skill_has_a_case_offers_to_practise_it() -> None:
    """Every card of a skill that a kind trains, and no other."""
    offers = advised(CBEC, "operations").recommendations
    first = replace(offers[0], skill="cus.low_value_eu", item="practice:cus.low_value_eu")
    advice_ = replace(advised(CBEC, "operations"), recommendations=(first, *offers[1:]))

    cards = view.page(advice_, "en", NOW.timestamp()).cards

    assert cards[0].practice == "eu_import"
    assert [card.practice for card in view.page(advised(OULAD, "AAA"), "en", NOW.timestamp()).cards] == ["", "", ""]
