import itertools
import math

import pytest

from federated.privacy import accountant, planning
from federated.privacy.planning import LOCAL, SECAGG, SOURCE, Member


def members(count, learners, epsilon=4.0):
    """So many institutions with so many learners in all."""
    more = learners % count
    return [Member(f"m{number}", learners // count + (number < more), epsilon) for number in range(count)]


class TestPlan:
    @pytest.mark.parametrize(
        ("count", "learners", "policy", "epsilon"),
        [
            (4, 20_000, SOURCE, 0.5),
            (5, 100_000, SOURCE, 0.5),
            (13, 100_000, SOURCE, 0.5),
            (13, 18_633, SOURCE, 1.0),
            (13, 4_000, SECAGG, 1.0),
            (13, 1_000, SECAGG, 2.0),
            (13, 20_000, SECAGG, 0.5),
            (3, 4_000, SOURCE, 1.0),
            (3, 2_000, SOURCE, 2.0),
            (100, 4_000, SECAGG, 1.0),
            (3, 300, LOCAL, None),
            (13, 390, LOCAL, None),
        ],
    )
    def test_the_rule(self, count, learners, policy, epsilon):
        found = planning.plan(members(count, learners))

        assert (found.policy, found.epsilon) == (policy, epsilon)

    def test_all_that_it_takes_to_decide_otherwise_is_there(self):
        found = planning.plan(members(13, 4_000))

        assert [(one.epsilon, one.policy) for one in found.options] == list(
            itertools.product(planning.EPSILONS, (SOURCE, SECAGG))
        )
        assert found.chosen in found.options
        assert (found.threshold, found.sized_for) == (9, 9)
        assert found.delta == accountant.delta_for(4_000)
        assert all(one.sigma == accountant.sigma(one.epsilon, found.delta) for one in found.options)

    def test_a_member_that_is_ready_for_less_decides(self):
        ready = [*members(12, 12_000), Member("careful", 1_000, 0.7)]
        found = planning.plan(ready)

        assert found.epsilon == 0.7
        assert {one.epsilon for one in found.options} == {0.5, 0.7}

    def test_too_small_members_are_left_out_and_small_ones_told(self):
        found = planning.plan([*members(5, 4_000), Member("tiny", 19, 0.1), Member("small", 49)])

        assert found.members == ("m0", "m1", "m2", "m3", "m4", "small")
        assert found.learners == 4_049
        assert "tiny has 19 learners, fewer than 20: it cannot train, and is left out" in found.warnings
        assert sum("small has 49 learners, fewer than 50" in text for text in found.warnings) == 1

    def test_large_members_are_told_that_they_gain_little(self):
        assert len(planning.plan(members(4, 20_000)).warnings) == 4

    def test_masks_are_not_advised_to_three(self):
        found = planning.plan(members(3, 3_000))

        assert [one.advised for one in found.options if one.policy == SECAGG] == [False] * 4
        assert any("hide little" in text for text in found.warnings)

    def test_two_cannot_mask_at_all(self):
        found = planning.plan(members(2, 9_000))

        assert found.policy == SOURCE
        assert {one.policy for one in found.options} == {SOURCE}

    @pytest.mark.parametrize("sizes", [[5_000], [5_000, 19], [3, 4]])
    def test_one_alone_stays_local(self, sizes):
        found = planning.plan([Member(str(number), size) for number, size in enumerate(sizes)])

        assert (found.policy, found.options) == (LOCAL, ())
        assert "takes two" in found.reason

    def test_colluders_need_more_noise(self):
        alone, together = planning.plan(members(13, 4_000)), planning.plan(members(13, 4_000), colluders=3)

        assert (together.threshold, together.sized_for) == (9, 6)
        assert together.chosen.kappa > alone.chosen.kappa
        assert any("colluding" in text for text in together.warnings)

    def test_a_factor_makes_the_loss_larger_and_changes_no_advice(self):
        plain, dear = planning.plan(members(13, 4_000)), planning.plan(members(13, 4_000), factor=2.0)

        assert dear.chosen.loss.value == pytest.approx(2 * plain.chosen.loss.value)
        assert dear.policy == plain.policy

    @pytest.mark.parametrize(
        ("ready", "more"),
        [
            ([], {}),
            ([Member("a", 50), Member("a", 60)], {}),
            ([Member("a", 50, 4.1)], {}),
            ([Member("a", 50, 0.0)], {}),
            ([Member("a", 50, math.nan)], {}),
            ([Member("a", -1)], {}),
            ([Member("a", 50)], {"colluders": -1}),
            ([Member("a", 50)], {"factor": 0.0}),
            ([Member("a", 50)], {"factor": math.inf}),
        ],
    )
    def test_what_cannot_be_is_refused(self, ready, more):
        with pytest.raises(ValueError, match=r"a plan|epsilon|fewer than none|factor"):
            planning.plan(ready, **more)


class TestReason:
    def test_noise_at_the_source(self):
        assert planning.plan(members(13, 100_000)).reason.startswith("Noise at the source at epsilon 0.5: kappa 0.0003")

    def test_masked_sums_beside_what_the_source_would_cost(self):
        text = planning.plan(members(13, 4_000)).reason

        assert text.startswith("Masked sums at epsilon 1: with noise at the source kappa would be 0.0034")

    def test_staying_local_says_how_many_learners_or_which_epsilon(self):
        found = planning.plan(members(13, 390, 2.0))

        assert found.instead.epsilon == 4.0
        assert found.reason.endswith("or epsilon 4, beyond the limit of at least one member (secagg, loss 0.0134).")
        assert "It takes about 600 learners" in found.reason

    def test_within_all_limits_it_does_not_say_so(self):
        assert "limit" not in planning.plan(members(13, 390)).reason

    def test_or_that_no_epsilon_is_enough(self):
        found = planning.plan(members(3, 120))

        assert found.instead is None
        assert found.reason.endswith("no epsilon up to 4 is enough.")
        assert "at least 0.0341" in found.reason

    def test_a_kappa_outside_the_curve_is_said(self):
        found = planning.plan(members(4, 10_000_000))

        assert "at most 0.0015" in found.reason
        assert any("outside a measured curve" in text for text in found.warnings)


class TestShares:
    @pytest.mark.parametrize(
        ("count", "colluders", "stay", "shares"),
        [(3, 0, 3, 3), (4, 0, 3, 3), (5, 0, 4, 4), (13, 0, 9, 9), (13, 4, 9, 5), (5, 2, 5, 3), (100, 10, 67, 57)],
    )
    def test_how_many_must_stay(self, count, colluders, stay, shares):
        assert (planning.threshold(count, colluders), planning.sized_for(count, colluders)) == (stay, shares)

    @pytest.mark.parametrize(("count", "colluders"), [(1, 0), (2, 0), (3, 1), (5, 3)])
    def test_too_few_for_masks(self, count, colluders):
        assert planning.threshold(count, colluders) is None
        assert planning.sized_for(count, colluders) is None
        with pytest.raises(ValueError, match="are needed"):
            planning.effective(SECAGG, count, colluders)

    def test_whoever_stays_makes_up_the_whole_noise_without_colluders(self):
        for count, colluders in itertools.product(range(3, 60), range(8)):
            stay = planning.threshold(count, colluders)
            if stay is not None:
                assert (stay - colluders) / planning.sized_for(count, colluders) >= 1.0
                assert stay >= 2 * count / 3
                assert stay - colluders >= planning.HONEST

    def test_how_often_the_noise_is_in_the_sum(self):
        assert planning.effective(SOURCE, 13) == 13.0
        assert planning.effective(SECAGG, 13) == pytest.approx(13 / 9)


class TestLoss:
    @pytest.mark.parametrize(
        ("catalog", "place"), [(name, place) for name, curve in planning.CURVES.items() for place in range(len(curve))]
    )
    def test_it_is_what_was_measured(self, catalog, place):
        kappa, low, value, high = planning.CURVES[catalog][place]
        found = planning.loss(kappa, catalog=catalog)

        assert (found.low, found.value, found.high) == pytest.approx((low, value, high))
        assert found.measured

    @pytest.mark.parametrize("catalog", [None, *planning.CURVES])
    def test_more_noise_costs_more(self, catalog):
        values = [planning.loss(0.00005 * 1.1**step, catalog=catalog) for step in range(70)]

        assert all(a.value <= b.value for a, b in itertools.pairwise(values))
        assert all(each.low <= each.value <= each.high for each in values)

    @pytest.mark.parametrize(("kappa", "oulad", "assist15"), [(0.00001, 0.0014, 0.0015), (0.1, 0.049, 0.026)])
    def test_beyond_its_ends_it_is_their_value(self, kappa, oulad, assist15):
        assert not planning.loss(kappa).measured
        assert planning.loss(kappa, catalog="oulad").value == pytest.approx(oulad)
        assert planning.loss(kappa, catalog="assist15").value == pytest.approx(assist15)

    @pytest.mark.parametrize("kappa", [0.0002, 0.006])
    def test_where_one_curve_has_ended_the_mean_is_not_measured(self, kappa):
        assert planning.loss(kappa, catalog="oulad").measured
        assert not planning.loss(kappa).measured

    def test_all_that_the_rule_takes_for_its_kappa_lies_below_the_upper_ends(self):
        assert all(curve[-1][0] > max(planning.REACH.values()) for curve in planning.CURVES.values())

    @pytest.mark.parametrize(
        ("catalog", "kappa", "runs"),
        [
            ("assist15", 0.00108, (0.00365, 0.00410, 0.00370)),
            ("assist15", 0.00264, (0.01095, 0.01290, 0.01166)),
            ("oulad", 0.00309, (0.0110,)),
            ("oulad", 0.00127, (0.0042,)),
            ("oulad", 0.01237, (0.0428,)),
        ],
    )
    def test_its_range_holds_what_single_runs_lost(self, catalog, kappa, runs):
        found = planning.loss(kappa, catalog=catalog)

        assert all(found.low <= one <= found.high for one in runs)

    def test_kappa_is_the_noise_of_the_mean(self):
        assert planning.kappa(3.8, 13.0, 4_000) == pytest.approx(3.8 * math.sqrt(13) / 4_000)


class TestRows:
    def test_a_row_an_option(self):
        found = planning.rows(planning.plan(members(13, 4_000)))

        assert found[0] == ("epsilon", "policy", "kappa", "AUC lost", "measured range", "advised")
        assert len(found) == 9
        assert found[4] == ("1", "secagg", "0.0011", "0.0037", "0.0032 to 0.0043", "yes")
        assert found[1] == ("0.5", "source-noise", "0.0063", "at least 0.0227", "not measured", "no")
        assert found[8] == ("4", "secagg", "0.0003", "at most 0.0015", "not measured", "yes")
