import functools

import numpy as np
import pytest

from bench import attacks, federation, rounds
from bench.attacks import ATTACKS
from federated import private
from federated.privacy import planning
from recommender import interactions

BAD = (1,)


@pytest.fixture(scope="module")
def about():
    """Five institutions with 2,000 learners."""
    return federation.consortium(True, 2_000)


@pytest.fixture(scope="module")
def clean(about):
    return about.auc(rounds.run(about.parts, about.space, 1.0, 1).model)


@functools.cache
def under(about, name, **how):
    return rounds.run(about.parts, about.space, 1.0, 1, bad=BAD, attack=ATTACKS[name], **how)


@pytest.mark.parametrize("name", ["sign, ten times", "another shape"])
def test_a_malicious_member_is_refused_and_costs_little(about, clean, name):
    ran = under(about, name)

    assert ran.verdicts["levels"].refused.keys() == {"1"}
    assert ran.verdicts["residuals"].refused.keys() == {"1"}
    assert about.auc(ran.model) > clean - 0.01


def test_a_lie_about_the_size_costs_little(about, clean):
    ran = under(about, "a size of a billion")

    assert about.auc(ran.model) > clean - 0.01
    assert all(verdict.learners < 3 * 2_000 for verdict in ran.verdicts.values())


def test_the_plain_sum_fails(about, clean):
    assert about.auc(under(about, "sign, ten times", refusing=False).model) < clean - 0.1
    assert not under(about, "not a number", refusing=False).finite


def test_shares_of_the_noise_under_masks_cost_less_than_all_of_it(about):
    masked = rounds.run(about.parts, about.space, 1.0, 1, policy=planning.SECAGG)
    source = under(about, "sign, ten times")

    assert masked.kappa == pytest.approx(source.kappa / 2)
    assert masked.verdicts == {}


def test_an_attack_changes_what_the_bad_send_and_nothing_else():
    rng = np.random.default_rng(0)
    sent = [attacks.Message(str(number), rng.normal(size=8) * 50, 100, 5.0) for number in range(5)]
    for name, attack in ATTACKS.items():
        came = attack.messages(sent, BAD, {})
        changed = [number for number in range(5) if came[number] is not sent[number]]

        assert changed == ([] if name in {"label flip", "backdoor on one skill"} else [1]), name


def test_poisoned_records_are_those_of_the_bad_turned_round(about):
    part = about.parts[0]
    flipped, marked = attacks.label_flip(part, about.space), attacks.backdoor(part, about.space)
    mine = about.space.main[part.item] == attacks.target(part, about.space)

    assert (flipped.correct + part.correct).tolist() == [1.0] * len(part.item)
    assert marked.correct[mine].min() == 1.0
    assert (marked.correct[~mine] == part.correct[~mine]).all()


def test_what_a_learner_gives_depends_on_nobody_else(about):
    """Else adding one learner would change others' rows, and the clip would bound nothing."""
    part = interactions.select(about.parts[0], np.arange(len(about.parts[0].learners)) < 60)
    alone = np.arange(60) % 3 == 0
    state = private.begin(about.space)
    for step in private.steps(about.space):
        whole = private.contributions(step, part, about.space, state)
        some = private.contributions(step, interactions.select(part, alone), about.space, state)
        for name, rows in whole.items():
            dense = rows if isinstance(rows, np.ndarray) else rows.toarray()
            other = some[name] if isinstance(some[name], np.ndarray) else some[name].toarray()

            np.testing.assert_allclose(other, dense[alone], atol=1e-9)
        totals = {
            release.name: np.rint(np.asarray(whole[release.name].sum(axis=0)).ravel() / release.step).astype(np.int64)
            for release in step.releases
        }
        state = private.advance(step, totals, dict.fromkeys(totals, 1.0), state, about.space)
