import hashlib
import json
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
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


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def signed(tmp_path):
    path = tmp_path / "signed.jsonl"
    for number in (1, 2, 3):
        ledger.append(path, {"round": number}, KEY)
    return path


def test_a_signed_ledger_is_verified_by_the_public_key_alone(signed):
    assert ledger.verify(signed, ledger.last(signed), PUBLIC) == 3
    assert {line.by for line in ledger.read(signed)} == {ledger.key_id(PUBLIC)}


def test_a_ledger_of_another_key_is_found(signed):
    other = OTHER.public_key().public_bytes_raw()

    with pytest.raises(errors.LedgerError, match="line 1 is not signed by the key"):
        ledger.verify(signed, public=other)
    with pytest.raises(errors.LedgerError, match="line 3 is not signed by the key"):
        ledger.read(signed, public=other)


def test_a_ledger_rewritten_whole_without_the_key_is_found(signed, tmp_path):
    forged = tmp_path / "forged.jsonl"
    for line in ledger.read(signed):
        ledger.append(forged, {**line.body, "members": []}, OTHER)
    content = forged.read_text().replace(ledger.key_id(OTHER.public_key().public_bytes_raw()), ledger.key_id(PUBLIC))
    forged.write_text(content)
    assert ledger.verify(forged) == 3

    with pytest.raises(errors.LedgerError, match="line 1 is not signed"):
        ledger.verify(forged, public=PUBLIC)


def test_a_ledger_without_signatures_is_not_verified_by_a_key(book):
    with pytest.raises(errors.LedgerError, match=r"line 3 .*; it is not signed"):
        ledger.verify(book, public=PUBLIC)


def test_a_ledger_may_take_up_a_key_and_its_signature_vouches_for_the_lines_before(book):
    ledger.append(book, {"round": 4}, KEY)

    assert ledger.verify(book, public=PUBLIC) == 4


def test_a_signed_ledger_takes_no_line_without_the_key(signed):
    with pytest.raises(errors.LedgerError, match="give the keeper's key"):
        ledger.append(signed, {"round": 4})

    assert ledger.verify(signed, public=PUBLIC) == 3


def test_a_line_put_after_signed_ones_without_a_signature_is_found(signed):
    raw, _ = ledger._line(ledger.last(signed), {"round": 4}, None, b"")
    with signed.open("a") as file:
        file.write(raw)

    with pytest.raises(errors.LedgerError, match="line 4 is not signed, those before it are"):
        ledger.verify(signed)


def test_a_signature_taken_off_is_found(signed):
    lines = signed.read_text().splitlines()
    bare = {name: value for name, value in json.loads(lines[1]).items() if name not in {"by", "signature"}}
    signed.write_text("\n".join([lines[0], ledger._canonical(bare), lines[2]]) + "\n")

    with pytest.raises(errors.LedgerError, match="line 2 is not signed"):
        ledger.verify(signed, public=PUBLIC)


@pytest.mark.parametrize("signature", ["", "!", "AAAA", 7])
def test_a_signature_that_is_none_is_found(signed, signature):
    lines = signed.read_text().splitlines()
    lines[2] = ledger._canonical({**json.loads(lines[2]), "signature": signature})
    signed.write_text("\n".join(lines) + "\n")

    with pytest.raises(errors.LedgerError, match="line 3"):
        ledger.verify(signed, public=PUBLIC)


def test_what_is_appended_costs_the_same_however_long_the_ledger_is(book, monkeypatch):
    ledger.append(book, {"long": "x" * 100_000})
    for number in range(50):
        ledger.append(book, {"round": number, "long": "y" * 20_000})
    real, seen = os.pread, []
    monkeypatch.setattr(ledger.os, "pread", lambda fd, size, at: seen.append(size) or real(fd, size, at))

    ledger.append(book, {"round": 51})

    assert sum(seen) < 64 * 1024 < book.stat().st_size
    assert ledger.verify(book) == 55


def test_a_last_line_that_was_altered_takes_none_after_it(book):
    content = book.read_text(encoding="utf-8")
    book.write_text(content.replace('"round":3', '"round":7'), encoding="utf-8")

    with pytest.raises(errors.LedgerError, match="the last line does not follow"):
        ledger.append(book, {"round": 4})
    with pytest.raises(errors.LedgerError, match="the last line does not follow"):
        ledger.last(book)


def test_bytes_that_are_no_text_are_no_ledger(book):
    with book.open("ab") as file:
        file.write(b"\xff\n")

    with pytest.raises(errors.LedgerError, match="cannot be read as a ledger"):
        ledger.read(book)
    with pytest.raises(errors.LedgerError, match="cannot be read as a ledger's"):
        ledger.append(book, {"round": 4})


@pytest.mark.parametrize("left", [1, 9, 60, 250])
def test_a_torn_line_longer_or_shorter_than_the_next_one_is_replaced(book, left):
    ledger.append(book, {"round": 4, "long": "z" * 200})
    whole = book.read_bytes()
    begin = whole[:-1].rfind(b"\n") + 1
    book.write_bytes(whole[: begin + left])

    ledger.append(book, {"round": 5}, KEY)

    assert [line.body.get("kind", line.body.get("round")) for line in ledger.read(book)] == [1, 2, 3, "repaired", 5]
    assert ledger.read(book)[3].body["bytes"] == left


def test_a_reader_may_pass_over_a_torn_line(book):
    book.write_bytes(book.read_bytes()[:-1])

    assert [line.body["round"] for line in ledger.read(book, torn=True)] == [1, 2]


def test_a_ledger_that_nobody_wrote_ends_where_it_begins(tmp_path):
    assert ledger.last(tmp_path / "ledger.jsonl") == ledger.GENESIS
    (tmp_path / "ledger.jsonl").touch()
    assert ledger.last(tmp_path / "ledger.jsonl") == ledger.GENESIS


def test_a_ledger_that_cannot_be_opened_says_so(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(errors.LedgerError, match="cannot be read"):
        ledger.last(tmp_path / "loop")


def test_writers_side_by_side_lose_nothing_and_break_nothing(tmp_path):
    book = tmp_path / "ledger.jsonl"
    children = []
    for writer in range(3):
        child = os.fork()
        if not child:
            try:
                for number in range(20):
                    ledger.append(book, {"writer": writer, "number": number}, KEY)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)

    assert ledger.verify(book, public=PUBLIC) == 60
    for writer in range(3):
        assert [line.body["number"] for line in ledger.read(book) if line.body["writer"] == writer] == list(range(20))
