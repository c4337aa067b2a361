from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_tool import votes
from lti_tool.settings import COLLECTIONS, VOTES
from lti_tool.votes import Tally
from storage import connect
from storage.port import Storage

NOW = 1_795_000_000.0


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(f"sqlite:///{tmp_path / 'store'}", *COLLECTIONS)
    yield opened
    opened.close()


def say(storage: Storage, who: str, word: str, item: str = "i") -> bool:
    return votes.say(storage, (who, "cbec", item), word, NOW)


def test_the_newest_word_of_a_learner_counts_once(storage: Storage) -> None:
    assert say(storage, "p", "useful")
    assert not say(storage, "p", "useful")
    assert say(storage, "p", "mistake")

    assert votes.tallies(storage, "cbec") == {"i": Tally(mistake=1)}
    assert votes.of_one(storage, "p", "cbec") == {"i": "mistake"}


def test_a_word_is_taken_back_by_anything_that_is_none(storage: Storage) -> None:
    say(storage, "p", "outdated")

    assert say(storage, "p", "")
    assert not say(storage, "p", "nonsense")
    assert votes.tallies(storage, "cbec") == {}


def test_only_those_asked_for_count(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "PAGE", 2)
    for who in "abcde":
        say(storage, who, "useful" if who < "d" else "outdated")
    votes.say(storage, ("a", "oulad", "x"), "useful", NOW)

    assert votes.tallies(storage, "cbec") == {"i": Tally(useful=3, outdated=2)}
    assert votes.tallies(storage, "cbec", only=frozenset("ae")) == {"i": Tally(useful=1, outdated=1)}


@pytest.mark.parametrize(
    ("tally", "weight"),
    [
        (Tally(mistake=votes.MANY - 1), None),
        (Tally(mistake=votes.MANY), 0.5),
        (Tally(mistake=2, outdated=2, useful=4), None),
        (Tally(mistake=2, outdated=2, useful=1), 0.6),
    ],
)
def test_a_step_comes_later_once_enough_find_fault_and_more_than_find_it_useful(
    tally: Tally, weight: float | None
) -> None:
    assert votes.weights({"i": tally}).get("i") == (None if weight is None else pytest.approx(weight))


def test_for_who_finds_fault_it_comes_later_at_once() -> None:
    assert votes.own({"a": "useful", "b": "mistake", "c": "outdated"}) == {"b": votes.LATER, "c": votes.LATER}


def test_a_word_that_is_no_longer_one_is_not_counted(storage: Storage) -> None:
    storage.insert(VOTES, {"learner": "p", "catalog": "cbec", "item": "i", "word": "splendid", "at": 1})

    assert votes.tallies(storage, "cbec") == {}


def test_of_two_words_at_once_the_later_holds(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, raced = storage.replace, []

    def racing(*given: Any, **named: Any) -> bool:
        if not raced:
            raced.append(True)
            storage.insert(VOTES, {"learner": "p", "catalog": "cbec", "item": "i", "word": "useful", "at": 1})
        return replace(*given, **named)

    monkeypatch.setattr(storage, "replace", racing)

    assert say(storage, "p", "mistake")
    assert votes.tallies(storage, "cbec") == {"i": Tally(mistake=1)}
