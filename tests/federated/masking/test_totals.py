import itertools
import os

import numpy as np
import pytest

from federated import errors
from federated.masking import session, totals, turns
from tests.federated.masking import runs

STAYS, NO_OFFER, NO_VECTOR, NO_REVEAL = range(4)
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def fates(members):
    """Who is lost when: every pattern for few members; for more, every number of members at each phase, turned."""
    if members <= 4 or SOAK:
        return list(itertools.product(range(4), repeat=members))
    patterns = itertools.combinations_with_replacement(range(4), members)
    return [(*part[turn % members :], *part[: turn % members]) for turn, part in enumerate(patterns)]


def play(run, fate):
    """What the coordinator makes of a round in which members are lost like this."""
    there = [name for name in run.roster.names if fate[name] != NO_VECTOR]
    states, messages = runs.masked(run, there)
    survivors, _ = totals.answered(run.turn(), messages)
    speakers = [name for name in survivors if fate[name] == STAYS]
    if len(run.roster.names) - len(survivors) > 1 and len(speakers) < run.context.threshold:
        raise errors.SurvivorsError("too few are left to confirm")
    if len(speakers) >= run.context.threshold:
        shares = runs.revealed(run, states, survivors, speakers)
    else:
        shares = {
            name: turns.reveal(run.sessions[name], states[name], 1, survivors, run.signers[name])[1]
            for name in speakers
        }
    return survivors, totals.unmask(run.turn(), messages, survivors, shares)


@pytest.mark.parametrize("members", [3, 4, 5, 6])
def test_every_pattern_of_losses_ends_in_the_exact_sum_or_in_nothing(members):
    names, least = runs.names(members), runs.context(members).threshold
    made, sums = {}, 0
    for pattern in fates(members):
        fate = dict(zip(names, pattern, strict=True))
        present = tuple(name for name in names if fate[name] != NO_OFFER)
        if sum(fate[name] == STAYS for name in names) < least:
            with pytest.raises(errors.SurvivorsError):
                play(begun(made, members, present), fate)
            continue

        survivors, found = play(begun(made, members, present), fate)

        sums += 1
        assert survivors == tuple(name for name in present if fate[name] != NO_VECTOR)
        assert_total(found, survivors)
    assert sums > 0


def begun(made, members, present):
    if present not in made:
        made[present] = runs.begin(members, present=present)
    return made[present]


def assert_total(found, members):
    for name, words in runs.total(members).items():
        np.testing.assert_array_equal(found[name], words)


@pytest.fixture(scope="module")
def run():
    return runs.begin(5)


def test_each_round_of_a_run_gives_its_own_sum(run):
    for number in (1, 2):
        states, messages = runs.masked(run, number=number)

        assert_total(runs.unmasked(run, states, messages, number), run.roster.names)


def test_a_round_goes_on_in_another_process(run):
    states, messages = runs.masked(run)
    for name in run.roster.names:
        run.sessions[name] = session.load(run.context, session.dump(run.sessions[name]))
        states[name] = turns.load(turns.dump(states[name]))

    assert_total(runs.unmasked(run, states, messages), run.roster.names)


def test_a_vector_that_its_member_did_not_sign_is_left_out(run):
    states, messages = runs.masked(run)
    messages["uni-c"] = runs.flipped(messages["uni-c"], 1000)
    messages["uni-x"] = messages["uni-a"]

    survivors, bad = totals.answered(run.turn(), messages)
    found = totals.unmask(run.turn(), messages, survivors, runs.revealed(run, states, survivors))

    assert survivors == ("uni-a", "uni-b", "uni-d", "uni-e")
    assert bad.keys() == {"uni-c", "uni-x"}
    assert "did not sign" in bad["uni-c"]
    assert "not on the roster" in bad["uni-x"]
    assert_total(found, survivors)


@pytest.mark.parametrize("place", range(0, 68 + 2 * 4 * 9, 3))
def test_no_bit_of_a_masked_vector_may_change(run, place):
    _, messages = runs.masked(run, ["uni-a"])
    changed = runs.flipped(messages["uni-a"], (8 * place + place % 8) % (8 * len(messages["uni-a"])))

    with pytest.raises(errors.SurvivorsError, match="0 members are left"):
        totals.answered(run.turn(), {"uni-a": changed})


def test_a_vector_of_another_round_form_or_member_is_refused(run):
    _, messages = runs.masked(run, ["uni-a"])
    for turn, sender in ((run.turn(2), "uni-a"), (run.turn(1), "uni-b")):
        with pytest.raises(errors.SurvivorsError, match="0 members are left"):
            totals.answered(turn, {sender: messages["uni-a"]})


@pytest.mark.parametrize("place", range(0, 68 + 5 * 32, 3))
def test_no_bit_of_a_reveal_may_change(run, place):
    states, messages = runs.masked(run)
    names = run.roster.names
    shares = runs.revealed(run, states, names, names[:4])
    shares["uni-a"] = runs.flipped(shares["uni-a"], 8 * place + place % 8)

    with pytest.raises(errors.SurvivorsError, match="3 members revealed; it takes 4; uni-a: "):
        totals.unmask(run.turn(), messages, names, shares)


def test_reveals_for_other_survivors_do_not_count(run):
    states, messages = runs.masked(run)
    shares = runs.revealed(run, states, run.roster.names)

    with pytest.raises(errors.SurvivorsError, match="0 members revealed; it takes 4"):
        totals.unmask(run.turn(), messages, run.roster.names[:4], shares)


def lied(run, liars, survivors):
    """Reveals in which some members give, under their own signatures, shares that are none."""
    states, messages = runs.masked(run)
    shares = {}
    for name in survivors:
        own = run.sessions[name]
        if name in liars:
            own = session.Session(own.roster, own.secret, {other: held ^ 1 for other, held in own.held.items()})
        _, shares[name] = turns.reveal(own, states[name], 1, survivors, run.signers[name])
    return messages, shares


@pytest.mark.parametrize("liar", runs.names(5))
def test_one_false_share_among_more_than_it_takes_is_found(run, liar):
    messages, shares = lied(run, {liar}, run.roster.names)

    assert_total(totals.unmask(run.turn(), messages, run.roster.names, shares), run.roster.names)


@pytest.mark.parametrize(("liars", "survivors"), [({"uni-a", "uni-b"}, 5), ({"uni-a"}, 4)])
def test_more_false_shares_than_can_be_found_give_no_wrong_sum(run, liars, survivors):
    names = run.roster.names[:survivors]
    messages, shares = lied(run, liars, names)

    with pytest.raises(errors.MaskError, match="do not make up what was offered"):
        totals.unmask(run.turn(), messages, names, shares)


def test_a_survivor_without_a_vector_is_refused(run):
    states, messages = runs.masked(run)
    shares = runs.revealed(run, states, run.roster.names)
    del messages["uni-b"]

    with pytest.raises(errors.MaskError, match="no masked vectors of uni-b"):
        totals.unmask(run.turn(), messages, run.roster.names, shares)


def test_a_single_vector_stays_masked_by_all_that_a_coordinator_has(run):
    """It undoes a member's own mask; the masks of its pairs remain."""
    states, messages = runs.masked(run)
    shares = runs.revealed(run, states, run.roster.names)
    alone = totals.unmask(run.turn(), messages, run.roster.names, shares)
    for name in run.roster.names:
        assert not np.array_equal(alone["gradient"], runs.vectors(name)["gradient"])
    with pytest.raises(errors.SurvivorsError, match="1 members are left"):
        totals.unmask(run.turn(), messages, ["uni-a"], shares)
