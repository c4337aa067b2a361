import itertools
import os
from collections import Counter
from dataclasses import replace

import pytest

from federated import errors
from federated.masking import keys
from tests.federated.masking import runs

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def offers(about, attempt=0):
    return {name: keys.offer(about, runs.secret(name, attempt), runs.signer(name)) for name in about.members}


def test_both_sides_see_the_same_roster():
    about = runs.context(4)

    one = keys.roster(about, offers(about))
    other = keys.roster(about, dict(reversed(offers(about).items())))

    assert one.digest == other.digest
    assert one.names == other.names == ("uni-a", "uni-b", "uni-c", "uni-d")


def test_every_key_of_a_run_is_another():
    about = runs.context(3, rounds=5)
    roster = keys.roster(about, offers(about))

    found = [
        *roster.seals.values(),
        *(key for part in (roster.exchange, roster.marks) for of in part.values() for key in of),
    ]

    assert len(set(found)) == len(found) == 3 * (1 + 2 * 5)


def test_what_is_given_back_of_one_round_is_not_used_in_another():
    about, numbers = runs.context(3, rounds=5), range(1, 6)

    found = [made(about, runs.secret("uni-a"), number) for made in (keys.seed, keys.exchange_key) for number in numbers]

    assert len(set(found)) == 2 * 5


def test_an_offer_is_the_same_for_the_same_secret_and_has_its_declared_size():
    about = runs.context(3)

    one, other = offers(about)["uni-a"], offers(about)["uni-a"]

    assert one == other
    assert len(one) == keys.offer_size(about)
    assert offers(about, attempt=1)["uni-a"] != one


@pytest.mark.parametrize("changes", [{"run": "run-2"}, {"charter": bytes(32)}, {"members": runs.context(4).members}])
def test_an_offer_of_another_run_or_charter_is_refused(changes):
    about = runs.context(3)
    other = replace(about, **changes)
    replayed = {name: keys.offer(other, runs.secret(name), runs.signer(name)) for name in about.members}

    with pytest.raises(errors.MaskError, match="did not sign this message of kind offer"):
        keys.roster(about, replayed)


def test_a_coordinator_in_the_middle_cannot_swap_keys():
    about = runs.context(3)
    own = keys.Secret("uni-b", runs.entropy("coordinator"))
    impostor = replace(
        about, members={**about.members, "uni-b": runs.signer("coordinator").public_key().public_bytes_raw()}
    )
    swapped = keys.offer(impostor, own, runs.signer("coordinator"))

    for forged in (swapped, offers(about)["uni-a"]):
        with pytest.raises(errors.MaskError, match="uni-b: its key in the charter did not sign"):
            keys.roster(about, {**offers(about), "uni-b": forged})


def test_one_offer_is_checked_alone():
    about = runs.context(3)
    good = offers(about)

    keys.check(about, "uni-a", good["uni-a"])
    with pytest.raises(errors.MaskError, match="uni-b: its key in the charter did not sign"):
        keys.check(about, "uni-b", good["uni-a"])


def test_an_invented_member_is_refused():
    about = runs.context(3)

    with pytest.raises(errors.MaskError, match="not members of this run: uni-x"):
        keys.roster(about, {**offers(about), "uni-x": offers(about)["uni-a"]})


def test_fewer_offers_than_the_threshold_begin_nothing():
    about = runs.context(5)

    with pytest.raises(errors.SurvivorsError, match="3 members offered keys; a run of 5 needs 4"):
        keys.roster(about, dict(list(offers(about).items())[:3]))


@pytest.mark.parametrize("place", range(0, keys.offer_size(runs.context(3)), 7))
def test_no_bit_of_an_offer_may_change(place):
    about = runs.context(3)
    good = offers(about)

    with pytest.raises(errors.MaskError):
        keys.roster(about, {**good, "uni-c": runs.flipped(good["uni-c"], 8 * place + place % 8)})


def test_only_a_member_offers_and_only_under_its_own_name():
    about = runs.context(3)

    with pytest.raises(errors.MaskError, match="uni-x is not a member"):
        keys.offer(about, runs.secret("uni-x"), runs.signer("uni-x"))
    with pytest.raises(errors.MaskError, match="uni-a: this is not the signing key"):
        keys.offer(about, runs.secret("uni-a"), runs.signer("uni-b"))


@pytest.mark.parametrize(
    ("members", "least"), [(3, 3), (4, 3), (5, 4), (6, 4), (7, 5), (9, 6), (10, 7), (16, 11), (100, 67)]
)
def test_the_threshold_is_two_thirds_and_never_under_three(members, least):
    assert keys.fewest(members) == least


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"charter": b"short"}, "the charter digest has 5 bytes"),
        ({"run": ""}, "names of a run"),
        ({"rounds": 0}, "1 to 4096 masked rounds, not 0"),
        ({"threshold": 2}, "the threshold of 3 members is 3 to 3, not 2"),
        ({"members": runs.context(5).members}, "the threshold of 5 members is 4 to 5, not 3"),
        ({"members": dict(list(runs.context(3).members.items())[:2])}, "3 to 255 members, not 2"),
        ({"members": {**runs.context(3).members, "uni-c": b"short"}}, "key of uni-c has 5 bytes"),
        ({"members": {**runs.context(3).members, "uni-c": runs.context(3).members["uni-a"]}}, "one signing key"),
        ({"run": "r" * 201}, "1 to 200 bytes"),
    ],
)
def test_a_context_that_cannot_be_kept_is_refused(changes, text):
    with pytest.raises(errors.MaskError, match=text):
        replace(runs.context(3), **changes)


def test_a_secret_is_not_shown_and_has_its_size():
    assert "entropy" not in repr(runs.secret("uni-a"))
    with pytest.raises(errors.MaskError, match="a secret of 3 bytes"):
        keys.Secret("uni-a", b"abc")


def roster_of(number, present=None):
    about = runs.context(number, rounds=1)
    there = list(about.members)[: present or number]
    return keys.roster(about, {name: offer for name, offer in offers(about).items() if name in there})


@pytest.mark.parametrize(
    ("members", "present", "most"), [(3, 3, 0), (4, 4, 1), (5, 5, 1), (5, 4, 0), (6, 6, 1), (10, 10, 2), (16, 16, 3)]
)
def test_so_many_may_be_missing_before_survivors_must_confirm(members, present, most):
    assert keys.unconfirmed(roster_of(members, present)) == most


@pytest.mark.parametrize("members", [3, 4, 5, 6] if SOAK else [3, 4, 5])
def test_no_lies_about_so_few_count_more_members_as_missing_than_the_truth_could(members):
    """All ways to tell each honest member that some others are missing, with as many helpers as are under a third."""
    least, most = keys.fewest(members), keys.unconfirmed(roster_of(members))
    for helpers in range(keys.helpers(runs.context(members)) + 1):
        honest = range(members - helpers)
        lies = [
            [chosen for size in range(most + 1) for chosen in itertools.combinations(set(honest) - {told}, size)]
            for told in honest
        ]
        undone = 0
        for views in itertools.product(*lies):
            told = Counter(itertools.chain.from_iterable(views))
            undone = max(undone, sum(number + helpers >= least for number in told.values()))

        assert undone <= members - least


@pytest.mark.parametrize("members", [*range(3, 60), 100, 255])
def test_a_third_may_help_and_two_lists_of_survivors_can_still_not_both_be_confirmed(members):
    least = keys.fewest(members)
    about = keys.Context(bytes(32), "run", 1, least, {str(place): bytes([place] * 32) for place in range(members)})
    helpers = keys.helpers(about)

    assert helpers >= (members - 1) // 3
    assert 2 * (least - helpers) > members - helpers
    assert 2 * (least - helpers - 1) <= members - helpers - 1  # one more could be too many
