from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import errors, placements
from lti_tool.placements import NOTHING, Asked, Kept, Placement
from lti_tool.settings import COLLECTIONS
from storage import connect
from storage.port import Storage

NOW = 1_795_000_000.0
ASKED = Asked("practice:prc.margin", "freight", 7, "margin", "2026-11-26", "0123456789abcdef")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(f"sqlite:///{tmp_path / 'store'}", *COLLECTIONS)
    yield opened
    opened.close()


def answered(there: Placement, right: bool = True, now: float = NOW) -> Placement:
    return placements.answered(placements.asking(there, ASKED, now - 30), given="4.2", right=right, cause="", now=now)


def test_what_was_kept_is_found_as_it_was(storage: Storage) -> None:
    shelf = Kept(storage, "p", "cbec")
    wanted = placements.asking(answered(placements.begun(NOTHING, NOW)), ASKED, NOW)

    assert shelf.find() == NOTHING
    assert shelf.change(lambda _: wanted) == (wanted, True)
    assert shelf.find() == wanted
    assert shelf.change(lambda there: there) == (wanted, False)
    assert shelf.change(lambda _: None) == (wanted, False)
    assert Kept(storage, "p", "oulad").find() == NOTHING


def test_of_two_changes_at_once_the_later_sees_the_earlier(storage: Storage) -> None:
    shelf = Kept(storage, "p", "cbec")
    shelf.change(lambda _: placements.begun(NOTHING, NOW))
    threads = [threading.Thread(target=shelf.change, args=(answered,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(shelf.find().answers) == 4


def test_what_is_sealed_comes_back_and_nothing_else_does() -> None:
    there = answered(placements.begun(NOTHING, NOW))
    text = placements.seal(there, b"key")

    assert placements.unseal(text, b"key") == there
    assert placements.unseal("", b"key") == NOTHING
    with pytest.raises(errors.PageRefused):
        placements.unseal(text, b"other")


def test_the_time_of_an_answer_is_that_since_its_question_was_shown() -> None:
    there = placements.asking(placements.begun(NOTHING, NOW), ASKED, NOW)

    for took, told in ((30, 30), (placements.LONGEST_STEP + 1, None), (-1, None)):
        one = placements.answered(there, given="", right=False, cause="", now=NOW + took)
        assert one.answers[0].seconds == told


def test_an_answer_without_a_question_is_none() -> None:
    assert placements.answered(NOTHING, given="1", right=True, cause="", now=NOW) == NOTHING


def test_an_open_one_is_gone_on_with_and_a_finished_one_makes_room() -> None:
    first = answered(placements.begun(NOTHING, NOW))

    assert placements.begun(first, NOW + 1) == first
    second = placements.begun(placements.asking(first, None, NOW), NOW + 5)
    assert (second.number, second.answers, second.former, second.open) == (2, (), first.answers, True)
    assert second.holding == first.answers
    assert placements.stopped(second, NOW + 9).holding == first.answers
    assert placements.stopped(answered(second, right=False), NOW + 9).former == ()


def test_one_that_was_stopped_at_once_holds_nothing() -> None:
    there = placements.stopped(placements.begun(NOTHING, NOW), NOW)

    assert (there.holding, there.open) == ((), False)
    assert replace(there, number=0).open is False
