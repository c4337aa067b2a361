import logging
import math

import numpy as np
import pytest

from federated.privacy import accountant


@pytest.mark.parametrize(("epsilon", "delta"), [(0.5, 1e-5), (1.0, 5e-6), (4.0, 1e-5)])
def test_a_run_of_shares_costs_what_privacy_loss_distributions_say(epsilon, delta):
    sigma = accountant.sigma(epsilon, delta)
    sigmas = [sigma / math.sqrt(share) for share in (0.40, 0.24, 0.36)]

    assert accountant.epsilon(sigmas, delta) == pytest.approx(epsilon, rel=1e-9)
    assert accountant.composed(sigmas, delta) == pytest.approx(epsilon, rel=0.01)


def test_noise_is_that_of_the_published_mechanism():
    assert accountant.sigma(1.0, 1e-5) == pytest.approx(3.730632, abs=1e-6)


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 4.0, 40.0])
def test_what_may_be_spent_is_what_was_allowed(epsilon):
    assert accountant.spent(accountant.allowance(epsilon, 1e-6), 1e-6) == pytest.approx(epsilon, rel=1e-6)


def test_spends_of_runs_add_up_whatever_their_order():
    runs = [accountant.mu_squared([3.0, 5.0]), accountant.mu_squared([7.0])]

    assert sum(runs) == pytest.approx(accountant.mu_squared([7.0, 5.0, 3.0]), rel=1e-14)


def test_a_spend_and_its_delta_agree():
    for mu_squared in (0.01, 0.3, 2.0):
        assert accountant.delta(accountant.spent(mu_squared, 1e-5), mu_squared) == pytest.approx(1e-5, rel=1e-6)


def test_nothing_spent_costs_nothing():
    assert accountant.spent(0.0, 1e-5) == 0.0
    assert accountant.delta(1.0, 0.0) == 0.0
    assert accountant.delta(80.0, 1e-4) == 0.0


def test_what_delta_alone_covers_costs_no_epsilon():
    assert accountant.spent(1e-12, 1e-5) == 0.0


def test_more_noise_costs_less():
    found = [accountant.epsilon([sigma], 1e-5) for sigma in (1.0, 2.0, 4.0, 8.0)]

    assert np.all(np.diff(found) < 0.0)


@pytest.mark.parametrize("learners", [1, 20, 999, 9_999, 10_000, 18_633, 20_000, 123_456])
def test_delta_is_at_most_a_tenth_of_a_learner(learners):
    found = accountant.delta_for(learners)

    assert found <= min(1e-5, 1.0 / (10 * learners))
    assert found >= min(1e-5, 1.0 / (10 * learners)) / 1.2


def test_delta_does_not_tell_the_last_learner():
    assert accountant.delta_for(18_633) == accountant.delta_for(18_634)


def test_delta_needs_a_learner():
    with pytest.raises(ValueError, match="at least one learner"):
        accountant.delta_for(0)


@pytest.mark.parametrize(("epsilon", "delta"), [(0.0, 1e-5), (-1.0, 1e-5), (1.0, 0.0), (1.0, 1.0), (math.inf, 0.1)])
def test_a_promise_must_be_one(epsilon, delta):
    with pytest.raises(ValueError, match="strictly between"):
        accountant.sigma(epsilon, delta)


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.inf, math.nan])
def test_a_release_without_noise_has_no_price(sigma):
    with pytest.raises(ValueError, match="positive"):
        accountant.mu_squared([1.0, sigma])


def test_the_second_opinion_is_silent(caplog):
    with caplog.at_level(logging.WARNING):
        accountant.composed([2.0], 1e-5)

    assert not caplog.records
