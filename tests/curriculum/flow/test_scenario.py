"""Whole orders: every wrong method is named as itself, a right answer never is, and a seed is a case for ever."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType

import pytest

from curriculum import catalog as catalogs
from curriculum import practice
from curriculum.practice import answers, book, deck, draft, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Sum
from curriculum.practice.flow import scenario, shelf
from curriculum.practice.flow.world import GROUPS, STEPS
from curriculum.practice.task import FORMS, Case, Step, Words

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
KINDS = [kind["id"] for kind in shelf.kinds()]
FLOWS = [kind for kind in KINDS if kind.startswith("flow_")]
SEEDS = range(10_000 // len(KINDS) if SOAK else 30)
TODAY = date(2026, 11, 25)
CBEC = catalogs.load("cbec")


@cache
def cases(kind: str) -> tuple[Case, ...]:
    return tuple(practice.case(kind, seed, TODAY) for seed in SEEDS)


def steps(kind: str) -> Iterator[Step]:
    return (step for case in cases(kind) for step in case.steps)


@pytest.mark.parametrize("kind", KINDS)
def test_each_wrong_method_is_named_as_itself(kind: str) -> None:
    """None gives the right answer, and none that of another method: undiagnosable 0, misnamed 0, missed 0."""
    found: Counter[str] = Counter()
    for step in steps(kind):
        for wrong in step.wrong:
            verdict = practice.grade(step, answers.sent(answers.mistaken(wrong.value, step), step))
            found["probes"] += 1
            found["undiagnosable"] += verdict.state == "right"
            found["missed"] += verdict.cause == "unknown"
            found["misnamed"] += verdict.cause not in {wrong.cause, "unknown", ""}

    assert found["probes"] > 40 * len(cases(kind)) / 4
    assert +found == Counter(probes=found["probes"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_answer_is_never_wrong(kind: str) -> None:
    """As it is, at both ends of the tolerance, and with a comma as decimal sign."""
    for step in steps(kind):
        spellings = [answers.sent(step.right, step), *step.spellings]
        if isinstance(step.right, Decimal):
            spellings += [
                answers.sent(step.right + step.tolerance, step),
                answers.sent(step.right - step.tolerance, step),
            ]
            spellings.append(answers.sent(figures.rounded(step.right), step).replace(".", ","))
        for text in spellings:
            verdict = practice.grade(step, text)
            assert (verdict.state, verdict.cause, verdict.credit) == ("right", "", 1)


def test_a_number_at_random_is_hardly_ever_given_a_cause() -> None:
    """At most one in a thousand."""
    named = tried = 0
    for kind in KINDS:
        for case in cases(kind):
            for step in case.steps:
                if not isinstance(step.right, Decimal):
                    continue
                dice = Dice(f"{case.mark}{step.id}")
                known = [wrong.value for wrong in step.wrong if isinstance(wrong.value, Decimal)]
                top = figures.rounded(max(Decimal(50), 2 * max(step.right, *known)))
                for number in range(10):
                    found = practice.grade(step, f"{dice.cents(f'{number}', Decimal('0.01'), top):f}")
                    tried += found.state == "other"
                    named += found.cause not in {"", "unknown"}

    assert tried > 2000
    assert named / tried <= 0.001


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("flow_eu", "fe2c69fb5039f1f6"),
        ("flow_uk", "3da334f981115e2b"),
        ("flow_us", "e36852d65497d868"),
        ("flow_cn", "caa8f1df771b96d3"),
        ("machine_eu", "cd07b54c69011620"),
    ],
)
def test_a_seed_is_the_same_case_on_every_machine(kind: str, digest: str) -> None:
    marks = "".join(practice.case(kind, seed, TODAY).mark for seed in range(10))

    assert hashlib.sha256(marks.encode()).hexdigest()[:16] == digest


@pytest.mark.parametrize("kind", FLOWS)
def test_an_order_is_asked_about_in_twenty_questions_of_ten_parts_and_five_forms(kind: str) -> None:
    for case in cases(kind):
        assert [(step.id, step.group) for step in case.steps] == list(STEPS.items())
        assert {step.form for step in case.steps} == set(FORMS)
    assert list(dict.fromkeys(STEPS.values())) == list(GROUPS)
    assert set(Counter(STEPS.values()).values()) <= {1, 2, 3}


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_make_different_cases(kind: str) -> None:
    assert len({case.mark for case in cases(kind)}) == len(SEEDS)


def texts(case: Case) -> Iterator[Words]:
    yield from (case.name, case.story)
    for table in case.tables:
        yield from (table.title, *table.columns, *(cell for row in table.rows for cell in row))
    for step in case.steps:
        yield from (step.name, step.question, step.explanation)
        yield from (option.text for option in (*step.options, *step.lefts))
        yield from (wrong.words for wrong in step.wrong)
        yield from (name for name, _ in step.given)


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_there_in_both_languages_with_the_same_figures(kind: str) -> None:
    for case in cases(kind)[:20]:
        for text in texts(case):
            assert text["en"].strip()
            assert text["zh"].strip()
            assert "{" not in text["en"] + text["zh"]
            assert amounts(text["en"]) == amounts(text["zh"]), text
        for step in case.steps:
            assert step.rule is not None or (step.basis["en"] and step.basis["zh"])
            assert isinstance(step.right, tuple) or figures.shown(step.right, step.places) in step.working[-1]


def amounts(text: str) -> list[str]:
    """Amounts and shares in a text; numbers of articles and days stand in another order in Chinese."""
    return sorted(re.findall(r"\d[\d,]*\.\d+|\d+(?= ?%)", text))


@pytest.mark.parametrize("kind", KINDS)
def test_every_cause_has_its_words_and_its_place_in_the_catalog(kind: str) -> None:
    causes = {(step.id, wrong.cause) for step in steps(kind) for wrong in step.wrong}
    worded = {(step["id"], cause) for step in book.words_of(kind)["steps"] for cause in step["causes"]}

    assert causes <= worded
    assert {cause for _, cause in worded} <= CBEC.misconceptions.keys()
    assert {step.skill for step in steps(kind)} <= CBEC.skills.keys()


def test_no_words_of_a_cause_are_without_a_method() -> None:
    """Over all kinds and some more seeds: the rarer ways come seldom."""
    seen = {(step.id, wrong.cause) for kind in KINDS for step in steps(kind) for wrong in step.wrong}
    for kind in FLOWS:
        made = (deck.MAKERS[kind][0](Dice(f"{kind}/{seed}"), TODAY) for seed in range(60))
        seen |= {(step.id, cause) for one in made for step in one.steps for cause, _ in step.wrong}
    worded = {
        (step["id"], cause) for kind in FLOWS for step in book.words_of(kind)["steps"] for cause in step["causes"]
    }

    assert worded <= seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_names_the_documents_that_it_needs(kind: str) -> None:
    for case in cases(kind)[:10]:
        used = {place for step in case.steps for place in step.papers}
        assert all(step.papers for step in case.steps)
        assert used == set(range(len(case.tables)))


@pytest.mark.parametrize("kind", KINDS)
def test_few_draws_are_thrown_away(kind: str) -> None:
    make, fits = deck.MAKERS[kind]
    made = [make(Dice(f"{kind}/{seed}/0"), TODAY) for seed in SEEDS]

    assert all(fits(one) for one in made)
    assert sum(draft.separated(one) for one in made) / len(made) > 0.6


def test_a_part_that_never_separates_is_given_up_and_left_to_the_whole() -> None:
    alike = Sum("s", Decimal(6), (("m.a", Decimal(6)),))

    assert scenario.apart(Dice("a"), "part", lambda dice: dice.seed, lambda _: alike) == f"a/part/{scenario.TURNS}"


def test_a_destination_s_orders_vary_in_what_decides_their_taxes() -> None:
    ways = {
        kind: {re.sub(r"[\d.,]", "", "".join(step.working)) for step in steps(kind) if step.id == "duty"}
        for kind in FLOWS
    }
    channels = {case.tables[2].rows[0][1]["en"] for case in cases("flow_eu")}

    assert [len(ways[kind]) > 1 for kind in FLOWS] == [True, True, True, False]
    assert len(channels) == 3


@pytest.mark.parametrize(
    ("kind", "on", "day"),
    [
        ("flow_uk", date(2020, 1, 1), "1 January 2021"),
        ("flow_uk", date(2035, 1, 1), "31 March 2029"),
        ("flow_cn", date(2018, 1, 1), "1 January 2019"),
        ("flow_cn", date(2040, 1, 1), "1 January 2040"),
    ],
)
def test_outside_the_time_of_its_rule_an_order_keeps_to_the_nearest_day(kind: str, on: date, day: str) -> None:
    assert day in practice.case(kind, 1, on).story["en"].replace("\N{NO-BREAK SPACE}", " ")


def test_an_amendment_changes_the_answers_without_code() -> None:
    """GBP 100 instead of 135: an order between both now pays the tariff."""
    rule = CBEC.rules["uk.lvcr_135"]
    amended = replace(rule, params={**rule.params, "threshold_gbp": 100})
    changed = replace(CBEC, rules=MappingProxyType({**CBEC.rules, rule.id: amended}))

    def duties(catalog: catalogs.Catalog) -> list[Decimal]:
        with book.teaching(catalog):
            made = [scenario.of_uk(Dice(f"{seed}"), TODAY) for seed in range(40)]
        return [one.steps[9].figure for one in made if Decimal(100) < one.steps[7].figure <= Decimal(135)]

    assert len(duties(CBEC)) > 3
    assert set(duties(CBEC)) == {0}
    assert min(duties(changed)) > 0


def test_a_rule_that_is_still_to_come_changes_no_order_of_today() -> None:
    flat = CBEC.rules["eu.flat_duty_2026"]
    coming = replace(
        flat, id="eu.next", valid_from=TODAY + timedelta(days=400), params={**flat.params, "flat_duty_eur_per_item": 9}
    )
    changed = replace(CBEC, rules=MappingProxyType({**CBEC.rules, coming.id: coming}))

    assert [practice.case("flow_eu", seed, TODAY, changed).mark for seed in range(5)] == [
        practice.case("flow_eu", seed, TODAY).mark for seed in range(5)
    ]


def test_a_draft_without_questions_is_no_case() -> None:
    assert not scenario.fits(Draft({}, (), ()))
