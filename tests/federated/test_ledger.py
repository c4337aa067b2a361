import hashlib
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors, ledger


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "ledger.jsonl"
    for number in (1, 2, 3):
        ledger.append(path, {"round": number, "members": ["north", "南"]})
    return path


def altered(path, old, new):
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def test_an_untouched_ledger_verifies(book):
    assert ledger.verify(book) == 3


def test_a_ledger_that_does_not_exist_has_no_lines(tmp_path):
    assert ledger.verify(tmp_path / "ledger.jsonl") == 0


def test_a_changed_word_is_found_by_line(book):
    altered(book, '"round":2', '"round":9')

    with pytest.raises(errors.LedgerError, match="line 2 does not follow"):
        ledger.verify(book)


def test_a_line_taken_away_is_found(book):
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    book.write_text(lines[0] + lines[2], encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="line 2"):
        ledger.verify(book)


def test_lines_swapped_are_found(book):
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    book.write_text(lines[1] + lines[0] + lines[2], encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="line 1"):
        ledger.verify(book)


def test_a_line_rewritten_with_a_hash_of_its_own_breaks_the_next_one(book):
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    forged = book.with_name("forged.jsonl")
    forged.write_text(lines[0], encoding="utf-8")
    ledger.append(forged, {"round": 2, "members": ["south"]})
    book.write_text(forged.read_text(encoding="utf-8") + lines[2], encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="line 3"):
        ledger.verify(book)


def test_a_changed_line_is_found_even_if_the_next_one_is_made_to_point_at_it(book, tmp_path):
    forged = tmp_path / "forged.jsonl"
    ledger.append(forged, {"round": 1, "members": []})
    first = json.loads(forged.read_text())
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    second = {**json.loads(lines[1]), "prev": first["hash"]}
    book.write_text(forged.read_text() + ledger._canonical(second) + "\n", encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="line 2"):
        ledger.verify(book)


def test_a_line_is_on_the_disk_before_its_hash_is_told(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(ledger.os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))

    ledger.append(tmp_path / "ledger.jsonl", {"round": 1})

    assert synced[0] == (tmp_path / "ledger.jsonl").stat().st_size


def test_an_end_cut_off_is_found_by_the_noted_head(book):
    head = ledger.read(book)[-1].hash
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    book.write_text("".join(lines[:2]), encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="noted was"):
        ledger.verify(book, head)


def test_a_torn_line_is_named_and_the_next_one_says_what_was_there(book):
    whole = ledger.read(book)
    torn = book.read_bytes()[:-5]
    book.write_bytes(torn)
    with pytest.raises(errors.LedgerError, match="torn"):
        ledger.read(book)

    ledger.append(book, {"round": 4})

    lines = ledger.read(book)
    rest = torn.rsplit(b"\n", 1)[1]
    note = {"kind": "repaired", "bytes": len(rest), "sha256": hashlib.sha256(rest).hexdigest()}
    assert [line.body for line in lines] == [whole[0].body, whole[1].body, note, {"round": 4}]


def test_a_line_that_is_no_json_is_named(book):
    with book.open("a", encoding="utf-8") as file:
        file.write("hello\n")

    with pytest.raises(errors.LedgerError, match="line 4 is not a ledger line"):
        ledger.verify(book)


def test_a_line_with_another_spelling_of_the_same_values_is_found(book):
    line = json.loads(book.read_text(encoding="utf-8").splitlines()[0])
    lines = book.read_text(encoding="utf-8").splitlines(keepends=True)
    book.write_text(json.dumps(line) + "\n" + "".join(lines[1:]), encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="line 1"):
        ledger.verify(book)


def test_a_ledger_that_cannot_be_written_says_so(tmp_path):
    book = tmp_path / "ledger.jsonl"
    book.symlink_to(tmp_path / "missing" / "ledger.jsonl")

    with pytest.raises(errors.LedgerError, match="must be writable"):
        ledger.append(book, {"round": 1})


def test_a_ledger_that_is_no_file_cannot_be_read(tmp_path):
    with pytest.raises(errors.LedgerError, match="cannot be read"):
        ledger.read(tmp_path)


def test_only_its_owner_may_read_a_ledger(book):
    assert book.stat().st_mode & 0o077 == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.text(), st.one_of(st.integers(), st.text(), st.floats(allow_nan=False, allow_infinity=False))
        )
    )
)
def test_whatever_is_noted_can_be_read_again(tmp_path_factory, bodies):
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    for body in bodies:
        ledger.append(path, body)

    assert [line.body for line in ledger.read(path)] == bodies
