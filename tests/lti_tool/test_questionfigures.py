"""What came of questions: shares with ranges, the fit with the rest, and reasons to look that chance does not give."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from curriculum import bank
from lti_tool import attempts, questionfigures, settings
from lti_tool.attempts import Answer, Attempt, Kept
from lti_tool.questionfigures import FEWEST, UNKNOWN, Given
from storage import connect

ENTRIES = bank.load().entries
NAMES = [name for name, entry in ENTRIES.items() if entry.form == "choice" and len(entry.options) == 4][:6]
ASKED = NAMES[0]


def given(learners: int, right: Callable[[int, str], bool], cause: str = "m.x") -> list[Given]:
    """Answers of some learners to every question."""
    return [
        Given(name, f"l{number}", right(number, name), "" if right(number, name) else cause)
        for number in range(learners)
        for name in NAMES
    ]


def test_of_few_learners_nothing_is_said() -> None:
    (found,) = {questionfigures.figures(given(FEWEST - 1, lambda *_: True), ENTRIES)[name] for name in NAMES}

    assert found == questionfigures.Figures(FEWEST - 1)


def test_a_share_has_its_range_and_the_causes_theirs() -> None:
    found = questionfigures.figures(given(40, lambda number, _: number % 4 > 0), ENTRIES)[ASKED]

    assert (found.answered, found.right) == (40, 0.75)
    assert found.low < 0.75 < found.high
    assert found.causes == (("m.x", 0.25),)
    assert found.reasons == ()


@pytest.mark.parametrize(
    ("right", "cause", "reason"),
    [
        (lambda number, name: name != ASKED, "m.x", "guessed"),
        (lambda number, name: True, "", "easy"),
        (lambda number, name: name != ASKED or number % 4 == 0, "m.x", "tempting"),
        (lambda number, name: number % 2 == 0, UNKNOWN, "unnamed"),
        (lambda number, name: (number % 2 == 0) != (name == ASKED), "m.x", "against"),
    ],
)
def test_each_reason_is_given_where_it_holds(right: Callable[[int, str], bool], cause: str, reason: str) -> None:
    found = questionfigures.figures(given(200, right, cause), ENTRIES)[ASKED]

    assert reason in found.reasons, found
    luck = random.Random(5)
    drawn = {(number, name): luck.random() < 0.66 for number in range(200) for name in NAMES}
    calm = questionfigures.figures(given(200, lambda number, name: drawn[number, name]), ENTRIES)[ASKED]
    assert calm.reasons == ()


def test_a_question_that_is_no_choice_is_called_hard() -> None:
    name = next(name for name, entry in ENTRIES.items() if entry.form == "number")
    listed = [Given(name, f"l{number}", number % 10 == 0, "m.x") for number in range(100)]

    assert "hard" in questionfigures.figures(listed, ENTRIES)[name].reasons
    assert questionfigures.figures([Given("gone", "l", True, "")], ENTRIES) == {}


def test_false_reasons_are_rare() -> None:
    """Learners of two abilities answer sound questions: of 12,000 verdicts over ten seeds, 6 asked for a look."""
    rng = random.Random(3)
    false = 0
    for _ in range(200):
        able = [rng.gauss(0, 1) for _ in range(40)]
        right = {
            (number, name): rng.random() < 0.35 + 0.3 * (able[number] > 0) for number in range(40) for name in NAMES
        }
        listed = given(40, lambda number, name, right=right: right[number, name], "m.x")  # type: ignore[misc]  # bound now
        listed = [replace(one, cause=one.cause and rng.choice(("m.x", "m.y", "m.z"))) for one in listed]
        false += sum(bool(one.reasons) for one in questionfigures.figures(listed, ENTRIES).values())

    assert false <= 2


def test_the_fit_needs_learners_who_differ() -> None:
    assert questionfigures.correlation([(True, 0.5)] * 30) is None
    assert questionfigures.correlation([(True, 0.5)] * 3) is None
    found = questionfigures.correlation([(number % 2 == 0, float(number % 2 == 0)) for number in range(30)])
    assert found is not None
    assert found[0] == pytest.approx(0.999)
    assert found[1] < found[0] < found[2]


def test_first_tries_of_the_bank_are_counted_once_a_learner_and_question(tmp_path: Path) -> None:
    storage = connect.connect(f"sqlite:///{tmp_path}", *settings.COLLECTIONS)
    answers = (
        Answer("a", True, "", 1.0, None, step=f"bank.{ASKED}"),
        Answer("b", True, "", 1.0, None, tries=2, earlier=("c",), step=f"bank.{NAMES[1]}"),
        Answer("c", True, "m.x", 1.0, None, hints=1, step=f"bank.{NAMES[2]}"),
        Answer("", False, "", 1.0, None, step=f"bank.{NAMES[3]}"),
        Answer("9", True, "", 1.0, None, step="freight.volume"),
        Answer("9", True, "", 1.0, None),
    )
    made = Attempt("quiz:cus.duty", 1, 1, "2026-11-26", "", 6, answers, 0.0, 0.0)
    for learner, link in (("l", "one"), ("l", "two"), ("private", "one"), ("m", "other course")):
        Kept(storage, [learner], link, made.activity).change(lambda _: made)
    assert [one for one, _ in attempts.of_link(storage, "one")] == ["l", "private"]

    found = questionfigures.of_course(storage, ["one", "two"], {"l"})
    assert {(one.question, one.right, one.cause) for one in found} == {
        (ASKED, True, ""), (NAMES[1], False, UNKNOWN), (NAMES[2], False, "m.x"), (NAMES[3], False, ""),
    }  # fmt: skip
    assert len(found) == 4
    storage.close()
