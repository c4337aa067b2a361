import functools
import operator
import os
import shutil
import stat
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from federated import errors, masks, messages
from federated.masking import keys, letters, session, streams, totals
from federated.messages import Packet
from tests.federated import asking

NAMES = asking.NAMES
FORM = {"a": ("uint32", 50), "b": ("uint64", 3)}


@pytest.fixture
def circle(tmp_path):
    return asking.circle(tmp_path)


def vectors(seed=1):
    """What each member has to say, small numbers."""
    random = np.random.default_rng(seed)
    return {
        name: {
            "a": random.integers(0, 9, 50).astype(np.uint32),
            "b": random.integers(0, 9, 3).astype(np.uint64),
        }
        for name in NAMES
    }


def begin(members, place, rounds=3):
    """Set masks up with all members; return roster and parcels as the coordinator has them."""
    offers = {name: masks.offer(one, place, rounds) for name, one in members.items()}
    told = {f"{messages.OFFER}.{name}": messages.text(offer) for name, offer in offers.items()}
    bundles = {name: masks.share(one, place, Packet("shares", told)) for name, one in members.items()}
    roster = keys.roster(masks.context(place, rounds), offers)
    return roster, session.parcels(roster, bundles)


def asked(parcel=None, arrays=None, **numbers):
    told = {} if parcel is None else {messages.PARCEL: messages.text(parcel)}
    return Packet("sums", {**told, **(arrays or {})}, {"round": 1, "turn": 1, **numbers})


def mask(members, place, parcels, said, **numbers):
    return {
        name: masks.mask(one, place, asked(parcels.get(name), **numbers), said[name]) for name, one in members.items()
    }


def reveal(members, place, roster, alive=NAMES, **numbers):
    told = {messages.SURVIVORS: messages.survivors(roster.names, alive)}
    return {name: masks.reveal(members[name], place, asked(arrays=told, **numbers)) for name in alive}


def opened(roster, masked, reveals, alive=NAMES, turn=1):
    return totals.unmask(streams.Round(roster, turn, FORM), masked, alive, reveals)


def same(total, said):
    for name in FORM:
        np.testing.assert_array_equal(total[name], functools.reduce(operator.add, [one[name] for one in said.values()]))


def test_what_is_opened_is_the_sum_of_all_and_nothing_is_asked_of_memory(circle):
    """Every step reads what the one before kept: so a process of its own may answer each question."""
    members, place = circle
    roster, parcels = begin(members, place)

    for turn in (1, 2, 3):
        said = vectors(turn)
        masked = mask(members, place, parcels if turn == 1 else {}, said, turn=turn, round=turn)
        same(opened(roster, masked, reveal(members, place, roster, turn=turn, round=turn), turn=turn), said)


def test_a_sum_is_opened_without_who_fell_silent(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    said, rest = vectors(), ("east", "south", "west")
    masked = mask(members, place, parcels, said)
    left = {name: masked[name] for name in rest}

    same(opened(roster, left, reveal(members, place, roster, rest), rest), {name: said[name] for name in rest})


def body(message):
    return np.frombuffer(message[letters.HEAD : -letters.SIGNATURE], np.uint8)


def uniform(values):
    """The chance of bytes that are as uneven as these, if each were equally likely."""
    return stats.chisquare(np.bincount(values, minlength=256)).pvalue


def test_masked_bytes_look_uniform_and_differ_between_rounds_though_the_numbers_are_the_same(tmp_path):
    members, place = asking.circle(tmp_path)
    long = {name: {"a": np.full(20_000, 7, np.uint32)} for name in NAMES}
    _, parcels = begin(members, place)
    one = mask(members, place, parcels, long)
    two = mask(members, place, {}, long, turn=2, round=2)
    _, parcels = begin(members, replace(place, attempt=2))
    again = mask(members, replace(place, attempt=2), parcels, long)

    for first, second in ((one, two), (one, again), ({"x": one["east"]}, {"x": one["west"]})):
        for name, message in first.items():
            assert uniform(body(message)) > 1e-9
            assert uniform(body(message) ^ body(second[name])) > 1e-9


def test_what_is_kept_is_for_its_owner_alone(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    mask(members, place, parcels, vectors())
    reveal(members, place, roster)

    run = members["east"].state / "runs" / "1"
    assert {path.name for path in run.iterdir()} == {"secret", "roster", "session", "said", "opened"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()} == {0o600}
    assert stat.S_IMODE(run.stat().st_mode) == 0o700


class Full(Exception):
    pass


def test_what_cannot_be_kept_is_not_said(circle, monkeypatch):
    """No step returns its message before what it says is on the disk: where that fails, there is no message."""
    members, place = circle
    roster, parcels = begin(members, place)
    mask(members, place, parcels, vectors())
    before = {path.name: path.read_bytes() for path in (members["east"].state / "runs" / "1").iterdir()}
    told = {messages.SURVIVORS: messages.survivors(roster.names, NAMES)}

    def full(_descriptor):
        raise Full

    monkeypatch.setattr(os, "fsync", full)
    east = members["east"]
    for step in (
        lambda: masks.offer(east, replace(place, run="2"), 1),
        lambda: masks.mask(east, place, asked(turn=2, round=2), vectors()["east"]),
        lambda: masks.confirm(east, place, asked(arrays=told)),
        lambda: masks.reveal(east, place, asked(arrays=told)),
    ):
        with pytest.raises(Full):
            step()

    left = {path.name: path.read_bytes() for path in (east.state / "runs" / "1").iterdir()}
    assert {name: content for name, content in left.items() if not name.startswith(".")} == before


def test_a_step_that_was_killed_before_it_was_kept_is_taken_again(circle):
    """What a killed process left half written is written over."""
    members, place = circle
    roster, parcels = begin(members, place)
    run = members["east"].state / "runs" / "1"
    for name in (".session", ".said", ".opened"):
        (run / name).write_bytes(b"half")
    said = vectors()

    same(opened(roster, mask(members, place, parcels, said), reveal(members, place, roster)), said)


def test_the_same_question_gets_the_same_bytes_and_other_numbers_get_none(circle):
    members, place = circle
    _, parcels = begin(members, place)
    said = vectors()
    first = mask(members, place, parcels, said)

    assert mask(members, place, parcels, said) == first
    with pytest.raises(errors.MaskError, match="answered with other numbers"):
        mask(members, place, parcels, vectors(2))


def test_an_opened_round_is_never_masked_again_in_this_attempt_or_another(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    said = vectors()
    mask(members, place, parcels, said)
    reveal(members, place, roster)
    with pytest.raises(errors.MaskError, match="the sum of round 1 was opened before"):
        mask(members, place, {}, said)
    with pytest.raises(errors.MaskError, match="the sum of round 1 was opened before"):
        mask(members, place, {}, said, turn=2)

    then = replace(place, attempt=2)
    roster, parcels = begin(members, then)
    with pytest.raises(errors.MaskError, match="the sum of round 1 was opened before"):
        mask(members, then, parcels, said)

    masked = mask(members, then, parcels, said, round=2)
    same(opened(roster, masked, reveal(members, then, roster, round=2)), said)
    for number in (1, 2):
        with pytest.raises(errors.MaskError, match=f"the sum of round {number} was opened before"):
            mask(members, then, {}, said, turn=2, round=number)


def test_a_second_attempt_makes_fresh_secrets_and_the_first_is_over(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    said = vectors()
    mask(members, place, parcels, said)
    secret = members["east"].state / "runs" / "1" / "secret"
    before = secret.read_bytes()

    other, _ = begin(members, replace(place, attempt=2))

    assert secret.read_bytes() != before
    assert not set(other.offers.values()) & set(roster.offers.values())
    with pytest.raises(errors.MaskError):
        reveal(members, place, roster)


def test_an_old_set_up_cannot_be_gone_on_with_under_a_new_secret(circle):
    members, place = circle
    _, parcels = begin(members, place)
    begin(members, replace(place, attempt=2))

    with pytest.raises(errors.MaskError):
        masks.mask(members["east"], place, asked(parcels["east"]), vectors()["east"])


def test_nothing_is_left_when_a_run_is_over(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    mask(members, place, parcels, vectors())

    for one in members.values():
        masks.clear(one, "1")
        masks.clear(one, "1")

    assert not (members["east"].state / "runs" / "1").exists()
    for step in (lambda: mask(members, place, {}, vectors()), lambda: reveal(members, place, roster)):
        with pytest.raises(errors.MaskError, match="took no part in its set-up, or the run is over"):
            step()


def test_who_got_no_parcel_cannot_mask(circle):
    members, place = circle
    begin(members, place)

    with pytest.raises(errors.MaskError, match="session of this run is not here"):
        mask(members, place, {}, vectors())


@pytest.mark.parametrize("rounds", [0, 65, 10**6])
def test_a_set_up_of_no_or_endless_rounds_is_refused(circle, rounds):
    members, place = circle

    with pytest.raises(errors.MaskError, match=f"a run of {rounds} masked rounds; use 1 to 64"):
        masks.offer(members["east"], place, rounds)


def test_runs_do_not_know_of_each_other(circle):
    members, place = circle
    begin(members, place)
    roster, parcels = begin(members, replace(place, run="2"))
    said = vectors()

    with pytest.raises(errors.MaskError, match="session of this run is not here"):
        mask(members, place, {}, said)
    masked = mask(members, replace(place, run="2"), parcels, said)
    same(opened(roster, masked, reveal(members, replace(place, run="2"), roster)), said)


def test_an_institution_speaks_for_one_set_of_survivors_only(circle):
    members, place = circle
    roster, parcels = begin(members, place)
    mask(members, place, parcels, vectors())
    told = {messages.SURVIVORS: messages.survivors(roster.names, NAMES)}
    word = masks.confirm(members["east"], place, asked(arrays=told))

    assert len(word) == letters.OVERHEAD
    with pytest.raises(errors.MaskError, match="spoken for other survivors already"):
        reveal(members, place, roster, ("east", "north", "south"))


def test_confirmations_travel_by_name(tmp_path):
    """Of seven members three are missing: the others reveal only what as many as the threshold confirmed."""
    names = tuple(f"u{number}" for number in range(7))
    members, place = asking.circle(tmp_path, names)
    roster, parcels = begin(members, place)
    alive = names[: roster.context.threshold]
    said = {name: vectors()["east"] for name in names}
    mask(members, place, parcels, said)
    told = {messages.SURVIVORS: messages.survivors(roster.names, alive)}
    words = {
        f"{messages.CONFIRMATION}.{name}": messages.text(masks.confirm(members[name], place, asked(arrays=told)))
        for name in alive
    }
    missing = len(names) - len(alive)

    assert missing > keys.unconfirmed(roster)
    with pytest.raises(errors.SurvivorsError, match=f"{missing} members are missing"):
        masks.reveal(members["u0"], place, asked(arrays=told))
    assert masks.reveal(members["u0"], place, asked(arrays={**told, **words}))


def test_a_damaged_directory_is_an_error_of_masks(circle):
    members, place = circle
    _, parcels = begin(members, place)
    mask(members, place, parcels, vectors())
    run = members["east"].state / "runs" / "1"
    (run / "said").write_bytes(b"short")

    with pytest.raises(errors.MaskError):
        mask(members, place, {}, vectors())
    shutil.rmtree(run)
    with pytest.raises(errors.MaskError, match="is not here"):
        mask(members, place, {}, vectors())
