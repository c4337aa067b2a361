import json
from dataclasses import replace

import pytest

from federated import charter as charters
from federated import errors, forms, signing
from federated.policy import Policy
from tests.federated import founding

DRAFT = founding.draft()
SIGNED = founding.signed(DRAFT)
NORTH, SOUTH, WEST = founding.SEATS
EXACT = Policy("exact", "University of north", "DE")


def with_seat(**changes):
    return founding.draft(members=(replace(NORTH, **changes), SOUTH, WEST))


def test_a_charter_is_read_as_it_was_written(tmp_path):
    (tmp_path / "charter.json").write_text(charters.dump(SIGNED))

    assert charters.load(tmp_path / "charter.json") == SIGNED


def test_a_charter_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.CharterError, match=r"charter\.json: cannot be read"):
        charters.load(tmp_path / "charter.json")


def test_what_was_read_is_checked():
    with pytest.raises(errors.CharterError, match="here: version 0; versions count from 1"):
        charters.parse(charters.dump(replace(DRAFT, version=0)), "here")


def test_the_digest_covers_terms_and_members_and_no_signature():
    assert charters.digest(SIGNED) == charters.digest(DRAFT)
    assert len(charters.digest(DRAFT)) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"consortium": "Another"},
        {"version": 4},
        {"policy": replace(founding.RULES, epsilon=0.5)},
        {"policy": replace(founding.RULES, cohort=51)},
        {"catalog": "cbec"},
        {"fingerprint": "0" * 64},
        {"address": "other.example.org:443"},
        {"software": "0.2.0"},
        {"bundle": "0" * 64},
        {"coordinator": NORTH.signing_key},
        {"legal_entity": "Another"},
        {"jurisdiction": "FR"},
        {"members": (NORTH, SOUTH)},
        {"members": (replace(NORTH, learners=130), SOUTH, WEST)},
        {"members": (replace(NORTH, node_key=founding.node(9)), SOUTH, WEST)},
    ],
)
def test_a_change_of_anything_is_another_digest_that_nobody_has_signed(changes):
    changed = replace(SIGNED, **changes)

    assert charters.digest(changed) != charters.digest(SIGNED)
    assert set(charters.unsigned(changed)) == {seat.name for seat in changed.members}
    assert not charters.sealed(changed)


def test_a_policy_read_with_a_whole_number_has_the_same_digest():
    document = json.loads(charters.dump(DRAFT))
    document["policy"]["epsilon"] = 1

    assert charters.digest(charters.parse(json.dumps(document), "here")) == charters.digest(DRAFT)


def test_a_charter_that_all_signed_is_in_force():
    charters.verify(SIGNED)


@pytest.mark.parametrize("missing", ["north", "south", "west"])
def test_one_missing_signature_is_named(missing):
    one = founding.signed(DRAFT, *(name for name in founding.KEYS if name != missing))

    with pytest.raises(errors.CharterError, match=f"no valid signature of {missing};"):
        charters.verify(one)


def test_nobody_signs_for_another():
    stolen = replace(SIGNED, signatures={**SIGNED.signatures, "south": SIGNED.signatures["north"]})

    with pytest.raises(errors.CharterError, match="no valid signature of south;"):
        charters.verify(stolen)


def test_a_charter_without_the_coordinators_seal_is_not_in_force():
    with pytest.raises(errors.CharterError, match="seal does not hold"):
        charters.verify(replace(SIGNED, seal=SIGNED.signatures["north"]))


@pytest.mark.parametrize(
    ("rules", "seats", "fewest"),
    [(founding.RULES, 1, 2), (replace(founding.RULES, name="secagg"), 2, 3)],
)
def test_too_few_members_train_nothing(rules, seats, fewest):
    one = founding.signed(founding.draft(policy=rules, members=founding.SEATS[:seats]))

    with pytest.raises(errors.CharterError, match=f"{seats} members; {rules.name} needs {fewest} at least"):
        charters.verify(one)


@pytest.mark.parametrize("text", ["", " ", "a\nb", "\x1b[2J", "a\u202eb", "x" * 201])
def test_a_name_that_a_terminal_would_obey_is_refused(text):
    with pytest.raises(errors.CharterError, match="consortium must be a text of at most 200 printable"):
        charters.check_terms(founding.draft(consortium=text))
    with pytest.raises(errors.CharterError, match="north: its legal entity must be a text"):
        charters.check_terms(with_seat(legal_entity=text))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"jurisdiction": "de"}, "the coordinator: jurisdiction 'de'"),
        ({"policy": replace(founding.RULES, epsilon=9.0)}, "epsilon is 9"),
        ({"coordinator": "none"}, "coordinator's key is not an Ed25519 key"),
        ({"members": (SOUTH, NORTH, WEST)}, "different and sorted"),
        ({"members": (NORTH, NORTH, WEST)}, "different and sorted"),
        ({"members": (NORTH, replace(SOUTH, node_key=NORTH.node_key))}, "two members have the same node_key"),
        ({"members": (NORTH, replace(SOUTH, signing_key=NORTH.signing_key))}, "two members have the same signing_key"),
    ],
)
def test_terms_that_do_not_fit_are_named(changes, text):
    with pytest.raises(errors.CharterError, match=text):
        charters.check_terms(founding.draft(**changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"name": "no/path"}, "member 'no/path': a name is letters"),
        ({"name": "-north"}, "a name is letters"),
        ({"name": "n" * 64}, "a name is letters"),
        ({"name": "../north"}, "a name is letters"),
        ({"jurisdiction": "DEU"}, "north: jurisdiction 'DEU'"),
        ({"jurisdiction": "DE\n"}, "north: jurisdiction"),
        ({"learners": 10}, "north: 10 learners; use tens, 20 at least"),
        ({"learners": 123}, "north: 123 learners"),
        ({"node_key": NORTH.signing_key}, "north: its keys must be"),
        ({"signing_key": NORTH.node_key}, "north: its keys must be"),
    ],
)
def test_a_member_that_does_not_fit_is_named(changes, text):
    with pytest.raises(errors.CharterError, match=text):
        charters.check_terms(with_seat(**changes))
    with pytest.raises(errors.CharterError, match=f"there: .*{text}"):
        charters.check_seat(replace(NORTH, **changes), founding.RULES, "there")


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"legal_entity": "Another"}, "one legal entity"), ({"jurisdiction": "FR"}, "one jurisdiction")],
)
def test_exact_is_refused_across_entities_and_borders(changes, text):
    alike = tuple(replace(seat, legal_entity="University of north") for seat in founding.SEATS)
    charters.check_terms(founding.draft(policy=EXACT, members=alike))

    with pytest.raises(errors.CharterError, match=f"{text}, .*south is under .*needs source-noise or secagg"):
        charters.check_terms(founding.draft(policy=EXACT, members=(alike[0], replace(alike[1], **changes), alike[2])))


def test_a_member_that_fits_is_given_back():
    assert charters.check_seat(NORTH, founding.RULES, "there") is NORTH


def test_an_amendment_is_the_next_version_with_members_sorted_and_no_signature():
    after = charters.amend(SIGNED, members=(WEST, NORTH))

    assert (after.version, after.seal, after.signatures) == (4, "", {})
    assert [seat.name for seat in after.members] == ["north", "west"]


def test_an_amendment_that_does_not_fit_is_refused():
    with pytest.raises(errors.CharterError, match="epsilon is 0"):
        charters.amend(SIGNED, policy=replace(founding.RULES, epsilon=0.0))


def test_signing_keys_are_those_of_the_members():
    assert charters.signing_keys(DRAFT) == {
        name: signing.raw(signing.public(key)) for name, key in founding.KEYS.items()
    }


def test_a_form_of_another_kind_is_no_charter():
    with pytest.raises(errors.CharterError, match="it is of kind 'invitation'; expected charter"):
        charters.parse(forms.write(DRAFT, "invitation"), "here")
