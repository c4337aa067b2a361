"""What an institution answers to each question of a run. Floor 3; runs at the institution alone.

The guard sees a question first, under the charter that the institution signed. Under `exact` it answers with masked
sums alone, under `secagg` with masked and protected ones, under `source-noise` with protected ones; a question that
belongs to another policy is refused, whoever asks. What leaves is noted before it leaves, charged before it is made.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from federated import budget, errors, evidence, exact, files, guard, institution, masks, messages, policy, private, task
from federated import charter as charters
from federated.budget import Limit, Question
from federated.charter import Charter
from federated.exact import Facts
from federated.masking import letters, streams
from federated.messages import Packet, Place
from federated.policy import Policy
from federated.privacy import releases
from federated.private import Step
from federated.settings import Member
from recommender import artifact
from recommender import errors as recommender_errors
from recommender import interactions as columns
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

_log = logging.getLogger(__name__)

_RUN = "run.json"  # the last statement that the run's first question saw
_FIRST = (messages.COUNTS, private.LEVELS)


def offers(member: Member, packet: Packet) -> Packet:
    """Begin a set-up of masks: answer with the public keys that the institution offers.

    Raises:
        FederatedError: the question is not one that this institution answers, or it cannot answer.
    """
    place, _ = _pass(member, packet, {"turns"})
    return _text(packet, messages.OFFER, masks.offer(member, place, int(packet.numbers["turns"])))


def shares(member: Member, packet: Packet) -> Packet:
    """Answer with shares of the institution's secrets, sealed for the others; raises as `offers`."""
    place, _ = _pass(member, packet, set())
    return _text(packet, messages.SHARE, masks.share(member, place, packet))


def confirm(member: Member, packet: Packet) -> Packet:
    """Answer with the institution's word on who is left in a round; raises as `offers`."""
    place, _ = _pass(member, packet, {"turn"})
    return _text(packet, messages.CONFIRMATION, masks.confirm(member, place, packet))


def reveal(member: Member, packet: Packet) -> Packet:
    """Answer with shares that open the sum of those who are left; raises as `offers`."""
    place, _ = _pass(member, packet, {"turn"})
    return _text(packet, messages.SHARE, masks.reveal(member, place, packet))


def counts(member: Member, packet: Packet) -> Packet:
    """Answer a question for counts by item and set of skills, under masks; raises as `offers`."""
    place, space = _pass(member, packet, {"turn"})
    _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    least = member.least_learners
    counted = task.local_counts(messages.COUNTS, train, space, task.start(space), least)
    roughly = task.local_situations(train, space, counted, least)
    facts = Facts(len(place.charter.members))
    return _masked(member, place, packet, exact.base(counted, roughly, len(train.item), space, facts))


def cells(member: Member, packet: Packet) -> Packet:
    """Answer a question for counts by situation, under masks; raises as `offers`."""
    place, space = _pass(member, packet, {"turn", "rows", "keys"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    if packet.numbers["keys"] > exact.MOST_KEYS:
        text = f"a table for {packet.numbers['keys']} situations is asked for; {exact.MOST_KEYS} are the most"
        raise errors.GuardError(text)
    found = task.local_counts(messages.CELLS, train, space, parameters, member.least_learners)
    seed = letters.digest("situations", place.run, int(packet.numbers["round"]))
    facts = replace(_facts(place, packet), keys=int(packet.numbers["keys"]), seed=seed)
    return _masked(member, place, packet, exact.situations(found, facts))


def moments(member: Member, packet: Packet) -> Packet:
    """Answer a question for the scale of the columns and a first step's sums, masked; raises as `offers`."""
    place, space = _pass(member, packet, {"turn", "rows"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    summed, seen = task.local_moments(train, space, parameters, member.least_learners)
    return _masked(member, place, packet, exact.first(seen, summed, parameters, space, _facts(place, packet)))


def sums(member: Member, packet: Packet) -> Packet:
    """Answer a question for the sums of a step, under masks; raises as `offers`."""
    place, space = _pass(member, packet, {"turn", "rows"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    summed = task.local_sums(train, space, parameters, member.least_learners)
    return _masked(member, place, packet, exact.step(summed, parameters, space, _facts(place, packet)))


def protected(member: Member, packet: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Answer a question of a private run: protected releases, charged before they are made; masked where that is said.

    Raises:
        FederatedError: as `offers`; among them BudgetError where the budget does not allow it.
    """
    rules = member.declared
    place, space = _pass(member, packet, {"turn"} if rules.masked else set())
    step = _private_step(space, place, packet.kind)
    state = private.told(messages.stated(packet), space)
    train = _training(member, packet.kind, place.run, rules.cohort)
    sigma = policy.multiplier(rules)
    charge = budget.spend(
        evidence.book(member),
        Limit(rules.epsilon, rules.delta),
        Question(place.run, int(packet.numbers["round"]), packet.kind, _digest(packet)),
        _price(step, rules),
        now().isoformat(timespec="seconds"),
    )
    if (kept := budget.kept(evidence.book(member), charge)) is None:
        if packet.kind == private.LEVELS:
            _end_former_runs(member, place.run)
        part = 1.0 / policy.parts(rules, len(place.charter.members))
        rows = private.contributions(step, train, space, state)
        made = [releases.protect(rows[one.name], one, sigma, part, os.urandom) for one in step.releases]
        kept = budget.keep(evidence.book(member), charge, np.concatenate(made).astype("<i8").tobytes())
    parted = np.split(np.frombuffer(kept, "<i8").astype(np.int64), np.cumsum([one.size for one in step.releases])[:-1])
    told = {one.name: values for one, values in zip(step.releases, parted, strict=True)}
    if not rules.masked:
        return messages.answer(packet, told)
    return _masked(member, place, packet, {name: releases.words(values) for name, values in told.items()})


def publish(member: Member, packet: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Take up the shared model and say no more than that it is done.

    Raises:
        FederatedError: as `offers`.
    """
    place, space = _pass(member, packet, set())
    parameters = _asked_model(member, packet, space)
    number = int(packet.numbers["round"])
    created = now().isoformat(timespec="seconds")
    about = {"round": number, "created": created, "institution": member.institution, "policy": member.policy}
    records = _as_counted(member, institution.interactions(member), place.run)
    kappa = _kappa(place) if member.declared.private else None
    institution.publish(member, records, space, parameters, about, kappa=kappa)
    shutil.rmtree(_draft(member).parent, ignore_errors=True)
    masks.clear(member, place.run)
    if member.declared.private:
        budget.close(evidence.book(member), place.run)
    return messages.answer(packet)


ANSWERS: Mapping[str, Callable[[Member, Packet], Packet]] = {
    messages.OFFERS: offers,
    messages.SHARES: shares,
    messages.CONFIRM: confirm,
    messages.REVEAL: reveal,
    messages.COUNTS: counts,
    messages.CELLS: cells,
    messages.MOMENTS: moments,
    messages.SUMS: sums,
    **dict.fromkeys(private.KINDS, protected),
    messages.PUBLISH: publish,
}


def send(member: Member, answer: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Note an answer in the transfer register, and return it: what cannot be noted does not leave.

    Raises:
        LedgerError: the register cannot be written.
    """
    charter, cost = _charter(member), 0.0
    if answer.kind in private.KINDS:
        step = _private_step(institution.space(member), Place(charter, answer.names["run"]), answer.kind)
        cost = _price(step, charter.policy)
    evidence.sent(member, charter, answer, cost, now())
    if answer.kind == messages.PUBLISH:
        evidence.publish(member, charter, now())
    return answer


def refuse(
    member: Member,
    asked: Packet,
    error: errors.FederatedError,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Note a refusal in the transfer register, where there is a charter to note it under; nothing of it leaves.

    The summary follows at once: of a run that ends by a refusal no other moment comes to show it.
    """
    try:
        charter = charters.load(member.charter)
        evidence.refused(member, charter, asked, errors.reason(error.code), now())
        evidence.publish(member, charter, now())
    except errors.FederatedError as failed:
        _log.warning("code=refusal_not_shown reason=%s", type(failed).__name__)


def _pass(member: Member, packet: Packet, numbers: set[str]) -> tuple[Place, Space]:
    """Let the guard see a question; return where it belongs, under the charter that this institution signed."""
    space, rules = institution.space(member), member.declared
    allowed = {
        messages.PUBLISH,
        *(messages.MASKING if rules.masked else ()),
        *(private.KINDS if rules.private else messages.EXACT),
    }
    if packet.kind not in allowed:
        text = f"under the policy {rules.name!r} no question of kind {packet.kind!r} is answered"
        raise errors.PolicyError(text)
    charter = _charter(member)
    guard.question(packet, messages.names(space, Place(charter, "")), numbers)
    return Place(charter, packet.names["run"], int(packet.names["attempt"])), space


def _private_step(space: Space, place: Place, kind: str) -> Step:
    """The step of a private run that a kind of question is about."""
    steps = private.steps(space, single=_kappa(place) > private.ONE_GRADIENT)
    for step in steps:
        if step.kind == kind:
            return step
    text = f"the run has no step {kind!r}; its steps are {[one.kind for one in steps]}"
    raise errors.GuardError(text)


def _end_former_runs(member: Member, run: str) -> None:
    """Remove the answers of runs before this one: one that was broken off is published by nobody, and is not over."""
    book = evidence.book(member)
    for former in sorted({charge.question.run for charge in budget.read(book)} - {run}):
        budget.close(book, former)


def _kappa(place: Place) -> float:
    """How much the noise of a private run weighs, as the charter has it."""
    return policy.kappa(place.charter.policy, {seat.name: seat.learners for seat in place.charter.members})


def _price(step: Step, rules: Policy) -> float:
    """What a step costs each learner, in mu squared."""
    return sum(one.share for one in step.releases) / policy.multiplier(rules) ** 2


def _charter(member: Member) -> Charter:
    """The charter in force, which this institution signed and which declares what its operator declared."""
    charter = charters.load(member.charter)
    charters.verify(charter)
    if charter.policy != member.declared:
        text = (
            f"{member.charter}: it has {policy.say(charter.policy)}, {member.institution} {policy.say(member.declared)}"
        )
        raise errors.PolicyError(text)
    return charter


def _asked_model(member: Member, packet: Packet, space: Space) -> Parameters:
    """The model that a question is about. What the question leaves out stands in the draft, as the last one put it."""
    start = task.start(space)
    asked = messages.model(packet, space, _base(member, space, start, packet.names["base"]))
    if (found := artifact.digest(asked)) != packet.names["model"]:
        text = f"the question is about model {packet.names['model'][:12]}, its arrays make up {found[:12]}"
        raise errors.GuardError(text)
    if set(packet.arrays) - {messages.PARCEL}:
        artifact.save(_draft(member), asked, {"round": packet.numbers["round"]}, kept=1)
    return asked


def _facts(place: Place, packet: Packet) -> Facts:
    return Facts(len(place.charter.members), rows=int(packet.numbers["rows"]))


def _masked(member: Member, place: Place, packet: Packet, vectors: dict[str, streams.Words]) -> Packet:
    return _text(packet, messages.MASKED, masks.mask(member, place, packet, vectors))


def _text(packet: Packet, name: str, content: bytes) -> Packet:
    return messages.answer(packet, {name: messages.text(content)})


def _digest(packet: Packet) -> str:
    """Of everything that shapes a protected answer: what is asked with, and under which charter; hexadecimal.

    Not of the attempt and the masks: a run that is resumed asks the same, and is told the same protected numbers.
    """
    found = hashlib.sha256(f"{packet.kind} {packet.names['charter']} {packet.names['catalog']}".encode())
    for name, array in sorted(messages.stated(packet).items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _base(member: Member, space: Space, start: Parameters, digest: str) -> Parameters:
    """The model that a question adds to: none, the start that both sides know, or the draft."""
    if digest in {"", artifact.digest(start)}:
        return start
    try:
        draft = artifact.load(_draft(member), space.catalog)
    except recommender_errors.ArtifactError as error:
        text = f"the question adds to model {digest[:12]}; there is no draft: {error}"
        raise errors.BehindError(text) from error
    if (found := artifact.digest(draft)) != digest:
        text = f"the question adds to model {digest[:12]}; the draft is {found[:12]}"
        raise errors.BehindError(text)
    return draft


def _as_counted(member: Member, records: Interactions, run: str) -> Interactions:
    """The records as the run's first count found them: later statements wait for the next run.

    What a learner gave to the counts is taken out again before they predict that learner, so it must be the same.
    """
    try:
        last = int(json.loads((member.state / "runs" / run / _RUN).read_text(encoding="utf-8"))["last"])
    except (OSError, ValueError, KeyError):
        return records
    found = columns.rows(records, records.seq <= last)
    there = np.zeros(len(found.learners), dtype=np.bool_)
    there[found.learner] = True
    return columns.select(found, there)


def _draft(member: Member) -> Path:
    return member.models / "draft" / member.catalog


def _training(member: Member, kind: str, run: str, cohort: int = 1) -> Interactions:
    """What those not held out did, as the run's first question found it; of `cohort` learners or more."""
    records = institution.interactions(member)
    if kind in _FIRST and not (member.state / "runs" / run / _RUN).exists():
        last = int(records.seq.max(initial=-1))
        files.keep(member.state / "runs" / run / _RUN, json.dumps({"last": last}).encode())
    records = _as_counted(member, records, run)
    train = task.training(records, institution.held_out(records))
    if not len(train.item):
        text = (
            f"{member.institution} has no learner to train on in catalog {member.catalog!r}: none did anything there, "
            "or none allows training (`entrepot lrs consent show` says what holds)"
        )
        raise errors.EmptyError(text)
    if len(records.learners) < cohort:
        text = f"{member.institution} has {len(records.learners)} learners who allow training; {cohort} are needed"
        raise errors.EmptyError(text)
    return train
