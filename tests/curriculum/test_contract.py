"""The contract of feedback, over all that can be asked: what is right, what was thought, and why it is so. No gaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from curriculum import bank, practice
from curriculum import catalog as catalogs
from curriculum.bank import draw
from curriculum.practice import answers, scenes
from curriculum.practice.task import NUMBER, TEXT, Step

CBEC = catalogs.load("cbec")
TODAY = date(2026, 11, 26)
SEEDS = range(3)
SCENES = [kind.id for kind in scenes.kinds()]
FAR = {NUMBER: "987654.321", TEXT: "nothing of the kind"}
"""What no known way of thinking gives, in the forms that let somebody write anything."""


def questions() -> Iterator[Step]:
    """Every question of the bank, on the first day on which it is asked."""
    shelf = bank.load()
    for entry in shelf.entries.values():
        rule = CBEC.rules.get(entry.rule)
        yield draw.question(shelf, entry, CBEC, 1, rule.valid_from if rule else entry.valid_from or TODAY).step


def steps(sort: str, name: str) -> Iterator[Step]:
    """Every step of a few cases of a kind, or of a few scenes."""
    for seed in SEEDS:
        yield from (scenes.scene(name, seed, TODAY).case if sort == "scene" else practice.case(name, seed, TODAY)).steps


def lacking(step: Step) -> list[str]:
    """What the feedback on a step leaves open: on the right answer, on each known wrong one, and on any other."""
    sign = "%" if step.unit == "%" else ""
    causes = {wrong.cause for wrong in step.wrong}
    known = [(answers.sent(answers.mistaken(wrong.value, step), step), causes) for wrong in step.wrong]
    given = [(answers.sent(step.right, step), {""}), *known]
    given += [(FAR[step.form] + sign, {"unknown"})] if step.form in FAR else []
    open_ = [] if step.wrong else [f"{step.skill} {step.id}: no wrong answer is known"]
    for answer, expected in given:
        verdict = practice.grade(step, answer)
        said = {
            "the answer": verdict.right == step.right,
            "its cause": verdict.cause in expected,
            "words": all(verdict.words[language] for language in ("en", "zh")),
            "the name of the cause": verdict.cause in {"", "unknown"}
            or bool(verdict.title["en"] and verdict.title["zh"]),
            "why": all(verdict.explanation[language] for language in ("en", "zh")),
            "that it is wrong": (verdict.state == "right") == (expected == {""}),
        }
        open_ += [f"{step.skill} {step.id}: {answer}: {part}" for part, there in said.items() if not there]
    return open_


def test_every_question_of_the_bank_says_what_is_right_what_was_thought_and_why() -> None:
    assert [one for step in questions() for one in lacking(step)] == []


@pytest.mark.parametrize(
    ("sort", "name"), [*(("case", kind.id) for kind in practice.kinds()), *(("scene", name) for name in SCENES)]
)
def test_every_step_of_every_case_and_scene_says_what_is_right_what_was_thought_and_why(sort: str, name: str) -> None:
    asked = list(steps(sort, name))

    assert asked
    assert [one for step in asked for one in lacking(step)] == []
