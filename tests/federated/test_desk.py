import json
from dataclasses import replace
from datetime import timedelta

import pytest

from federated import charter as charters
from federated import desk, errors, invitation, membership, papers, pki, settings, signing
from federated.invitation import Signature, Withdrawal
from federated.policy import Policy
from tests.federated import founding, papering

NAMES = ("north", "south", "west")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return papering.stores(tmp_path_factory.mktemp("stores"), NAMES)


@pytest.fixture
def paper(tmp_path, stores):
    return papering.found(tmp_path, stores)


@pytest.fixture
def whole(tmp_path, stores):
    return papering.complete(tmp_path, stores)


def seats(paper):
    return [seat.name for seat in desk.load(paper.directory).members]


def test_a_consortium_begins_with_a_sealed_charter_without_members(paper):
    now = desk.load(paper.directory)
    has = papers.installed("oulad")

    assert (now.version, now.members, now.policy) == (1, (), papering.RULES)
    assert (now.software, now.fingerprint, now.bundle) == (has.software, has.fingerprint, has.bundle)
    assert charters.sealed(now)


def test_nobody_but_the_owner_reads_what_is_secret(paper):
    assert paper.directory.stat().st_mode & 0o077 == 0
    assert (paper.directory / "signing.key").stat().st_mode & 0o077 == 0


def test_the_certificate_is_for_the_address_that_members_dial(tmp_path):
    desk.found(tmp_path / "c", papering.terms(address="learn.example.org:443"), papering.NOW)

    names = pki.names(tmp_path / "c" / "pki" / "server.pem")
    assert names == ("learn.example.org", "localhost", "127.0.0.1")


def test_a_consortium_is_not_founded_over_another(paper):
    with pytest.raises(errors.CharterError, match="holds a consortium already"):
        desk.found(paper.directory, papering.terms(), papering.NOW)


def test_a_foundation_that_broke_off_is_taken_up(paper):
    key = (paper.directory / "signing.key").read_bytes()
    (paper.directory / "charter.json").unlink()
    desk.found(paper.directory, papering.terms(), papering.NOW)

    assert (paper.directory / "signing.key").read_bytes() == key


@pytest.mark.parametrize(
    "address", ["", "host", ":443", "host:", "host:0", "host:65536", "host:x", "https://h:443", "h:²"]
)
def test_what_is_no_address_is_refused(tmp_path, address):
    with pytest.raises(errors.CharterError, match="use host:port"):
        desk.found(tmp_path / "c", papering.terms(address=address), papering.NOW)


def test_an_address_may_be_that_of_ip_version_6(tmp_path):
    desk.found(tmp_path / "c", papering.terms(address="[2001:db8::1]:443"), papering.NOW)

    assert pki.names(tmp_path / "c" / "pki" / "server.pem")[-2:] == ("2001:db8::1", "127.0.0.1")


@pytest.mark.parametrize(
    ("terms", "error", "text"),
    [
        ({"policy": Policy("source-noise", epsilon=5.0, delta=1e-5)}, errors.PolicyError, "epsilon is 5"),
        ({"catalog": "none"}, errors.SettingsError, "catalog 'none'"),
        ({"consortium": ""}, errors.CharterError, "consortium must be"),
        ({"jurisdiction": "de"}, errors.CharterError, "the coordinator: jurisdiction"),
    ],
)
def test_terms_that_cannot_be_found_nothing(tmp_path, terms, error, text):
    with pytest.raises(error, match=text):
        desk.found(tmp_path / "c", papering.terms(**terms), papering.NOW)
    assert not (tmp_path / "c" / "charter.json").exists()


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(errors.SettingsError, match="choose a directory that this user may write"):
        desk.found(tmp_path / "file" / "c", papering.terms(), papering.NOW)


def test_where_there_is_no_consortium_one_is_told_how_to_make_it(tmp_path):
    with pytest.raises(errors.CharterError, match="holds no consortium; make one by `entrepot federation init`"):
        desk.load(tmp_path)


def test_of_an_invitation_the_digest_of_the_code_alone_stays(paper):
    made = desk.invite(paper.directory, "north", papering.TODAY)
    kept = paper.directory / "invitations.json"

    assert invitation.check_invitation(made, papering.TODAY, "here").until == "2026-12-10"
    assert kept.stat().st_mode & 0o077 == 0
    assert made.code not in kept.read_text()
    assert invitation.code_digest(made.code) in kept.read_text()


def test_codes_differ_and_are_long(paper):
    codes = {desk.invite(paper.directory, "north", papering.TODAY).code for _ in range(3)}

    assert len(codes) == 3
    assert min(map(len, codes)) >= 24


def test_a_name_that_cannot_be_one_is_not_invited(paper):
    with pytest.raises(errors.InvitationError, match=r"'\.\./north': a name is letters"):
        desk.invite(paper.directory, "../north", papering.TODAY)


def test_who_applies_is_in_the_next_version_which_nobody_has_signed(paper):
    paper.apply("south")
    now = paper.apply("north")

    assert (now.version, [seat.name for seat in now.members]) == (3, ["north", "south"])
    assert charters.sealed(now)
    assert charters.unsigned(now) == ("north", "south")
    assert charters.load(paper.directory / "charters" / "0002.json").members == now.members[1:]


def test_the_settings_of_a_run_follow_the_charter(paper):
    assert not (paper.directory / "coordinator.toml").exists()
    paper.apply("north")
    paper.apply("south")
    now = settings.load_coordinator(paper.directory / "coordinator.toml")

    assert (now.members, now.catalog, now.declared, now.minimum) == (("north", "south"), "oulad", papering.RULES, 2)


@pytest.mark.parametrize(("rules", "least"), [("source-noise", 2), ("secagg", 3)])
def test_a_masked_round_needs_as_many_as_can_open_a_sum(tmp_path, stores, rules, least):
    paper = papering.found(tmp_path, stores, policy=replace(papering.RULES, name=rules))
    for name in NAMES:
        paper.apply(name)

    assert settings.load_coordinator(paper.directory / "coordinator.toml").minimum == least


def test_a_code_is_good_for_one_application(paper):
    joined = paper.join("north")
    sent = paper.send("north-application", joined.application)
    paper.admit(sent)

    with pytest.raises(errors.InvitationError, match="not that of an open invitation for north"):
        paper.admit(sent)


def test_a_later_invitation_makes_the_earlier_one_void(paper):
    joined = paper.join("north")
    paper.invite("north")

    with pytest.raises(errors.InvitationError, match="not that of an open invitation"):
        paper.admit(paper.send("north-application", joined.application))


def test_who_was_not_invited_is_not_admitted(paper):
    joined = paper.join("north")
    seat = replace(joined.application.seat, name="south")
    sent = invitation.signed(
        replace(joined.application, seat=seat), pki.signing_key(paper.root / "north" / "signing.key")
    )

    with pytest.raises(errors.InvitationError, match="not that of an open invitation for south"):
        paper.admit(paper.send("south-application", sent))


def test_an_application_comes_in_time(paper):
    joined = paper.join("north")
    sent = paper.send("north-application", joined.application)

    with pytest.raises(errors.InvitationError, match="was good until 2026-12-10; invite it again"):
        paper.admit(sent, papering.TODAY + timedelta(days=15))
    assert seats(paper) == []


@pytest.mark.parametrize("change", [{"learners": 90}, {"legal_entity": "Another"}, {"jurisdiction": "FR"}])
def test_an_altered_application_is_not_admitted(paper, change):
    joined = paper.join("north")
    altered = replace(joined.application, seat=replace(joined.application.seat, **change))

    with pytest.raises(errors.InvitationError, match="its signature does not hold"):
        paper.admit(paper.send("north-application", altered))


def test_an_application_for_another_consortium_is_not_admitted(paper):
    joined = paper.join("north")

    with pytest.raises(errors.InvitationError, match="for another consortium than Learning together"):
        paper.admit(paper.send("x", replace(joined.application, consortium="Another")))


def test_an_application_of_another_version_is_not_admitted(paper):
    joined = paper.join("north")
    other = invitation.signed(
        replace(joined.application, software="9.9"), pki.signing_key(paper.root / "north" / "signing.key")
    )

    with pytest.raises(errors.InvitationError, match=r"north runs Entrepôt '9\.9', the charter names"):
        paper.admit(paper.send("x", other))


def test_an_application_that_no_charter_could_hold_is_not_admitted(paper):
    joined = paper.join("north")
    other = replace(joined.application, seat=replace(joined.application.seat, learners=7))

    with pytest.raises(errors.CharterError, match="7 learners; use tens"):
        paper.admit(paper.send("x", other))


def test_what_is_no_paper_is_refused(paper):
    (paper.root / "x.json").write_text("{}")

    with pytest.raises(errors.InvitationError, match="neither an application, nor a signature, nor a withdrawal"):
        paper.admit(paper.root / "x.json")


def test_a_charter_that_all_signed_is_in_force(whole):
    charters.verify(desk.load(whole.directory))


def test_a_member_may_sign_before_others_do(paper):
    paper.apply("north")
    paper.apply("south")
    first = paper.sign("south")
    paper.admit(paper.sign("north"))
    now = paper.admit(first)

    assert charters.unsigned(now) == ()


def test_a_signature_of_an_earlier_version_does_not_count(paper):
    paper.apply("north")
    early = paper.sign("north")
    paper.apply("south")

    with pytest.raises(errors.InvitationError, match=r"of version 2 .*; now holds version 3"):
        paper.admit(early)


@pytest.mark.parametrize("who", ["south", "nobody"])
def test_a_signature_of_somebody_else_does_not_count(paper, who):
    paper.apply("north")
    paper.apply("south")
    sent = invitation.parse(Signature, paper.sign("north").read_text(), "here")

    with pytest.raises(errors.InvitationError, match="not the signature of a member"):
        paper.admit(paper.send("x", replace(sent, member=who)))


def test_a_change_of_epsilon_is_signed_again_by_all(whole):
    now = desk.change(whole.directory, policy=replace(papering.RULES, epsilon=0.5))

    assert now.version == 5
    assert charters.unsigned(now) == NAMES
    assert settings.load_coordinator(whole.directory / "coordinator.toml").epsilon == 0.5


def test_what_is_installed_now_is_taken_up_by_a_change(whole, monkeypatch):
    monkeypatch.setattr(papers.importlib.metadata, "version", lambda _name: "9.9")

    assert desk.change(whole.directory).software == "9.9"


def test_a_change_of_nothing_is_none(whole):
    with pytest.raises(errors.CharterError, match="nothing changes in version 4"):
        desk.change(whole.directory)
    charters.verify(desk.load(whole.directory))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"policy": replace(papering.RULES, epsilon=5.0)}, "epsilon is 5"),
        ({"policy": Policy("exact", "University of north", "DE")}, "exact' is for one legal entity"),
        ({"address": "nowhere"}, "use host:port"),
    ],
)
def test_a_change_that_cannot_be_leaves_the_charter_in_force(whole, changes, text):
    with pytest.raises(errors.FederatedError, match=text):
        desk.change(whole.directory, **changes)
    charters.verify(desk.load(whole.directory))


def test_who_is_shut_out_is_in_no_later_version(whole):
    now = desk.remove(whole.directory, "south")

    assert [seat.name for seat in now.members] == ["north", "west"]
    assert charters.unsigned(now) == ("north", "west")
    assert settings.load_coordinator(whole.directory / "coordinator.toml").members == ("north", "west")


def test_who_is_no_member_cannot_be_shut_out(whole):
    with pytest.raises(errors.CharterError, match="'east' is no member of Learning together"):
        desk.remove(whole.directory, "east")


def test_who_leaves_is_taken_out_by_its_own_word(whole):
    sent = membership.leave(whole.member("south"))
    now = whole.admit(whole.send("south-withdrawal", sent))

    assert [seat.name for seat in now.members] == ["north", "west"]


@pytest.mark.parametrize("change", [{"member": "north"}, {"member": "east"}, {"consortium": "Another"}])
def test_nobody_is_taken_out_by_the_word_of_another(whole, change):
    key = pki.signing_key(whole.root / "south" / "signing.key")
    sent = invitation.signed(replace(Withdrawal("Learning together", "south"), **change), key)

    with pytest.raises(errors.InvitationError, match="not the withdrawal of a member"):
        whole.admit(whole.send("x", sent))
    assert seats(whole) == list(NAMES)


def test_who_left_comes_back_with_a_new_node_key(whole):
    before = desk.load(whole.directory).members[1]
    whole.admit(whole.send("south-withdrawal", membership.leave(whole.member("south"))))
    now = whole.apply("south")

    assert now.members[1].signing_key == before.signing_key
    assert now.members[1].node_key != before.node_key


def test_a_node_key_that_was_shut_out_does_not_come_back(whole):
    desk.remove(whole.directory, "south")

    with pytest.raises(errors.InvitationError, match="this node key was shut out before; south moves it away"):
        whole.apply("south")


def test_a_member_that_joins_again_takes_its_own_place(whole):
    now = whole.apply("south", legal_entity="University of the south")

    assert [seat.name for seat in now.members] == list(NAMES)
    assert now.members[1].legal_entity == "University of the south"


@pytest.mark.parametrize("content", ["{", "[]", '{"north": {}}', '{"north": 1}'])
def test_damaged_codes_are_named(paper, content):
    (paper.directory / "invitations.json").write_text(content)

    with pytest.raises(errors.InvitationError, match=r"invitations\.json: cannot be read; remove it"):
        desk.invite(paper.directory, "north", papering.TODAY)


def test_the_keys_that_sign_are_the_ones_in_the_charter(whole):
    keys = charters.signing_keys(desk.load(whole.directory))

    assert keys["north"] == signing.raw(signing.public(pki.signing_key(whole.root / "north" / "signing.key")))
    assert founding.key(1).public_key().public_bytes_raw() not in keys.values()
    assert json.loads((whole.directory / "charter.json").read_text())["kind"] == "charter"
