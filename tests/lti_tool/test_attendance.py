"""Who was at a session: one record whatever the way, codes that change, levels, and whose they are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import attendance, kept
from lti_tool.events import Event
from storage import connect
from storage.port import Storage
from xapi_collector import keyring as keyrings
from xapi_collector.keyring import Keyring

EVENT = Event("c", "0" * 32, "cbec", "Desk", 1_000_000, 60, "site", "", ("cus.duty",))
NOW = 1_000_030.0


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    running = connect.connect(f"sqlite:///{tmp_path / 'store'}", *kept.COLLECTIONS)
    yield running
    running.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return keyrings.create(tmp_path / "keyring.json")


def ids() -> Iterator[str]:
    return (f"id-{number}" for number in itertools.count())


def note(storage: Storage, how: str, new_id: Iterator[str], sealed: str = "s") -> bool:
    _, news = attendance.note(
        storage, EVENT, "p", how, sealed=sealed, new_id=lambda: next(new_id), now=NOW
    )  # fmt: skip
    return news


def test_however_often_somebody_is_noted_they_were_there_once(storage: Storage) -> None:
    made = ids()
    news = [note(storage, how, made) for how in (attendance.CODE, attendance.LIST, attendance.HAND, attendance.CODE)]
    record = attendance.find(storage, "c", EVENT.event, "p")

    assert news == [True, False, False, False]
    assert (record.how, record.statement) == (attendance.CODE, "id-0")


def test_of_two_that_are_noted_at_once_one_is_news(storage: Storage) -> None:
    made, seen = ids(), []

    def slow() -> str:
        if not seen:
            seen.append(note(storage, attendance.LIST, made))
        return next(made)

    _, news = attendance.note(storage, EVENT, "p", attendance.CODE, sealed="s", new_id=slow, now=NOW)
    assert (seen, news) == ([True], False)


def test_a_code_is_of_its_session_and_its_minute(keyring: Keyring) -> None:
    code = attendance.code(keyring, EVENT, NOW)
    other = attendance.code(keyring, Event(**{**EVENT.__dict__, "event": "1" * 32}), NOW)

    assert len(code) == attendance.LENGTH
    assert set(code) <= set(attendance.LETTERS)
    assert code != other
    assert attendance.fits(keyring, EVENT, f"{code[:3]} - {code[3:].lower()}", NOW)
    assert attendance.fits(keyring, EVENT, code, NOW + attendance.PERIOD)
    assert not attendance.fits(keyring, EVENT, code, NOW + 2 * attendance.PERIOD)
    assert not attendance.fits(keyring, EVENT, code, NOW - attendance.PERIOD)
    for text in ("", code[:5], code + "2", "é" * 6, " " * 50 + code):
        assert not attendance.fits(keyring, EVENT, text, NOW)


def test_the_code_changes_when_it_says(keyring: Keyring) -> None:
    left = attendance.left(NOW)

    assert attendance.code(keyring, EVENT, NOW + left - 1) == attendance.code(keyring, EVENT, NOW)
    assert attendance.code(keyring, EVENT, NOW + left) != attendance.code(keyring, EVENT, NOW)


def test_guesses_are_counted_for_a_while(storage: Storage) -> None:
    for second in range(attendance.GUESSES + 2):
        attendance.guess(storage, EVENT, "p", NOW + second)
    record = attendance.find(storage, "c", EVENT.event, "p")

    assert len(record.guesses) == attendance.GUESSES
    assert attendance.waits(record, NOW + 10) == attendance.SPAN - 8
    assert attendance.waits(record, NOW + attendance.SPAN + 3) == 0
    assert not record.here


def test_levels_are_of_who_was_there_and_each_has_a_statement(storage: Storage) -> None:
    made = ids()
    nobody = attendance.rate(storage, EVENT, "p", {"cus.duty": 2}, new_id=lambda: next(made), now=NOW)
    note(storage, attendance.HAND, made)
    attendance.rate(storage, EVENT, "p", {"cus.duty": 2}, new_id=lambda: next(made), now=NOW)
    before, same = attendance.rate(storage, EVENT, "p", {"cus.duty": 2}, new_id=lambda: next(made), now=NOW + 9)
    _, other = attendance.rate(storage, EVENT, "p", {"cus.duty": 3}, new_id=lambda: next(made), now=NOW)
    _, gone = attendance.rate(
        storage, EVENT, "p", {"cus.duty": attendance.TAKEN_BACK}, new_id=lambda: next(made), now=NOW
    )

    assert nobody[0] == nobody[1]
    assert before == same
    assert other.seen["cus.duty"].statement != same.seen["cus.duty"].statement
    assert gone.seen == {}


def test_who_was_noted_by_mistake_was_not_there(storage: Storage) -> None:
    made = ids()
    note(storage, attendance.HAND, made)
    before = attendance.take_back(storage, EVENT, "p")
    again = attendance.take_back(storage, EVENT, "p")
    note(storage, attendance.CODE, made)

    assert (before.here, again.here) == (True, False)
    assert attendance.find(storage, "c", EVENT.event, "p").statement == "id-1"


def test_who_somebody_is_is_sealed_for_this_session_and_platform(storage: Storage, keyring: Keyring) -> None:
    note(storage, attendance.HAND, ids(), sealed="")
    sealed = attendance.close(keyring, EVENT.event, "https://lms.example", "7")
    first = attendance.identify(storage, EVENT, "p", sealed)
    second = attendance.identify(storage, EVENT, "p", sealed)
    nobody = attendance.identify(storage, EVENT, "q", sealed)

    assert first is not None
    assert (second, nobody) == (None, None)
    assert attendance.agent(keyring, first, "https://lms.example") == {
        "objectType": "Agent",
        "account": {"homePage": "https://lms.example", "name": "7"},
    }
    assert attendance.agent(keyring, first, "https://other.example") is None
    assert attendance.agent(keyring, attendance.Attendance("c", "e", "p"), "https://lms.example") is None


def test_many_records_are_read_page_by_page(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance, "PAGE", 2)
    made = ids()
    for number in range(4):
        attendance.note(storage, EVENT, f"p{number}", attendance.LIST, sealed="", new_id=lambda: next(made), now=NOW)
    attendance.remove(storage, "c", "1" * 32)

    assert len(attendance.of_event(storage, "c", EVENT.event)) == 4
    assert set(attendance.of_learner(storage, "c", "p1", [EVENT])) == {EVENT.event}
    attendance.remove(storage, "c")
    assert attendance.of_event(storage, "c", EVENT.event) == {}
