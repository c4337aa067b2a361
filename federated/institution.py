"""The only door to an institution's records, and what is done behind it. Floor 3; runs at the institution alone.

It opens the storage that the institution's own operator named, reads labels (never an envelope, so it needs no key),
and answers with sums; or takes up the shared model: fits it to its learners, measures, publishes. Figures stay here.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from federated import errors, gate, guard, messages, settings, task
from federated.messages import Packet
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
_RUN = "run.json"  # beside the draft: the last statement that the run's first count saw


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


def held_out(records: Interactions) -> npt.NDArray[np.bool_]:
    """Say which learners are kept for measuring: a fifth, by a rule that anybody can check.

    Args:
        records: of one institution.

    Returns:
        bool [learners]: int(sha256(pseudonym).hexdigest()[:8], 16) % 5 == 0.
    """
    digests = (hashlib.sha256(name.encode()).hexdigest()[:8] for name in records.learners)
    return np.array([int(digest, 16) % HELD_OUT == 0 for digest in digests], dtype=np.bool_)


def answer_counts(member: Member, packet: Packet) -> Packet:
    """Answer a question for counts (`messages.COUNTS`, `messages.CELLS`): those of learners that are not held out.

    Raises:
        FederatedError: the question is not one that this institution answers, or it cannot answer.
    """
    space, parameters = _pass(member, packet)
    train = _training(member, packet.kind)
    found = task.local_counts(packet.kind, train, space, parameters, member.least_learners)
    return messages.counts_answer(found, len(train.item), len(train.learners), packet)


def answer_moments(member: Member, packet: Packet) -> Packet:
    """Answer a question for the scale of the columns and a first step's sums; of whom, raises: as `answer_counts`."""
    space, parameters = _pass(member, packet)
    train = _training(member, packet.kind)
    summed, seen = task.local_moments(train, space, parameters, member.least_learners)
    return messages.moments_answer(seen, summed, packet)


def answer_sums(member: Member, packet: Packet) -> Packet:
    """Answer a question for sums; of whom, and raises, as `answer_counts`."""
    space, parameters = _pass(member, packet)
    train = _training(member, packet.kind)
    return messages.sums_answer(task.local_sums(train, space, parameters, member.least_learners), packet)


def answer_publish(member: Member, packet: Packet, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Packet:
    """Take up the shared model and say no more than that it is done.

    Raises:
        FederatedError: as `answer_sums`.
    """
    space, parameters = _pass(member, packet)
    number = int(packet.numbers["round"])
    created = now().isoformat(timespec="seconds")
    about = {"round": number, "created": created, "institution": member.institution, "policy": member.policy}
    publish(member, _as_counted(member, interactions(member)), space, parameters, about)
    shutil.rmtree(_draft(member).parent, ignore_errors=True)
    return messages.publish_answer(packet)


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


def _pass(member: Member, packet: Packet) -> tuple[Space, Parameters]:
    """Let the guard see a question; return the institution's columns and the model that it was asked about.

    What a question leaves out stands in the draft: the model as the question before put it.
    """
    space = _space(member)
    start = task.start(space)
    guard.question(packet, messages.names(start, member.declared, start))
    asked = messages.model(packet, space, _base(member, space, start, packet.names["base"]))
    if (found := artifact.digest(asked)) != packet.names["model"]:
        text = f"the question is about model {packet.names['model'][:12]}, its arrays make up {found[:12]}"
        raise errors.GuardError(text)
    if packet.arrays:
        artifact.save(_draft(member), asked, {"round": packet.numbers["round"]}, kept=1)
    return space, asked


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


def _as_counted(member: Member, records: Interactions) -> Interactions:
    """The records as the run's first count found them: later statements wait for the next run.

    What a learner gave to the counts is taken out again before they predict that learner, so it must be the same.
    """
    try:
        last = int(json.loads((_draft(member) / _RUN).read_text(encoding="utf-8"))["last"])
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


def _training(member: Member, kind: str) -> Interactions:
    records = interactions(member)
    if kind == messages.COUNTS:
        last = int(records.seq.max(initial=-1))
        _write(_draft(member) / _RUN, {"last": last})
    records = _as_counted(member, records)
    train = task.training(records, held_out(records))
    if not len(train.item):
        text = (
            f"{member.institution} has no learner to train on in catalog {member.catalog!r}: none did anything there, "
            "or none allows training (`entrepot lrs consent show` says what holds)"
        )
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
