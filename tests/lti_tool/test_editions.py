"""An institution's catalog: changes in versions, read at once, taken back, never half there, never lost between two."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, versions
from curriculum.editing import Edit
from lti_tool import editions, proposals
from lti_tool.app import COLLECTIONS
from lti_tool.editions import Shelf
from lti_tool.proposals import Proposal
from storage import connect
from storage import errors as storage_errors
from storage.port import Storage

NOW = 1_790_000_000.0
WHY = {"en": "because", "zh": "因为"}
NAMES = {"en": "New", "zh": "新"}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    found = connect.connect(f"sqlite:///{tmp_path}/store", *COLLECTIONS)
    yield found
    found.close()


def add(name: str = "cus.new", **value: object) -> Edit:
    return Edit(f"add-{name}", "skill.add", name, {"name": NAMES, "area": "cus", **value})


def enter(storage: Storage, *edits: Edit, id_: str = "c1", now: float = NOW) -> editions.Edition:
    return editions.enter(storage, "cbec", edits, kind=editions.GRAPH, why="why", by="someone", id_=id_, now=now)


def taught(storage: Storage, shelf: Shelf | None = None, now: float = NOW) -> editions.Taught:
    return editions.taught(storage, shelf or Shelf(), "cbec", now)


def test_without_a_change_the_shipped_catalog_is_taught(storage: Storage) -> None:
    found = taught(storage)

    assert found.catalog is catalogs.load("cbec")
    assert (found.edition.number, found.changes, found.left) == (0, (), ())
    assert found.edition.digest == versions.digest(catalogs.plain("cbec"))
    assert editions.history(storage, "cbec") == []


def test_a_catalog_that_is_not_shipped_is_not_taught(storage: Storage) -> None:
    with pytest.raises(errors.UnknownCatalog):
        editions.catalog(storage, Shelf(), "other", NOW)


def test_a_change_makes_a_version_and_is_taught(storage: Storage) -> None:
    made = enter(storage, add())

    found = taught(storage)
    assert "cus.new" in found.catalog.skills
    assert found.edition == made
    assert (made.number, made.changes, made.digest) == (1, ("c1",), versions.digest(found.mapping))
    assert [(one.act, one.by, one.subject) for one in editions.lines(storage, "cbec")] == [("entered", "someone", "c1")]
    assert found.changes[0].why == "why"


def test_a_change_that_does_not_fit_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(errors.InvalidEdit):
        enter(storage, add(), Edit("x", "skill.retire", "gone", {}))

    assert taught(storage).edition.number == 0
    assert editions.change(storage, "cbec", "c1") is None
    assert editions.lines(storage, "cbec") == []


def test_a_process_asks_the_store_once_a_second(storage: Storage) -> None:
    shelf = Shelf()
    before = editions.catalog(storage, shelf, "cbec", NOW)
    enter(storage, add())

    assert editions.catalog(storage, shelf, "cbec", NOW + 0.9) is before
    after = editions.catalog(storage, shelf, "cbec", NOW + 1.0)
    assert "cus.new" in after.skills
    assert editions.catalog(storage, shelf, "cbec", NOW + 5.0) is after
    assert editions.catalog(storage, shelf, "cbec", NOW - 60.0) is after


def test_a_change_is_taken_back_and_its_version_stays_readable(storage: Storage) -> None:
    enter(storage, add())

    made = editions.back(storage, "cbec", "c1", by="other", now=NOW + 1)

    assert made is not None
    assert (made.number, made.changes) == (2, ())
    assert "cus.new" not in taught(storage, now=NOW + 2).catalog.skills
    assert any(one["id"] == "cus.new" for one in editions.version(storage, "cbec", 1)["skills"])
    assert editions.version(storage, "cbec", 0) is catalogs.plain("cbec")
    assert [one.number for one in editions.history(storage, "cbec")] == [2, 1]
    assert editions.back(storage, "cbec", "c1", by="other", now=NOW + 2) is None
    with pytest.raises(LookupError):
        editions.version(storage, "cbec", 9)


def test_what_another_change_stands_on_is_not_taken_back(storage: Storage) -> None:
    enter(storage, add())
    enter(storage, add("cus.next", prerequisites=["cus.new"]), id_="c2")

    with pytest.raises(errors.InvalidEdit, match=r"cus\.next.*stands on this one"):
        editions.back(storage, "cbec", "c1", by="x", now=NOW)
    assert taught(storage).edition.number == 2


def test_two_who_enter_at_once_both_hold(storage: Storage) -> None:
    names = [f"cus.new{number}" for number in range(6)]
    threads = [threading.Thread(target=enter, args=(storage, add(name)), kwargs={"id_": name}) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(names) <= set(taught(storage).catalog.skills)
    assert taught(storage).edition.number == len(names)


def test_who_is_always_second_is_told_so(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editions, "TRIES", 0)

    with pytest.raises(storage_errors.UnavailableError, match="being changed by others"):
        enter(storage, add())


def test_an_edit_that_no_longer_fits_the_shipped_catalog_is_left_out_and_the_tool_goes_on(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    enter(storage, add(), Edit("n", "skill.change", "cus.duty", {"difficulty": 5}))
    plain = dict(catalogs.plain("cbec"))
    plain["skills"] = [*plain["skills"], {**plain["skills"][0], "id": "cus.new"}]
    monkeypatch.setattr(catalogs, "plain", lambda name: plain)

    found = taught(storage)

    assert found.catalog.skills["cus.duty"].difficulty == 5
    assert [(edit.id, why[0].key) for edit, why in found.left] == [("add-cus.new", "edit.taken")]
    assert "edit_left_out" in caplog.text
    # One that is left out already does not keep others from being taken back.
    enter(storage, Edit("m", "skill.change", "cus.vat_import", {"difficulty": 5}), id_="c2", now=NOW + 1)
    assert editions.back(storage, "cbec", "c2", by="x", now=NOW + 2) is not None


def test_holding_on_to_a_change_renews_what_it_was_made_on(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(storage, Edit("n", "skill.change", "cus.duty", {"difficulty": 5}))
    plain = dict(catalogs.plain("cbec"))
    plain["skills"] = [{**one, "difficulty": 1} if one["id"] == "cus.duty" else one for one in plain["skills"]]
    monkeypatch.setattr(catalogs, "plain", lambda name: plain)

    assert editions.keep(storage, "cbec", "c1", by="x", now=NOW)
    assert not editions.keep(storage, "cbec", "gone", by="x", now=NOW)
    kept = editions.change(storage, "cbec", "c1")
    assert kept is not None
    assert kept.before == ({"difficulty": 1},)


def test_who_looked_when_is_kept_by_day_and_by_pseudonym_apart(storage: Storage) -> None:
    editions.look(storage, "cbec", ["eu.ioss"], by="someone", now=NOW)
    editions.look(storage, "cbec", ["eu.ioss"], by="other", now=NOW + 86_400)

    assert editions.looked(storage, "cbec")["eu.ioss"].isoformat() == "2026-09-22"
    assert [one.by for one in editions.lines(storage, "cbec")] == ["other", "someone"]


def test_the_texts_of_a_version_are_read_once(storage: Storage) -> None:
    found = taught(storage)

    assert found.known is found.known
    assert found.known.mapping is found.shipped


PROPOSAL = Proposal(id="p1", kind=editions.GRAPH, edits=(add(),), why="please", made=int(NOW))


def propose(storage: Storage, *listed: Proposal) -> int:
    return proposals.propose(storage, "cbec", listed or (PROPOSAL,), by="teaches", now=NOW)


def approve(storage: Storage, id_: str = "p1", **changes: str) -> editions.Edition | None:
    values = {"why": "", "by": "admin", "change": "c1", **changes}
    return proposals.approve(storage, "cbec", id_, (add(),), now=NOW + 1, **values)


def test_a_proposal_changes_nothing_until_it_is_approved(storage: Storage) -> None:
    assert propose(storage) == 1
    assert taught(storage).edition.number == 0
    assert proposals.waiting(storage, "cbec") == [PROPOSAL]

    assert approve(storage) is not None
    assert "cus.new" in taught(storage, now=NOW + 2).catalog.skills
    assert taught(storage, now=NOW + 2).changes[0].why == "please"
    assert proposals.waiting(storage, "cbec") == []
    assert approve(storage) is None
    assert approve(storage, "gone") is None
    assert [one.act for one in editions.lines(storage, "cbec")] == ["approved", "entered", "proposed"]


def test_the_same_proposal_comes_in_once_even_after_it_was_declined(storage: Storage) -> None:
    assert propose(storage, PROPOSAL, PROPOSAL) == 1
    assert proposals.decline(storage, "cbec", "p1", by="admin", now=NOW)
    assert not proposals.decline(storage, "cbec", "p1", by="admin", now=NOW)
    assert not proposals.decline(storage, "cbec", "gone", by="admin", now=NOW)

    assert propose(storage) == 0
    assert proposals.waiting(storage, "cbec") == []


def test_a_proposal_that_no_longer_fits_stays_open(storage: Storage) -> None:
    propose(storage)
    enter(storage, add())

    with pytest.raises(errors.InvalidEdit):
        approve(storage, change="c2")
    assert proposals.waiting(storage, "cbec") == [PROPOSAL]


def test_news_gives_way_to_the_proposal_that_somebody_made_of_it(storage: Storage) -> None:
    propose(storage)

    proposals.supersede(storage, "cbec", "p1")
    proposals.supersede(storage, "cbec", "gone")
    proposals.supersede(storage, "cbec", "")

    assert proposals.waiting(storage, "cbec") == []
    found = proposals.find(storage, "cbec", "p1")
    assert found is not None
    assert found.state == proposals.TAKEN
    assert proposals.find(storage, "cbec", "gone") is None
