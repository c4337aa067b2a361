"""What an answer changed, before the record store has it: a skill just before it and just after it. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from curriculum.catalog import Catalog
from lti_tool import advice
from recommender import interactions, mastery, profile
from recommender.interactions import Interactions
from recommender.profile import SkillState
from storage.port import Storage
from xapi_collector import statements


@dataclass(frozen=True)
class Fresh:
    """A graded answer that may not have reached the record store: item id, whether it was right, seconds."""

    item: str
    right: bool
    at: float


def grown(
    storage: Storage,
    models: advice.Models,
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
    model = advice.published(models, catalog)
    labels = statements.labels(storage, purpose="service", actor=pseudonym)
    stored = interactions.from_labels(iter(labels), catalog)
    when = datetime.fromtimestamp(now, UTC)
    last = (stored.item == catalog.item_index[fresh[-1].item]) & (stored.when == _moment(fresh[-1].at))
    before = _joined(interactions.rows(stored, ~last), catalog, pseudonym, fresh[:-1])
    running = mastery.start(catalog, model.parameters)
    mastery.observe(running, before)
    state = profile.knowledge(running, when)[skill]
    mastery.observe(running, _joined(before, catalog, pseudonym, fresh[-1:]))
    return state, profile.knowledge(running, when)[skill]


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
