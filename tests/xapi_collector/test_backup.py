"""A backup of a store that serves, and a store of either kind filled from it."""

import json

import pytest

from tests.storage import stores
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, consent, documents, errors, progress, settings
from xapi_collector.upkeep import backup, erasure, reindex, restore, rotation

NAMES = ("Ada", "Bob")


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


@pytest.fixture(params=stores.STORES)
def empty(request, lrs, tmp_path):
    """Another store, of either kind, with the same keyring."""
    made = persons.make(stores.url(request.param, tmp_path / "empty"), tmp_path)
    yield made
    made.storage.close()


@pytest.fixture(autouse=True)
def small_files(monkeypatch):
    """Several files, so that there is something to go on with."""
    monkeypatch.setattr(backup, "ROWS", 4)
    monkeypatch.setattr(restore, "_STEP", 3)


def _fill(lrs):
    hers = [statement(actor=agent("Ada")) for _ in range(6)]
    void = statement(
        actor=agent("Bob"),
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
        object={"objectType": "StatementRef", "id": hers[0]["id"]},
        context=None,
    )
    his = [statement(actor=agent("Bob"), context={"instructor": agent("Ada")}), statement(actor=agent("Bob"))]
    lrs.post([*hers, void, *his])
    for name in NAMES:
        persons.keep_documents(lrs, name)


def _backup(lrs, directory, **options):
    return backup.run(backup.Backup(persons.collector(lrs), persons.COLLECTIONS, directory, lambda _: None), **options)


def _restore(lrs, records):
    return restore.run(persons.collector(lrs), persons.COLLECTIONS, records, lambda _: None)


def _rows(lrs):
    return [
        (row.seq, row.stored, row.id, row.source, row.body, row.label, row.voided)
        for row in lrs.storage.statements.rows()
    ]


def _documents(lrs):
    left_out = (settings.STATEMENTS, settings.PROGRESS, settings.CREDENTIALS)
    return {each.name: lrs.storage.find(each) for each in persons.COLLECTIONS if each not in left_out}


def _answers(lrs):
    return [
        lrs.ids(),
        lrs.ids(agent=agent("Ada"), related_agents="true"),
        lrs.ids(activity="https://course.example", related_activities="true", ascending="true"),
    ]


def test_either_store_is_restored_in_the_other_kind_to_the_last_byte(lrs, empty, tmp_path):
    _fill(lrs)
    manifest = _backup(lrs, tmp_path / "backup")
    restored = _restore(empty, backup.sets(tmp_path / "backup")[0])

    assert (restored.statements, restored.dropped, manifest["statements"]) == (9, 0, 9)
    assert _rows(empty) == _rows(lrs)
    assert _documents(empty) == _documents(lrs)
    assert _answers(empty) == _answers(lrs)
    assert not reindex.pending(empty.storage)
    new = statement()
    assert empty.post(new).status_code == 200
    assert empty.ids()[0] == new["id"]


def test_a_backup_holds_no_key_no_label_and_no_document_of_a_person_in_the_clear(lrs, tmp_path):
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    records = persons.raw_bytes(tmp_path / "backup" / "records-000001")
    keys = [each["key"] for each in lrs.storage.find(settings.DATA_KEYS)]

    assert [key for key in keys if key.encode() in records] == []
    assert b"https://course.example" not in records
    assert b"broker" not in records
    assert all(path.stat().st_mode & 0o077 == 0 for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")])


def test_who_was_erased_cannot_be_read_in_an_older_backup(lrs, empty, tmp_path):
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    pseudonyms = agents.pseudonyms(agent("Ada"), lrs.keys.pseudonym_keys)
    request = erasure.Request(persons.collector(lrs), persons.COLLECTIONS, "https://lrs.example", lambda _: None)
    erasure.erase(request, pseudonyms)
    _backup(lrs, tmp_path / "backup")
    old, new = backup.sets(tmp_path / "backup")
    restored = _restore(empty, old)

    assert restored.statements == 3
    assert restored.dropped == 6 + len(("state", "goal", "consent"))
    assert [each["actor"] for each in empty.storage.find(settings.DATA_KEYS)] == [persons.person(lrs, "Bob")]
    assert persons.person(lrs, "Ada").encode() not in persons.raw_bytes(new)


def test_a_backup_that_was_killed_goes_on_after_its_last_whole_file(lrs, empty, tmp_path):
    class Killed(BaseException):
        pass

    def kill(text):
        raise Killed

    _fill(lrs)
    its = backup.Backup(persons.collector(lrs), persons.COLLECTIONS, tmp_path / "backup", kill)
    with pytest.raises(Killed):
        backup.run(its)
    assert backup.sets(tmp_path / "backup") == []
    first = tmp_path / "backup" / "records-000001" / "rows-000001.jsonl"
    before = first.stat().st_mtime_ns
    lrs.post(statement(actor=agent("late")))
    _backup(lrs, tmp_path / "backup")

    assert first.stat().st_mtime_ns == before
    assert _restore(empty, *backup.sets(tmp_path / "backup")).statements == 9


def test_a_restore_that_was_killed_goes_on(lrs, empty, tmp_path):
    class Killed(BaseException):
        pass

    def kill(text):
        raise Killed

    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    (records,) = backup.sets(tmp_path / "backup")
    with pytest.raises(Killed):
        restore.run(persons.collector(empty), persons.COLLECTIONS, records, kill)
    half = len(_rows(empty))
    _restore(empty, records)

    assert 0 < half < 9
    assert _rows(empty) == _rows(lrs)
    assert progress.read(empty.storage, progress.RESTORE) is None


def test_a_changed_file_is_found_before_anything_is_stored(lrs, tmp_path):
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    (records,) = backup.sets(tmp_path / "backup")
    path = records / "rows-000002.jsonl"
    path.write_bytes(path.read_bytes().replace(b"A", b"B", 1))
    other = persons.make(f"sqlite:///{tmp_path}/another", tmp_path)

    with pytest.raises(errors.JobError, match=r"rows-000002.jsonl is not as the backup wrote it"):
        _restore(other, records)
    assert _rows(other) == other.storage.find(settings.DATA_KEYS) == []
    other.storage.close()


def test_a_store_that_is_not_empty_is_not_filled(lrs, tmp_path):
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")

    with pytest.raises(errors.JobError, match="not empty"):
        _restore(lrs, *backup.sets(tmp_path / "backup"))


def test_what_is_no_backup_says_so(quick, tmp_path):
    with pytest.raises(errors.JobError, match="no whole backup"):
        _restore(quick, tmp_path)


def test_a_missing_keys_file_says_what_to_put_back(tmp_path):
    lrs = persons.make(f"sqlite:///{tmp_path}/a", tmp_path)
    other = persons.make(f"sqlite:///{tmp_path}/b", tmp_path)
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    (tmp_path / "backup" / backup.KEYS).unlink()

    with pytest.raises(errors.JobError, match=r"keys.jsonl is missing"):
        _restore(other, *backup.sets(tmp_path / "backup"))
    lrs.storage.close()
    other.storage.close()


def test_a_backup_from_before_a_rotation_is_restored_under_the_new_names(tmp_path):
    lrs = persons.make(f"sqlite:///{tmp_path}/a", tmp_path)
    other = persons.make(f"sqlite:///{tmp_path}/b", tmp_path)
    _fill(lrs)
    _backup(lrs, tmp_path / "backup")
    expected = _answers(lrs)
    old = persons.person(lrs, "Ada")
    rotation.run(
        rotation.Rotation(persons.collector(lrs), persons.COLLECTIONS, lambda _: lrs.keys.look(), lambda _: None)
    )
    other.keys.look()
    _restore(other, *backup.sets(tmp_path / "backup"))
    new = persons.person(other, "Ada")

    assert new != old
    assert _answers(other) == expected
    assert [found[1].id for found in documents.held(persons.collector(other), new)] == ["page"]
    assert other.storage.get(persons.GOALS, (new, "c")) is not None
    assert set(consent.said(other.storage, new)) == {"training"}
    lrs.storage.close()
    other.storage.close()


@pytest.mark.parametrize("keep", [1, 2])
def test_so_many_backups_stay_and_older_ones_go(quick, tmp_path, keep):
    for _ in range(3):
        quick.post(statement())
        its = backup.Backup(persons.collector(quick), settings.COLLECTIONS, tmp_path / "backup", lambda _: None)
        backup.run(its, keep=keep)

    assert [path.name for path in backup.sets(tmp_path / "backup")] == [
        f"records-{number:06}" for number in range(4 - keep, 4)
    ]
    assert len([*(tmp_path / "backup").glob("records-*")]) == keep


def test_no_backup_is_made_while_pseudonyms_are_rotated(quick, tmp_path):
    progress.write(quick.storage, progress.ROTATION, phase="walking")

    with pytest.raises(errors.JobError, match="has to wait"):
        _backup(quick, tmp_path / "backup")


def test_a_backup_of_another_format_names_it(quick, tmp_path):
    its = backup.Backup(persons.collector(quick), settings.COLLECTIONS, tmp_path / "backup", lambda _: None)
    backup.run(its)
    (records,) = backup.sets(tmp_path / "backup")
    path = records / backup.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9}))

    with pytest.raises(errors.JobError, match="of format 9"):
        _restore(quick, records)


def test_a_missing_file_is_found_before_anything_is_stored(quick, tmp_path):
    its = backup.Backup(persons.collector(quick), settings.COLLECTIONS, tmp_path / "backup", lambda _: None)
    backup.run(its)
    (records,) = backup.sets(tmp_path / "backup")
    (records / "documents.jsonl").unlink()

    with pytest.raises(errors.JobError, match=r"documents.jsonl is not as"):
        _restore(quick, records)


def test_a_store_that_is_half_filled_takes_no_other_backup(quick, tmp_path):
    its = backup.Backup(persons.collector(quick), settings.COLLECTIONS, tmp_path / "backup", lambda _: None)
    backup.run(its)
    progress.write(quick.storage, progress.RESTORE, records="records-000009")

    with pytest.raises(errors.JobError, match="half filled from records-000009"):
        _restore(quick, *backup.sets(tmp_path / "backup"))


def test_a_place_that_cannot_be_written_says_to_make_room(quick, tmp_path):
    (tmp_path / "backup").write_text("a file")

    with pytest.raises(errors.JobError, match="make room"):
        _backup(quick, tmp_path / "backup")
