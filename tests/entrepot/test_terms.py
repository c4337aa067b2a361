from dataclasses import replace

import pytest

from entrepot import terms
from federated import charter as charters
from federated import signing
from federated.policy import Policy
from tests.federated import founding

SECAGG = replace(founding.RULES, name="secagg", colluding=1)
EXACT = Policy("exact", "University of north", "DE", least_learners=5)


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("rules", "members", "said", "unsaid"),
    [
        (founding.RULES, 3, "adds noise that hides each learner. The coordinator sees these", "A sum is opened"),
        (founding.RULES, 3, "at most epsilon 1 at delta 1e-05; an institution trains with 50", "Cells"),
        (SECAGG, 6, "A sum is opened when at least 4 of 6 members are in it.", "Cells"),
        (SECAGG, 6, "Each learner stays hidden from 1 members who would add up", "Cells"),
        (SECAGG, 3, "a share of the noise", "A sum is opened"),
        (EXACT, 3, "without noise: this is for the institutions of one legal entity in one", "epsilon"),
        (
            EXACT,
            3,
            "Cells of fewer than 5 learners stay at the institution. A sum is opened when at least 3 of 3",
            "noise is",
        ),
    ],
)
def test_a_policy_is_said_in_words(rules, members, said, unsaid):
    text = flat(terms.of_policy(rules, members))

    assert said in text
    assert unsaid not in text


def test_a_charter_shows_all_that_is_signed():
    charter = founding.signed(founding.draft(), "north")
    text = terms.of_charter(charter)

    assert text.startswith("Learning together, charter version 3\n")
    for shown in (
        charters.digest(charter),
        charter.address,
        "oulad",
        charter.software,
        charter.bundle[:12],
        signing.fingerprint(charter.coordinator),
        "north: University of north (DE), 120 learners or more; signed",
        "south: University of south (DE), 120 learners or more; not signed yet",
        *(signing.fingerprint(key) for seat in charter.members for key in (seat.node_key, seat.signing_key)),
    ):
        assert shown in text
