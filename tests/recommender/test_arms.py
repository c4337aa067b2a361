from collections import Counter

import pytest

from recommender import arms, errors

TWO = (arms.PLAIN, arms.COHERENCE)


def test_a_learner_stays_in_one_arm():
    assert arms.assign("someone", "path-2026", TWO) == arms.assign("someone", "path-2026", TWO)


def test_the_assignment_can_be_repeated_by_anybody():
    assert [arms.assign(f"learner {number}", "path-2026", TWO) for number in range(6)] == [
        "coherence",
        "plain",
        "plain",
        "coherence",
        "coherence",
        "plain",
    ]


def test_arms_are_equally_likely():
    found = Counter(arms.assign(f"{number:032x}", "e", ("a", "b", "c")) for number in range(6000))

    assert all(abs(count - 2000) < 4 * (6000 * 2 / 9) ** 0.5 for count in found.values())


def test_another_experiment_assigns_independently():
    pairs = Counter(
        (arms.assign(f"{number}", "one", TWO), arms.assign(f"{number}", "two", TWO)) for number in range(4000)
    )

    assert len(pairs) == 4
    assert all(abs(count - 1000) < 4 * 750**0.5 for count in pairs.values())


def test_a_name_cannot_run_into_the_next():
    assert len({arms.assign("b" * n, "a" * (20 - n), tuple(map(str, range(10**9, 10**9 + 64)))) for n in range(12)}) > 6


@pytest.mark.parametrize("wrong", [(), ("a", "a")])
def test_arms_must_be_different_and_some(wrong):
    with pytest.raises(errors.MismatchError, match="experiment 'e'"):
        arms.assign("someone", "e", wrong)
