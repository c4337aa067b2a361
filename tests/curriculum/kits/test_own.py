"""Own cases: checked as a whole, made the same everywhere, and no cause is named that might be the wrong one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum import errors, practice, telling
from curriculum.catalog import Catalog
from curriculum.kits import hiding, kit, own, ranges, templates
from curriculum.kits.ranges import Range
from curriculum.practice import answers, grading
from tests.curriculum.kits import builders

ON = date(2026, 11, 26)
CATALOG = catalogs.load("cbec")


def document(template: str, **figures: Any) -> dict[str, Any]:
    """A case of a template with its examples, and other figures."""
    given = {field.name: _example(field) for field in templates.FIELDS[template] if not field.optional}
    made: dict[str, Any] = {
        "id": "own.test",
        "template": template,
        "name": {"en": "Own", "zh": "自建"},
        "figures": {**given, **figures},
    }
    if template == "eu_import":
        made["rows"] = [{field.name: _example(field) for field in templates.ROW}]
    return made


def _example(field: templates.Field) -> Any:
    return dict(zip(("en", "zh"), field.example.split("|"), strict=True)) if field.kind == "words" else field.example


def problems(made: Any, catalog: Catalog = CATALOG) -> list[str]:
    found = own.problems(made, catalog)
    assert all(telling.say(one, "zh") for one in found)
    return [telling.say(one, "en") for one in found]


def held() -> Catalog:
    hidden = hiding.hide(builders.kit(), hiding.Secrets(5, Decimal(1), "x")).kit
    assert hidden is not None
    cases = ({"id": "kit.shop", "template": "kit", "kit": "k", "name": {"en": "Shop", "zh": "店"}}, document("freight"))
    return replace(CATALOG, kits={"k": kit.dumped(hidden)}, cases=cases)


@pytest.mark.parametrize("template", templates.TEMPLATES)
def test_a_template_with_its_examples_is_a_case(template: str) -> None:
    assert problems(document(template)) == []
    made = own.made(document(template), 1, ON, CATALOG)
    assert made.name["zh"] == "自建"
    assert own.made(document(template), 1, ON, CATALOG).mark == made.mark
    for step in made.steps:
        assert grading.grade(step, answers.sent(step.right, step)).state == "right"
        for one in step.wrong:
            assert grading.grade(step, answers.sent(one.value, step)).cause == one.cause


def test_ranges_give_every_learner_other_figures_that_can_be_told_apart() -> None:
    made = document("payout", commission="8 to 15", shipping="5 to 9 step 0.1", fx="0.5 to 2.5 step 0.1")
    drawn = [own.made(made, seed, ON, CATALOG) for seed in range(12)]

    assert problems(made) == []
    assert len({one.mark for one in drawn}) > 8
    assert own.blurs(made, ON, CATALOG) == ()
    assert all(len(step.wrong) > 1 for one in drawn for step in one.steps)


def test_what_cannot_be_told_apart_is_said_and_not_named() -> None:
    made = document("freight", cartons="1")
    blurs = own.blurs(made, ON, CATALOG)

    assert [(one.step, one.cause, one.other) for one in blurs] == [("volumetric", "m.one_carton", "")]
    step = own.made(made, 1, ON, CATALOG).steps[0]
    assert "m.one_carton" not in {one.cause for one in step.wrong}
    assert "m.wrong_divisor" in {one.cause for one in step.wrong}


def test_two_wrong_ways_to_one_answer_are_both_left_out() -> None:
    made = document("eu_import")
    one_piece = {**made, "rows": [{**made["rows"][0], "pieces": "1"}]}
    found = {(one.step, one.cause) for one in own.blurs(one_piece, ON, CATALOG)}

    assert ("value", "m.unit_prices_only") in found
    assert {"m.flat_duty_per_parcel", "m.flat_duty_per_piece"} & {cause for step, cause in found if step == "duty"}


def test_the_day_of_a_case_decides_its_rule() -> None:
    before = own.made(document("eu_import", day="2026-06-30"), 1, ON, CATALOG)
    after = own.made(document("eu_import", day="2026-07-01"), 1, ON, CATALOG)

    assert [str(one.steps[1].right) for one in (before, after)] == ["0.00", "3.00"]


def test_a_story_of_ones_own_is_shown_as_it_is() -> None:
    made = {**document("freight"), "story": {"en": "{seller.x} {0}", "zh": "{"}}
    assert own.made(made, 1, ON, CATALOG).story == made["story"]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("text", "must be a mapping"),
        ({}, "id: begin with"),
        ({**document("freight"), "id": "own.Big"}, "id: begin with"),
        ({**document("freight"), "id": "freight"}, "id: begin with"),
        (
            {**document("freight"), "template": "flow_eu"},
            "template: choose one of eu_import, freight, payout, questions, kit",
        ),
        ({**document("freight"), "colour": "red"}, "colour: there is no such field"),
        ({**document("freight"), "name": {"en": "x"}}, "name: write it in English and in Chinese"),
        ({**document("freight"), "story": {"en": "x", "zh": ""}}, "story: write it in English and in Chinese"),
        (document("freight", cartons="1.5"), "figures.cartons: has 0 decimals at most"),
        (document("freight", cartons="3 to 9 step 0.5"), "figures.cartons: has 0 decimals at most"),
        (document("freight", cartons="900"), "figures.cartons: must lie between 1 and 500"),
        (document("freight", divisor="7000"), "figures.divisor: choose one of 5000, 6000"),
        (document("freight", cargo="tea"), "figures.cargo: write it in English and in Chinese"),
        (document("freight", revenue="5"), "figures.revenue: the sale makes a loss"),
        (document("payout", price="1"), "figures.price: the sale makes a loss"),
        (document("payout", more="1"), "figures.more: there is no such field"),
        (document("eu_import", country="US"), "figures.country: choose a country of the EU"),
        (document("eu_import", day="2020-01-01"), "figures.day: write a day"),
        (document("eu_import", day="soon"), "figures.day: write a day"),
        ({**document("eu_import"), "rows": []}, "rows: write 1 to 5 rows"),
        ({**document("eu_import"), "rows": ["x"]}, "rows[0].name: write it"),
        ({**document("eu_import"), "figures": "x"}, "figures.seller: write it"),
        (
            {"id": "own.a", "template": "kit", "name": {"en": "a", "zh": "b"}, "kit": "gone"},
            "kit: there is no such kit",
        ),
    ],
)
def test_each_problem_is_said_with_what_would_be_right(made: Any, told: str) -> None:
    assert any(told in one for one in problems(made)), problems(made)


def test_too_much_for_the_template_is_said() -> None:
    made = document("eu_import")
    made["rows"][0]["price"] = "90"
    assert [one.partition(", and")[0] for one in problems(made)] == ["rows: the goods are worth more than EUR 150"]
    made["rows"][0]["hs"] = "61"
    assert problems(made) == ["rows[0].hs: write an HS code of six digits, such as 6109.10."]


def test_own_cases_stand_beside_those_that_are_shipped() -> None:
    catalog = held()

    assert [one.id for one in own.every(catalog)][-2:] == ["kit.shop", "own.test"]
    assert [one.id for one in own.every(CATALOG)] == [one.id for one in practice.kinds()]
    assert own.case("freight", 1, ON, catalog).mark == practice.case("freight", 1, ON, catalog).mark
    assert own.case("own.test", 1, ON, catalog).kind == "own.test"
    assert len(own.case("kit.shop", 1, ON, catalog).steps) == 8
    assert own.blurs(catalog.cases[0], ON, catalog) == ()


def test_what_does_not_fit_any_more_is_left_out_and_named() -> None:
    catalog = replace(held(), kits={})

    assert [one.id for one in own.kinds(catalog)] == ["own.test"]
    assert [*own.left(catalog)] == ["kit.shop"]
    for name in ("kit.shop", "own.gone"):
        with pytest.raises(errors.UnknownReference):
            own.case(name, 1, ON, catalog)
    with pytest.raises(errors.UnknownReference):
        own.case("own.test", 1, ON)
    with pytest.raises(errors.UnknownReference):
        own.made(held().cases[0], 1, ON, catalog)


def test_a_kind_of_question_that_is_none_is_refused() -> None:
    catalog = held()
    made = {**catalog.cases[0], "asked": ["colour"]}
    assert any("asked: choose at least one" in one for one in problems(made, catalog))
    assert problems({**made, "asked": ["tax"]}, catalog) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("5", Range(Decimal(5), Decimal(5), Decimal(1))),
        ("1 to 3", Range(Decimal(1), Decimal(3), Decimal(1))),
        ("1至3", Range(Decimal(1), Decimal(3), Decimal(1))),
        ("0.5–2 step 0.5", Range(Decimal("0.5"), Decimal(2), Decimal("0.5"))),
        ("3 to 1", None),
        ("1 to 9 step 0", None),
        ("0 to 9999999 step 0.001", None),
        ("-5", None),
        ("1e5", None),
        ("", None),
    ],
)
def test_a_figure_or_a_range_is_read_or_not(text: str, wanted: Range | None) -> None:
    assert ranges.read(text) == wanted


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=600 if os.environ.get("ENTREPOT_TEST_SOAK") else 20, deadline=None)
@given(st.sampled_from(templates.TEMPLATES), st.dictionaries(st.sampled_from(own.FIELDS), PLAIN, max_size=4), PLAIN)
def test_whatever_stands_in_a_document_ends_in_problems_or_in_a_case(
    template: str, changed: Mapping[str, Any], figure: Any
) -> None:
    base = document(template)
    base["figures"]["freight" if template != "freight" else "rate"] = figure
    made = {**base, **changed}
    if not own.problems(made, CATALOG):
        assert own.made(made, 1, ON, CATALOG).steps
