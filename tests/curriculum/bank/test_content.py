"""The shipped bank: enough questions on every skill, each wrong answer with its cause, both languages alike."""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import date

import pytest

from curriculum import bank, practice
from curriculum import catalog as catalogs
from curriculum.bank import check, draw
from curriculum.bank.entry import Entry, Told
from curriculum.practice import answers
from curriculum.practice.task import CHOICE, NUMBER, Words

CBEC = catalogs.load("cbec")
BANK = bank.load()
LEAST = 430
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)


def told(entry: Entry) -> list[Told]:
    """Why each known wrong answer of an entry is given."""
    found = [one.told for one in entry.options if one.told] + [one.told for one in entry.mixups]
    found += [one.told for one in entry.wrong if one.told]
    return found + [one.told for one in (entry.sums.wrong if entry.sums else ())]


def words(entry: Entry) -> list[Words]:
    found = [entry.story, entry.ask, entry.explanation, entry.basis, *(one.why for one in told(entry))]
    found += [one.text for one in entry.options]
    return found + [side for pair in entry.pairs for side in (pair.left, pair.right)]


def test_every_skill_has_three_questions_of_more_than_one_kind_of_thinking() -> None:
    by_skill: dict[str, list[Entry]] = {skill: [] for skill in CBEC.skills}
    for entry in BANK.entries.values():
        by_skill[entry.skill].append(entry)

    assert len(BANK.entries) >= LEAST
    assert {skill: len(found) for skill, found in by_skill.items() if len(found) < 3} == {}
    assert [skill for skill, found in by_skill.items() if len({entry.bloom for entry in found}) < 2] == []


def test_on_every_day_of_two_years_every_skill_has_a_question() -> None:
    for on in (date(2025, 9, 1), date(2026, 3, 1), BEFORE, AFTER, date(2026, 8, 1), date(2027, 3, 1)):
        assert [skill for skill in CBEC.skills if not bank.asked(CBEC, skill, on)] == [], on


def test_every_wrong_answer_says_what_its_thinking_misses() -> None:
    every = [one for entry in BANK.entries.values() for one in told(entry)]
    unknown = sum(one.cause == "unknown" for one in every)

    assert all(one.why["en"] and one.why["zh"] for one in every)
    assert unknown / len(every) < 0.12
    assert [entry.id for entry in BANK.entries.values() if not told(entry)] == []


def test_every_misconception_is_found_by_a_question() -> None:
    used = {one.cause for entry in BANK.entries.values() for one in told(entry)}

    assert BANK.misconceptions.keys() - used == set()
    assert BANK.misconceptions.keys() & CBEC.misconceptions.keys() == set()


def test_what_is_drawn_is_graded_as_what_it_is() -> None:
    """The command that authors run: right answers are right, and each wrong method is named as itself."""
    assert list(check.problems(BANK, CBEC, draws=60 if SOAK else 10)) == []


def test_both_languages_name_the_same_figures() -> None:
    """Placeholders and figures with decimals are the same in both, but for amounts told in 万 or in millions."""

    def figures(text: str) -> set[str]:
        plain = re.sub(r"[\d.]+ (?:万|million)", "", re.sub(r"(?<=\d)[, ](?=\d{3})", "", text))
        return set(re.findall(r"\{[^}]*\}", plain)) | set(re.findall(r"\d+\.\d+", plain))

    apart = [
        (entry.id, text["en"], text["zh"])
        for entry in BANK.entries.values()
        for text in words(entry)
        if figures(text["en"]) != figures(text["zh"])
    ]
    assert apart == []


def test_chinese_is_chinese_and_english_is_english() -> None:
    for entry in BANK.entries.values():
        for text in words(entry):
            assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"[（(“][^）)”]*[）)”]", "", text["en"])), (entry.id, text)
        for text in (entry.ask, entry.explanation):
            assert re.search(r"[\u4e00-\u9fff]", text["zh"]), (entry.id, text)


def test_the_right_option_is_not_known_by_its_length_or_its_place() -> None:
    choices = [entry for entry in BANK.entries.values() if entry.form == CHOICE]
    longest, shortest = 0, 0
    for entry in choices:
        sizes = sorted(len(one.text["en"]) for one in entry.options)
        right = next(len(one.text["en"]) for one in entry.options if one.right)
        longest += right == sizes[-1] > sizes[-2]
        shortest += right == sizes[0] < sizes[1]

    assert longest / len(choices) < 0.4
    assert shortest / len(choices) < 0.4


def test_skills_that_compute_are_asked_with_figures_that_are_drawn() -> None:
    numbers = Counter(entry.skill for entry in BANK.entries.values() if entry.form == NUMBER)

    assert len(numbers) >= 40
    for entry in BANK.entries.values():
        if entry.sums is None:
            continue
        asked = [draw.question(BANK, entry, CBEC, seed, AFTER) for seed in range(12)]
        assert len({one.case.story["en"] + one.step.question["en"] for one in asked}) > 1, entry.id


@pytest.mark.parametrize("skill", ["cus.low_value_eu"])
def test_keys_switch_on_the_day_of_the_law(skill: str) -> None:
    before, after = ({entry.id for entry in bank.asked(CBEC, skill, on)} for on in (BEFORE, AFTER))

    assert before - after
    assert after - before


def test_the_feedback_on_every_answer_has_its_three_parts() -> None:
    for entry in BANK.entries.values():
        rule = CBEC.rules.get(entry.rule)
        on = rule.valid_from if rule else entry.valid_from or AFTER
        step = draw.question(BANK, entry, CBEC, 1, on).step
        for wrong in step.wrong:
            verdict = practice.grade(step, answers.sent(answers.mistaken(wrong.value, step), step))
            for language in ("en", "zh"):
                assert verdict.explanation[language]
                assert verdict.words[language]
                assert verdict.cause == "unknown" or verdict.title[language], (entry.id, verdict.cause)


def test_what_a_machine_wrote_wrong_must_all_be_found() -> None:
    """Whoever lets one planted error of a written text through, or takes a sound sentence for one, is not right."""
    step = draw.question(BANK, BANK.entries["dat.ai_content.1"], CBEC, 1, AFTER).step
    assert isinstance(step.right, tuple)
    planted = set(step.right)
    sound = {option.key for option in step.options} - planted

    assert practice.grade(step, ",".join(sorted(planted))).state == "right"
    assert (len(planted), len(sound)) == (3, 2)
    for missed in planted:
        found = practice.grade(step, ",".join(sorted(planted - {missed})))
        assert (found.state, found.credit < 1) == ("other", True)
        assert found.cause in {"m.dat.fluent_is_true", "m.dat.model_adds_facts"}
    for kept in sound:
        assert practice.grade(step, ",".join(sorted(planted | {kept}))).state == "other"
