from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool import app, tries
from lti_tool.settings import TRIES
from lti_tool.tries import Tally, Try
from storage import connect
from storage.port import Storage
from tests.storage import stores

NOW = 1_800_000_000.0
DAY = 86_400
ONE = Try("case:eu_import", "eu_import.duty", "cus.duty", False, False, "m.old_150_relief", NOW)


@pytest.fixture(params=stores.STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(stores.url(request.param, tmp_path / "store"), *app.COLLECTIONS)
    yield opened
    opened.close()


def test_answers_are_counted_by_step_with_their_causes(storage: Storage) -> None:
    given = [
        ONE,
        replace(ONE, cause=tries.UNKNOWN),
        replace(ONE, right=True, cause=""),
        replace(ONE, shown=True, cause=""),
    ]
    tries.note(storage, "c", "ann", given)

    assert tries.lately(storage, "c", NOW) == {
        "ann": [Tally("case:eu_import", "cus.duty", 1, 2, 1, {"m.old_150_relief": 1, "unknown": 1})]
    }


def test_a_week_is_kept_and_told(storage: Storage) -> None:
    for days in (8, 7, 6, 0):
        tries.note(storage, "c", "ann", [replace(ONE, at=NOW - days * DAY)])
    tries.note(storage, "c", "bob", [replace(ONE, at=NOW - 7 * DAY)])

    assert {learner: len(found) for learner, found in tries.lately(storage, "c", NOW).items()} == {"ann": 2}
    kept = storage.get(TRIES, ("c", "ann"))
    assert kept is not None
    assert len(kept["days"]) == 2


def test_what_is_over_goes(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "PAGE", 1)
    tries.note(storage, "c", "ann", [replace(ONE, at=NOW - 7 * DAY)])
    tries.note(storage, "c", "bob", [replace(ONE, at=NOW - 6 * DAY)])

    assert tries.tidy(storage, NOW) == 1
    assert [kept["learner"] for kept in storage.find(TRIES, {})] == ["bob"]
    tries.remove(storage, "c")
    assert storage.find(TRIES, {}) == []


def test_nothing_is_kept_outside_a_course_or_of_no_answer(storage: Storage) -> None:
    tries.note(storage, "", "ann", [ONE])
    tries.note(storage, "c", "ann", [])

    assert storage.find(TRIES, {}) == []


def test_two_windows_at_once_lose_no_answer(storage: Storage) -> None:
    threads = [threading.Thread(target=tries.note, args=(storage, "c", "ann", [ONE])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert tries.lately(storage, "c", NOW)["ann"][0].other == 4
