"""The one meeting point: a learner's labels, the catalog and the published model become advice. Floor 3.

Labels by pseudonym, interactions, recommendations, profile. A model that is missing or damaged is not an error: the
advice then starts cold from the graph, and says so.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from curriculum.catalog import Catalog
from recommender import artifact, interactions, profile, recommend
from recommender import errors as recommender_errors
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.profile import Profile, SkillState
from recommender.recommend import Goal, Recommendation
from storage.port import Storage
from xapi_collector import statements
from xapi_collector.label import Label

LOG = logging.getLogger("lti_tool.advice")


@dataclass(frozen=True)
class Model:
    """What stands in the catalog's folder of published models.

    Attributes:
        state: "model", "missing" or "damaged".
        parameters: None unless `state` is "model".
        round: The round that published it, or None.
    """

    state: str
    parameters: Parameters | None = None
    round: int | None = None


@dataclass
class Models:
    """The models of one process by folder, read again when their files change."""

    directory: Path
    read: dict[Path, tuple[tuple[int, ...], Model]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Fresh:
    """A graded answer that may not have reached the record store: item id, whether it was right, seconds."""

    item: str
    right: bool
    at: float


@dataclass(frozen=True)
class Advice:
    """What the page shows.

    Attributes:
        catalog: What there is to learn.
        role: The goal; empty if none is chosen yet, and then there are no recommendations.
        answers: How many graded answers the advice rests on.
        model: Where the chances come from.
        profile: By skill.
        recommendations: At most three, the first is the pick.
    """

    catalog: Catalog
    role: str
    answers: int
    model: Model
    profile: Profile
    recommendations: tuple[Recommendation, ...]


def advise(storage: Storage, models: Models, catalog: Catalog, pseudonym: str, *, role: str, now: float) -> Advice:
    """Advise a learner.

    Args:
        storage: The institution's store.
        models: Published models.
        catalog: What there is to learn.
        pseudonym: Of the learner.
        role: Id of a role of the catalog, or empty.
        now: Seconds since the epoch.
    """
    model = published(models, catalog)
    labels: Iterator[Label] = iter(statements.labels(storage, purpose="service", actor=pseudonym))
    history = interactions.from_labels(labels, catalog)
    return of_history(catalog, history, model, role=role, now=datetime.fromtimestamp(now, UTC))


def grown(
    storage: Storage,
    models: Models,
    catalog: Catalog,
    pseudonym: str,
    fresh: Sequence[Fresh],
    *,
    skill: str,
    now: float,
) -> tuple[SkillState, SkillState]:
    """A skill of a learner before and after the last of some answers.

    Args:
        storage: The institution's store.
        models: Published models.
        catalog: What there is to learn.
        pseudonym: Of the learner.
        fresh: Answers in the order of time, at least one: they may not have reached the record store yet, and count
            once if they have.
        skill: Id of the skill.
        now: Seconds since the epoch.
    """
    model = published(models, catalog)
    labels: Iterator[Label] = iter(statements.labels(storage, purpose="service", actor=pseudonym))
    stored = interactions.from_labels(labels, catalog)
    when = datetime.fromtimestamp(now, UTC)
    last = (stored.item == catalog.item_index[fresh[-1].item]) & (stored.when == _moment(fresh[-1].at))
    before = _joined(interactions.rows(stored, ~last), catalog, pseudonym, fresh[:-1])
    after = _joined(before, catalog, pseudonym, fresh[-1:])
    states = [profile.profile(catalog, history, model.parameters, when).knowledge[skill] for history in (before, after)]
    return states[0], states[1]


def _moment(at: float) -> int:
    """A time as the record store has it: our statements tell milliseconds."""
    return int(at * 1000) * 1000


def _joined(history: Interactions, catalog: Catalog, pseudonym: str, fresh: Sequence[Fresh]) -> Interactions:
    """The history with the answers that it does not have yet."""
    there = set(zip(history.item.tolist(), history.when.tolist(), strict=True))
    new = [answer for answer in fresh if (catalog.item_index[answer.item], _moment(answer.at)) not in there]
    right = np.array([one.right for one in new], np.float32)
    added = Interactions(
        learners=(pseudonym,),
        learner=np.zeros(len(new), np.int32),
        item=np.array([catalog.item_index[one.item] for one in new], np.int32),
        correct=right,
        score=right,
        when=np.array([_moment(one.at) for one in new], np.int64),
    )
    both = interactions.join([replace(history, learners=()), added])
    ordered = interactions.rows(both, np.argsort(both.when, kind="stable"))
    return ordered if len(ordered.item) else replace(ordered, learners=())


def of_history(catalog: Catalog, history: Interactions, model: Model, *, role: str, now: datetime) -> Advice:
    """Advise on a history: pure.

    Args:
        catalog: What there is to learn.
        history: One learner's interactions.
        model: The published model, or why there is none.
        role: Id of a role of the catalog, or empty.
        now: Moment of the advice, with its zone.
    """
    offers = recommend.recommend(catalog, history, model.parameters, Goal(role), now, count=3) if role else []
    known = profile.profile(catalog, history, model.parameters, now)
    return Advice(catalog, role, len(history.item), model, known, tuple(offers))


def published(models: Models, catalog: Catalog) -> Model:
    """The model published for a catalog, from the cache while its files are unchanged."""
    folder = models.directory / catalog.id
    mark = _mark(folder)
    with models.lock:
        known = models.read.get(folder)
        if known is None or known[0] != mark:
            known = (mark, _load(folder, catalog))
            models.read[folder] = known
        return known[1]


def _mark(folder: Path) -> tuple[int, ...]:
    """Changes whenever a file of the folder does; empty if there is no folder."""
    try:
        stats = [path.stat() for path in sorted(folder.iterdir()) if path.is_file()]
    except OSError:
        return ()
    return tuple(number for stat in stats for number in (stat.st_mtime_ns, stat.st_size, stat.st_ino))


def _load(folder: Path, catalog: Catalog) -> Model:
    if not folder.is_dir():
        return Model("missing")
    try:
        parameters = artifact.load(folder, catalog)
        number = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("round")
    except (recommender_errors.ArtifactError, OSError, ValueError):
        LOG.warning("code=model_damaged catalog=%s", catalog.id)
        return Model("damaged")
    return Model("model", parameters, number if isinstance(number, int) else None)
