"""The one meeting point: a learner's labels, the catalog and the published model become advice. Floor 3.

Labels by pseudonym, interactions, recommendations, profile: each is read and gone through once. A model that is missing
or damaged is not an error: the advice then starts cold from the graph, and says so.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from lti_tool import everybody, exercises
from lti_tool.everybody import Known
from recommender import (
    activities,
    artifact,
    background,
    indicators,
    interactions,
    knobs,
    mastery,
    placement,
    policy,
    profile,
    recommend,
    space,
    tracker,
    verbs,
    watching,
    widening,
)
from recommender import errors as recommender_errors
from recommender.activities import Activities
from recommender.aims import Aim
from recommender.candidates import Ready
from recommender.indicators import Reference
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.mastery import Running
from recommender.measures import ENOUGH
from recommender.pace import Hours
from recommender.parameters import Parameters
from recommender.policy import Arm
from recommender.profile import Besides, Checkpoint, Profile
from recommender.recommend import Goal, Outlook, Recommendation
from recommender.tracker import Belief, Priors
from recommender.watching import Watched
from storage.port import Storage
from xapi_collector import statements
from xapi_collector.label import Label

LOG = logging.getLogger("lti_tool.advice")
STEADY = 7 * 86_400
"""Seconds for which what was recommended stays unless another is clearly better."""
SEEDED = 100
"""Answers from which on a path rests on them alone, and no longer on where others began."""


@dataclass(frozen=True)
class Model:
    """What stands in the catalog's folder of published models.

    Attributes:
        state: "model", "missing" or "damaged".
        parameters: None unless `state` is "model".
        round: The round that published it, or None.
        id: Of the model, as recommendations store it; empty unless `state` is "model".
    """

    state: str
    parameters: Parameters | None = None
    round: int | None = None
    id: str = ""


@dataclass
class Models:
    """The models of one process by folder, read again when their files change."""

    directory: Path
    read: dict[Path, tuple[tuple[int, ...], Model]] = field(default_factory=dict)
    widened: dict[str, Model] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Placed:
    """Answers of a placement: they move what the path believes, and count as practice nowhere.

    Attributes:
        answers: In order.
        at: When the first was given, seconds since the epoch: practice after it came on top.
    """

    answers: tuple[placement.Answer, ...]
    at: float


@dataclass(frozen=True)
class Wish:
    """What the learner, and their instructor, want of the path.

    Attributes:
        role: Id of a role of the catalog; empty if no goal is chosen.
        hours: Hours a week; 0: not said.
        deadline: The day by which to be there, or None.
        way: The preferred way of learning, one of `verbs.MODES`; empty: none.
        knobs: How the path is tuned, but for ways of learning and steps with which others find fault.
        said: What they say of themselves, value by field.
    """

    role: str = ""
    hours: float = 0.0
    deadline: date | None = None
    way: str = ""
    knobs: Knobs = knobs.USUAL
    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def goal(self) -> Goal:
        """As the recommender takes it."""
        return Goal(self.role, self.deadline, self.hours or None)


@dataclass(frozen=True)
class Advice:
    """What the pages show.

    Attributes:
        catalog: What there is to learn.
        role: The goal; empty if none is chosen yet, and then there are no recommendations.
        answers: How many graded answers the advice rests on.
        model: Where the chances come from.
        profile: By skill, and over everything.
        recommendations: At most three, the first is the pick.
        history: The answers.
        wish: What was wanted; its knobs as the recommender used them.
        ready: What the recommender need not replay.
        outlook: What else is known on the way; None without a goal.
        earlier: Level of each skill of the goal when this week began; None where there was no estimate.
        arm: Of an experiment, by which the path is ordered.
        activities: Everything the learner did, graded or not; None: the answers are all that is known.
        others: What all learners of the institution say together; None: that is not known.
        moved: Logits by which what they said of themselves moves where their path begins.
        watched: What the learner watched of videos, by activity IRI.
    """

    catalog: Catalog
    role: str
    answers: int
    model: Model
    profile: Profile
    recommendations: tuple[Recommendation, ...]
    history: Interactions = field(default_factory=interactions.empty)
    wish: Wish = field(default_factory=Wish)
    ready: Ready = field(default_factory=Ready)
    outlook: Outlook | None = None
    earlier: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType({}))
    arm: Arm = policy.PLAIN
    activities: Activities | None = None
    others: Known | None = None
    moved: float = 0.0
    watched: Mapping[str, Watched] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def beliefs(self) -> tuple[Belief, ...]:
        """What the tracker believes, one a skill."""
        return self.ready.beliefs or ()

    @property
    def hours(self) -> Hours | None:
        """Hours of practice ahead; None without a goal."""
        return None if self.outlook is None else self.outlook.hours

    @property
    def likely(self) -> tuple[date, date] | None:
        """When the goal is likely reached; None where no hours a week are named."""
        return None if self.outlook is None else self.outlook.dates


def advise(
    storage: Storage,
    models: Models,
    catalog: Catalog,
    pseudonym: str,
    *,
    wish: Wish,
    now: float,
    placed: Placed | None = None,
    arm: Arm = policy.PLAIN,
) -> Advice:
    """Advise a learner.

    Args:
        storage: The institution's store.
        models: Published models.
        catalog: What there is to learn.
        pseudonym: Of the learner.
        wish: What is wanted of the path.
        now: Seconds since the epoch.
        placed: What came of their placement; None: there was none.
        arm: Of the experiment that they take part in.
    """
    model = published(models, catalog)
    labels = list(statements.labels(storage, purpose="service", actor=pseudonym))
    lengths = {one.activity: float(one.seconds) for one in catalog.videos.values()}
    given = of_history(
        catalog,
        interactions.from_labels(labels, catalog),
        model,
        wish=wish,
        now=datetime.fromtimestamp(now, UTC),
        done=activities.from_labels(labels, catalog),
        placed=placed,
        shown=offered(labels, catalog, now),
        arm=arm,
        others=everybody.read(storage, catalog),
    )
    return replace(given, watched=watching.of_videos(labels, lengths))


def practised(storage: Storage, catalog: Catalog, pseudonym: str) -> Interactions:
    """What a learner answered in practice.

    Args:
        storage: The institution's store.
        catalog: What there is to learn.
        pseudonym: Of the learner.
    """
    return interactions.from_labels(statements.labels(storage, purpose="service", actor=pseudonym), catalog)


def offered(labels: Iterable[Label], catalog: Catalog, now: float) -> tuple[str, ...]:
    """Ids of the items that were recommended last, if that was lately: they stay unless another is clearly better.

    Args:
        labels: Of one learner.
        catalog: What there is to learn.
        now: Seconds since the epoch.
    """
    told = [one for one in labels if one.verb == verbs.RECOMMENDED and one.activity in catalog.activities]
    last = max((one.timestamp for one in told), default=0)
    if last < (now - STEADY) * 1e6:
        return ()
    return tuple(dict.fromkeys(catalog.activities[one.activity] for one in told if one.timestamp == last))


def of_history(
    catalog: Catalog,
    history: Interactions,
    model: Model,
    *,
    wish: Wish,
    now: datetime,
    done: Activities | None = None,
    placed: Placed | None = None,
    shown: Sequence[str] = (),
    arm: Arm = policy.PLAIN,
    others: Known | None = None,
) -> Advice:
    """Advise on a history: pure.

    Args:
        catalog: What there is to learn.
        history: One learner's interactions.
        model: The published model, or why there is none.
        wish: What is wanted of the path.
        now: Moment of the advice, with its zone.
        done: Everything the learner did, graded or not; None: the answers are all that is known.
        placed: What came of their placement; None: there was none.
        shown: Ids of the items recommended before.
        arm: Of the experiment that the learner takes part in.
        others: What all learners of the institution say together; None: nothing is known of them.
    """
    past = interactions.until(history, now)
    running, trend, begun = _followed(catalog, past, model, now)
    besides = _besides(catalog, wish, done, others)
    known = profile.of_running(running, now, besides, trend)
    # Levels are measured, on every page alike. What others say and what the learner said moves the path alone.
    moved = background.offset(besides.offsets, wish.said, len(past.item))
    start = everybody.beginning(catalog, others, moved) if len(past.item) < SEEDED else None
    if isinstance(running.state, tracker.State):
        followed = running.state
        if placed is not None or arm.near or start is not None:
            # With all that the plain arm's has, so that the two differ in nothing else.
            fades = bool(followed.half_lives)
            followed = believed(catalog, past, placed, arm, forgetting=fades, start=start)
        ready = Ready(tracker.beliefs(followed))
    else:
        ready = Ready(tracker.beliefs(believed(catalog, past, placed, arm, start=start)), state=running.state)
    plain = Advice(
        catalog, wish.role, len(past.item), model, known, (), past, wish, ready,
        arm=arm, activities=done, others=others, moved=moved,
    )  # fmt: skip
    if not wish.role:
        return plain
    doubted = {**({} if others is None else others.doubted), **wish.knobs.doubted}
    tuned = replace(wish.knobs, modes=knobs.weigh(known.ways.logits, wish.way), doubted=doubted)
    wish = replace(wish, knobs=tuned)
    outlook = recommend.look(
        catalog,
        past,
        model.parameters,
        wish.goal,
        now,
        knobs=tuned,
        model=model.id,
        ready=ready,
        spent=spent(past, now) / 60.0,
        shown=shown,
        arm=arm,
    )
    earlier = _levels(catalog, begun, wish.role)
    return replace(plain, recommendations=outlook.recommendations, wish=wish, outlook=outlook, earlier=earlier)


def believed(
    catalog: Catalog,
    past: Interactions,
    placed: Placed | None,
    arm: Arm = policy.PLAIN,
    *,
    forgetting: bool = False,
    start: Priors | None = None,
) -> tracker.State:
    """What the path believes of a learner: their practice, with their placement where it was.

    Args:
        catalog: What there is to learn.
        past: Interactions of the learner, in time order.
        placed: What came of their placement; None: there was none.
        arm: Of the experiment that they take part in.
        forgetting: As in `tracker.start`.
        start: Where the path begins; None: where the catalog declares it.
    """
    if placed is None:
        return tracker.replay(catalog, past, priors=start, coherence=arm.near, forgetting=forgetting)
    at = int(placed.at * 1e6)
    before = interactions.rows(past, past.when <= at)
    state = tracker.replay(catalog, before, priors=start, coherence=arm.near, forgetting=forgetting)
    for answer in placed.answers:
        if answer.item in catalog.item_index:  # a catalog may have lost an item
            tracker.observe(state, catalog.item_index[answer.item], right=answer.right, practice=False, when=at)
    after = interactions.rows(past, past.when > at)
    for item, correct, when in zip(after.item.tolist(), after.correct.tolist(), after.when.tolist(), strict=True):
        tracker.observe(state, item, right=correct > 0.5, when=when)
    return state


def _besides(catalog: Catalog, wish: Wish, done: Activities | None, others: Known | None) -> Besides:
    """What is known of a learner beside their answers."""
    aim = Aim(wish.role, wish.deadline, wish.hours or None)
    usual = reference(catalog)
    if others is None:
        return Besides(activities=done, reference=usual, preferred=wish.way, aim=aim, background=wish.said)
    seconds = np.where(usual.declared, usual.seconds, others.others.seconds)
    return Besides(
        activities=done,
        reference=Reference(seconds, usual.declared),
        effects=others.others.slopes,
        preferred=wish.way,
        aim=aim,
        background=wish.said,
        offsets=others.others.offsets,
    )


def week(now: datetime) -> datetime:
    """The beginning of the week of a moment: Monday, 0:00 UTC."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def spent(history: Interactions, now: datetime) -> float:
    """Seconds that the answers of this week say they took."""
    here = history.when >= int(week(now).timestamp() * 1e6)
    return float(np.nansum(history.seconds[here], dtype=np.float64))


@functools.lru_cache(maxsize=8)
def reference(catalog: Catalog) -> Reference:
    """How long the steps of a catalog take, where somebody declared it."""
    declared = {}
    for item in catalog.items.values():
        took = item.minutes or (exercises.minutes(catalog, item.skills[0]) if item.repeatable else None)
        if took is not None:
            declared[item.id] = 60.0 * took
    return indicators.reference(interactions.empty(), catalog, declared=declared)


def _followed(
    catalog: Catalog, past: Interactions, model: Model, now: datetime
) -> tuple[Running, Checkpoint, Checkpoint]:
    """Follow a learner answer by answer, once; on the way, what was known when the trend and when this week began."""
    running = mastery.start(catalog, model.parameters)
    known: list[Checkpoint] = []
    before = np.iinfo(np.int64).min
    for then in (now - profile.TREND, week(now)):
        moment = int(then.timestamp() * 1e6)
        mastery.observe(running, interactions.rows(past, (past.when > before) & (past.when <= moment)))
        known.append(profile.checkpoint(running, then))
        before = moment
    mastery.observe(running, interactions.rows(past, past.when > before))
    return running, known[0], known[1]


def _levels(catalog: Catalog, begun: Checkpoint, role: str) -> dict[str, float | None]:
    """Levels of the skills of a goal at a checkpoint; None where there was no estimate."""
    chances, answers = begun
    numbers = {name: catalog.skill_index[name] for name in catalog.roles[role].targets}
    return {
        name: profile.LEVELS * chances[number] if answers[number] >= ENOUGH else None
        for name, number in numbers.items()
    }


def published(models: Models, catalog: Catalog) -> Model:
    """The model published for a catalog, from the cache while its files are unchanged.

    Models are trained on the shipped catalog, also by others: where the institution added skills or took some out, its
    numbers are put into the columns of the catalog that is taught.
    """
    shipped = catalogs.load(catalog.id) if catalog.id in catalogs.NAMES else catalog
    folder = models.directory / catalog.id
    mark = _mark(folder)
    with models.lock:
        known = models.read.get(folder)
        if known is None or known[0] != mark:
            known = (mark, _load(folder, catalog if _own(folder, catalog) else shipped))
            models.read[folder] = known
            models.widened.clear()
        model = known[1]
        if model.parameters is None or model.parameters.fingerprint == catalog.fingerprint:
            return model
        there = models.widened.get(catalog.fingerprint)
        if there is None:
            there = _widened(model, shipped, catalog)
            models.widened = {catalog.fingerprint: there}  # one is taught at a time
        return there


def _mark(folder: Path) -> tuple[int, ...]:
    """Changes whenever a file of the folder does; empty if there is no folder."""
    try:
        stats = [path.stat() for path in sorted(folder.iterdir()) if path.is_file()]
    except OSError:
        return ()
    return tuple(number for stat in stats for number in (stat.st_mtime_ns, stat.st_size, stat.st_ino))


def _own(folder: Path, catalog: Catalog) -> bool:
    """Whether the model that is served was made for this very catalog."""
    try:
        return bool(artifact.read_manifest(folder).get("fingerprint") == catalog.fingerprint)
    except recommender_errors.ArtifactError:
        return False


def _widened(model: Model, shipped: Catalog, catalog: Catalog) -> Model:
    parameters = model.parameters
    if parameters is None or parameters.fingerprint != shipped.fingerprint:
        LOG.warning("code=model_of_another_catalog catalog=%s", catalog.id)
        return Model("damaged")
    return replace(model, parameters=widening.widen(parameters, space.of(shipped), space.of(catalog)))


def _load(folder: Path, catalog: Catalog) -> Model:
    if not folder.is_dir():
        return Model("missing")
    try:
        standing = artifact.standing(folder, catalog)
    except recommender_errors.ArtifactError:
        LOG.warning("code=model_damaged catalog=%s", catalog.id)
        return Model("damaged")
    if standing.refused:
        # The last good one serves on; whoever runs the tool should look at the one that was published after it.
        LOG.warning("code=model_refused catalog=%s refused=%d", catalog.id, len(standing.refused))
    number = standing.facts.get("round")
    return Model(
        "model",
        standing.parameters,
        number if isinstance(number, int) else None,
        artifact.identity(standing.parameters),
    )
