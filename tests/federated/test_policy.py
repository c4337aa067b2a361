from dataclasses import replace

import pytest

from federated import errors, policy
from federated.policy import Policy
from federated.privacy import accountant

OURS = Policy("exact", "Example University", "GB")
THEIRS = replace(OURS, legal_entity="Another University")
NOISY = Policy("secagg", epsilon=1.0, delta=1e-5)


def test_members_that_declare_the_same_agree():
    assert policy.agree({"north": OURS, "south": OURS}) == OURS


def test_members_of_two_legal_entities_are_refused_by_name():
    with pytest.raises(errors.PolicyError, match=r"north declares .* south declares .* 'Another University'"):
        policy.agree({"north": OURS, "south": THEIRS})


def test_a_policy_that_nobody_knows_is_refused():
    with pytest.raises(
        errors.PolicyError, match=r"member\.toml: policy 'open' is not known; known are: source-noise, secagg, exact"
    ):
        policy.check(Policy("open", "Example University"), "member.toml")


def test_a_second_member_with_an_unknown_policy_is_refused():
    with pytest.raises(errors.PolicyError, match="south: policy 'open'"):
        policy.agree({"north": OURS, "south": Policy("open", "Example University")})


def test_exact_without_a_legal_entity_is_refused():
    with pytest.raises(errors.PolicyError, match="needs legal_entity"):
        policy.check(Policy("exact", " "), "member.toml")


def test_members_that_keep_different_cells_back_are_refused_by_name():
    with pytest.raises(errors.PolicyError, match=r"with least_learners 1, south declares .* least_learners 5"):
        policy.agree({"north": OURS, "south": replace(OURS, least_learners=5)})


def test_no_cell_stems_from_less_than_one_learner():
    with pytest.raises(errors.PolicyError, match=r"member\.toml: least_learners is 0; use 1"):
        policy.check(replace(OURS, least_learners=0), "member.toml")


def test_a_consortium_of_nobody_is_refused():
    with pytest.raises(errors.PolicyError, match="at least one member"):
        policy.agree({})


def test_members_of_two_jurisdictions_cannot_send_exact_sums():
    with pytest.raises(errors.PolicyError, match=r"in 'GB' .* south declares .* in 'CN'"):
        policy.agree({"north": OURS, "south": replace(OURS, jurisdiction="CN")})


def test_exact_without_a_jurisdiction_is_refused_in_a_consortium():
    with pytest.raises(errors.PolicyError, match=r'needs jurisdiction, .* such as jurisdiction = "GB"'):
        policy.agree({"north": replace(OURS, jurisdiction="")})


def test_noise_needs_no_common_entity():
    assert policy.agree({"north": NOISY, "south": NOISY}) == NOISY
    assert (NOISY.private, NOISY.masked, OURS.private, OURS.masked) == (True, True, False, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epsilon": 0.0}, "epsilon is 0; use a number above 0, at most 4"),
        ({"epsilon": 4.5}, "epsilon is 4.5"),
        ({"epsilon": float("nan")}, "epsilon is nan"),
        ({"delta": 0.0}, "delta is 0"),
        ({"delta": 1e-3}, "delta is 0.001"),
        ({"cohort": 19}, "cohort is 19; no institution trains with fewer than 20"),
        ({"colluding": -1}, "colluding is -1"),
        ({"runs": 0}, "runs is 0"),
    ],
)
def test_noise_that_would_not_protect_is_refused(change, words):
    with pytest.raises(errors.PolicyError, match=words):
        policy.check(replace(NOISY, **change), "member.toml")


def test_exact_claims_no_epsilon():
    with pytest.raises(errors.PolicyError, match="adds no noise, so epsilon and delta must be 0"):
        policy.check(replace(OURS, epsilon=1.0), "member.toml")


def test_two_thirds_must_be_left_and_never_fewer_than_three():
    assert [policy.survivors(members) for members in (3, 4, 5, 6, 13, 100)] == [3, 3, 4, 4, 9, 67]
    assert policy.survivors(5, colluding=2) == 5
    with pytest.raises(errors.PolicyError, match="3 members at least; there are 2"):
        policy.survivors(2)


def test_shares_of_noise_are_sized_for_the_honest_ones_that_may_be_left():
    assert policy.parts(NOISY, 13) == 9
    assert policy.parts(replace(NOISY, colluding=2), 13) == 7
    with pytest.raises(errors.PolicyError, match="53 members at least"):
        policy.parts(replace(NOISY, colluding=50), 13)
    assert policy.parts(Policy("source-noise", epsilon=1.0, delta=1e-5), 13) == 1


def test_every_word_of_a_policy_counts_in_its_digest():
    changes = [{"epsilon": 2.0}, {"delta": 1e-6}, {"cohort": 60}, {"colluding": 1}, {"name": "source-noise"}]
    assert len({policy.digest(replace(NOISY, **change)) for change in [{}, *changes]}) == 6


def test_all_runs_of_a_budget_together_cost_what_epsilon_allows():
    three = policy.multiplier(replace(NOISY, runs=3))

    assert accountant.spent(3 / three**2, NOISY.delta) == pytest.approx(NOISY.epsilon, rel=1e-6)
    assert policy.multiplier(NOISY) < three
