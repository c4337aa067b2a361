"""What the sums of a class are made with: the course's catalog, its links and the published model. Floor 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from lti_tool import advice, courses, emit
from lti_tool.advice import Models
from lti_tool.courses import Link
from lti_tool.roster import deeds, sync
from recommender import interactions, profile
from recommender.interactions import Interactions
from recommender.profile import SkillState
from storage.port import Storage


def named(linked: Sequence[Link]) -> str:
    """The id of the catalog that most links of a course name; links to the class itself do not count. Empty if none."""
    used = Counter(
        (one.opens or {}).get("catalog", "") for one in linked if (one.opens or {}).get("activity") != "class"
    )
    used.pop("", None)
    return used.most_common(1)[0][0] if used else ""


def summed(models: Models, url: str, course: str, linked: Sequence[Link], catalog: Catalog) -> deeds.Course:
    """What the sums of a course are made with.

    Args:
        models: Published models.
        url: The tool's public address.
        course: The key of the course.
        linked: Its links.
        catalog: Its catalog.
    """
    model = advice.published(models, catalog)
    links = frozenset(emit.activity(one.link, url) for one in linked)
    return deeds.Course(course, catalog, links, model.parameters, f"{model.state}:{model.id}")


def known(
    storage: Storage, models: Models, catalog: Catalog, person: str, *, now: float
) -> tuple[Interactions, Mapping[str, SkillState]]:
    """What one learner answered, and where they stand, from their labels as they are now.

    Args:
        storage: The institution's store.
        models: Published models.
        catalog: The course's.
        person: Pseudonym.
        now: Seconds since the epoch.
    """
    history = interactions.from_labels(deeds.labels(storage, person), catalog)
    model = advice.published(models, catalog)
    seen = profile.profile(catalog, history, model.parameters, datetime.fromtimestamp(now, UTC))
    return history, seen.knowledge


def in_use(
    storage: Storage, models: Models, url: str, load: Callable[[str], Catalog], now: float
) -> Iterator[deeds.Course]:
    """The courses that were opened lately and whose links name a catalog that there is.

    Args:
        storage: The institution's store.
        models: Published models.
        url: The tool's public address.
        load: The catalog of a name, as the institution teaches it.
        now: Seconds since the epoch.

    Yields:
        What the sums of each such course are made with.
    """
    for course in courses.every(storage):
        linked = courses.links(storage, course.course)
        if not course.context or now // 86_400 - course.launched > sync.IN_USE:
            continue
        try:
            catalog = load(named(linked))
        except curriculum_errors.UnknownCatalog:
            continue  # a launch through such a link is refused, and says so
        yield summed(models, url, course.course, linked, catalog)
