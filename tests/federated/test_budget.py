import hashlib
import itertools
import os
import shutil
import signal
import threading
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import budget, errors, ledger
from federated.budget import Book, Limit, Question
from federated.privacy import accountant

LIMIT = Limit(2.0, 1e-5)
WHOLE = accountant.allowance(LIMIT.epsilon, LIMIT.delta)
AT = "2026-11-26T10:00:00+00:00"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KILLS = 200 if os.environ.get("ENTREPOT_TEST_SOAK") else 8


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "state" / "budget.jsonl", tmp_path / "state" / "ledger.jsonl", KEY)


def question(round_=1, *, run="run-1", release="counts", digest="ab"):
    return Question(run, round_, release, digest)


def spend(book, round_=1, price=0.01, **changes):
    cohorts = changes.pop("cohorts", (budget.DEFAULT,))
    return budget.spend(book, LIMIT, question(round_, **changes), price, AT, cohorts=cohorts)


def test_what_is_spent_adds_up_over_runs_and_epsilon_is_read_off_the_sum(book):
    for run, round_ in itertools.product(("run-1", "run-2"), (1, 2, 3)):
        spend(book, round_, 0.01, run=run)

    account = budget.remaining(book, LIMIT)

    assert account.mu_squared == pytest.approx(0.06, rel=1e-15)
    assert account.epsilon == accountant.spent(account.mu_squared, LIMIT.delta)
    assert account.left == pytest.approx(WHOLE - 0.06)


def test_the_whole_limit_may_be_spent_in_parts_and_nothing_after_it(book):
    for round_ in range(1, 6):
        spend(book, round_, WHOLE / 5)

    with pytest.raises(errors.BudgetError, match=r"would bring epsilon to 2\.\d+ .* declared is 2") as refused:
        spend(book, 6, WHOLE * 1e-6)

    assert errors.reason(refused.value.code) == "budget"
    assert len(budget.read(book)) == 5
    assert budget.remaining(book, LIMIT).epsilon == pytest.approx(2.0)


def test_a_refused_question_writes_nothing(book):
    with pytest.raises(errors.BudgetError, match="would bring epsilon"):
        spend(book, 1, WHOLE * 1.01)

    assert not book.path.exists()
    assert not book.ledger.exists()


def test_the_same_question_is_charged_once_and_answered_with_the_same_bytes(book):
    first = budget.keep(book, spend(book), b"protected")

    again = spend(book)

    assert budget.keep(book, again, b"fresh noise") == first == budget.kept(book, again) == b"protected"
    assert len(budget.read(book)) == 1


@pytest.mark.parametrize("changes", [{"digest": "cd"}, {"price": 0.02}, {"cohorts": ("2027",)}])
def test_another_question_under_the_same_name_is_refused(book, changes):
    spend(book)

    with pytest.raises(errors.BudgetError, match="charged for another question"):
        spend(book, **changes)


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(book, price):
    with pytest.raises(errors.BudgetError, match="positive price"):
        spend(book, price=price)


def test_a_charge_of_no_cohort_is_refused(book):
    with pytest.raises(errors.BudgetError, match="different cohorts"):
        spend(book, cohorts=())


def test_other_learners_have_an_account_of_their_own(book):
    spend(book, 1, WHOLE)

    spend(book, 2, WHOLE / 2, cohorts=("2027",))

    found = budget.accounts(budget.read(book), LIMIT)
    assert {name: round(account.epsilon, 6) for name, account in found.items()} == {
        "default": 2.0,
        "2027": round(accountant.spent(WHOLE / 2, 1e-5), 6),
    }
    with pytest.raises(errors.BudgetError, match="cohort 'default'"):
        spend(book, 3, WHOLE / 4, cohorts=("2027", "default"))


def test_a_cohort_that_told_nothing_has_all_of_its_budget(book):
    spend(book)

    account = budget.remaining(book, LIMIT, "2027")

    assert (account.cohort, account.epsilon, account.left) == ("2027", 0.0, WHOLE)


def test_nothing_was_kept_where_nothing_was_sent(book):
    assert budget.kept(book, spend(book)) is None


def test_a_charge_that_nobody_made_buys_nothing(book):
    charge = spend(book)

    with pytest.raises(errors.BudgetError, match="does not stand"):
        budget.keep(book, replace(charge, hash="0" * 64), b"x")


def test_a_run_that_is_over_is_told_nothing_and_stays_charged(book):
    charge = spend(book)
    budget.keep(book, charge, b"protected")

    assert budget.close(book, "run-1") == 1
    assert budget.close(book, "run-1") == 0

    assert not [path for path in book.path.parent.rglob("*") if path.is_file() and charge.hash in path.name]
    with pytest.raises(errors.BudgetError, match="is over"):
        spend(book)
    with pytest.raises(errors.BudgetError, match="its run is over"):
        budget.kept(book, charge)
    assert budget.remaining(book, LIMIT).mu_squared == 0.01


def test_an_answer_lies_sealed_and_for_its_owner_alone(book):
    charge = spend(book)

    budget.keep(book, charge, b"protected" * 100)

    (path,) = (book.path.parent / "budget.answers").iterdir()
    assert b"protected" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_an_answer_that_is_gone_is_not_made_anew(book):
    charge = spend(book)
    budget.keep(book, charge, b"protected")
    shutil.rmtree(book.path.parent / "budget.answers")

    with pytest.raises(errors.BudgetError, match="gone or damaged"):
        budget.keep(book, spend(book), b"fresh noise")


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_an_answer_that_was_altered_is_not_sent(book, place):
    charge = spend(book)
    budget.keep(book, charge, b"protected")
    (path,) = (book.path.parent / "budget.answers").iterdir()
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)

    with pytest.raises(errors.BudgetError, match="gone or damaged"):
        budget.kept(book, charge)


def test_another_answer_of_the_keepers_own_in_its_place_is_noticed(book):
    charge = spend(book)
    budget.keep(book, charge, b"protected")
    (path,) = (book.path.parent / "budget.answers").iterdir()
    path.write_bytes(budget._seal(book, charge, b"fresh noise"))

    with pytest.raises(errors.BudgetError, match="not the answer"):
        budget.kept(book, charge)


def test_an_account_put_back_from_a_backup_is_refused(book, tmp_path):
    spend(book, 1)
    shutil.copy(book.path, tmp_path / "backup")
    spend(book, 2)
    shutil.copy(tmp_path / "backup", book.path)

    with pytest.raises(errors.BudgetError, match="older than what was spent"):
        spend(book, 3)


def test_an_account_that_was_removed_is_refused(book):
    spend(book)
    book.path.unlink()

    with pytest.raises(errors.BudgetError, match="older than what was spent"):
        spend(book, 2)


def test_a_ledger_put_back_from_a_backup_is_refused(book, tmp_path):
    spend(book, 1)
    shutil.copy(book.ledger, tmp_path / "backup")
    spend(book, 2)
    spend(book, 3)
    shutil.copy(tmp_path / "backup", book.ledger)

    with pytest.raises(errors.BudgetError, match="the account saw"):
        spend(book, 4)


def test_both_put_back_are_noticed_by_a_head_that_somebody_else_noted(book, tmp_path):
    spend(book, 1)
    shutil.copytree(book.path.parent, tmp_path / "backup")
    spend(book, 2)
    noted = budget.head(book)
    shutil.rmtree(book.path.parent)
    shutil.copytree(tmp_path / "backup", book.path.parent)

    with pytest.raises(errors.BudgetError, match=noted[:12]):
        spend(replace(book, known=(noted,)), 2, digest="cd")


def test_a_crash_between_account_and_ledger_leaves_the_charge_standing(book, monkeypatch):
    spend(book, 1)
    with monkeypatch.context() as patch:
        real = ledger.append

        def dies(path, *rest):
            if path == book.ledger:
                raise KeyboardInterrupt
            return real(path, *rest)

        patch.setattr(ledger, "append", dies)
        with pytest.raises(KeyboardInterrupt):
            spend(book, 2)

    spend(book, 3)

    assert [charge.question.round for charge in budget.read(book)] == [1, 2, 3]


def test_an_account_of_another_key_is_refused(book):
    spend(book)

    with pytest.raises(errors.BudgetError, match="is not signed by the key"):
        spend(replace(book, key=Ed25519PrivateKey.from_private_bytes(bytes(32))), 2)


def test_an_account_that_nobody_signed_is_refused(book):
    ledger.append(book.path, {"kind": "closed", "run": "run-9"})

    with pytest.raises(errors.BudgetError, match="it is not signed"):
        budget.read(book)


def test_an_account_that_cannot_be_written_stops_everything(tmp_path):
    (tmp_path / "state").write_text("a file")
    book = Book(tmp_path / "state" / "budget.jsonl", tmp_path / "ledger.jsonl", KEY)

    with pytest.raises(errors.BudgetError, match="must be writable before anything is sent"):
        spend(book)


def test_a_torn_charge_counts_only_if_it_was_told(book):
    spend(book, 1)
    whole = book.path.read_bytes()
    spend(book, 2)
    book.path.write_bytes(whole + book.path.read_bytes()[len(whole) :][:-9])
    lines = book.ledger.read_bytes().splitlines(keepends=True)
    book.ledger.write_bytes(lines[0])  # as the crash left it: the account is torn, the ledger was not reached

    spend(book, 3)

    assert [charge.question.round for charge in budget.read(book)] == [1, 3]
    assert [line.body["kind"] for line in ledger.read(book.path)] == ["spend", "repaired", "spend"]


def test_two_at_once_never_pass_the_limit_nor_send_two_answers(book):
    prices, sent = WHOLE / 10, []

    def ask(me):
        for round_ in range(12):
            try:
                charge = spend(book, round_, prices)
                sent.append((round_, budget.keep(book, charge, b"%d" % me)))
            except errors.BudgetError:
                sent.append((round_, None))

    threads = [threading.Thread(target=ask, args=(me,)) for me in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(budget.read(book)) == 10
    assert len({one for one in sent if one[1] is not None}) == 10
    assert budget.remaining(book, LIMIT).epsilon <= 2.0 + 1e-9


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.0, 0.3, exclude_min=True)), max_size=12))
def test_whatever_is_asked_the_limit_holds(tmp_path_factory, asked):
    directory = tmp_path_factory.mktemp("budget")
    book = Book(directory / "budget.jsonl", directory / "ledger.jsonl", KEY)
    told = {}
    for round_, price in asked:
        try:
            charge = spend(book, round_, price * WHOLE)
        except errors.BudgetError:
            continue
        answer = budget.keep(book, charge, os.urandom(4))
        assert told.setdefault(round_, answer) == answer

    assert budget.remaining(book, LIMIT).epsilon <= LIMIT.epsilon + 1e-9
    assert {charge.question.round for charge in budget.read(book)} == set(told)


class Killer:
    """Counts what a process does to its files and kills it at the given one: before it, in its middle, or after."""

    def __init__(self, at, when):
        self.at, self.when, self.done = at, when, 0

    def wrap(self, real, half=None):
        def call(*args):
            self.done += 1
            last = self.done == self.at
            if last and self.when == "half" and half is not None:
                half(*args)
            elif not last or self.when == "after":
                result = real(*args)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    def arm(self, patch):
        patch.setattr(
            os, "pwrite", self.wrap(os.pwrite, lambda fd, b, at, real=os.pwrite: real(fd, b[: len(b) // 2], at))
        )
        for name in ("ftruncate", "fsync", "replace", "write"):
            patch.setattr(os, name, self.wrap(getattr(os, name)))


def life(book, killer, pipe, first):
    """A member's process: answer round after round from `first` on and send each, until it is killed."""
    with pytest.MonkeyPatch.context() as patch:
        killer.arm(patch)
        for round_ in itertools.count(first):
            answer = budget.keep(book, spend(book, round_, WHOLE / 5000), os.urandom(8))
            os.write(pipe, round_.to_bytes(2) + hashlib.sha256(answer).digest())


# Each life reads all that was charged before it, so that many lives take longer than the usual limit.
@pytest.mark.timeout(3600 if KILLS > 8 else 120)
def test_whenever_it_is_killed_nothing_was_sent_that_is_not_charged_and_nothing_is_sent_twice(tmp_path):
    sent: dict[int, set[bytes]] = {}
    book = Book(tmp_path / "budget.jsonl", tmp_path / "ledger.jsonl", KEY)
    for number in range(KILLS):
        # A round is about 20 steps; every life dies at another one, after it sent the last answer again.
        killer = Killer(number * 7 % 23 + 2, ("before", "half", "after")[number % 3])
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                life(book, killer, writer, max(sent, default=1))
            finally:
                os._exit(1)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            content = pipe.read()
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        for start in range(0, len(content), 34):
            sent.setdefault(int.from_bytes(content[start : start + 2]), set()).add(content[start + 2 : start + 34])
        charged = {charge.question.round for charge in budget.read(book)}
        assert set(sent) <= charged
        assert len(charged) - len(sent) <= 1

    assert len(sent) >= KILLS // 3  # else it was killed before anything could go wrong
    assert {len(answers) for answers in sent.values()} == {1}
    assert budget.remaining(book, LIMIT).mu_squared == pytest.approx(len(charged) * WHOLE / 5000)
