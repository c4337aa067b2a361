import numpy as np
import pytest

from bench import mutants
from federated.privacy import accountant, audits, releases

SEED = 1


def gaussian(rows, *, clip=1.0, mu=1.0, rng):
    """A correct mechanism in floats: what the audits themselves are tried on."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows * np.minimum(1.0, clip / length)).sum(axis=0) + rng.normal(size=rows.shape[1]) * clip / mu


class TestSeparation:
    def test_what_protects_learners_passes(self):
        found = {epsilon: mutants.audit(releases.protect, epsilon, SEED) for epsilon in (0.5, 1.0, 4.0)}

        assert all(each.passes for each in found.values())
        assert all(each.estimate == pytest.approx(each.claimed, abs=0.1) for each in found.values())

    @pytest.mark.parametrize("name", mutants.SEEDED)
    def test_every_seeded_mistake_is_noticed(self, name):
        assert mutants.caught(1.0, SEED, {name: mutants.SEEDED[name]}) == {name: True}

    @pytest.mark.parametrize("name", mutants.FURTHER)
    def test_so_are_mistakes_that_look_harmless(self, name):
        assert mutants.caught(1.0, SEED, {name: mutants.FURTHER[name]}) == {name: True}

    def test_shares_of_the_noise_make_up_the_whole(self):
        assert mutants.audit(releases.protect, 1.0, SEED, members=4).passes
        assert not mutants.audit(mutants.half_of_the_noise(releases.protect), 1.0, SEED, members=4).passes

    def test_a_correct_mechanism_fails_as_seldom_as_promised(self):
        """200 audits at 95 %: 10 failures are expected, and more than 21 have a chance below 1 in 1,000."""
        rng = np.random.default_rng(SEED)
        found = [
            audits.separation(
                lambda rows: gaussian(rows, rng=rng), size=32, clip=1.0, mu=1.0, rng=rng, repeats=4
            ).passes
            for _ in range(200)
        ]

        assert 1 <= found.count(False) <= 21

    def test_half_the_claimed_noise_is_noticed_where_a_learner_counts_little(self):
        rng = np.random.default_rng(SEED)
        found = audits.separation(
            lambda rows: gaussian(rows, mu=0.2, rng=rng), size=64, clip=1.0, mu=0.1, rng=rng, repeats=200
        )

        assert not found.passes
        assert found.claimed < found.lower < found.estimate

    def test_noise_that_comes_again_is_noticed_by_pairs_alone(self):
        found = mutants.audit(mutants.a_fixed_seed(releases.protect), 1.0, SEED)

        assert [name for name, lower in found.by.items() if lower > found.claimed] == ["axis twice", "spread twice"]

    def test_clipping_by_coordinate_is_noticed_by_spread_canaries_alone(self):
        found = mutants.audit(mutants.a_clip_by_coordinate(releases.protect), 1.0, SEED)

        assert found.by["axis"] <= found.claimed < found.by["spread"]

    @pytest.mark.parametrize("size", [0, 2, 100])
    def test_a_size_without_canaries_at_right_angles_is_refused(self, size):
        with pytest.raises(ValueError, match="power of two"):
            audits.separation(lambda rows: rows.sum(axis=0), size=size, clip=1.0, mu=1.0, rng=np.random.default_rng(0))


class TestOneRun:
    @pytest.mark.parametrize("epsilon", [1.0, 2.0, 4.0])
    def test_its_bound_stays_below_the_claim(self, epsilon):
        delta = 1e-5
        mu = 1.0 / accountant.sigma(epsilon, delta)
        found = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            found.append(
                audits.one_run(
                    lambda rows, rng=rng: gaussian(rows, mu=mu, rng=rng), size=400, clip=1.0, delta=delta, rng=rng
                )
            )

        assert max(found) <= epsilon
        assert max(found) > 0.0

    def test_no_noise_at_all_gives_the_most_that_it_can_say(self):
        rng = np.random.default_rng(SEED)
        found = audits.one_run(lambda rows: rows.sum(axis=0), size=1000, clip=1.0, delta=1e-5, rng=rng)

        all_right = 0.05 ** (1 / 200)
        assert found == pytest.approx(np.log(all_right / (1 - all_right)), abs=0.2)

    def test_guesses_at_random_prove_nothing(self):
        rng = np.random.default_rng(SEED)
        found = audits.one_run(lambda rows: rng.normal(size=400), size=400, clip=1.0, delta=1e-5, rng=rng)

        assert found < 0.3


class TestChanceOf:
    def test_without_delta_it_is_the_tail_of_a_binomial(self):
        assert audits.chance_of(8, 10, 100, 0.0, 0.0) == pytest.approx(56 / 1024)

    def test_delta_makes_right_guesses_likelier(self):
        assert audits.chance_of(90, 100, 1000, 1.0, 1e-5) < audits.chance_of(90, 100, 1000, 1.0, 1e-2)

    def test_no_right_guess_is_certain_to_be_reached(self):
        assert audits.chance_of(0, 10, 100, 1.0, 1e-5) == 1.0
