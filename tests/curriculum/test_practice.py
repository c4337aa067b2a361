"""Cases and their grades: every known wrong method is named, a right answer never is, and a seed is a case for ever."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, practice, rules
from curriculum.almanac import vat
from curriculum.practice import book, deck, draft, figures, importing
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Sum
from curriculum.practice.task import Case

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
SEEDS = range(10_000 if SOAK else 250)
CBEC = catalogs.load("cbec")
TODAY = date(2026, 11, 25)
SHORT = [kind for kind in practice.kinds() if kind.id in {raw["id"] for raw in book.pages()["kinds"]}]
# `numbers` asks for choices and a code: its own tests are in test_practice_numbering.py.
KINDS = [kind.id for kind in SHORT if kind.id != "numbers"]


def rule(day: str) -> object:
    return importing.ruling(CBEC, date.fromisoformat(day))


@cache
def cases(kind: str) -> list[Case]:
    return [practice.case(kind, seed, TODAY) for seed in SEEDS]


@pytest.mark.parametrize(
    ("codes", "duty"),
    [
        (["6109.10"] * 5, "3"),  # five T-shirts
        (["6109.10", "9102.11"], "6"),  # a T-shirt and a watch
        (["6404.11", *["9503.00"] * 2, *["6109.10"] * 5], "9"),  # shoes, two dolls, five T-shirts
    ],
)
def test_the_published_examples_of_the_flat_duty(codes: list[str], duty: str) -> None:
    assert importing.duty(codes, importing.ruling(CBEC, date(2026, 7, 1))) == Decimal(duty)
    assert importing.duty(codes, importing.ruling(CBEC, date(2026, 6, 30))) == 0


@pytest.mark.parametrize(
    ("day", "name"),
    [("2026-06-30", "eu.duty_relief_150"), ("2026-07-01", "eu.flat_duty_2026"), ("2028-06-30", "eu.flat_duty_2026")],
)
def test_the_rule_is_the_one_of_the_day(day: str, name: str) -> None:
    assert importing.ruling(CBEC, date.fromisoformat(day)).id == name


def test_a_day_without_a_rule_is_not_guessed() -> None:
    with pytest.raises(LookupError):
        importing.ruling(CBEC, date(2009, 12, 31))


@pytest.mark.parametrize("kind", KINDS)
def test_each_wrong_method_is_named_and_a_right_answer_never_is(kind: str) -> None:
    """Diagnostic case selection: no known method gives the right number, nor that of another method."""
    undiagnosable, misnamed, right_refused = 0, 0, 0
    for case in cases(kind):
        for step in case.steps:
            verdict = practice.grade(step, f"{step.right:f}")
            right_refused += verdict.state != "right" or verdict.cause != ""
            for wrong in step.wrong:
                found = practice.grade(step, f"{wrong.value:f}%" if step.unit == "%" else f"{wrong.value:f}")
                undiagnosable += found.state == "right"
                misnamed += found.cause != wrong.cause

    assert (undiagnosable, misnamed, right_refused) == (0, 0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_within_the_tolerance_is_right_and_one_beyond_is_not(kind: str) -> None:
    for case in cases(kind)[:50]:
        for step in case.steps:
            assert practice.grade(step, f"{step.right + step.tolerance:f}").state == "right"
            assert practice.grade(step, f"{step.right - step.tolerance:f}").state == "right"
            assert practice.grade(step, f"{step.right + step.tolerance + Decimal('0.001'):f}").state == "other"


def test_a_number_at_random_is_hardly_ever_given_a_cause() -> None:
    """At most one in a thousand: who guesses is not told a story."""
    named, tried = 0, 0
    for kind in KINDS:
        for case in cases(kind)[:200]:
            for step in case.steps:
                dice = Dice(f"{case.mark}{step.id}")
                top = figures.rounded(max(Decimal(50), 2 * max(step.right, *(wrong.value for wrong in step.wrong))))
                for number in range(10):
                    guess = dice.cents(f"{number}", Decimal("0.01"), top)
                    found = practice.grade(step, f"{guess:f}%" if step.unit == "%" else f"{guess:f}")
                    tried += found.state == "other"
                    named += found.cause not in {"", "unknown"}

    assert tried > 20_000
    assert named / tried <= 0.001


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("eu_import", "3e4985955aa11f59"),
        ("freight", "375f9bded1a3b873"),
        ("payout", "6d0172e5e066d3e5"),
        ("invoice", "69fc1975e6ce043a"),
    ],
)
def test_a_seed_is_the_same_case_on_every_machine(kind: str, digest: str) -> None:
    marks = "".join(practice.case(kind, seed, TODAY).mark for seed in range(50))

    assert hashlib.sha256(marks.encode()).hexdigest()[:16] == digest


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_make_different_cases(kind: str) -> None:
    assert len({case.mark for case in cases(kind)}) == len(SEEDS)


@pytest.mark.parametrize("kind", SHORT, ids=lambda kind: str(kind.id))
def test_a_kind_trains_skills_of_the_catalog_in_three_to_five_steps(kind: practice.Kind) -> None:
    made = practice.case(kind.id, 1, TODAY)

    assert 3 <= kind.steps <= 5
    assert len(made.steps) == kind.steps
    assert tuple(dict.fromkeys(step.skill for step in made.steps)) == kind.skills
    assert set(kind.skills) <= CBEC.skills.keys()
    assert kind.name.keys() == kind.about.keys() == {"en", "zh"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_there_in_both_languages_and_has_no_hole_left(kind: str) -> None:
    for case in cases(kind)[:40]:
        texts = [case.name, case.story]
        texts += [cell for table in case.tables for row in table.rows for cell in row]
        texts += [table.title for table in case.tables]
        for step in case.steps:
            texts += [step.name, step.question, step.explanation, *(wrong.words for wrong in step.wrong)]
            assert step.working
            assert step.rule is not None or step.basis["en"]
            assert all(name["zh"] and shown for name, shown in step.given)
        assert [text for text in texts if not (text["en"].strip() and text["zh"].strip())] == []
        assert [text for text in texts if "{" in text["en"] + text["zh"]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_cause_is_a_misconception_of_the_catalog_with_a_name(kind: str) -> None:
    causes = {wrong.cause for case in cases(kind) for step in case.steps for wrong in step.wrong}
    worded = {cause for step in book.words_of(kind)["steps"] for cause in step["causes"]}

    assert causes == worded, "a text without its method, or a method without its text"
    assert causes <= CBEC.misconceptions.keys()


def test_every_misconception_of_a_case_is_of_a_skill_of_the_catalog() -> None:
    assert {one.skill for one in CBEC.misconceptions.values()} <= CBEC.skills.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_working_ends_in_the_right_answer(kind: str) -> None:
    for case in cases(kind)[:40]:
        for step in case.steps:
            assert figures.shown(step.right, step.places) in step.working[-1]


def test_a_case_is_about_the_rules_of_its_day() -> None:
    """One in three is declared before the rule began; the others today."""
    made = [practice.case("eu_import", seed, TODAY) for seed in range(300)]
    ruled = [case.steps[1].rule for case in made]
    early = [case for case, one in zip(made, ruled, strict=True) if one and one.id == "eu.duty_relief_150"]

    assert 70 <= len(early) <= 130
    assert {case.steps[1].right for case in early} == {0}
    assert all("25\N{NO-BREAK SPACE}November 2026" in case.story["en"] for case in made if case not in early)


@pytest.mark.parametrize(
    ("on", "shown"),
    [(date(2026, 3, 1), "1\N{NO-BREAK SPACE}July 2026"), (date(2030, 1, 1), "30\N{NO-BREAK SPACE}June 2028")],
)
def test_outside_the_rule_s_time_a_case_keeps_to_its_nearest_day(on: date, shown: str) -> None:
    made = [practice.case("eu_import", seed, on) for seed in range(40)]
    late = [case for case in made if case.steps[1].rule and case.steps[1].rule.id == "eu.flat_duty_2026"]

    assert late
    assert all(shown in case.story["en"] for case in late)


def test_an_amendment_of_the_rule_changes_the_answers_without_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the law are data: EUR 4 an item instead of 3, and no end."""
    flat = CBEC.rules["eu.flat_duty_2026"]
    amended = replace(flat, params={**flat.params, "flat_duty_eur_per_item": 4.0}, valid_to=None)
    changed = replace(CBEC, rules=MappingProxyType({**CBEC.rules, flat.id: amended}))
    before = deck.MAKERS["eu_import"][0](Dice("a"), TODAY)
    monkeypatch.setattr(book, "catalog", lambda: changed)

    after = deck.MAKERS["eu_import"][0](Dice("a"), TODAY)

    assert before.steps[1].right > 0
    assert after.steps[1].right * 3 == before.steps[1].right * 4
    assert rules.holds(amended, TODAY + timedelta(days=3650))


def test_vat_rates_stand_for_countries_of_the_eu_without_fees_of_their_own() -> None:
    places = {place["id"] for place in book.pages()["places"]}
    rates = {place: f"{vat.standard(place, TODAY).percent}" for place in places}

    assert {"EE": "24", "FI": "25.5", "SK": "23", "LU": "17", "DE": "19", "HU": "27"}.items() <= rates.items()
    assert places.isdisjoint({"FR", "IT", "RO", "BE", "NL"})
    assert len(places) == 22


def test_the_verdict_has_all_three_parts_whatever_was_answered() -> None:
    for kind in KINDS:
        for step in practice.case(kind, 3, TODAY).steps:
            for answer in [f"{step.right:f}", "987654.321", *(f"{wrong.value:f}%" for wrong in step.wrong)]:
                verdict = practice.grade(step, answer)
                assert verdict.right == step.right
                assert all(verdict.words[language] and verdict.explanation[language] for language in ("en", "zh"))
                assert verdict.cause in {"", "unknown"} or verdict.title["zh"]


def test_who_asks_to_see_the_answer_gets_it_without_a_cause() -> None:
    step = practice.case("freight", 1, TODAY).steps[0]
    verdict = practice.shown(step)

    assert (verdict.state, verdict.cause, verdict.given, verdict.counts) == ("none", "", None, True)


def test_nonsense_is_asked_about_again_and_does_not_count() -> None:
    verdict = practice.grade(practice.case("freight", 1, TODAY).steps[0], "no idea")

    assert (verdict.state, verdict.problem, verdict.counts) == ("unreadable", "no_number", False)


@pytest.mark.parametrize("answer", ["0." + "9" * 37, "999999999999.999", "-0.001", "0" * 39])
def test_no_number_that_can_be_read_breaks_the_grade(answer: str) -> None:
    assert practice.grade(practice.case("freight", 1, TODAY).steps[3], answer + "%").state == "other"


def test_a_skill_finds_the_kind_that_trains_it() -> None:
    assert practice.of_skill("cus.low_value_eu") == practice.kinds()[0]
    assert practice.of_skill("prc.margin") == practice.kinds()[1], "the one with fewest other skills"
    assert practice.of_skill("ict.culture_basics") is None


@pytest.mark.parametrize("kind", ["", "nothing", "EU_IMPORT"])
def test_a_kind_that_does_not_exist_is_an_error(kind: str) -> None:
    with pytest.raises(errors.UnknownReference):
        practice.case(kind, 1, TODAY)
    with pytest.raises(errors.UnknownReference):
        book.words_of(kind)


def test_a_kind_without_room_for_a_case_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deck.MAKERS, "freight", (deck.MAKERS["freight"][0], lambda _: False))  # type: ignore[misc]  # a dict behind a Mapping

    with pytest.raises(errors.NoCase):
        practice.case("freight", 10**9, TODAY)


def test_methods_that_answer_alike_are_not_apart() -> None:
    def of(*wrong: tuple[str, str], right: str = "6") -> bool:
        step = Sum("s", Decimal(right), tuple((cause, Decimal(value)) for cause, value in wrong))
        return draft.separated(Draft({}, (), (step,)))

    assert of(("m.a", "3"), ("m.b", "9"))
    assert not of(("m.a", "6.02"), ("m.b", "9"))
    assert not of(("m.a", "3"), ("m.b", "3.02"))
    assert of(("m.a", "3"), ("m.a", "3.00"), ("m.b", "3.03")), "one cause may have two ways to one number"
    assert of(("m.a", "3"), ("m.b", "6.03"))


def test_a_grade_takes_under_a_millisecond_and_a_case_under_fifty() -> None:
    """Generous against a busy machine: the fastest of several runs counts."""
    steps = practice.case("payout", 77, TODAY).steps
    graded = min(_timed(lambda: [practice.grade(step, "12.34") for step in steps]) for _ in range(20)) / len(steps)
    made = min(_timed(lambda seed=seed: practice.case("eu_import", 10**6 + seed, TODAY)) for seed in range(20))

    assert graded < 0.001
    assert made < 0.05


def _timed(act: object) -> float:
    assert callable(act)
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
