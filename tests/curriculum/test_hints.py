"""Hints: every question has them, none before the last holds the answer, and none takes out the right one."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from curriculum import bank, practice
from curriculum import catalog as catalogs
from curriculum.practice import answers, figures, hints
from curriculum.practice.hints import Hint
from curriculum.practice.task import CHOICE, MATCH, MISSED, SEVERAL, TEXT, Case, Question, Step, Table, Words

CBEC = catalogs.load("cbec")
TODAY = date(2026, 11, 26)
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
SEEDS = range(40 if SOAK else 3)
DAYS = (date(2026, 6, 30), TODAY)
NUMBER = re.compile(r"[0-9][0-9,]*\.?[0-9]*")


@functools.cache
def of_cases() -> tuple[Question, ...]:
    return tuple(_of_cases())


@functools.cache
def of_bank() -> tuple[Question, ...]:
    return tuple(_of_bank())


def _of_cases() -> Iterator[Question]:
    for kind in practice.kinds():
        for seed in SEEDS:
            for day in DAYS if SOAK else DAYS[seed % 2 :][:1]:
                made = practice.case(kind.id, seed, day)
                yield from (Question(made, step) for step in made.steps)


def _of_bank() -> Iterator[Question]:
    for name in bank.load().entries:
        for seed in range(4) if SOAK else (1,):
            found = bank.question(CBEC, name, seed, TODAY)
            if found is not None:
                yield found


def said(hint: Hint, language: str) -> str:
    return "\n".join([hint.words[language], *hint.working.get(language, ())])


def seen(question: Question) -> str:
    """What a learner has before them."""
    case, step = question.case, question.step
    cells = [cell for table in case.tables for row in table.rows for cell in row]
    heads = [one for table in case.tables for one in (table.title, *table.columns)]
    words = [case.story, step.question, *cells, *heads, *(name for name, _ in step.given)]
    words += [one.text for one in step.lefts]
    return "\n".join([text for one in words for text in one.values()] + [figure for _, figure in step.given])


def days(step: Step) -> list[str]:
    """The dates of its rule: they are no figures of the answer."""
    ends = [] if step.rule is None else [one for one in (step.rule.valid_from, step.rule.valid_to) if one]
    return [text for day in ends for text in figures.day(day).values()]


def numbers(text: str) -> set[Decimal]:
    return {Decimal(found.rstrip(",.").replace(",", "")) for found in NUMBER.findall(text)}


def told(question: Question, text: str) -> bool:
    """Whether a text has the right answer in it, by another way than that of the hints."""
    step, before = question.step, seen(question)
    for day in days(step):
        text = text.replace(day, "")
    if isinstance(step.right, Decimal):
        return abs(step.right) in numbers(text) - numbers(before)
    if step.form == TEXT:
        words = re.split(r"[^0-9A-Za-z.]+", text)
        return any(code in map(answers.plain, words) for code in step.right) and step.right[0] not in answers.plain(
            before
        )
    if step.form == MATCH:
        options = {one.key: one.text for one in step.options}
        lefts = {one.key: one.text for one in step.lefts}
        denied = " not " in text or "不对应" in text
        return not denied and any(
            lefts[pair[:-1]][name] in text and options[pair[-1]][name] in text
            for pair in step.right
            for name in ("en", "zh")
        )
    right = [one.text for one in step.options if one.key in step.right]
    return any(words[name].rstrip(".。") in text for words in right for name in ("en", "zh"))


@pytest.mark.parametrize("make", [of_cases, of_bank], ids=["cases", "bank"])
def test_no_hint_before_the_last_one_holds_the_answer_and_every_question_has_one(make: object) -> None:
    leaks, none, counts = [], [], 0
    for question in make():  # type: ignore[operator]  # a fixture by another name
        found = hints.ladder(question)
        counts += 1
        if not found:
            none.append(question.step.id)
        for hint in found[:-1] or found:
            leaks += [
                (question.case.kind, question.step.id, said(hint, name))
                for name in ("en", "zh")
                if told(question, said(hint, name))
            ]

    assert (leaks, none) == ([], [])
    assert counts >= 300


def test_each_question_that_is_worked_out_has_three() -> None:
    for question in (*of_cases(), *of_bank()):
        if isinstance(question.step.right, Decimal):
            assert len(hints.ladder(question)) == hints.MOST, question.step.id


@pytest.mark.parametrize("make", [of_cases, of_bank], ids=["cases", "bank"])
def test_what_a_hint_takes_out_is_wrong_and_two_answers_stay_open(make: object) -> None:
    for question in make():  # type: ignore[operator]  # a fixture by another name
        step = question.step
        if step.form not in {CHOICE, SEVERAL}:
            continue
        text = "\n".join(said(hint, "en") for hint in hints.ladder(question) if "is out" in said(hint, "en"))
        gone = [one for one in step.options if one.text["en"].rstrip(".") in text]
        assert not {one.key for one in gone} & set(step.right), step.id
        assert step.form == SEVERAL or len(step.options) - len(gone) >= 2, step.id


def question_of(kind: str, step: str, seed: int = 5) -> Question:
    made = practice.case(kind, seed, TODAY)
    return Question(made, next(one for one in made.steps if one.id == step))


def test_the_first_hint_says_where_to_look_and_which_rule_holds_since_when() -> None:
    first = hints.ladder(question_of("flow_eu", "duty"))[0].words

    assert first["en"].startswith("Look at: “Shipping on the invoice”, ")
    assert "The rule (EU): " in first["en"]
    assert "from 1\N{NO-BREAK SPACE}July 2026" in first["en"]
    assert "适用规则（欧盟）：" in first["zh"]


def test_the_method_calls_figures_by_their_line_and_leaves_results_open() -> None:
    _, method, solved = hints.ladder(question_of("payout", "margin"))
    right = question_of("payout", "margin").step.working

    assert method.working["en"] == (
        "[Arrives in the account] − [Goods] − [Packing and freight] = □",
        "□ ÷ [Arrives in the account] = ? %",
    )
    assert method.working["zh"][0] == "[实际到账] − [货物] − [包装与运费] = □"
    assert solved.working["en"] == (right[0], re.sub(r"= .*", "= ? %", right[1]))


def test_which_of_two_weights_counts_is_not_told_by_the_method() -> None:
    method = hints.ladder(question_of("freight", "chargeable"))[1]

    assert method.working["en"] == ("□ | [Volumetric weight] → □ → ?",)


def test_a_customs_code_ends_with_its_heading() -> None:
    question = question_of("flow_eu", "hs")
    last = hints.ladder(question)[-1].words["en"]

    assert isinstance(question.step.right, tuple)
    assert last == f"It begins with {question.step.right[0][:4]}."


def test_what_was_tried_is_not_taken_out_again_and_nothing_else_is_the_last_one_open() -> None:
    question = question_of("flow_eu", "dispute")
    step = question.step
    wrong = [one.value[0] for one in step.wrong if not isinstance(one.value, Decimal)]
    texts = {one.key: one.text["en"] for one in step.options}

    plain = hints.ladder(question)
    after = hints.ladder(question, [frozenset(), frozenset(wrong[:1])])
    nearly = hints.ladder(question, [frozenset(wrong[:3])])

    assert texts[wrong[0]] in plain[1].words["en"]
    assert texts[wrong[0]] not in after[1].words["en"]
    assert len(nearly) == 1, "of five, three were tried: one more would leave the right one alone"


def test_a_hint_that_was_given_stays_what_it_was() -> None:
    question = question_of("flow_eu", "dispute")
    part = next(one.value[0] for one in question.step.wrong if not isinstance(one.value, Decimal))

    before = hints.ladder(question, [frozenset(), frozenset()])
    later = hints.ladder(question, [frozenset(), frozenset(), frozenset({part})])

    assert later[:2] == before[:2]


def test_a_match_settles_a_line_that_was_wrong() -> None:
    question = question_of("flow_eu", "screen")
    right = question.step.right
    assert isinstance(right, tuple)
    wrong = next(one.value[0] for one in question.step.wrong if str(one.value[0]).startswith("3"))
    left = next(one.text["en"] for one in question.step.lefts if one.key == "3")

    last = hints.ladder(question, [frozenset({str(wrong)})])[-1].words["en"]

    assert last.startswith(f"“{left}” goes with “")


def test_wrong_parts_are_those_that_are_not_right() -> None:
    step = question_of("flow_eu", "risk").step

    assert hints.wrong_parts(step, None) == frozenset()
    assert hints.wrong_parts(step, step.right) == frozenset()
    assert hints.wrong_parts(question_of("payout", "margin").step, Decimal(3)) == frozenset()


# Forms that no question of ours has.


def plain(step: Step, **changes: object) -> Question:
    same: Words = {"en": "", "zh": ""}
    case = Case("own", 1, TODAY, same, same, (), (), "")
    return Question(case, replace(step, papers=(), rule=None, basis=same, **changes))  # type: ignore[arg-type]  # a test


def test_a_short_code_has_no_letters_to_give_away_and_a_long_one_its_first() -> None:
    step = question_of("flow_eu", "hs").step

    one = plain(step, digits=False, working=(), right=("7",), wrong=(), spellings=())
    long = plain(step, digits=False, working=(), right=("ioss",), wrong=(), spellings=())

    assert hints.ladder(one) == ()
    assert [hint.words["en"] for hint in hints.ladder(long)] == ["It has 4 characters; the first is I."]


def test_a_calculation_without_papers_or_rule_begins_with_the_slip_that_is_usual() -> None:
    step = question_of("payout", "margin").step
    unnamed = tuple(replace(one, cause="unknown", title=None) for one in step.wrong)

    first = hints.ladder(plain(step))[0].words["en"]

    assert first.startswith("A slip that is often made here: ")
    assert len(hints.ladder(plain(step, wrong=unnamed))) == 2


def test_a_place_that_would_give_the_answer_away_is_not_named() -> None:
    step = question_of("flow_eu", "dispute").step
    right = next(one.text for one in step.options if one.key in step.right)
    telling = plain(step)
    telling = replace(telling, step=replace(telling.step, basis=right))

    assert all(right["en"] not in hint.words["en"] for hint in hints.ladder(telling))


def test_an_option_whose_cause_would_give_the_answer_away_goes_without_it() -> None:
    step = question_of("flow_eu", "dispute").step
    right = next(one.text for one in step.options if one.key in step.right)
    telling = plain(step, wrong=tuple(replace(one, title=right) for one in step.wrong))
    first = hints.ladder(telling)[0].words["en"]

    assert first.startswith("This one is out: ")
    assert "What leads there" not in first


def test_an_option_that_has_the_right_one_in_it_is_not_named() -> None:
    step = question_of("flow_eu", "dispute").step
    right = next(one for one in step.options if one.key in step.right)
    options = tuple(
        one if one.key in step.right else replace(one, text={name: f"{text} not" for name, text in right.text.items()})
        for one in step.options
    )

    assert hints.ladder(plain(step, options=options)) == ()


def test_a_match_of_two_lines_gives_no_line_away() -> None:
    step = question_of("flow_eu", "who").step
    two = plain(step, lefts=step.lefts[:2], right=step.right[:2], wrong=())  # type: ignore[index]  # a match

    assert hints.ladder(two) == ()


def test_what_is_missing_in_an_answer_is_no_option_to_take_out() -> None:
    step = question_of("flow_eu", "risk").step
    missed = plain(step, wrong=tuple(one for one in step.wrong if str(one.value[0]).startswith(MISSED)))  # type: ignore[index]  # several

    assert [hint.words["en"] for hint in hints.ladder(missed)] == [f"{len(step.right)} of the 5 fit."]  # type: ignore[arg-type]  # several


def test_a_figure_in_the_name_of_a_line_is_not_carried_into_the_method() -> None:
    step = question_of("payout", "margin").step
    named: Words = {"en": "Step 2", "zh": "第 2 步"}
    table = Table(named, (named, named), ((named, {"en": "644.22", "zh": "644.22"}),))
    asked = plain(step, working=("644.22 − 1.00 = 643.22", "total"), given=())
    lines = hints.ladder(replace(asked, case=replace(asked.case, tables=(table,))))[1].working["en"]

    assert lines == ("□ − □ = □", "total")
    assert hints.ladder(asked)[2].working["en"][-1] == "total = ?"
