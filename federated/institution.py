"""The only door to an institution's records, and what becomes of a shared model behind it. Floor 3.

Runs at the institution alone. It opens the storage that the institution's own operator named and reads labels (never an
envelope, so it needs no key); it takes up a shared model: fits it to its learners, measures, publishes. Figures stay.
"""

import functools
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum import errors as catalog_errors
from curriculum.catalog import Catalog
from federated import errors, files, gate, settings, task
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


def load(path: Path) -> Member:
    """Return the institution that the settings file at `path` describes; see `settings.load_member`."""
    return settings.load_member(path)


def interactions(member: Member) -> Interactions:
    """Return what the learners of an institution did, from the labels in its own storage.

    Raises:
        RecordsError: the storage cannot be opened or read.
        SettingsError: there is no such catalog.
    """
    catalog = space(member).catalog
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


def publish(
    member: Member,
    records: Interactions,
    space: Space,
    shared: Parameters,
    about: Mapping[str, Any],
    *,
    kappa: float | None = None,
) -> None:
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
        kappa: of the noise that it was fitted under, see `task.personalise`; None: without noise.
    """
    held = held_out(records)
    train, kept = task.training(records, held), columns.select(records, held)
    own = task.personalise(train, space, shared, member.least_learners, kappa)
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
    files.keep(member.models / "evaluation" / f"{space.catalog.id}.json", json.dumps(evaluation).encode(), files.PUBLIC)


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


def space(member: Member) -> Space:
    """Return the columns of an institution's catalog; raises SettingsError where there is no such catalog."""
    try:
        return _columns(catalogs.load(member.catalog))
    except catalog_errors.CurriculumError as error:
        text = f"catalog {member.catalog!r}: {error}"
        raise errors.SettingsError(text) from error


@functools.cache
def _columns(catalog: Catalog) -> Space:
    """Once per process, as the catalog itself: what is worked out of a space is kept by it."""
    return Space(catalog)


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
