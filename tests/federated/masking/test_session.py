from dataclasses import replace

import numpy as np
import pytest

from federated import errors
from federated.masking import keys, letters, session, shamir
from tests.federated.masking import runs


def setup(number, *, attempts=None):
    """Everything up to the bundles, with each side's own view of the roster the same."""
    about = runs.context(number)
    secrets = {name: runs.secret(name, (attempts or {}).get(name, 0)) for name in about.members}
    offers = {name: keys.offer(about, secrets[name], runs.signer(name)) for name in about.members}
    roster = keys.roster(about, offers)
    bundles = {name: session.share(roster, secrets[name], runs.signer(name)) for name in about.members}
    return roster, secrets, offers, bundles


def test_the_shares_of_the_sessions_make_up_every_secret():
    run = runs.begin(5)
    for owner in run.roster.names:
        held = {place + 1: run.sessions[name].held[owner] for place, name in enumerate(run.roster.names)}
        made = shamir.combine(held, run.context.threshold)

        for number in (1, 2):
            assert made[0, number - 1].tobytes() == keys.seed(run.context, run.secrets[owner], number)
            assert made[1, number - 1].tobytes() == keys.exchange_key(run.context, run.secrets[owner], number)


def test_a_question_for_shares_is_answered_by_the_same_bytes():
    roster, secrets, _, bundles = setup(3)

    assert session.share(roster, secrets["uni-b"], runs.signer("uni-b")) == bundles["uni-b"]


def test_sealed_shares_have_their_declared_size():
    roster, _, _, bundles = setup(4)

    assert {len(bundle) for bundle in bundles.values()} == {session.bundle_size(roster)}


def test_a_member_that_sent_no_shares_ends_the_set_up():
    roster, _, _, bundles = setup(4)
    del bundles["uni-b"]

    with pytest.raises(errors.SurvivorsError, match="no shares from uni-b; begin the set-up again without"):
        session.parcels(roster, bundles)


@pytest.mark.parametrize("place", range(0, 68 + 2 * (2 * 2 * 32 + 16), 5))
def test_no_bit_of_sealed_shares_may_change(place):
    roster, secrets, _, bundles = setup(3)
    bit = 8 * place + place % 8

    with pytest.raises(errors.MaskError):
        session.parcels(roster, {**bundles, "uni-b": runs.flipped(bundles["uni-b"], bit)})

    parcel = session.parcels(roster, bundles)["uni-a"]
    with pytest.raises(errors.MaskError):
        session.begin(roster, secrets["uni-a"], runs.flipped(parcel, bit % (8 * len(parcel))))


def test_a_parcel_of_another_length_is_refused():
    roster, secrets, _, bundles = setup(3)

    with pytest.raises(errors.MaskError, match="a parcel of shares has 1 bytes"):
        session.begin(roster, secrets["uni-a"], b"x")
    with pytest.raises(errors.MaskError):
        session.begin(roster, secrets["uni-a"], session.parcels(roster, bundles)["uni-b"])


def test_members_that_saw_other_offers_cannot_open_each_others_shares():
    """A coordinator shows uni-b the offer of uni-d in the place of that of uni-c."""
    about = runs.context(4)
    offers = {name: keys.offer(about, runs.secret(name), runs.signer(name)) for name in about.members}
    one = keys.roster(about, {name: offers[name] for name in ("uni-a", "uni-b", "uni-c")})
    other = keys.roster(about, {name: offers[name] for name in ("uni-a", "uni-b", "uni-d")})
    bundles = {
        name: session.share(other if name == "uni-b" else one, runs.secret(name), runs.signer(name))
        for name in one.names
    }

    with pytest.raises(errors.MaskError, match="uni-b: its key in the charter did not sign"):
        session.parcels(one, bundles)

    # A coordinator that cuts the parcels itself fares no better: of both, what is sealed for uni-a stands first.
    each = (session.bundle_size(one) - letters.OVERHEAD) // 2
    cut = b"".join(bundles[name][letters.HEAD : letters.HEAD + each] for name in ("uni-b", "uni-c"))
    with pytest.raises(errors.MaskError, match="uni-b did not seal these shares for this member and these offers"):
        session.begin(one, runs.secret("uni-a"), cut)


def test_an_older_offer_of_the_same_run_is_noticed_by_its_member():
    roster, *_ = setup(3)
    fresh = runs.secret("uni-b", 1)

    with pytest.raises(errors.MaskError, match="none that uni-b made of its present secret"):
        session.share(roster, fresh, runs.signer("uni-b"))
    with pytest.raises(errors.MaskError, match="none that uni-x made"):
        session.share(roster, replace(fresh, name="uni-x"), runs.signer("uni-b"))


def test_a_seal_of_low_order_is_refused():
    """A helper could offer a point that meets every key in nought, so that anybody opens what is sealed for it."""
    roster, secrets, _, _ = setup(3)
    weak = replace(roster, seals={**roster.seals, "uni-c": bytes(32)})

    with pytest.raises(errors.MaskError, match="uni-c: the key that it offered for shares is of low order"):
        session.share(weak, secrets["uni-a"], runs.signer("uni-a"))


def test_another_process_goes_on_with_a_session():
    run = runs.begin(4)
    before = run.sessions["uni-c"]

    after = session.load(run.context, session.dump(before))

    assert after.secret == before.secret
    assert after.roster.digest == before.roster.digest
    assert session.dump(after) == session.dump(before)
    for name in run.roster.names:
        np.testing.assert_array_equal(after.held[name], before.held[name])


def test_torn_bytes_and_those_of_another_run_are_no_session():
    run = runs.begin(3)
    data = session.dump(run.sessions["uni-a"])

    for wrong in (b"", data[:-1], runs.flipped(data, 300), data + b"x"):
        with pytest.raises(errors.MaskError, match="no whole session of this run"):
            session.load(run.context, wrong)
    with pytest.raises(errors.MaskError, match="no whole session of this run"):
        session.load(runs.context(3, run="run-2"), data)


def test_a_session_shows_no_share():
    assert "array" not in repr(runs.begin(3).sessions["uni-a"])
