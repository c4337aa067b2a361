import numpy as np
import pytest

from federated import errors
from federated.masking import turns
from tests.federated.masking import runs


@pytest.fixture(scope="module")
def run():
    return runs.begin(5)


@pytest.fixture(scope="module")
def large():
    """Six members, threshold 4: one may be missing without a confirmation, two with."""
    return runs.begin(6)


def mask(run, name="uni-a", state=None, number=1, vectors=None):
    state = turns.State() if state is None else state
    given = runs.vectors(name) if vectors is None else vectors
    return turns.mask(run.sessions[name], state, number, given, run.signers[name])


def reveal(run, state, survivors, *, name="uni-a", number=1, confirmations=None):
    return turns.reveal(run.sessions[name], state, number, survivors, run.signers[name], confirmations=confirmations)


def confirm(run, state, survivors, name="uni-a", number=1):
    return turns.confirm(run.sessions[name], state, number, survivors, run.signers[name])


def test_a_round_is_masked_once_and_a_repeated_question_is_answered_by_the_same_bytes(run):
    state, message = mask(run)

    assert mask(run, state=state) == (state, message)
    with pytest.raises(errors.MaskError, match="answered with other numbers"):
        mask(run, state=state, vectors=runs.vectors("other"))


def test_other_names_or_widths_of_the_same_bytes_are_other_numbers(run):
    state, _ = mask(run, vectors={"one": np.zeros(2, np.uint32)})

    for other in ({"two": np.zeros(2, np.uint32)}, {"one": np.zeros(1, np.uint64)}):
        with pytest.raises(errors.MaskError, match="answered with other numbers"):
            mask(run, state=state, vectors=other)


def test_a_past_round_is_not_masked_again(run):
    state, _ = mask(run, number=2)

    with pytest.raises(errors.MaskError, match="round 1 is past"):
        mask(run, state=state, number=1)


@pytest.mark.parametrize("number", [0, 3])
def test_a_round_that_the_run_has_not_is_refused(run, number):
    with pytest.raises(errors.MaskError, match="this run has 1 to 2"):
        mask(run, number=number)


@pytest.mark.parametrize("vector", [np.zeros(2), np.zeros(2, np.int64), np.zeros((2, 2), np.uint32)])
def test_only_flat_words_are_masked(run, vector):
    with pytest.raises(errors.MaskError, match="expected flat uint32 or uint64"):
        mask(run, vectors={"gradient": vector})


def test_a_message_is_its_words_and_little_more(run):
    _, message = mask(run, vectors={"wide": np.zeros(100, np.uint64), "narrow": np.zeros(50_000, np.uint32)})
    _, shares = reveal(run, mask(run)[0], run.roster.names)

    assert len(message) == 8 * 100 + 4 * 50_000 + 68
    assert len(shares) == 5 * 32 + 68
    assert (len(message) + len(shares)) / (8 * 100 + 4 * 50_000) < 1.10


def test_never_both_shares_of_a_member(run):
    state, _ = mask(run)
    state, first = reveal(run, state, run.roster.names)

    assert reveal(run, state, run.roster.names) == (state, first)
    with pytest.raises(errors.MaskError, match="has spoken for other survivors already"):
        reveal(run, state, run.roster.names[:4])


def test_one_share_of_each_member_and_the_right_one(run):
    survivors = run.roster.names[:4]
    _, message = reveal(run, mask(run)[0], survivors)

    held = run.sessions["uni-a"].held
    for place, name in enumerate(run.roster.names):
        share = message[4 + 32 * place : 36 + 32 * place]
        assert share == held[name][turns.SEEDS if name in survivors else turns.KEYS, 0].tobytes()


@pytest.mark.parametrize(
    ("survivors", "text"),
    [
        (["uni-a", "uni-b", "uni-c"], "3 members are left; it takes 4"),
        (["uni-b", "uni-c", "uni-d", "uni-e"], "uni-a is said to be missing"),
        (["uni-a", "uni-b", "uni-c", "uni-x"], "each once"),
        (["uni-a", "uni-b", "uni-c", "uni-c"], "each once"),
        ([], "0 members are left"),
    ],
)
def test_wrong_survivors_learn_nothing(run, survivors, text):
    state, _ = mask(run)

    for ask in (reveal, confirm):
        with pytest.raises(errors.SurvivorsError, match=text):
            ask(run, state, survivors)


def test_a_member_reveals_only_in_the_round_that_it_masked_last(run):
    names = run.roster.names
    for state, number in ((turns.State(), 0), (turns.State(), 1), (mask(run)[0], 2), (mask(run, number=2)[0], 1)):
        with pytest.raises(errors.MaskError, match="is not the one that this member masked last"):
            reveal(run, state, names, number=number)


def test_many_missing_members_must_be_confirmed(large):
    survivors, states, signed = large.roster.names[:4], {}, {}
    for name in survivors:
        states[name], _ = mask(large, name)
    with pytest.raises(errors.SurvivorsError, match="2 members are missing; 4 of the others must confirm"):
        reveal(large, states["uni-a"], survivors)
    for name in survivors:
        states[name], signed[name] = confirm(large, states[name], survivors, name)

    _, message = reveal(large, states["uni-a"], survivors, confirmations=signed)

    assert len(message) == 6 * 32 + 68


def test_false_confirmations_are_refused(large):
    survivors, states = list(large.roster.names[:4]), {name: mask(large, name)[0] for name in large.roster.names}
    signed = {name: confirm(large, states[name], survivors, name)[1] for name in survivors}
    others = ["uni-a", "uni-b", "uni-c", "uni-e"]
    elsewhere = confirm(large, states["uni-b"], others, "uni-b")[1]
    stranger = confirm(large, states["uni-e"], others, "uni-e")[1]

    for wrong, text in (
        ({**signed, "uni-b": elsewhere}, "uni-b: its key in the charter did not sign"),
        ({**signed, "uni-b": signed["uni-a"]}, "uni-b: its key in the charter did not sign"),
        ({**signed, "uni-b": runs.flipped(signed["uni-b"], 40)}, "uni-b: its key in the charter did not sign"),
    ):
        with pytest.raises(errors.MaskError, match=text):
            reveal(large, states["uni-a"], survivors, confirmations=wrong)
    with pytest.raises(errors.SurvivorsError, match="a confirmation of uni-e, who is not among the survivors"):
        reveal(large, states["uni-a"], survivors, confirmations={**signed, "uni-e": stranger})
    with pytest.raises(errors.SurvivorsError, match="2 members are missing"):
        reveal(large, states["uni-a"], survivors, confirmations=dict(list(signed.items())[:3]))


def test_a_confirmation_of_another_round_is_refused(large):
    survivors, signed = large.roster.names[:4], {}
    for name in survivors:
        _, signed[name] = confirm(large, mask(large, name)[0], survivors, name)

    with pytest.raises(errors.MaskError, match="uni-a: its key in the charter did not sign"):
        reveal(large, mask(large, number=2)[0], survivors, number=2, confirmations=signed)


def test_who_confirmed_survivors_reveals_for_no_others(large):
    survivors = large.roster.names[:4]
    state, _ = confirm(large, mask(large)[0], survivors)

    for ask in (reveal, confirm):
        with pytest.raises(errors.MaskError, match="has spoken for other survivors already"):
            ask(large, state, large.roster.names)


def test_the_next_round_begins_anew(run):
    state, _ = reveal(run, mask(run)[0], run.roster.names)

    state, _ = mask(run, state=state, number=2)
    _, message = reveal(run, state, run.roster.names[:4], number=2)

    assert message


def test_a_secret_masks_for_one_roster(large):
    """Else the seed of a round could be asked for under the one, and the key under the other."""
    fewer = runs.begin(6, present=large.roster.names[:5])
    state, _ = mask(large)

    with pytest.raises(errors.MaskError, match="this secret has masked for other offers"):
        mask(fewer, state=state, number=2)
    with pytest.raises(errors.MaskError, match="is not the one that this member masked last"):
        reveal(fewer, state, fewer.roster.names)


def test_a_state_outlives_its_process(run):
    state, _ = reveal(run, mask(run)[0], run.roster.names)

    assert turns.load(turns.dump(state)) == state
    assert turns.load(turns.dump(turns.State())) == turns.State()
    with pytest.raises(errors.MaskError, match="takes 100 bytes, not 3"):
        turns.load(b"abc")
