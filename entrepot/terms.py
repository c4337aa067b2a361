"""What a charter says, in plain words: for who is asked to sign it, and for who wants to know what holds."""

from __future__ import annotations

import textwrap

from federated import charter as charters
from federated import signing
from federated.charter import Charter, fewest
from federated.policy import EXACT, SECAGG, SOURCE_NOISE, Policy, survivors

_WIDTH = 100
_LEAVES = {
    SOURCE_NOISE: (
        "Before anything leaves an institution, it limits what one learner can change in it and adds noise that hides"
        " each learner. The coordinator sees these protected messages one by one, and refuses faulty ones."
    ),
    SECAGG: (
        "Before anything leaves an institution, it limits what one learner can change in it, adds a share of the noise"
        " that hides each learner, and a mask. The coordinator sees the sum of all institutions and nothing else."
    ),
    EXACT: (
        "Before anything leaves an institution, it adds a mask. The coordinator sees the sum of all institutions,"
        " without noise: this is for the institutions of one legal entity in one jurisdiction."
    ),
}


def of_policy(rules: Policy, members: int) -> str:
    """Return what a policy means for so many members."""
    lines = [f"Policy: {rules.name}. {_LEAVES[rules.name]}"]
    if rules.private:
        lines.append(
            f"Of one learner, all runs together tell at most epsilon {rules.epsilon:g} at delta {rules.delta:g};"
            f" an institution trains with {rules.cohort} consenting learners or more."
        )
    else:
        lines.append(f"Cells of fewer than {rules.least_learners} learners stay at the institution.")
    if rules.masked and members >= fewest(rules):
        least = survivors(members, rules.colluding)
        lines.append(f"A sum is opened when at least {least} of {members} members are in it.")
    if rules.name == SECAGG:
        lines.append(f"Each learner stays hidden from {rules.colluding} members who would add up what they know.")
    return "\n".join(textwrap.fill(line, _WIDTH) for line in lines)


def of_charter(charter: Charter) -> str:
    """Return all that a charter says: its terms, its members with their keys, and who has signed."""
    missing = charters.unsigned(charter)
    lines = [
        f"{charter.consortium}, charter version {charter.version}",
        f"Digest: {charters.digest(charter)}",
        "",
        of_policy(charter.policy, len(charter.members)),
        "",
        f"Trained: {charter.catalog}, fingerprint {charter.fingerprint[:12]}",
        f"By: Entrepôt {charter.software}, and no code but the bundle {charter.bundle[:12]}",
        f"Coordinator: {charter.legal_entity} ({charter.jurisdiction}), at {charter.address}",
        f"  signs with {signing.fingerprint(charter.coordinator)}",
        "",
        f"{len(charter.members)} members:",
    ]
    for seat in charter.members:
        signed = "not signed yet" if seat.name in missing else "signed"
        lines += [
            f"  {seat.name}: {seat.legal_entity} ({seat.jurisdiction}), {seat.learners} learners or more; {signed}",
            f"    signs with {signing.fingerprint(seat.signing_key)}",
            f"    connects with {signing.fingerprint(seat.node_key)}",
        ]
    return "\n".join(lines) + "\n"
