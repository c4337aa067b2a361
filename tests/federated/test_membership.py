import json
from dataclasses import replace
from datetime import date

import pytest

from federated import charter as charters
from federated import desk, errors, invitation, ledger, membership, pki, settings, signing
from federated.policy import Policy
from tests.federated import builders, founding, papering

NAMES = ("north", "south", "west")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return papering.stores(tmp_path_factory.mktemp("stores"), NAMES)


@pytest.fixture
def papers(tmp_path, stores):
    return papering.found(tmp_path, stores)


@pytest.fixture
def applied(papers):
    """North and south are in the charter."""
    papers.apply("north")
    papers.apply("south")
    return papers


def test_joining_makes_keys_and_settings_and_an_application(papers):
    joined = papers.join("north")
    home = papers.root / "north"
    member = papers.member("north")

    assert (member.superlink, member.catalog, member.declared) == ("127.0.0.1:8443", "oulad", papering.RULES)
    assert member.ca.read_bytes() == (papers.directory / "pki" / "ca.pem").read_bytes()
    assert [(home / name).stat().st_mode & 0o077 for name in ("supernode.key", "signing.key")] == [0, 0]
    seat = joined.application.seat
    assert seat.node_key == pki.node_key(home / "supernode.key.pub")
    assert seat.signing_key == signing.public(pki.signing_key(member.signing_key))
    assert invitation.genuine(joined.application, seat.signing_key)


def test_learners_are_counted_and_said_in_tens(papers):
    joined = papers.join("north")

    assert (joined.learners, joined.application.seat.learners) == (24, 20)


def test_the_code_does_not_stay_at_the_institution(papers):
    joined = papers.join("north")
    code = joined.application.code

    assert code
    assert all(code not in path.read_text() for path in (papers.root / "north").iterdir() if path.is_file())


def test_joining_again_keeps_the_keys(papers):
    assert papers.join("north").application.seat == papers.join("north").application.seat


def test_what_member_toml_says_of_storage_and_models_stays(papers, tmp_path):
    settings.save(
        tmp_path / "north" / "member.toml",
        settings.Member("north", papers.stores["north"], tmp_path / "elsewhere", legal_entity="x", port=9100),
    )
    member = papers.join("north", storage="").member

    assert (member.storage, member.models, member.port) == (papers.stores["north"], tmp_path / "elsewhere", 9100)
    assert papers.join("north", models=tmp_path / "other").member.models == tmp_path / "other"


def test_without_a_storage_nobody_joins(papers):
    with pytest.raises(errors.SettingsError, match="where are the records of north"):
        papers.join("north", storage="")


def test_an_invitation_for_another_institution_is_refused(papers, tmp_path):
    with pytest.raises(errors.InvitationError, match="for north, this institution is south"):
        papers.join("north", institution="south")
    settings.save(
        tmp_path / "north" / "member.toml",
        settings.Member("alba", papers.stores["north"], tmp_path, legal_entity="x"),
    )
    with pytest.raises(errors.InvitationError, match="for north, this institution is alba"):
        papers.join("north")


def test_too_few_learners_cannot_join(papers, tmp_path):
    (tmp_path / "few").mkdir()
    few = builders.store(tmp_path / "few", builders.answers(19, 1))

    with pytest.raises(errors.InvitationError, match=r"north has 19 learners .*; 20 is the least"):
        papers.join("north", storage=few)
    assert not (tmp_path / "north").exists()


def test_an_altered_invitation_is_refused(papers):
    path = papers.invite("north")
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "address": "evil.example:443"}))

    with pytest.raises(errors.InvitationError, match="signature does not hold"):
        membership.join(path, papers.facts("north"), papering.TODAY)


def test_an_invitation_of_another_version_is_refused(papers):
    made = desk.invite(papers.directory, "north", papering.TODAY)
    other = invitation.signed(replace(made, software="9.9"), pki.signing_key(papers.directory / "signing.key"))

    with pytest.raises(errors.InvitationError, match=r"runs the version of Entrepôt '9\.9'"):
        membership.join(papers.send("other", other), papers.facts("north"), papering.TODAY)


def test_exact_is_refused_to_another_entity(tmp_path, stores):
    papers = papering.found(tmp_path, stores, policy=Policy("exact", "University of north", "DE", cohort=20))
    papers.join("north")

    with pytest.raises(errors.CharterError, match="one legal entity, 'University of north'"):
        papers.join("south")
    with pytest.raises(errors.CharterError, match="one jurisdiction, 'DE'"):
        papers.join("south", legal_entity="University of north", jurisdiction="FR")


def test_a_country_that_is_none_is_refused(papers):
    with pytest.raises(errors.CharterError, match="jurisdiction 'Germany'"):
        papers.join("north", jurisdiction="Germany")


def test_a_signature_is_kept_beside_the_settings_and_holds(applied):
    path = applied.sign("north")
    sent = invitation.parse(invitation.Signature, path.read_text(), "here")
    kept = charters.load(applied.member("north").charter)

    assert sent.digest == charters.digest(kept)
    assert kept.signatures == {"north": sent.signature}
    assert charters.unsigned(kept) == ("south",)


def test_signing_declares_what_the_charter_declares(applied):
    desk.change(applied.directory, policy=replace(papering.RULES, epsilon=0.5), address="other.example:443")
    applied.sign("north")
    member = applied.member("north")

    assert (member.declared.epsilon, member.superlink) == (0.5, "other.example:443")


def test_a_charter_that_was_altered_is_not_signed(applied):
    path = applied.directory / "charter.json"
    document = json.loads(path.read_text())
    document["policy"]["epsilon"] = 4.0
    path.write_text(json.dumps(document))

    with pytest.raises(errors.CharterError, match="seal does not hold"):
        applied.sign("north")


def test_a_charter_of_another_coordinator_is_not_signed(applied, tmp_path):
    own = charters.load(applied.directory / "charter.json")
    other = replace(own, coordinator=signing.public(founding.COORDINATOR), seal="")
    (tmp_path / "other.json").write_text(charters.dump(replace(other, seal=charters.sign(other, founding.COORDINATOR))))

    with pytest.raises(errors.CharterError, match="not of the consortium and the coordinator"):
        membership.review(tmp_path / "other.json", applied.member("north"))


def test_who_is_no_member_does_not_sign(applied):
    applied.join("west")

    with pytest.raises(errors.CharterError, match="west is no member of Learning together in version 3"):
        applied.sign("west")


@pytest.mark.parametrize("changed", ["signing_key", "node_key", "legal_entity", "jurisdiction"])
def test_a_charter_that_names_somebody_else_in_our_place_is_not_signed(applied, changed):
    other = {
        "signing_key": signing.public(founding.key(9)),
        "node_key": founding.node(9),
        "legal_entity": "Somebody",
        "jurisdiction": "FR",
    }
    own = charters.load(applied.directory / "charter.json")
    seats = tuple(replace(seat, **{changed: other[changed]}) if seat.name == "north" else seat for seat in own.members)
    desk.change(applied.directory, members=seats)

    with pytest.raises(errors.CharterError, match=f"{changed} of north is not this institution's"):
        applied.sign("north")


def test_an_older_version_is_not_signed(applied, tmp_path):
    (tmp_path / "old.json").write_text((applied.directory / "charter.json").read_text())
    desk.change(applied.directory, policy=replace(papering.RULES, epsilon=0.5))
    applied.sign("north")

    with pytest.raises(errors.CharterError, match="version 3; this institution signed version 4 already"):
        membership.review(tmp_path / "old.json", applied.member("north"))


def test_two_charters_of_one_version_are_noticed(applied, tmp_path):
    applied.sign("north")
    own = charters.load(applied.directory / "charter.json")
    other = replace(own, policy=replace(own.policy, epsilon=4.0))
    key = pki.signing_key(applied.directory / "signing.key")
    (tmp_path / "other.json").write_text(charters.dump(replace(other, seal=charters.sign(other, key))))

    with pytest.raises(errors.CharterError, match="two charters of one version"):
        membership.review(tmp_path / "other.json", applied.member("north"))


def test_the_same_version_is_signed_again_with_what_others_signed(applied):
    applied.admit(applied.sign("north"))
    applied.admit(applied.sign("south"))
    applied.sign("north")

    charters.verify(charters.load(applied.member("north").charter))


def test_a_charter_of_another_bundle_is_not_signed(applied):
    own = charters.load(applied.directory / "charter.json")
    other = charters.amend(own, bundle="0" * 64)
    key = pki.signing_key(applied.directory / "signing.key")
    (applied.directory / "charter.json").write_text(charters.dump(replace(other, seal=charters.sign(other, key))))

    with pytest.raises(errors.InvitationError, match="runs the bundle '000000000000'"):
        applied.sign("north")


def test_who_leaves_has_no_charter_and_no_node_key_and_says_so(applied):
    applied.sign("north")
    member = applied.member("north")
    sent = membership.leave(member)

    assert invitation.genuine(sent, signing.public(pki.signing_key(member.signing_key)))
    assert not member.charter.exists()
    assert not member.key.exists()
    assert (member.charter.parent / "charter-left-3.json").exists()


def test_who_has_signed_nothing_cannot_leave(applied):
    with pytest.raises(errors.CharterError, match=r"charter\.json: cannot be read"):
        membership.leave(applied.member("north"))


def test_a_member_that_cannot_leave_is_told_why(applied):
    applied.sign("north")
    member = applied.member("north")
    (member.charter.parent / "charter-left-3.json").mkdir()

    with pytest.raises(errors.SettingsError, match="run it as the user that the member runs as"):
        membership.leave(member)


def test_a_member_joins_no_other_consortium_before_it_left(applied, tmp_path, stores):
    applied.sign("north")
    other = papering.found(tmp_path / "other", stores)

    with pytest.raises(errors.InvitationError, match="is a member of Learning together; let it leave"):
        membership.join(other.invite("north"), applied.facts("north"), papering.TODAY)
    membership.leave(applied.member("north"))
    assert membership.join(other.invite("north"), applied.facts("north"), papering.TODAY).learners == 24


def test_a_member_is_invited_into_its_own_consortium_again(applied):
    applied.sign("north")

    assert applied.join("north").application.seat.name == "north"


def test_the_history_of_a_member_is_that_of_its_books(applied):
    member = applied.member("north")
    signed = charters.load(applied.directory / "charter.json")
    head = ledger.append(member.state / "ledger.jsonl", {"kind": "counts"}, pki.signing_key(member.signing_key))
    said = membership.history(member, signed)

    assert said[0] == f"Own ledger: 1 lines, the last one is {head}"
    assert said[1].startswith("Transfer register: 0 lines")
    assert said[2:] == ["Epsilon of the learners of cohort default: 0.00 of 1 spent"]
    exact = replace(signed, policy=Policy("exact", "University of north", "DE"))
    assert membership.history(member, exact) == said[:2]


def test_an_invitation_that_ended_is_refused(papers):
    with pytest.raises(errors.InvitationError, match="good until"):
        membership.join(papers.invite("north", days=1), papers.facts("north"), date(2026, 11, 28))
