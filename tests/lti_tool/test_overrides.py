from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from lti_tool import app, overrides
from lti_tool.overrides import Held, Override, Subject
from lti_tool.settings import OVERRIDDEN, OVERRIDE_LOG, OVERRIDES
from storage import connect
from storage.port import Storage
from tests.curriculum import builders as curricula
from tests.storage import stores

CATALOG = catalogs.load("cbec")
DUTY, VAT = Subject(overrides.SKILL, "cus.duty"), Subject(overrides.SKILL, "cus.vat_import")
NOW = 1_800_000_000.0


@pytest.fixture(params=stores.STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(stores.url(request.param, tmp_path / "store"), *app.COLLECTIONS)
    yield opened
    opened.close()


def put(storage: Storage, kind: str = overrides.FIRST, subject: Subject = DUTY, **changes: object) -> Override:
    values = {"by": "teaches", "id_": f"id-{kind}-{subject.id}-{len(changes)}", "now": NOW, **changes}
    return overrides.put(storage, "c", kind, subject, **values)  # type: ignore[arg-type]  # the names are those of put


def of(storage: Storage, learner: str = "ann", *groups: str, now: float = NOW) -> Held:
    return overrides.of(storage, "c", learner, groups, now)


def test_what_nobody_steers_is_not_steered(storage: Storage) -> None:
    assert of(storage) == Held()


def test_an_override_holds_for_everybody_a_group_or_some(storage: Storage) -> None:
    everybody = put(storage)
    group = put(storage, overrides.PROPOSE, VAT, audience=overrides.GROUP, group="7", now=NOW + 1)
    some = put(
        storage,
        overrides.HIDE,
        Subject(overrides.ITEM, "practice:cus.hs"),
        audience=overrides.SOME,
        learners=["bob", "ann", "ann"],
    )

    assert of(storage) == Held(first=(everybody,), hidden=(some,))
    assert of(storage, "cleo", "7") == Held(first=(everybody,), proposed=(group,))
    assert some.learners == ("ann", "bob")
    assert overrides.of(storage, "another course", "ann", ["7"], NOW) == Held()


def test_of_two_about_the_same_thing_the_newer_holds(storage: Storage) -> None:
    put(storage, overrides.FIRST)
    newer = put(storage, overrides.HIDE, now=NOW + 60, audience=overrides.SOME, learners=["ann"])

    assert of(storage) == Held(hidden=(newer,))
    assert of(storage, "bob").first


def test_one_that_has_run_out_holds_no_more(storage: Storage) -> None:
    put(storage, until=NOW + 10)

    assert of(storage, now=NOW + 9).first
    assert of(storage, now=NOW + 10) == Held()


def test_the_same_again_changes_nothing(storage: Storage) -> None:
    first = put(storage)

    assert put(storage, now=NOW + 5) == first
    assert len(overrides.log(storage, "c")) == 1


def test_who_did_what_is_a_line_of_the_log_that_stays(storage: Storage) -> None:
    one = put(storage, audience=overrides.SOME, learners=["ann", "bob"])
    gone = overrides.back(storage, "c", one.id, by="assists", now=NOW + 60)

    assert gone == one
    assert of(storage) == Held()
    assert storage.find(OVERRIDDEN, {}) == []
    back, made = overrides.log(storage, "c")
    assert (made.by, made.at, made.act, made.kind, made.subject, made.learners) == (
        "teaches",
        int(NOW),
        "put",
        "first",
        "cus.duty",
        2,
    )
    assert (back.by, back.at, back.act, back.override) == ("assists", int(NOW) + 60, "back", one.id)


def test_what_is_not_there_cannot_be_taken_back(storage: Storage) -> None:
    one = put(storage)

    assert overrides.back(storage, "another course", one.id, by="x", now=NOW) is None
    assert overrides.back(storage, "c", "", by="x", now=NOW) is None
    assert len(overrides.log(storage, "c")) == 1
    assert of(storage).first == (one,)


def test_of_two_who_take_it_back_at_once_one_is_in_the_log(storage: Storage) -> None:
    one = put(storage)
    found: list[Override | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(overrides.back(storage, "c", one.id, by="x", now=NOW + 1)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(each is not None for each in found) == 1
    assert [line.act for line in overrides.log(storage, "c")] == ["back", "put"]


def test_who_was_erased_is_in_none_and_an_empty_one_is_not_for_everybody(storage: Storage) -> None:
    put(storage, audience=overrides.SOME, learners=["ann"])
    storage.delete(OVERRIDDEN, ("c", "id-first-cus.duty-2", "ann"))

    assert of(storage) == of(storage, "bob") == Held()
    assert overrides.every(storage, "c", NOW)[0].learners == ()


def test_nothing_but_pseudonyms_of_the_persons_own_is_kept_of_a_person(storage: Storage) -> None:
    put(storage, audience=overrides.SOME, learners=["ann", "bob"])

    assert storage.find(OVERRIDDEN, {"learner": "ann"}) == [
        {"course": "c", "id": "id-first-cus.duty-2", "learner": "ann"}
    ]
    assert "ann" not in str(storage.find(OVERRIDES, {})) + str(storage.find(OVERRIDE_LOG, {}))


def test_all_goes_with_the_course(storage: Storage) -> None:
    put(storage, audience=overrides.SOME, learners=["ann"])
    overrides.remove(storage, "c")

    assert [storage.find(each, {}) for each in (OVERRIDES, OVERRIDDEN, OVERRIDE_LOG)] == [[], [], []]


def test_a_skill_stands_for_the_items_that_train_it() -> None:
    one = Override("c", "1", overrides.FIRST, overrides.SKILL, "cus.duty", overrides.ALL, "", 0)
    item = replace(one, sort=overrides.ITEM, subject="practice:cus.vat_import")
    gone = replace(one, sort=overrides.ITEM, subject="practice:of.yore")

    trained = overrides.items(CATALOG, [one])
    assert trained
    assert all(CATALOG.items[each].skills[0] == "cus.duty" for each in trained)
    assert overrides.items(CATALOG, [item, one, gone, item]) == ("practice:cus.vat_import", *trained)


def test_an_item_that_trains_a_skill_beside_another_is_not_meant_by_it() -> None:
    both = {"id": "both", "activity": "urn:tiny:both", "skills": ["left", "root"]}
    catalog = catalogs.parse(curricula.tiny(items=[both], rules=[]))
    left = Override("c", "1", overrides.FIRST, overrides.SKILL, "left", overrides.ALL, "", 0)
    root = replace(left, subject="root")

    assert set(overrides.items(catalog, [left])) == {"practice:left", "both"}
    assert overrides.items(catalog, [root]) == ("practice:root",)
