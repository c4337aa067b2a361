from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated.privacy import rejection
from federated.privacy.rejection import Heard, Message

SIZE = 40
CLIP = 2.0
SD = 8.0


def honest(count=5, *, seed=0, sd=SD, learners=400, size=SIZE, common=0.05):
    """Messages of institutions whose learners come from one population."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=size) * common
    found = []
    for number in range(count):
        own = learners * (number + 1)
        spread = CLIP / np.sqrt(2 * size) * np.sqrt(own)
        values = own * mean + rng.normal(size=size) * spread + rng.normal(size=size) * sd
        found.append(Message(f"m{number}", values, own, sd))
    return found


def large_of(messages):
    """What one message says, vouched for."""
    (message,) = messages
    return {"values": message.values, "learners": message.learners, "attested": True}


def changed(messages, number, **what):
    return [replace(each, **what) if place == number else each for place, each in enumerate(messages)]


class TestHonest:
    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 13])
    def test_almost_nobody_is_refused(self, count):
        refused = [rejection.judge(honest(count, seed=seed), SIZE, CLIP).refused for seed in range(30)]

        assert sum(map(len, refused)) <= 0.02 * 30 * count

    @pytest.mark.parametrize("size", [8, 65, 140])
    def test_nor_one_that_is_much_larger_than_all_others(self, size):
        """Its own message hardly varies; what the others lie apart by is noise of the centre."""
        large = [
            changed(honest(5, seed=seed, size=size), 0, **large_of(honest(1, seed=seed, size=size, learners=16_000)))
            for seed in range(40)
        ]
        refused = [rejection.judge(messages, size, CLIP).refused for messages in large]

        assert sum(map(len, refused)) <= 4

    def test_the_total_is_that_of_the_kept_learners(self):
        messages = honest(5, sd=0.0)
        found = rejection.judge(messages, SIZE, CLIP)
        plain = np.sum([each.values for each in messages], axis=0)

        assert found.learners == 400 * 15
        assert np.corrcoef(found.total, plain)[0, 1] > 0.999
        assert found.weights.sum() == pytest.approx(1.0)
        assert found.variance == 0.0

    def test_its_noise_is_what_is_said(self):
        """The same institutions with other noise, 400 times."""
        base = honest(5, sd=0.0)
        rng = np.random.default_rng(1)
        totals, said = [], []
        for _ in range(400):
            noisy = [Message(m.member, m.values + rng.normal(size=SIZE) * SD, m.learners, SD) for m in base]
            found = rejection.judge(noisy, SIZE, CLIP)
            if not found.refused:
                totals.append(found.total)
                said.append(found.variance)

        assert np.var(totals, axis=0).mean() == pytest.approx(np.mean(said), rel=0.05)

    def test_one_message_is_taken_as_it_is(self):
        (message,) = honest(1)
        found = rejection.judge([message], SIZE, CLIP)

        np.testing.assert_allclose(found.total, message.values)
        assert found.variance == pytest.approx(SD**2)

    def test_whole_numbers_do_as_well(self):
        messages = [Message(m.member, np.rint(m.values).astype(np.int64), m.learners, m.sd) for m in honest(5)]

        assert rejection.judge(messages, SIZE, CLIP).kept.all()

    def test_institutions_that_differ_are_kept(self):
        """Each has a mean of its own, far beyond its noise: that is what h is for."""
        rng = np.random.default_rng(3)
        messages = [
            Message(m.member, m.values + m.learners * rng.normal(size=SIZE) * 0.1, m.learners, SD) for m in honest(9)
        ]

        assert rejection.judge(messages, SIZE, CLIP).kept.sum() >= 8

    def test_so_are_those_that_differ_in_one_number_alone(self):
        """Abler learners everywhere move few numbers, and those far: nothing is wrong with the largest either."""
        refused = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            messages = [
                Message(m.member, m.values + m.learners * rng.normal() * 0.5 * np.eye(SIZE)[0], m.learners, SD)
                for m in honest(8, seed=seed)
            ]
            refused.append(len(rejection.judge(messages, SIZE, CLIP).refused))

        assert sum(refused) <= 8


class TestByItself:
    @pytest.mark.parametrize(
        ("values", "code"),
        [
            (np.full(SIZE, np.nan), rejection.NOT_FINITE),
            (np.r_[np.inf, np.zeros(SIZE - 1)], rejection.NOT_FINITE),
            (np.zeros(SIZE + 1), rejection.MALFORMED),
            (np.zeros((1, SIZE)), rejection.MALFORMED),
            (np.zeros(SIZE, bool), rejection.MALFORMED),
            (np.zeros(SIZE, complex), rejection.MALFORMED),
            (["a"] * SIZE, rejection.MALFORMED),
            ([[1.0], [1.0, 2.0]], rejection.MALFORMED),
            (None, rejection.MALFORMED),
            (np.full(SIZE, 1e300), rejection.LONG),
            (np.full(SIZE, np.finfo(float).max), rejection.LONG),
        ],
    )
    @pytest.mark.parametrize("count", [2, 5])
    def test_what_cannot_be_is_refused_however_many_there_are(self, values, code, count):
        found = rejection.judge(changed(honest(count), 1, values=values), SIZE, CLIP)

        assert found.refused == {"m1": code}
        assert found.kept.tolist() == [number != 1 for number in range(count)]
        assert np.isfinite(found.total).all()

    @pytest.mark.parametrize(("learners", "sd"), [(0, 1.0), (-5, 1.0), (400, np.nan), (400, np.inf), (400, -1.0)])
    def test_so_is_a_size_or_noise_that_cannot_be(self, learners, sd):
        found = rejection.judge(changed(honest(3), 1, learners=learners, sd=sd), SIZE, CLIP)

        assert found.refused == {"m1": rejection.SIZE}

    def test_all_refused_leave_zeros(self):
        found = rejection.judge([Message("a", np.full(SIZE, np.nan), 5, 1.0)], SIZE, CLIP)

        assert not found.kept.any()
        assert found.total.tolist() == [0.0] * SIZE
        assert (found.learners, found.variance) == (0.0, 0.0)
        assert rejection.scaled(found, 10.0)[1] == 0.0

    def test_the_longest_honest_message_is_not_too_long(self):
        """All learners at the clip and in one direction, with noise."""
        rng = np.random.default_rng(0)
        for _ in range(200):
            values = np.r_[400 * CLIP, np.zeros(SIZE - 1)] + rng.normal(size=SIZE) * SD
            found = rejection.judge([Message("a", values, 400, SD)], SIZE, CLIP)

            assert not found.refused


class TestFar:
    @pytest.mark.parametrize("factor", [-4.0, 5.0])
    @pytest.mark.parametrize("count", [3, 4, 5, 13])
    def test_a_message_that_is_far_from_the_others_is_refused(self, factor, count):
        messages = honest(count)
        found = rejection.judge(changed(messages, 1, values=messages[1].values * factor), SIZE, CLIP)

        assert found.refused == {"m1": rejection.FAR}
        assert found.distance[1] == np.nanmax(found.distance)

    def test_two_of_thirteen_that_agree_are_refused(self):
        messages = honest(13, common=0.1)
        for number in (1, 6):
            messages = changed(messages, number, values=-2 * messages[number].values)

        assert rejection.judge(messages, SIZE, CLIP).refused == {"m1": rejection.FAR, "m6": rejection.FAR}

    def test_of_two_none_is_refused_for_its_distance(self):
        messages = honest(2)

        assert not rejection.judge(changed(messages, 0, values=-messages[0].values * 5), SIZE, CLIP).refused

    def test_never_more_than_are_tolerated(self):
        rng = np.random.default_rng(0)
        messages = [Message(f"m{number}", rng.normal(size=SIZE) * 100, 400, 1.0) for number in range(7)]
        messages[:2] = [Message(m.member, m.values * 0.01, 400, 1.0) for m in messages[:2]]

        assert rejection.judge(messages, SIZE, CLIP).kept.sum() >= 5
        assert rejection.judge(messages, SIZE, CLIP, faults=0).kept.all()

    def test_never_half_of_all(self):
        messages = honest(5)
        for number in (0, 3):
            messages = changed(messages, number, values=messages[number].values * -4)

        assert rejection.judge(messages, SIZE, CLIP).kept.sum() == 4
        assert rejection.judge(messages, SIZE, CLIP, faults=5).kept.tolist() == [False, True, True, False, True]

    @pytest.mark.parametrize(("members", "most"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (7, 2), (13, 4), (100, 33)])
    def test_how_many_are_tolerated(self, members, most):
        assert rejection.tolerated(members) == most


class TestTogether:
    def heard(self, **changes):
        """Two releases of five members; in the first, the second member's message is changed."""
        return {
            "first": Heard(changed(honest(5), 1, **changes), SIZE, CLIP),
            "second": Heard(honest(5, seed=9), SIZE, CLIP),
        }

    @pytest.mark.parametrize("factor", [-4.0, 1000.0])
    def test_who_is_far_out_in_one_is_out_of_all(self, factor):
        found, shut = rejection.judge_all(self.heard(values=honest(5)[1].values * factor))

        assert shut == {"m1"}
        assert found["first"].refused.keys() == {"m1"}
        assert found["second"].refused == {"m1": rejection.SHUT}
        assert not found["second"].kept[1]

    def test_and_of_those_to_come(self):
        found, shut = rejection.judge_all(self.heard(), frozenset({"m3", "left"}))

        assert shut == {"m3", "left"}
        assert [each.refused for each in found.values()] == [{"m3": rejection.SHUT}] * 2

    def test_who_is_only_far_is_refused_once(self):
        values = honest(5)[1].values
        for factor in np.linspace(1.0, -4.0, 60):
            one = rejection.judge(changed(honest(5), 1, values=values * factor), SIZE, CLIP)
            if one.refused:
                break
        found, shut = rejection.judge_all(self.heard(values=values * factor))

        assert found["first"].refused == {"m1": rejection.FAR}
        assert (found["second"].refused, shut) == ({}, frozenset())

    def test_honest_ones_are_judged_as_each_alone(self):
        found, shut = rejection.judge_all(self.heard())

        assert shut == frozenset()
        np.testing.assert_array_equal(found["first"].total, rejection.judge(honest(5), SIZE, CLIP).total)


class TestSizes:
    def test_a_claim_counts_for_three_times_the_median_at_most(self):
        messages = changed(honest(5), 0, learners=10**9)
        found = rejection.judge(messages, SIZE, CLIP)

        assert found.capped == ("m0",)
        assert found.learners <= 3 * 1600 + 400 * 14

    def test_unless_somebody_vouches_for_it(self):
        found = rejection.judge(changed(honest(5), 0, **large_of(honest(1, learners=16_000))), SIZE, CLIP)

        assert found.capped == ()
        assert found.learners == 16_000 + 400 * 14

    def test_of_two_the_smaller_claim_decides(self):
        found = rejection.judge(changed(honest(2), 0, learners=10**9), SIZE, CLIP)

        assert found.learners == 4 * 800

    def test_no_claim_has_more_than_its_weight(self):
        messages = [Message(f"m{number}", m.values, m.learners, 0.0) for number, m in enumerate(honest(10))]
        found = rejection.judge(messages, SIZE, CLIP)

        assert found.weights.max() <= 0.24 + 1e-12

    def test_a_total_is_scaled_with_its_noise(self):
        found = rejection.judge(honest(3), SIZE, CLIP)
        total, variance = rejection.scaled(found, 2 * found.learners)

        np.testing.assert_allclose(total, 2 * found.total)
        assert variance == pytest.approx(4 * found.variance)


class TestArguments:
    @pytest.mark.parametrize("messages", [[], [Message("a", [1.0], 5, 1.0)] * 2])
    def test_one_message_of_each_member_at_least_one(self, messages):
        with pytest.raises(ValueError, match="at least one message"):
            rejection.judge(messages, 1, 1.0)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, 9), st.integers(0, 2**32), st.integers(1, 70))
    def test_whatever_comes_the_answer_holds_together(self, count, seed, size):
        rng = np.random.default_rng(seed)
        messages = [
            Message(
                f"m{number}",
                rng.normal(size=size) * 10.0 ** rng.integers(-5, 300) if rng.random() < 0.9 else np.full(size, np.nan),
                int(rng.integers(0, 10**6)),
                float(rng.exponential(10.0)),
            )
            for number in range(count)
        ]
        found = rejection.judge(messages, size, 1.0)

        assert found.kept.tolist() == [message.member not in found.refused for message in messages]
        assert (found.weights > 0).tolist() == found.kept.tolist()
        assert np.isfinite(found.total).all()
        assert found.weights.sum() == pytest.approx(1.0 if found.kept.any() else 0.0)
        assert list(found.refused.values()).count(rejection.FAR) < max(1, found.kept.sum())
        shifted = rejection.judge(messages[::-1], size, 1.0)
        assert shifted.refused == found.refused
