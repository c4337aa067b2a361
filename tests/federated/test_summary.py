import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import budget, errors, ledger, register, summary
from federated.budget import Book, Limit, Question
from federated.register import Terms, Transfer
from federated.summary import Facts, Fellow

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LIMIT = Limit(1.0, 1e-5)
TERMS = Terms("leeds", "Example University", "GB", "Commerce", "Example University", "GB", "secagg", "c0" * 32)
FELLOWS = [Fellow("leeds", "GB", "Example University"), Fellow("hangzhou", "CN", "Example Hangzhou")]


def at(minute):
    return f"2026-11-26T10:{minute:02}:00+00:00"


@pytest.fixture
def place(tmp_path):
    """A member that answered three questions of two rounds, and refused one."""
    book = Book(tmp_path / "budget.jsonl", tmp_path / "ledger.jsonl", KEY)
    for minute, (round_, kind) in enumerate([(1, "counts"), (2, "gradient"), (2, "gram")]):
        charge = budget.spend(book, LIMIT, Question("17", round_, kind, "ab"), 0.01, at(minute))
        sent = Transfer(at(minute), "17", round_, kind, 1000, "ab" * 32, charge.mu_squared)
        register.note(tmp_path / "register.jsonl", TERMS, sent, KEY)
    refused = Transfer(at(9), "18", 1, "counts", refused="budget")
    register.note(tmp_path / "register.jsonl", TERMS, refused, KEY)
    return tmp_path


def facts(place):
    book = Book(place / "budget.jsonl", place / "ledger.jsonl", KEY)
    accounts = budget.accounts(budget.read(book), LIMIT)
    lines = ledger.read(book.ledger), ledger.read(place / "register.jsonl")
    return Facts("cbec", TERMS, FELLOWS, accounts, LIMIT, *lines, at(10))


def test_a_summary_says_what_left_and_what_it_cost(place):
    found = summary.summarise(facts(place))

    assert found["totals"] == {"answers": 3, "bytes": 3000, "refused": 1, "runs": 1}
    assert [(one["round"], one["bytes"], one["kinds"]) for one in found["rounds"]] == [
        (2, 2000, ["gradient", "gram"]),
        (1, 1000, ["counts"]),
    ]
    assert found["refusals"] == [{"at": at(9), "run": "18", "round": 1, "kind": "counts", "reason": "budget"}]
    (cohort,) = found["budget"]["cohorts"]
    assert cohort["cohort"] == "default"
    assert 0 < cohort["epsilon"] < found["budget"]["epsilon"]
    assert 0 < cohort["share"] < 1
    assert found["register"] == {
        "lines": 4,
        "head": ledger.last(place / "register.jsonl"),
        "by": ledger.key_id(KEY.public_key().public_bytes_raw()),
    }


def test_without_noise_there_is_no_budget(place):
    found = summary.summarise(replace(facts(place), accounts={}, limit=None))

    assert found["budget"] is None


def test_before_anything_left_the_summary_is_empty_and_whole(tmp_path):
    found = summary.summarise(Facts("cbec", TERMS, FELLOWS, {}, None, (), (), at(0)))

    assert found["rounds"] == found["refusals"] == []
    assert found["ledger"] == {"lines": 0, "head": ledger.GENESIS, "by": ""}


def test_a_long_history_is_cut_to_the_newest(place):
    for number in range(summary.SHOWN + 5):
        register.note(place / "register.jsonl", TERMS, Transfer(at(11), "19", number, "counts", 10), KEY)

    found = summary.summarise(facts(place))

    assert len(found["rounds"]) == summary.SHOWN
    assert found["rounds"][0]["round"] == summary.SHOWN + 4
    assert found["totals"]["answers"] == summary.SHOWN + 8


def test_what_the_tool_reads_is_there_whole_and_verifies(place):
    summary.publish(place / "models", facts(place), place / "ledger.jsonl", place / "register.jsonl")

    beside = place / "models" / "consortium"
    assert json.loads((beside / "cbec.json").read_text()) == summary.summarise(facts(place))
    assert sorted(path.name for path in (beside / "cbec").iterdir()) == [
        "ledger.jsonl",
        "register.en.md",
        "register.jsonl",
        "register.zh.md",
    ]
    public = KEY.public_key().public_bytes_raw()
    assert ledger.verify(beside / "cbec" / "register.jsonl", public=public) == 4
    assert "Register of transfers" in (beside / "cbec" / "register.en.md").read_text()


def test_it_can_be_published_before_anything_left(tmp_path):
    found = Facts("cbec", TERMS, FELLOWS, {}, None, (), (), at(0))

    summary.publish(tmp_path, found, tmp_path / "ledger.jsonl", tmp_path / "register.jsonl")

    assert (tmp_path / "consortium" / "cbec" / "ledger.jsonl").read_bytes() == b""


def test_a_directory_that_cannot_be_written_is_named(place):
    (place / "models").write_text("a file")

    with pytest.raises(errors.LedgerError, match="must be able to write"):
        summary.publish(place / "models", facts(place), place / "ledger.jsonl", place / "register.jsonl")
