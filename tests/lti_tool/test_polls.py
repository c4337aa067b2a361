"""A question to a class in the store: one at a time, on and never back, one answer a learner and round."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lti_tool import polls
from lti_tool.polls import Answer, Poll
from storage import connect
from storage.port import Storage
from tests.storage import stores

POLL = Poll("course", "001-a", "cus.duty.1", 7, "2026-11-26", "mark", polls.FIRST, "teacher", 1)
RIGHT, WRONG, NONE = Answer("a", True, "", 1.0), Answer("b", False, "m.x", 1.0), Answer("", False, "", 1.0)


@pytest.fixture(params=stores.STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(stores.url(request.param, tmp_path / "store"), *polls.COLLECTIONS)
    yield opened
    opened.close()


def answered(storage: Storage, poll: Poll, count: int, given: Answer, name: str = "l") -> None:
    for number in range(count):
        assert polls.answer(storage, poll, f"{name}{number}", given)


def test_a_class_is_at_one_question_at_a_time(storage: Storage) -> None:
    assert polls.ask(storage, POLL)
    assert not polls.ask(storage, replace(POLL, poll="002-b"))
    assert polls.ask(storage, replace(POLL, course="other"))
    assert polls.current(storage, "course") == POLL
    assert polls.current(storage, "") is None

    closed = polls.step(storage, POLL, polls.CLOSED)
    assert polls.current(storage, "course") is None
    assert polls.ask(storage, replace(POLL, poll="002-b"))
    assert [one.poll for one in polls.of_course(storage, "course")] == ["002-b", "001-a"]
    assert polls.find(storage, "course", "001-a") == closed


def test_it_goes_on_and_never_back_and_what_somebody_else_did_stays(storage: Storage) -> None:
    polls.ask(storage, POLL)
    talk = polls.step(storage, POLL, polls.TALK)
    assert (talk.state, talk.round) == (polls.TALK, 0)
    assert polls.step(storage, talk, polls.FIRST) == talk
    assert polls.step(storage, POLL, polls.CLOSED) == talk, "the page showed the first round, and it is over"
    assert polls.step(storage, replace(POLL, poll="gone"), polls.TALK).state == polls.FIRST


def test_a_learner_answers_once_a_round_and_only_while_it_is_open(storage: Storage) -> None:
    polls.ask(storage, POLL)
    assert polls.answer(storage, POLL, "l", WRONG)
    assert not polls.answer(storage, POLL, "l", RIGHT)
    talk = polls.step(storage, POLL, polls.TALK)
    assert not polls.answer(storage, talk, "m", RIGHT)
    second = polls.step(storage, talk, polls.SECOND)
    assert polls.answer(storage, second, "l", RIGHT)

    assert polls.answered(storage, second, ["l", "former"]) == {1: WRONG, 2: RIGHT}
    assert polls.answered(storage, second, ["m"]) == {}


def test_the_split_is_by_cause_of_who_may_be_counted_and_of_few_there_is_none(storage: Storage) -> None:
    polls.ask(storage, POLL)
    answered(storage, POLL, 3, RIGHT, "r")
    answered(storage, POLL, 2, replace(WRONG, cause=""), "u")
    answered(storage, POLL, 1, NONE, "n")
    answered(storage, POLL, 9, WRONG, "private")
    everybody = {f"{name}{number}" for name in "run" for number in range(9)}

    found = polls.splits(storage, POLL, everybody.__contains__)
    assert (found[1].answers, found[1].right, found[1].causes, found[1].passed) == (6, 3, ((polls.UNKNOWN, 2),), 1)
    assert found[2] == polls.Split(0)
    few = polls.splits(storage, POLL, {"r0", "r1", "r2", "u0"}.__contains__)[1]
    assert (few.answers, few.right, few.causes) == (4, None, ())


def test_it_goes_with_its_platform(storage: Storage) -> None:
    polls.ask(storage, POLL)
    answered(storage, POLL, 2, RIGHT)
    polls.remove(storage, "course")

    assert storage.find(polls.POLLS, {}) == []
    assert storage.find(polls.POLL_ANSWERS, {}) == []


def test_of_instructors_who_ask_at_the_same_moment_one_does(storage: Storage) -> None:
    asked: list[str] = []
    start = threading.Barrier(6)

    def ask(number: int) -> None:
        start.wait()
        if polls.ask(storage, replace(POLL, poll=f"00{number}-x", by=f"teacher-{number}")):
            asked.append(f"00{number}-x")

    for turn in range(4):
        threads = [threading.Thread(target=ask, args=(turn * 10 + number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        at = polls.current(storage, "course")

        assert at is not None
        assert asked == [at.poll]
        polls.step(storage, at, polls.CLOSED)
        assert polls.current(storage, "course") is None
        asked.clear()


class Blind:
    """A store in which the asker sees no open question: as if both had looked before either asked."""

    def __init__(self, inner: Storage) -> None:
        self._inner = inner

    def find(self, *_: object, **__: object) -> list[object]:
        return []

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


class Late(Blind):
    """A store in which another instructor asks between the look and the asking."""

    def get(self, *key: object) -> object:
        found = self._inner.get(*key)  # type: ignore[arg-type]  # as the port has it
        polls.ask(self._inner, replace(POLL, poll="002-other"))
        return found


def test_who_looked_before_another_asked_does_not_ask(storage: Storage) -> None:
    assert not polls.ask(Late(storage), POLL)  # type: ignore[arg-type]  # the verbs that are used
    assert [one.poll for one in polls.of_course(storage, "course")] == ["002-other"]


def test_a_question_whose_asker_died_is_there_and_can_be_closed(storage: Storage) -> None:
    storage.insert(polls.POLL_TURNS, asdict(POLL))

    assert polls.current(storage, "course") is None
    assert not polls.ask(storage, replace(POLL, poll="002-b"))
    polls.step(storage, POLL, polls.CLOSED)
    assert polls.ask(storage, replace(POLL, poll="002-b"))
    polls.remove(storage, "course")
    assert storage.find(polls.POLL_TURNS, {}) == []
