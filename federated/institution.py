"""The only door to an institution's records, and what is done behind it. Floor 3; runs at the institution alone.

It opens the storage that the institution's own operator named, reads labels (never an envelope, so it needs no key),
and answers with sums; or takes up the shared model: fits it to its learners, measures, publishes. Figures stay here.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from federated import (
    budget,
    errors,
    evidence,
    exact,
    gate,
    guard,
    masks,
    messages,
    policy,
    private,
    settings,
    task,
)
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
from recommender import artifact, metrics
from recommender import errors as recommender_errors
from recommender import interactions as columns
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space
from storage import connect
from storage import errors as storage_errors
from xapi_collector import settings as collector
from xapi_collector import statements

_log = logging.getLogger(__name__)

HELD_OUT = 5  # one learner in so many
KINDS = ("local", "federated", "personalised")
_RUN = "run.json"  # the last statement that the run's first question saw
_FIRST = (messages.COUNTS, private.LEVELS)


def load(path: Path) -> Member:
    """Return the institution that the settings file at `path` describes; see `settings.load_member`."""
    return settings.load_member(path)


def interactions(member: Member) -> Interactions:
    """Return what the learners of an institution did, from the labels in its own storage.

    Raises:
        RecordsError: the storage cannot be opened or read.
        SettingsError: there is no such catalog.
    """
    catalog = _space(member).catalog
    try:
        storage = connect.connect(member.storage, *collector.COLLECTIONS)
        try:
            return columns.from_labels(statements.labels(storage, purpose="training"), catalog)
        finally:
            storage.close()
    except storage_errors.StorageError as error:
        text = f"the storage of {member.institution} cannot be read: {error}"
        raise errors.RecordsError(text) from error


def registered(member: Member) -> int:
    """Return how many learners allow training, rounded down to tens, as an institution registers them; 0: cannot tell.

    An institution whose storage cannot be read may be in a charter all the same: it drops out of the first round.
    """
    try:
        return len(interactions(member).learners) // 10 * 10
    except errors.RecordsError:
        return 0


def held_out(records: Interactions) -> npt.NDArray[np.bool_]:
    """Say which learners are kept for measuring: a fifth, by a rule that anybody can check.

    Args:
        records: of one institution.

    Returns:
        bool [learners]: int(sha256(pseudonym).hexdigest()[:8], 16) % 5 == 0.
    """
    digests = (hashlib.sha256(name.encode()).hexdigest()[:8] for name in records.learners)
    return np.array([int(digest, 16) % HELD_OUT == 0 for digest in digests], dtype=np.bool_)


def answer_offers(member: Member, packet: Packet) -> Packet:
    """Begin a set-up of masks: answer with the public keys that the institution offers.

    Raises:
        FederatedError: the question is not one that this institution answers, or it cannot answer.
    """
    place, _ = _pass(member, packet, {"turns"})
    return _text(packet, messages.OFFER, masks.offer(member, place, int(packet.numbers["turns"])))


def answer_shares(member: Member, packet: Packet) -> Packet:
    """Answer with shares of the institution's secrets, sealed for the others; raises as `answer_offers`."""
    place, _ = _pass(member, packet, set())
    return _text(packet, messages.SHARE, masks.share(member, place, packet))


def answer_confirm(member: Member, packet: Packet) -> Packet:
    """Answer with the institution's word on who is left in a round; raises as `answer_offers`."""
    place, _ = _pass(member, packet, {"turn"})
    return _text(packet, messages.CONFIRMATION, masks.confirm(member, place, packet))


def answer_reveal(member: Member, packet: Packet) -> Packet:
    """Answer with shares that open the sum of those who are left; raises as `answer_offers`."""
    place, _ = _pass(member, packet, {"turn"})
    return _text(packet, messages.SHARE, masks.reveal(member, place, packet))


def answer_counts(member: Member, packet: Packet) -> Packet:
    """Answer a question for counts by item and set of skills, under masks; raises as `answer_offers`."""
    place, space = _pass(member, packet, {"turn"})
    _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    least = member.least_learners
    counted = task.local_counts(messages.COUNTS, train, space, task.start(space), least)
    roughly = task.local_situations(train, space, counted, least)
    facts = Facts(len(place.charter.members))
    return _masked(member, place, packet, exact.base(counted, roughly, len(train.item), space, facts))


def answer_cells(member: Member, packet: Packet) -> Packet:
    """Answer a question for counts by situation, under masks; raises as `answer_offers`."""
    place, space = _pass(member, packet, {"turn", "rows", "keys"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    found = task.local_counts(messages.CELLS, train, space, parameters, member.least_learners)
    seed = letters.digest("situations", place.run, int(packet.numbers["round"]))
    facts = replace(_facts(place, packet), keys=int(packet.numbers["keys"]), seed=seed)
    return _masked(member, place, packet, exact.situations(found, facts))


def answer_moments(member: Member, packet: Packet) -> Packet:
    """Answer a question for the scale of the columns and a first step's sums, masked; raises as `answer_offers`."""
    place, space = _pass(member, packet, {"turn", "rows"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    summed, seen = task.local_moments(train, space, parameters, member.least_learners)
    return _masked(member, place, packet, exact.first(seen, summed, parameters, space, _facts(place, packet)))


def answer_sums(member: Member, packet: Packet) -> Packet:
    """Answer a question for the sums of a step, under masks; raises as `answer_offers`."""
    place, space = _pass(member, packet, {"turn", "rows"})
    parameters = _asked_model(member, packet, space)
    train = _training(member, packet.kind, place.run)
    summed = task.local_sums(train, space, parameters, member.least_learners)
    return _masked(member, place, packet, exact.step(summed, parameters, space, _facts(place, packet)))


def answer_private(member: Member, packet: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Answer a question of a private run: protected releases, charged before they are made; masked where that is said.

    Raises:
        FederatedError: as `answer_offers`; among them BudgetError where the budget does not allow it.
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
        part = 1.0 / policy.parts(rules, len(place.charter.members))
        rows = private.contributions(step, train, space, state)
        made = [releases.protect(rows[one.name], one, sigma, part, os.urandom) for one in step.releases]
        kept = budget.keep(evidence.book(member), charge, np.concatenate(made).astype("<i8").tobytes())
    told = np.split(np.frombuffer(kept, "<i8").astype(np.int64), np.cumsum([one.size for one in step.releases])[:-1])
    protected = {one.name: values for one, values in zip(step.releases, told, strict=True)}
    if not rules.masked:
        return messages.answer(packet, protected)
    return _masked(member, place, packet, {name: releases.words(values) for name, values in protected.items()})


def answer_publish(member: Member, packet: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Take up the shared model and say no more than that it is done.

    Raises:
        FederatedError: as `answer_offers`.
    """
    place, space = _pass(member, packet, set())
    parameters = _asked_model(member, packet, space)
    number = int(packet.numbers["round"])
    created = now().isoformat(timespec="seconds")
    about = {"round": number, "created": created, "institution": member.institution, "policy": member.policy}
    publish(member, _as_counted(member, interactions(member), place.run), space, parameters, about)
    shutil.rmtree(_draft(member).parent, ignore_errors=True)
    masks.clear(member, place.run)
    if member.declared.private:
        budget.close(evidence.book(member), place.run)
    return messages.answer(packet)


def send(member: Member, answer: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Note an answer in the transfer register, and return it: what cannot be noted does not leave.

    Raises:
        LedgerError: the register cannot be written.
    """
    charter, cost = _charter(member), 0.0
    if answer.kind in private.KINDS:
        step = _private_step(_space(member), Place(charter, answer.names["run"]), answer.kind)
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
    """Note a refusal in the transfer register, where there is a charter to note it under; nothing of it leaves."""
    try:
        evidence.refused(member, charters.load(member.charter), asked, errors.reason(error.code), now())
    except errors.FederatedError as failed:
        _log.warning("code=refusal_not_noted reason=%s", type(failed).__name__)


def publish(member: Member, records: Interactions, space: Space, shared: Parameters, about: Mapping[str, Any]) -> None:
    """Fit the shared model to the institution, measure it on held-out learners, and put it where the tool reads it.

    Writes <models>/<catalog>/ (personalised), <models>/shared/<catalog>/ and <models>/evaluation/<catalog>.json. What
    is worse on the held-out learners than the model that stands there (see `gate`), or was taken out of service by a
    rollback, is not taken up: the former model stays, and the evaluation and the log say so.

    Args:
        member: the institution.
        records: all of its interactions.
        space: the columns of its catalog.
        shared: the model that the consortium fitted.
        about: facts for the manifests beside the models, such as the round and the time.
    """
    held = held_out(records)
    train, kept = task.training(records, held), columns.select(records, held)
    own = task.personalise(train, space, shared, member.least_learners)
    models = {"local": task.fit(train, space), "federated": shared, "personalised": own.parameters}
    chances = {kind: task.predict(kept, space, model) for kind, model in models.items()}
    verdict = _admit(member, kept if len(kept.item) else train, space, own.parameters)
    if verdict["taken"]:
        artifact.save(member.models / "shared" / space.catalog.id, shared, {**about, "kind": "federated"})
        facts = {**about, "kind": "personalised", "strength": own.strength}
        artifact.save(member.models / space.catalog.id, own.parameters, facts)
    evaluation = {
        "auc": {kind: _auc(kept, chance) for kind, chance in chances.items()},
        "strength": own.strength,
        "learners": {"training": int((~held).sum()), "held_out": int(held.sum())},
        "interactions": {"training": len(train.item), "held_out": len(kept.item)},
        "rule": "held out: int(sha256(pseudonym).hexdigest()[:8], 16) % 5 == 0",
        "gate": verdict,
    }
    _write(member.models / "evaluation" / f"{space.catalog.id}.json", evaluation)


def evaluation(member: Member) -> dict[str, Any]:
    """Return what `publish` measured, for the institution's own eyes.

    Raises:
        SettingsError: nothing was published yet.
    """
    path = member.models / "evaluation" / f"{member.catalog}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        text = f"{path}: no evaluation there; it is written when a round publishes"
        raise errors.SettingsError(text) from error
    return found


def _pass(member: Member, packet: Packet, numbers: set[str]) -> tuple[Place, Space]:
    """Let the guard see a question; return where it belongs, under the charter that this institution signed."""
    space, rules = _space(member), member.declared
    allowed = {
        messages.PUBLISH,
        *(messages.MASKING if rules.masked else ()),
        *(private.KINDS if rules.private else messages.EXACT),
    }
    if packet.kind not in allowed:
        text = f"under the policy {rules.name!r} no question of kind {packet.kind!r} is answered"
        raise errors.PolicyError(text)
    charter = _charter(member)
    place = Place(charter, packet.names.get("run", ""), int(packet.names.get("attempt", "0") or 0))
    guard.question(packet, messages.names(space, place), numbers)
    return place, space


def _private_step(space: Space, place: Place, kind: str) -> Step:
    """The step of a private run that a kind of question is about."""
    rules = place.charter.policy
    sizes = {seat.name: seat.learners for seat in place.charter.members}
    steps = private.steps(space, single=policy.kappa(rules, sizes) > private.ONE_GRADIENT)
    for step in steps:
        if step.kind == kind:
            return step
    text = f"the run has no step {kind!r}; its steps are {[one.kind for one in steps]}"
    raise errors.GuardError(text)


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


def _space(member: Member) -> Space:
    try:
        return Space(catalogs.load(member.catalog))
    except catalog_errors.CurriculumError as error:
        text = f"catalog {member.catalog!r}: {error}"
        raise errors.SettingsError(text) from error


def _training(member: Member, kind: str, run: str, cohort: int = 1) -> Interactions:
    """What those not held out did, as the run's first question found it; of `cohort` learners or more."""
    records = interactions(member)
    if kind in _FIRST and not (member.state / "runs" / run / _RUN).exists():
        last = int(records.seq.max(initial=-1))
        _write(member.state / "runs" / run / _RUN, {"last": last})
    records = _as_counted(member, records, run)
    train = task.training(records, held_out(records))
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


def _admit(member: Member, kept: Interactions, space: Space, candidate: Parameters) -> dict[str, Any]:
    """Say whether a candidate may be served, as JSON for the evaluation and in the institution's own log."""
    place = member.models / space.catalog.id
    try:
        found = artifact.standing(place, space.catalog)
        stands, name = found.parameters, artifact.identity(found.parameters)
    except recommender_errors.ArtifactError:
        # What the tool works with where there is no model: the first one is measured against that.
        stands, name = task.start(space), "cold start"
    own = artifact.identity(candidate)
    withdrawn = any(entry.id == own and entry.withdrawn for entry in artifact.entries(place))
    judged = gate.judge(
        kept.learner,
        kept.correct.astype(np.float64),
        task.predict(kept, space, candidate),
        task.predict(kept, space, stands),
        np.random.default_rng(int(own, 16)),
    )
    verdict = {"candidate": own, "standing": name, **asdict(judged)}
    if withdrawn:
        verdict |= {"taken": False, "rule": "withdrawn"}
    _log.log(
        logging.INFO if verdict["taken"] else logging.WARNING,
        "code=candidate_%s catalog=%s candidate=%s standing=%s rule=%s difference=%.4f low=%.4f high=%.4f learners=%d",
        *("taken" if verdict["taken"] else "refused", space.catalog.id, own, name, verdict["rule"]),
        *(judged.difference, judged.low, judged.high, judged.learners),
    )
    return verdict


def _auc(kept: Interactions, chance: npt.NDArray[np.float64]) -> float | None:
    """AUC on `kept`, or None where only one kind of answer is in it."""
    if len(np.unique(kept.correct)) < 2:
        return None
    return metrics.auc(kept.correct, chance)


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value), encoding="utf-8")
    draft.replace(path)
