import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from federated import budget, errors, evidence, ledger, pki, register, signing
from federated.budget import Limit, Question
from federated.messages import Packet
from federated.policy import Policy
from federated.privacy import accountant
from tests.federated import asking

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULES = Policy("source-noise", epsilon=2.0, delta=1e-5, cohort=20)


@pytest.fixture
def circle(tmp_path):
    members, place = asking.circle(tmp_path, rules=RULES)
    return replace(members["east"], policy="source-noise", epsilon=2.0, delta=1e-5, cohort=20), place.charter


def answer(**changes):
    arrays = {"b": np.arange(5), "a": np.zeros(3, np.uint8)}
    return replace(Packet("private-levels", arrays, {"round": 3}, {"run": "7"}), **changes)


def entries(member):
    """The register's lines, signed by the institution."""
    key = pki.signing_key(member.signing_key).public_key().public_bytes_raw()
    return register.entries(ledger.read(member.state / evidence.REGISTER, public=key))


def test_an_answer_is_noted_by_its_size_and_digest_under_the_charter(circle):
    member, agreed = circle
    evidence.sent(member, agreed, answer(), 0.25, NOW)

    ((terms, found),) = entries(member)
    digest = hashlib.sha256(b"a\0" + bytes(3) + b"b\0" + np.arange(5).tobytes()).hexdigest()
    assert found == register.Transfer("2026-11-26T12:00:00+00:00", "7", 3, "private-levels", 43, digest, 0.25)
    assert terms == evidence.terms(member, agreed)
    assert (terms.institution, terms.policy, terms.consortium) == ("east", "source-noise", agreed.consortium)
    assert (terms.recipient, terms.recipient_jurisdiction) == (agreed.legal_entity, agreed.jurisdiction)


def test_another_answer_has_another_digest(circle):
    member, agreed = circle
    one = answer()
    others = [
        {"a": one.arrays["a"]},
        {**one.arrays, "b": one.arrays["b"] + 1},
        {"a": one.arrays["b"], "b": one.arrays["a"]},
    ]
    for arrays in (one.arrays, *others):
        evidence.sent(member, agreed, replace(one, arrays=arrays), 0.0, NOW)

    assert len({found.digest for _, found in entries(member)}) == 4


def test_a_refusal_is_noted_without_anything_of_the_answer(circle):
    member, agreed = circle
    evidence.refused(member, agreed, answer(), "budget", NOW)

    ((_, found),) = entries(member)
    assert (found.refused, found.size, found.digest, found.mu_squared) == ("budget", 0, "", 0.0)
    assert (found.run, found.round, found.kind) == ("7", 3, "private-levels")


@pytest.mark.parametrize(
    ("change", "run", "number"),
    [
        ({"names": {}}, "", 3),
        ({"names": {"run": "<script>" * 9}}, "", 3),
        ({"names": {"run": "9" * 10**6}}, "", 3),
        ({"numbers": {}}, "7", 0),
        ({"numbers": {"round": float("nan")}}, "7", 0),
        ({"numbers": {"round": float("-inf")}}, "7", 0),
        ({"numbers": {"round": -1}}, "7", 0),
    ],
)
def test_whatever_a_refused_question_says_of_itself_it_can_be_noted(circle, change, run, number):
    member, agreed = circle
    evidence.refused(member, agreed, answer(**change), "message", NOW)

    ((_, found),) = entries(member)
    assert (found.run, found.round) == (run, number)


def test_what_cannot_be_noted_is_an_error(circle):
    member, agreed = circle
    (member.state / evidence.REGISTER).mkdir(parents=True)

    with pytest.raises(errors.LedgerError):
        evidence.sent(member, agreed, answer(), 0.0, NOW)


def test_an_altered_register_takes_no_more_lines(circle):
    member, agreed = circle
    evidence.sent(member, agreed, answer(), 0.0, NOW)
    path = member.state / evidence.REGISTER
    path.write_text(path.read_text().replace("private-levels", "private-curves"))

    with pytest.raises(errors.LedgerError):
        evidence.sent(member, agreed, answer(), 0.0, NOW)


def summary(member):
    (path,) = [one for one in member.models.rglob("*.json") if "private-levels" in one.read_text()]
    return json.loads(path.read_text())


def test_the_account_is_the_institutions_own_and_its_summary_is_what_the_tool_reads(circle):
    member, agreed = circle
    book = evidence.book(member)
    price = accountant.allowance(2.0, 1e-5) / 4
    budget.spend(book, Limit(2.0, 1e-5), Question("7", 3, "private-levels", "0"), price, NOW.isoformat())
    evidence.sent(member, agreed, answer(), price, NOW)
    evidence.refused(member, agreed, answer(), "budget", NOW + timedelta(hours=1))
    evidence.publish(member, agreed, NOW + timedelta(hours=2))

    assert (book.path, book.ledger) == (member.state / "budget.jsonl", member.state / "ledger.jsonl")
    told = json.dumps(summary(member))
    for name in asking.NAMES:
        assert name in told
    assert "2026-11-26T14:00:00+00:00" in told
    assert signing.public(pki.signing_key(member.signing_key)) == agreed.members[0].signing_key


def test_an_exact_run_has_no_account(tmp_path):
    members, place = asking.circle(tmp_path)
    evidence.sent(members["east"], place.charter, answer(), 0.0, NOW)
    evidence.publish(members["east"], place.charter, NOW)

    assert not (members["east"].state / evidence.BUDGET).exists()
    assert summary(members["east"])
