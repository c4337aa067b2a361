"""Extra time in exams for a learner of a course, as whoever teaches it settled. Floor 3.

Only the factor is kept, never a reason. Learners without one have the usual time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lti_tool.hours import ALLOWANCES
from storage.port import Storage

USUAL = 1.0


def of(storage: Storage, course: str, pseudonyms: Sequence[str]) -> float:
    """How much of the usual time a learner has in a course.

    Args:
        storage: The institution's store.
        course: The key of the course.
        pseudonyms: The learner's, under each key: while they are rotated it may stand under any.
    """
    found = storage.get_many(ALLOWANCES, [(course, name) for name in pseudonyms])
    return max((float(one["factor"]) for one in found.values()), default=USUAL)


def of_course(storage: Storage, course: str) -> Mapping[str, float]:
    """By pseudonym: the extra time of every learner of a course who has some."""
    return {one["learner"]: float(one["factor"]) for one in storage.find(ALLOWANCES, {"course": course})}


def settle(storage: Storage, course: str, learner: str, factor: float) -> None:
    """Settle the extra time of a learner; the usual time is kept as nothing.

    Args:
        storage: The institution's store.
        course: The key of the course.
        learner: Pseudonym.
        factor: One of `learner.FACTORS`.
    """
    while True:
        there = storage.get(ALLOWANCES, (course, learner))
        if factor == USUAL:
            done = there is None or storage.delete(ALLOWANCES, (course, learner), expected=there)
        else:
            document = {"course": course, "learner": learner, "factor": factor}
            done = document == there or storage.replace(ALLOWANCES, document, expected=there)
        if done:
            return
