import itertools
from dataclasses import asdict, replace

import numpy as np
import pytest

from federated import coordinator, errors, exact, institution, messages, task
from federated.coordinator import Plan
from federated.rounds import Answer
from recommender import artifact, interactions, training
from tests.federated import builders
from tests.federated.hall import Hall, channel, lose

NAMES = ("east", "north", "south", "west")


@pytest.fixture(autouse=True)
def _without_fitting_at_home(monkeypatch):
    """What an institution does with a published model is tested with the institution; it costs a second each."""
    monkeypatch.setattr(institution, "publish", lambda *_arguments, **_more: None)


@pytest.fixture
def directory(tmp_path, apart):
    builders.consortium(tmp_path / "consortium", apart)
    return tmp_path / "consortium"


@pytest.fixture
def lead(directory, apart, space):
    def run(faults=None, plan=None, after=None, names=NAMES, **more):
        hall = Hall(apart, faults, after)
        noted = []
        clock = itertools.count(1).__next__
        result = coordinator.lead(
            channel(directory, space, hall), plan or Plan(minimum=3), names, noted.append, clock=clock, **more
        )
        return result, noted, hall

    return run


def train(hall, names=NAMES):
    records = [institution.interactions(hall.members[name]) for name in names]
    return [interactions.select(one, ~institution.held_out(one)) for one in records]


def test_a_run_ends_at_the_centralised_fit(lead, space):
    result, _noted, hall = lead(plan=Plan(rounds=9, tolerance=1e-9))

    assert result.converged
    np.testing.assert_allclose(result.parameters.weights, training.fit(train(hall), space).weights, atol=2e-5)


def test_every_round_is_noted_as_it_ends(lead):
    result, noted, hall = lead(plan=Plan(rounds=2))

    assert [asdict(one) for one in noted] == [asdict(one) for one in result.rounds]
    kinds = ["counts", "cells", "moments", "sums", "sums", "publish"]
    assert [(one.number, one.kind) for one in noted] == list(enumerate(kinds, start=1))
    assert [one.objective is None for one in noted] == [True, True, False, False, False, True]
    assert [one.epsilon for one in noted] == [None] * 6
    # Keys are set up before the first round, and every sum is opened by one more exchange.
    assert [one[0] for one in hall.asked[:6]] == ["offers", "shares", "counts", "reveal", "cells", "reveal"]
    assert (noted[0].bytes_down, noted[0].bytes_up) == (4 * 40, 4 * 80)


def test_the_objective_falls_and_what_is_left_at_the_default_tolerance_is_seen_in_no_prediction(lead, space):
    result, _noted, hall = lead(plan=Plan(rounds=20))
    *before, last, publish = result.rounds
    found = [one.objective for one in result.rounds if one.objective is not None]
    records = train(hall)
    best = training.fit(records, space)

    assert found == sorted(found, reverse=True)
    assert publish.kind == "publish"
    assert last.promise < coordinator.TOLERANCE  # it stopped as soon as it had converged
    assert all(one.promise is None or one.promise >= coordinator.TOLERANCE for one in before)
    for one in records:
        apart, together = (task.predict(one, space, model) for model in (result.parameters, best))
        assert np.max(np.abs(apart - together)) < 1e-3


def test_a_run_that_may_not_converge_says_so_and_publishes_what_it_kept(lead):
    result, _noted, _hall = lead(plan=Plan(rounds=1))

    assert not result.converged
    assert result.rounds[-1].model == artifact.digest(result.parameters)


def test_an_institution_that_is_lost_is_named_and_not_asked_again(lead):
    result, noted, hall = lead({("north", "sums"): lose(errors.UNAVAILABLE)}, Plan(rounds=2))

    rest = ("east", "south", "west")
    assert [one.members for one in noted] == [NAMES] * 3 + [rest] * 3
    assert [one.dropped for one in noted] == [{}, {}, {}, {"north": "unavailable"}, {}, {}]
    assert (result.members, result.dropped) == (rest, {"north": "unavailable"})
    assert hall.asked[-1] == ("publish", rest)


def test_the_others_go_on_to_their_own_fit(lead, space):
    faults = {("north", "counts"): lose(errors.TIMEOUT)}
    result, _noted, hall = lead(faults, Plan(rounds=9, tolerance=1e-9))

    expected = training.fit(train(hall, ("east", "south", "west")), space)
    np.testing.assert_allclose(result.parameters.weights, expected.weights, atol=2e-5)


@pytest.mark.parametrize("kind", ["offers", "shares"])
def test_who_is_lost_while_masks_are_set_up_is_left_out_of_all(lead, space, kind):
    result, noted, hall = lead({("north", kind): lose(errors.TIMEOUT)}, Plan(rounds=1))

    assert noted[0].members == ("east", "south", "west")
    assert noted[0].dropped == {"north": "timeout"}
    assert tries(result) == counted(hall, space, noted[0].members)


def test_who_is_lost_while_a_sum_is_opened_is_in_it_all_the_same(lead, space):
    result, noted, hall = lead({("north", "reveal"): lose(errors.TIMEOUT)}, Plan(rounds=1))

    assert noted[0].members == NAMES
    assert noted[0].dropped == {"north": "timeout"}
    assert tries(result) == counted(hall, space, NAMES)


def tries(result):
    """Answers that went into a model."""
    return result.parameters.tables.of("item").tries.sum()


def counted(hall, space, names):
    return sum(training.count_base(one, space)["item"].tries.sum() for one in train(hall, names))


@pytest.mark.parametrize(("kind", "array"), [("offers", "offer"), ("shares", "share")])
def test_what_is_no_offer_and_no_share_is_refused_before_masks_are_made(lead, kind, array):
    def forged(reply):
        return Answer(replace(reply, arrays={array: reply.arrays[array] ^ 1}), 0, 10, 20)

    result, noted, _hall = lead({("north", kind): forged}, Plan(rounds=1))

    assert noted[0].dropped == {"north": "refused"}
    assert result.members == ("east", "south", "west")


def spoiled(reply):
    """An answer whose masked bytes were changed on the way."""
    broken = reply.arrays["masked"].copy()
    broken[100] ^= 1
    return Answer(replace(reply, arrays={"masked": broken}), 0, 10, 20)


def short(reply):
    return Answer(replace(reply, arrays={"masked": reply.arrays["masked"][:-1]}), 0, 10, 20)


def replayed(reply):
    return Answer(replace(reply, numbers={**reply.numbers, "round": reply.numbers["round"] - 1}), 0, 10, 20)


@pytest.mark.parametrize(("kind", "fault"), [("counts", spoiled), ("counts", short), ("sums", replayed)])
def test_an_answer_that_is_not_what_its_sender_signed_is_refused(lead, fault, kind):
    result, noted, _hall = lead({("north", kind): fault}, Plan(rounds=1))

    (one,) = [one for one in noted if one.dropped]
    assert (one.kind, one.dropped) == (kind, {"north": "refused"})
    assert np.isfinite(result.parameters.weights).all()


def test_a_table_of_situations_that_does_not_come_apart_is_asked_for_again(lead, space, monkeypatch):
    whole = exact.read_base

    def too_few(total, space):
        counted, rows, cells = whole(total, space)
        return counted, rows, cells * 3 // 4

    monkeypatch.setattr(exact, "read_base", too_few)
    result, noted, hall = lead(plan=Plan(rounds=9, tolerance=1e-9))

    assert [one.kind for one in noted[:4]] == ["counts", "cells", "cells", "moments"]
    np.testing.assert_allclose(result.parameters.weights, training.fit(train(hall), space).weights, atol=2e-5)


def test_situations_that_never_come_apart_end_the_run(lead, monkeypatch):
    def never(_total, _facts):
        raise errors.MaskError("too full")

    monkeypatch.setattr(exact, "read_situations", never)

    with pytest.raises(errors.RoundError, match="the tables of situations did not come apart: too full"):
        lead()


def test_an_absent_institution_counts_as_dropped_in_the_first_round(lead):
    result, noted, _hall = lead(plan=Plan(rounds=1), names=("east", "north", "south"), absent={"west": "unavailable"})

    assert noted[0].dropped == {"west": "unavailable"}
    assert result.dropped == {"west": "unavailable"}


@pytest.mark.parametrize("kind", ["offers", "counts", "reveal"])
def test_too_few_institutions_open_nothing_and_end_the_run_with_their_reasons(lead, kind):
    faults = {("east", kind): lose(errors.TIMEOUT), ("west", kind): lose(errors.CATALOG)}

    with pytest.raises(errors.RoundError, match=r"dropped out: east \(timeout\), west \(catalog\)$"):
        lead(faults)


def test_an_institution_lost_while_publishing_is_named(lead):
    result, _noted, _hall = lead({("south", "publish"): lose(errors.INTERNAL)}, Plan(rounds=1))

    assert (result.members, result.dropped) == (("east", "north", "west"), {"south": "internal"})


class Killed(Exception):
    pass


@pytest.mark.parametrize("phase", [1, 2, 3])
def test_a_run_that_was_broken_off_goes_on_where_it_stood(directory, apart, space, phase):
    """The coordinator dies after it kept a phase; a new one ends like an unbroken run, and asks no phase twice."""
    kept = []

    def keep(one):
        kept.append(one)
        if one.phase == phase:
            raise Killed

    plan = Plan(rounds=9, tolerance=1e-9, minimum=3)
    first, second = Hall(apart), Hall(apart)
    with pytest.raises(Killed):
        coordinator.lead(channel(directory, space, first), plan, NAMES, lambda _one: None, keep=keep)
    result = coordinator.lead(channel(directory, space, second), plan, NAMES, lambda _one: None, since=kept[-1])

    np.testing.assert_allclose(result.parameters.weights, training.fit(train(second), space).weights, atol=2e-5)
    asked = [one[0] for one in second.asked]
    assert [kind in asked for kind in ("counts", "cells", "moments")] == [False, phase < 2, phase < 3]
    assert result.rounds[0].number == kept[-1].round + 1


def noisy(policy="secagg", **changes):
    return {"policy": policy, "epsilon": 4.0, "delta": 1e-5, "cohort": 20, **changes}


@pytest.mark.parametrize("policy", ["secagg", "source-noise"])
def test_a_private_run_takes_its_steps_spends_what_was_declared_and_publishes(tmp_path, apart, space, policy):
    builders.consortium(tmp_path / "consortium", apart, **noisy(policy))
    noted = []
    hall = Hall(apart)

    result = coordinator.lead(channel(tmp_path / "consortium", space, hall), Plan(), NAMES, noted.append)

    kinds = [one.kind for one in noted]
    assert kinds in (
        ["private-levels", "private-curves", "private-residuals", "publish"],
        ["private-levels", "private-curves", "private-again", "private-residuals", "publish"],
    )
    spent = [one.epsilon for one in noted[:-1]]
    assert spent == sorted(spent)
    assert spent[-1] == pytest.approx(4.0)
    assert np.isfinite(result.parameters.weights).all()
    assert result.members == NAMES
    asked = {one[0] for one in hall.asked}
    assert not asked & set(messages.EXACT)
    assert ("reveal" in asked) == (policy == "secagg")


@pytest.mark.parametrize("policy", ["secagg", "source-noise"])
def test_a_private_run_goes_on_without_who_is_lost(tmp_path, apart, space, policy):
    builders.consortium(tmp_path / "consortium", apart, **noisy(policy))
    hall = Hall(apart, {("south", "private-curves"): lose(errors.UNAVAILABLE)})

    result = coordinator.lead(channel(tmp_path / "consortium", space, hall), Plan(), NAMES, lambda _one: None)

    assert result.dropped == {"south": "unavailable"}
    assert np.isfinite(result.parameters.weights).all()


def test_a_protected_message_that_is_far_from_all_others_is_left_out_and_named(tmp_path, apart, space):
    builders.consortium(tmp_path / "consortium", apart, **noisy("source-noise"))

    def times_a_thousand(reply):
        return Answer(replace(reply, arrays={name: array * 1000 for name, array in reply.arrays.items()}), 0, 10, 20)

    noted = []
    hall = Hall(apart, {("west", "private-levels"): times_a_thousand})
    coordinator.lead(channel(tmp_path / "consortium", space, hall), Plan(), NAMES, noted.append)

    assert noted[0].refused == {"west": "long"}
    assert noted[0].dropped == {}


@pytest.mark.parametrize("policy", ["secagg", "source-noise"])
def test_a_private_run_that_was_broken_off_goes_on_without_spending_twice(tmp_path, apart, space, policy):
    builders.consortium(tmp_path / "consortium", apart, **noisy(policy))
    directory, kept, noted = tmp_path / "consortium", [], []

    def keep(one):
        kept.append(one)
        if one.phase == 2:
            raise Killed

    with pytest.raises(Killed):
        coordinator.lead(channel(directory, space, Hall(apart)), Plan(), NAMES, noted.append, keep=keep)
    coordinator.lead(channel(directory, space, Hall(apart)), Plan(), NAMES, noted.append, since=kept[-1])

    kinds = [one.kind for one in noted]
    assert len(kinds) == len(set(kinds))
    assert noted[-2].epsilon == pytest.approx(4.0)
