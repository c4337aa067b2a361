import itertools
from dataclasses import asdict, replace

import numpy as np
import pytest

from federated import coordinator, errors, messages, task
from federated.coordinator import Answer, Channel, Plan
from recommender import artifact, training
from tests.federated import builders


class Institutions:
    """Institutions in this process: answers as the real ones do, and drops out as it is told to."""

    def __init__(self, space, policy, sizes, faults=None):
        self.records = {name: builders.interactions(size, seed, prefix=name) for seed, (name, size) in enumerate(sizes)}
        self.space, self.policy, self.faults = space, policy, faults or {}
        self.asked = []
        self.known = task.start(space)

    def __call__(self, packet, members):
        self.asked.append((packet.kind, members))
        self.known = messages.model(packet, self.space, self.known)
        assert artifact.digest(self.known) == packet.names["model"]
        return {name: self.answer(name, packet) for name in members}

    def answer(self, name, packet):
        records, at = self.records[name], self.known
        if packet.kind == messages.PUBLISH:
            reply = messages.publish_answer(packet)
        elif packet.kind in messages.TABLES:
            found = task.local_counts(packet.kind, records, self.space, at, 1)
            reply = messages.counts_answer(found, len(records.item), len(records.learners), packet)
        elif packet.kind == messages.MOMENTS:
            summed, seen = task.local_moments(records, self.space, at, 1)
            reply = messages.moments_answer(seen, summed, packet)
        else:
            reply = messages.sums_answer(task.local_sums(records, self.space, at, 1), packet)
        fault = self.faults.get((name, packet.numbers["round"]))
        return fault(reply) if fault else Answer(reply, 0, 10, 20)


def lose(code):
    return lambda _reply: Answer(None, code, 10, 0)


def poison(reply):
    gradient = reply.arrays["gradient"].copy()
    gradient[0] = np.nan
    return Answer(replace(reply, arrays={**reply.arrays, "gradient": gradient}), 0, 10, 20)


def lie(reply):
    """More right answers than answers."""
    counts = messages.unpack_counts(reply)["item"]
    table = messages.packing.pack(counts.keys, (counts.wins, counts.tries + 1))
    return Answer(replace(reply, arrays={**reply.arrays, "item": table}), 0, 10, 20)


@pytest.fixture
def lead(space, policy):
    def run(faults=None, plan=None, **more):
        them = Institutions(space, policy, [("a", 30), ("b", 20), ("c", 25)], faults)
        noted = []
        clock = itertools.count().__next__
        result = coordinator.lead(
            Channel(space, policy, them), plan or Plan(), ("a", "b", "c"), noted.append, clock=clock, **more,
        )  # fmt: skip
        return result, noted, them

    return run


def centralised(space, them, names):
    return training.fit([them.records[name] for name in names], space)


def test_a_run_ends_at_the_centralised_fit(lead, space):
    result, _noted, them = lead(plan=Plan(rounds=9, tolerance=1e-9))

    assert result.converged
    np.testing.assert_allclose(result.parameters.weights, centralised(space, them, "abc").weights, atol=2e-5)


def test_every_round_is_noted_as_it_ends(lead):
    result, noted, _them = lead(plan=Plan(rounds=2))

    assert [asdict(one) for one in noted] == [asdict(one) for one in result.rounds]
    kinds = ["counts", "cells", "moments", "sums", "sums", "publish"]
    assert [(one.number, one.kind) for one in noted] == list(enumerate(kinds, start=1))
    assert [one.objective is None for one in noted] == [True, True, False, False, False, True]
    assert (noted[0].bytes_down, noted[0].bytes_up, noted[0].seconds) == (30, 60, 1)


def test_the_objective_falls(lead):
    result, _noted, _them = lead()
    found = [one.objective for one in result.rounds if one.objective is not None]

    assert found == sorted(found, reverse=True)


def test_a_run_stops_as_soon_as_it_has_converged(lead):
    result, _noted, _them = lead(plan=Plan(rounds=20))
    *before, last, publish = result.rounds

    assert publish.kind == "publish"
    assert last.promise < coordinator.TOLERANCE
    assert all(one.promise is None or one.promise >= coordinator.TOLERANCE for one in before)


def test_what_is_left_at_the_default_tolerance_is_seen_in_no_prediction(lead, space):
    result, _noted, them = lead()
    best = centralised(space, them, "abc")
    found = [[task.predict(them.records[name], space, one) for name in "abc"] for one in (result.parameters, best)]

    assert max(np.max(np.abs(one - other)) for one, other in zip(*found, strict=True)) < 1e-3


def test_a_run_that_may_not_converge_says_so(lead):
    result, _noted, _them = lead(plan=Plan(rounds=1))

    assert not result.converged


def test_the_model_that_is_published_is_the_one_that_is_kept(lead):
    result, _noted, _them = lead(plan=Plan(rounds=2))

    assert result.rounds[-1].model == artifact.digest(result.parameters)


def test_an_institution_that_is_lost_is_named_and_not_asked_again(lead):
    result, noted, them = lead({("b", 4): lose(errors.UNAVAILABLE)}, Plan(rounds=2))

    assert [one.members for one in noted] == [("a", "b", "c")] * 3 + [("a", "c")] * 3
    assert [one.dropped for one in noted] == [{}, {}, {}, {"b": "unavailable"}, {}, {}]
    assert (result.members, result.dropped) == (("a", "c"), {"b": "unavailable"})
    assert them.asked[4] == ("sums", ("a", "c"))


def test_the_others_go_on_to_their_own_fit(lead, space):
    result, _noted, them = lead({("b", 1): lose(errors.TIMEOUT)}, Plan(rounds=9, tolerance=1e-9))

    np.testing.assert_allclose(result.parameters.weights, centralised(space, them, "ac").weights, atol=2e-5)


def test_poisoned_counts_are_refused_and_change_nothing(lead, space):
    result, noted, them = lead({("b", 1): lie}, Plan(rounds=9, tolerance=1e-9))

    assert noted[0].dropped == {"b": "refused"}
    np.testing.assert_allclose(result.parameters.weights, centralised(space, them, "ac").weights, atol=2e-5)


@pytest.mark.parametrize("number", [3, 4])
def test_poisoned_sums_are_refused(lead, number):
    result, noted, _them = lead({("b", number): poison}, Plan(rounds=2))

    assert noted[number - 1].dropped == {"b": "refused"}
    assert np.isfinite(result.parameters.weights).all()


def test_an_absent_institution_counts_as_dropped_in_the_first_round(lead):
    result, noted, _them = lead(plan=Plan(rounds=1), absent={"d": "unavailable"})

    assert noted[0].dropped == {"d": "unavailable"}
    assert result.dropped == {"d": "unavailable"}


def test_too_few_institutions_end_the_run_with_their_reasons(lead):
    faults = {("a", 1): lose(errors.TIMEOUT), ("c", 1): lose(errors.CATALOG)}

    with pytest.raises(
        errors.RoundError, match=r"1 institutions are left, 2 are needed; .*a \(timeout\), c \(catalog\)"
    ):
        lead(faults)


def test_a_round_that_ends_a_run_is_noted_too(space, policy):
    them = Institutions(space, policy, [("a", 5), ("b", 5)], {("a", 1): lose(errors.TIMEOUT)})
    noted = []

    with pytest.raises(errors.RoundError):
        coordinator.lead(Channel(space, policy, them), Plan(), ("a", "b"), noted.append)

    assert [(one.members, one.dropped, one.objective) for one in noted] == [(("b",), {"a": "timeout"}, None)]


def test_an_institution_lost_while_publishing_is_named(lead):
    result, _noted, _them = lead({("c", 5): lose(errors.INTERNAL)}, Plan(rounds=1))

    assert (result.members, result.dropped) == (("a", "b"), {"c": "internal"})
