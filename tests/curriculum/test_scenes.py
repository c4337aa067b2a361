"""Scenes: the same on every machine, graded as any case, each wrong answer with its cause, and the law of the day."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum import errors, practice, rules
from curriculum.almanac import numbers
from curriculum.practice import book, desk, scenes, stage
from curriculum.practice.task import CHOICE, MISSED, SEVERAL, Step

CBEC = catalogs.load("cbec")
EVE, DAY = date(2026, 6, 30), date(2026, 7, 1)
TODAY = date(2026, 11, 26)
KINDS = [kind.id for kind in scenes.kinds()]
SEEDS = st.integers(0, 2**31 - 1)
DAYS = st.dates(date(2025, 1, 1), date(2032, 1, 1))


def step(kind: str, seed: int, name: str, on: date = TODAY) -> Step:
    return next(one for one in scenes.scene(kind, seed, on).case.steps if one.id == name)


@given(kind=st.sampled_from(KINDS), seed=SEEDS, on=DAYS)
@settings(max_examples=60, deadline=None)
def test_each_right_answer_is_right_and_each_wrong_one_has_its_cause(kind: str, seed: int, on: date) -> None:
    made = scenes.scene(kind, seed, on).case
    for one in made.steps:
        assert practice.grade(one, ",".join(one.right)).state == "right"
        for wrong in one.wrong:
            (part,) = wrong.value
            whole = (
                (part,)
                if one.form == CHOICE
                else tuple(key for key in one.right if MISSED + key != part)
                if part.startswith(MISSED)
                else (*one.right, part)
            )
            found = practice.grade(one, ",".join(whole) or next(o.key for o in one.options if o.key not in one.right))
            assert found.state == "other"
            if whole:
                assert found.cause == wrong.cause
                assert found.words == wrong.words
            assert found.cause in CBEC.misconceptions


@given(kind=st.sampled_from(KINDS), seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_no_answer_of_a_step_is_without_a_cause(kind: str, seed: int) -> None:
    for one in scenes.scene(kind, seed, TODAY).case.steps:
        keys = [option.key for option in one.options]
        counts = range(1, len(keys) + 1) if one.form == SEVERAL else (1,)
        for chosen in (chosen for count in counts for chosen in combinations(keys, count)):
            found = practice.grade(one, ",".join(chosen))
            assert (found.state == "right") == (chosen == one.right)
            assert found.cause != "unknown"


@given(kind=st.sampled_from(KINDS), seed=SEEDS, on=DAYS)
@settings(max_examples=40, deadline=None)
def test_a_scene_is_complete_in_both_languages_and_every_option_can_be_seen(kind: str, seed: int, on: date) -> None:
    made = scenes.scene(kind, seed, on)
    known = next(one for one in scenes.kinds() if one.id == kind)
    steps = made.case.steps
    texts = [made.case.name, made.case.story]
    texts += [cell for table in made.case.tables for row in table.rows for cell in row]
    texts += [text for one in steps for text in (one.name, one.question, one.explanation, one.basis)]
    texts += [option.text for one in steps for option in one.options]
    texts += [wrong.words for one in steps for wrong in one.wrong]
    assert len(steps) == known.steps
    assert len({one.id for one in steps}) == known.steps
    assert {one.skill for one in steps} <= set(known.skills)
    assert all(text[language].strip() and "{" not in text[language] for text in texts for language in ("en", "zh"))
    assert {one.id: {option.key for option in one.options} for one in steps} == {
        name: set(props) - {""} for name, props in made.props.items()
    }


def test_scenes_are_the_same_on_every_machine() -> None:
    marks = {kind: scenes.scene(kind, 7, TODAY).case.mark for kind in KINDS}
    assert marks == {"packing": "f66fd0c577d2c2a7", "customs_desk": "2c9e5c55f62b9485"}


def test_there_is_no_other_scene() -> None:
    with pytest.raises(errors.UnknownReference):
        scenes.scene("fair", 1, TODAY)
    with pytest.raises(errors.UnknownReference):
        stage.words_of("fair")


@pytest.mark.parametrize("seed", range(12))
def test_the_same_parcels_lie_in_other_lanes_from_the_day_of_the_flat_duty(seed: int) -> None:
    before, after = (scenes.scene("customs_desk", seed, on) for on in (EVE, DAY))
    changed = {
        one.id for one, other in zip(before.case.steps, after.case.steps, strict=True) if one.right != other.right
    }
    assert before.case.tables == after.case.tables
    assert changed == set(desk.BY_LAW)
    assert {step("customs_desk", seed, name, EVE).right for name in desk.BY_LAW} == {("a",)}
    assert {step("customs_desk", seed, name, DAY).right for name in desk.BY_LAW} == {("b",)}


def test_a_stale_rule_is_named_on_either_side() -> None:
    early, late = step("customs_desk", 3, "at_sale", EVE), step("customs_desk", 3, "at_sale", DAY)
    freight = step("customs_desk", 3, "at_sale_freight", EVE)
    assert practice.grade(early, "b").cause == "m.rule_too_early"
    assert practice.grade(late, "a").cause == "m.old_150_relief"
    assert practice.grade(freight, "b").cause == "m.intrinsic_incl_freight"
    assert (early.rule, late.rule) == (CBEC.rules["eu.duty_relief_150"], CBEC.rules["eu.flat_duty_2026"])


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_a_desk_has_ten_sorts_and_work_for_each_lane(seed: int) -> None:
    made = scenes.scene("customs_desk", seed, TODAY)
    assert len(made.own) == len(made.case.tables[0].columns)
    assert {key for one in made.case.steps for key in one.right} == {"a", "b", "c", "d"}
    rows = {one.id: row for one, row in zip(made.case.steps, made.case.tables[0].rows, strict=True)}
    near = rows["at_sale_freight"]
    assert float(near[4]["en"]) <= 150 < float(near[4]["en"]) + float(near[5]["en"])
    assert float(rows["above_limit"][4]["en"]) > 150
    assert float(rows["gift"][4]["en"]) <= 45 < float(rows["gift_above"][4]["en"])


def test_where_the_law_is_not_known_the_desk_stands_on_the_last_day_that_is() -> None:
    story = scenes.scene("customs_desk", 1, date(2031, 3, 3)).case.story["en"]
    last = CBEC.rules["eu.flat_duty_2026"].valid_to
    assert last is not None
    assert f"{last.day}\N{NO-BREAK SPACE}June {last.year}" in story


def sides(text: str) -> list[int]:
    return sorted((int(one) for one in text.removesuffix(" cm").split(" × ")), reverse=True)


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_the_right_carton_is_the_smallest_that_has_the_room_however_goods_are_turned(seed: int) -> None:
    made = step("packing", seed, "carton")
    need = sides(made.working[0].partition(" = ")[2])
    cartons = {option.key: sides(option.text["en"]) for option in made.options}
    room = {key for key, inner in cartons.items() if all(a >= b for a, b in zip(inner, need, strict=True))}
    smallest = min(room, key=lambda key: cartons[key][0] * cartons[key][1] * cartons[key][2])
    assert made.right == (smallest,)
    assert len(room) == 2


@given(seed=SEEDS)
@settings(max_examples=80, deadline=None)
def test_labels_and_filling_follow_from_what_stays_in_the_parcel(seed: int) -> None:
    made = scenes.scene("packing", seed, TODAY).case
    out, _, _, filling, labels, _ = made.steps
    stays = [row for key, row in zip("abc", made.tables[0].rows, strict=False) if key not in out.right]
    notes = " ".join(row[3]["en"] for row in stays)
    texts = {option.text["en"] for option in labels.options if option.key in labels.right}
    hard = "stoneware" in notes or "glass" in notes
    unnamed = any(row[4]["en"] == "not on the article" for row in stays)
    assert ("Lithium battery mark, UN 3481" in texts) == ("built in" in notes)
    assert ("Sign “fragile”" in texts) == hard
    assert ("Name and address of the responsible person in the EU" in texts) == unnamed
    assert "Customs declaration CN 23" in texts
    assert "CE sticker from the roll" not in texts
    chosen = next(option.text["en"] for option in filling.options if (option.key,) == filling.right)
    assert chosen == ("Cushions on all six sides" if hard else "Paper in the gaps")
    assert (labels.rule is not None) == unnamed


def test_before_the_rule_on_product_safety_nobody_is_to_be_named() -> None:
    on = date(2024, 12, 12)
    with book.teaching(CBEC):
        assert "eu.gpsr" not in {rule.id for rule in rules.on(CBEC, on)}
    for seed in range(20):
        made = scenes.scene("packing", seed, on).case
        assert {row[4]["en"] for row in made.tables[0].rows} == {"on the article"}


def test_a_desk_shows_numbers_of_sellers_that_can_be_one_but_where_that_is_what_is_wrong() -> None:
    seen = 0
    for seed in range(40):
        case = scenes.scene("customs_desk", seed, TODAY).case
        for step, row in zip(case.steps, case.tables[0].rows, strict=True):
            number = row[6]["en"]
            wrong = step.id == "number"
            seen += wrong
            assert number == "–" or numbers.import_scheme(number) is not wrong

    assert seen > 5
