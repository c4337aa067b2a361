"""Questions by skill and day, and quizzes made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from curriculum import bank
from curriculum import catalog as catalogs
from curriculum.bank import own, shelf
from tests.curriculum.bank import samples

CBEC = catalogs.load("cbec")


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made = samples.bank()
    monkeypatch.setattr(shelf, "load", lambda: made)
    forget()
    yield
    forget()


def forget() -> None:
    """What was read before the sample, and from it, is in no other test."""
    own._kept.cache_clear()
    bank._shipped.cache_clear()


def ids(on: date) -> list[str]:
    return [entry.id[-1] for entry in bank.asked(CBEC, "cus.duty", on)]


def test_a_question_is_asked_while_its_rule_and_its_days_hold() -> None:
    assert ids(date(2026, 6, 30)) == ["1", "2", "3"]
    assert ids(date(2026, 7, 1)) == ["1", "2", "3", "4", "5"]
    assert ids(date(2027, 1, 1)) == ["1", "2", "3", "5"]
    assert ids(date(2028, 7, 1)) == ["1", "2", "3"]


def test_other_catalogs_have_no_questions() -> None:
    assert bank.asked(catalogs.load("oulad"), "cus.duty", date(2026, 7, 1)) == ()
    assert not bank.has("cus.none")
    assert bank.misconception(catalogs.load("oulad"), "m.test.pieces") is None


def test_a_quiz_takes_some_of_them_the_easier_ones_first() -> None:
    questions = bank.quiz(CBEC, "cus.duty", 3, date(2026, 7, 1))

    assert len(questions) == bank.COUNT
    assert questions == bank.quiz(CBEC, "cus.duty", 3, date(2026, 7, 1))
    levels = [bank.load().entries[one.step.id].difficulty for one in questions]
    assert levels == sorted(levels)
    marks = {bank.mark(bank.quiz(CBEC, "cus.duty", seed, date(2026, 7, 1))) for seed in range(9)}
    assert len(marks) > 5
    assert len(bank.quiz(CBEC, "cus.duty", 3, date(2026, 6, 1))) == 3


def test_one_question_is_made_again_or_said_to_be_gone() -> None:
    made = bank.question(CBEC, "cus.duty.5", 9, date(2026, 7, 1))

    assert made == bank.question(CBEC, "cus.duty.5", 9, date(2026, 7, 1))
    assert bank.question(CBEC, "cus.duty.99", 9, date(2026, 7, 1)) is None
    assert bank.question(catalogs.load("oulad"), "cus.duty.5", 9, date(2026, 7, 1)) is None


def test_a_cause_is_found_in_the_catalog_and_in_the_bank() -> None:
    for name, words in (("m.test.pieces", "Forgets the pieces"), ("m.volumetric", "Ignores volumetric weight")):
        found = bank.misconception(CBEC, name)
        assert found is not None
        assert found.name["en"] == words
    assert bank.misconception(CBEC, "m.none") is None
