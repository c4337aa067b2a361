import pytest

from federated import errors, policy
from federated.policy import Policy

OURS = Policy("exact", "Example University")


def test_members_that_declare_the_same_agree():
    assert policy.agree({"north": OURS, "south": OURS}) == OURS


def test_members_of_two_legal_entities_are_refused_by_name():
    with pytest.raises(errors.PolicyError, match=r"north declares .* south declares .* 'Another University'"):
        policy.agree({"north": OURS, "south": Policy("exact", "Another University")})


def test_a_policy_that_nobody_knows_is_refused():
    with pytest.raises(errors.PolicyError, match=r"member\.toml: policy 'open' is not known; known are: exact"):
        policy.check(Policy("open", "Example University"), "member.toml")


def test_a_second_member_with_an_unknown_policy_is_refused():
    with pytest.raises(errors.PolicyError, match="south: policy 'open'"):
        policy.agree({"north": OURS, "south": Policy("open", "Example University")})


def test_exact_without_a_legal_entity_is_refused():
    with pytest.raises(errors.PolicyError, match="needs legal_entity"):
        policy.check(Policy("exact", " "), "member.toml")


def test_members_that_keep_different_cells_back_are_refused_by_name():
    with pytest.raises(errors.PolicyError, match=r"with least_learners 1, south declares .* least_learners 5"):
        policy.agree({"north": OURS, "south": Policy(OURS.name, OURS.legal_entity, 5)})


def test_no_cell_stems_from_less_than_one_learner():
    with pytest.raises(errors.PolicyError, match=r"member\.toml: least_learners is 0; use 1"):
        policy.check(Policy("exact", "Example University", 0), "member.toml")


def test_a_consortium_of_nobody_is_refused():
    with pytest.raises(errors.PolicyError, match="at least one member"):
        policy.agree({})
