from dataclasses import fields, replace
from datetime import date

import pytest

from federated import errors, invitation, signing
from federated.invitation import Application, Installed, Invitation, Signature, Withdrawal
from tests.federated import founding

TODAY = date(2026, 11, 26)
HAS = Installed("0.1.0", "ab" * 32, "cd" * 32)
INVITED = invitation.signed(
    Invitation(
        consortium="Learning together",
        name="north",
        address="learn.example.org:443",
        ca="-----BEGIN CERTIFICATE-----\n",
        policy=founding.RULES,
        catalog="oulad",
        fingerprint=HAS.fingerprint,
        software=HAS.software,
        bundle=HAS.bundle,
        coordinator=signing.public(founding.COORDINATOR),
        legal_entity="University of north",
        jurisdiction="DE",
        code="one-time",
        until="2026-12-10",
    ),
    founding.COORDINATOR,
)
APPLIED = Application("Learning together", founding.SEATS[0], "0.1.0", "one-time")


@pytest.mark.parametrize(
    "paper",
    [
        INVITED,
        APPLIED,
        Signature("Learning together", 3, "ab" * 32, "north", "c2ln"),
        Withdrawal("Learning together", "north"),
    ],
)
def test_a_paper_is_read_as_it_was_written(paper):
    assert invitation.parse(type(paper), invitation.dump(paper), "here") == paper


def test_a_paper_of_another_kind_is_refused():
    with pytest.raises(errors.InvitationError, match="here: it is of kind 'application'; expected invitation"):
        invitation.parse(Invitation, invitation.dump(APPLIED), "here")


def test_an_invitation_holds_until_its_last_day():
    assert invitation.check_invitation(INVITED, date(2026, 12, 10), "here") is INVITED

    with pytest.raises(errors.InvitationError, match="here: it was good until 2026-12-10"):
        invitation.check_invitation(INVITED, date(2026, 12, 11), "here")


@pytest.mark.parametrize("name", [entry.name for entry in fields(Invitation) if entry.name != "policy"])
def test_an_invitation_altered_anywhere_is_refused(name):
    altered = replace(INVITED, **{name: getattr(INVITED, name) + "x"})

    with pytest.raises(errors.InvitationError, match="its signature does not hold"):
        invitation.check_invitation(altered, TODAY, "here")


def test_an_invitation_to_other_terms_is_refused():
    with pytest.raises(errors.InvitationError, match="its signature does not hold"):
        invitation.check_invitation(replace(INVITED, policy=replace(founding.RULES, epsilon=4.0)), TODAY, "here")


def test_an_invitation_without_a_date_is_refused():
    with pytest.raises(errors.InvitationError, match="until is no date"):
        invitation.check_invitation(
            invitation.signed(replace(INVITED, until="soon"), founding.COORDINATOR), TODAY, "here"
        )


def test_an_invitation_to_a_policy_that_cannot_be_is_refused():
    rules = replace(founding.RULES, epsilon=40.0)

    with pytest.raises(errors.PolicyError, match="epsilon is 40"):
        invitation.check_invitation(
            invitation.signed(replace(INVITED, policy=rules), founding.COORDINATOR), TODAY, "here"
        )


def test_a_signature_of_an_application_says_nothing_under_a_withdrawal():
    key = founding.KEYS["north"]
    withdrawal = invitation.signed(Withdrawal("Learning together", "north"), key)

    assert invitation.genuine(withdrawal, founding.SEATS[0].signing_key)
    assert not invitation.genuine(replace(APPLIED, signature=withdrawal.signature), founding.SEATS[0].signing_key)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"software": "0.2.0"}, "runs the version of Entrepôt '0.1.0', installed here is 0.2.0"),
        ({"fingerprint": "ef" * 32}, "runs the catalog oulad 'abababababab', installed here is efefefefefef"),
        ({"bundle": "ef" * 32}, "runs the bundle 'cdcdcdcdcdcd', installed here is efefefefefef"),
    ],
)
def test_another_version_is_named_on_both_sides(changes, text):
    invitation.check_installed(INVITED, HAS, "here")

    with pytest.raises(errors.InvitationError, match=f"here: the consortium {text}"):
        invitation.check_installed(INVITED, replace(HAS, **changes), "here")


def test_fingerprints_that_begin_alike_differ():
    with pytest.raises(errors.InvitationError, match="catalog oulad"):
        invitation.check_installed(INVITED, replace(HAS, fingerprint="ab" * 31 + "ff"), "here")


def test_of_a_code_the_digest_alone_is_kept():
    assert invitation.code_digest("one-time") != invitation.code_digest("one-timf")
    assert len(invitation.code_digest("one-time")) == 64
