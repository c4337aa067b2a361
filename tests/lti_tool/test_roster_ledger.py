from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import settings
from lti_tool.roster import ledger
from lti_tool.settings import ROSTERS
from storage import connect
from storage.port import Storage
from tests.lti_tool.rosters import STORES
from tests.storage import mongo_server

NOW = 1_800_000_000.0


@pytest.fixture(params=STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    kind = request.param
    url = f"sqlite:///{tmp_path}" if kind == "sqlite" else mongo_server.url(kind, f"ledger_{uuid.uuid4().hex[:12]}")
    opened = connect.connect(url, *settings.COLLECTIONS)
    yield opened
    opened.close()


def half() -> float:
    return 0.5


def succeed(storage: Storage, holder: str = "a", now: float = NOW, **changes: object) -> bool:
    values = {"whole": True, "differences": "", "groups": None, "chance": half, **changes}
    return ledger.succeed(storage, "c", holder, now, **values)  # type: ignore[arg-type]  # the names are those above


def fail(storage: Storage, now: float = NOW, retry_after: float | None = None, holder: str = "a") -> bool:
    return ledger.fail(storage, "c", holder, now, problem="failing", status=503, retry_after=retry_after, chance=half)


def test_of_many_at_once_one_gets_the_lease(storage: Storage) -> None:
    start, got = threading.Barrier(8), list[str]()

    def take(name: str) -> None:
        start.wait()
        if ledger.lease(storage, "c", name, NOW) is not None:
            got.append(name)

    threads = [threading.Thread(target=take, args=(f"reader-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 1
    assert ledger.find(storage, "c").holder == got[0]


def test_a_lease_of_one_who_died_ends(storage: Storage) -> None:
    assert ledger.lease(storage, "c", "a", NOW)
    assert ledger.lease(storage, "c", "b", NOW + ledger.LEASE - 1) is None
    assert ledger.lease(storage, "c", "b", NOW + ledger.LEASE)


def test_who_goes_on_reading_keeps_the_lease(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)

    assert ledger.hold(storage, "c", "a", NOW + 200)
    assert ledger.lease(storage, "c", "b", NOW + ledger.LEASE + 100) is None


def test_who_was_overtaken_changes_nothing(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    ledger.lease(storage, "c", "b", NOW + ledger.LEASE)
    before = ledger.find(storage, "c")

    assert not ledger.hold(storage, "c", "a", NOW)
    assert not succeed(storage)
    assert not fail(storage)
    assert ledger.find(storage, "c") == before


def test_a_course_is_due_again_within_six_hours_of_being_read(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    assert succeed(storage, differences="https://lms.example/since", groups={"7": "Seminar A"})

    found = ledger.find(storage, "c")
    assert (found.holder, found.read, found.whole, found.problem) == ("", NOW, NOW, "")
    assert 0.9 * ledger.EVERY <= found.due - NOW <= ledger.EVERY
    assert (found.differences, found.groups) == ("https://lms.example/since", {"7": "Seminar A"})


def test_differences_are_not_the_whole_and_leave_the_groups(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    succeed(storage, groups={"7": "Seminar A"})
    ledger.lease(storage, "c", "a", NOW + 100)
    succeed(storage, now=NOW + 100, whole=False)

    found = ledger.find(storage, "c")
    assert (found.read, found.whole, found.groups) == (NOW + 100, NOW, {"7": "Seminar A"})


def test_pauses_double_until_the_usual_time_and_begin_anew_after_a_success(storage: Storage) -> None:
    pauses = []
    for _ in range(12):
        ledger.lease(storage, "c", "a", NOW)
        fail(storage)
        pauses.append(ledger.find(storage, "c").due - NOW)

    assert pauses[:4] == [120, 240, 480, 960]
    assert pauses[-1] == ledger.EVERY
    assert (ledger.find(storage, "c").problem, ledger.find(storage, "c").status) == ("failing", 503)
    ledger.lease(storage, "c", "a", NOW)
    succeed(storage)
    assert ledger.find(storage, "c").failures == 0


def test_a_platform_that_asks_for_a_longer_pause_gets_it(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    fail(storage, retry_after=3000)

    assert ledger.find(storage, "c").due == NOW + 3000


def test_what_failed_is_read_whole_next_time(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    succeed(storage, differences="https://lms.example/since")
    ledger.lease(storage, "c", "a", NOW)
    fail(storage)

    assert ledger.find(storage, "c").differences == ""


def test_a_wish_waits_until_somebody_reads(storage: Storage) -> None:
    assert ledger.ask(storage, "c", NOW)
    assert ledger.ask(storage, "c", NOW)
    assert [one.course for one in ledger.wanted(storage)] == ["c"]

    ledger.lease(storage, "c", "a", NOW)
    assert ledger.wanted(storage) == []


def test_what_is_fresh_or_was_tried_a_moment_ago_is_not_wanted(storage: Storage) -> None:
    ledger.lease(storage, "c", "a", NOW)
    succeed(storage)
    assert not ledger.ask(storage, "c", NOW + 599)
    assert ledger.ask(storage, "c", NOW + 600)

    ledger.lease(storage, "c", "a", NOW + 600)
    fail(storage, NOW + 600)
    assert not ledger.ask(storage, "c", NOW + 659)
    assert ledger.ask(storage, "c", NOW + 660)


def test_a_wish_during_a_reading_has_what_it_wanted_at_its_end(storage: Storage) -> None:
    for end in (succeed, fail):
        ledger.lease(storage, "c", "a", NOW)
        ledger.ask(storage, "c", NOW + 60)
        end(storage, now=NOW + 61)
        assert ledger.wanted(storage) == []


def test_a_wish_may_be_let_go_of_and_a_course_forgotten(storage: Storage) -> None:
    ledger.ask(storage, "c", NOW)
    ledger.unask(storage, "c")
    assert ledger.wanted(storage) == []

    ledger.drop(storage, "c")
    assert list(ledger.every(storage)) == []


def test_a_change_overtaken_by_another_is_made_again(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.lease(storage, "c", "a", NOW)
    get, asked = storage.get, []

    def overtaken(collection: object, key: tuple[str, ...]) -> object:
        found = get(ROSTERS, key)
        if not asked:
            asked.append(1)
            monkeypatch.undo()
            rival = {**found, "tried": 7.0, "failures": found["failures"] + 1}  # type: ignore[dict-item,index]  # it is there
            storage.replace(ROSTERS, rival, expected=found)  # type: ignore[arg-type]  # as above
        return found

    monkeypatch.setattr(storage, "get", overtaken)
    assert ledger.hold(storage, "c", "a", NOW + 5)
    assert (ledger.find(storage, "c").tried, ledger.find(storage, "c").until) == (7.0, NOW + 5 + ledger.LEASE)

    asked.clear()
    monkeypatch.setattr(storage, "get", overtaken)
    assert ledger.ask(storage, "c", NOW + 700)
    assert (ledger.find(storage, "c").wanted, ledger.find(storage, "c").failures) == (True, 2)
