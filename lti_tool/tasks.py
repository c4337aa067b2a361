"""The task of an activity of practice, made again from its seed and its day: pure. Floor 3.

Pages show it, and what ends an attempt whose time is over needs it without any page.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date

from curriculum import bank, exams, practice
from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from curriculum.kits import own
from curriculum.practice import scenes
from curriculum.practice.task import Question, Words
from lti_tool import exercises
from lti_tool.exercises import CASE, EXAM, QUIZ, SCENE


@dataclass(frozen=True)
class Task:
    """A case or an exam as questions in a row.

    Attributes:
        activity: "case:" or "scene:" and a kind, "quiz:" and a skill, or "exam:" and a plan.
        exam: Whether feedback waits for the end, and one try is all.
        name: What a page shows.
        questions: In order.
        mark: Of the case or the exam.
        minutes: About how long it takes, or what a timed exam takes at most; 0: nobody said.
        timed: Whether an exam has a deadline where its link does not say otherwise.
    """

    activity: str
    exam: bool
    name: Words
    questions: tuple[Question, ...]
    mark: str
    minutes: int = 0
    timed: bool = False


# A request asks for its task several times, and an exam has forty questions to make.
@functools.lru_cache(maxsize=64)
def task(activity: str, seed: int, on: date, catalog: Catalog | None = None) -> Task:
    """Make the task of an activity.

    Args:
        activity: Which case, exam or quiz.
        seed: Which of its kind.
        on: Today.
        catalog: As the institution teaches it; None: as it is shipped.

    Raises:
        curriculum.errors.UnknownReference: There is no such kind or plan.
    """
    sort, _, name = activity.partition(":")
    if sort == QUIZ:
        return _quiz(catalog or catalogs.load(exercises.CATALOG), activity, seed, on)
    if sort in {CASE, SCENE}:
        made = own.case(name, seed, on, catalog) if sort == CASE else scenes.scene(name, seed, on, catalog).case
        return Task(activity, False, made.name, tuple(Question(made, step) for step in made.steps), made.mark)
    plan = next((plan for plan in practice.plans() if sort == EXAM and plan.id == name), None)
    if plan is None:
        raise curriculum_errors.UnknownReference("cbec", "activity", activity)
    drawn = exams.exam(catalog or catalogs.load(exercises.CATALOG), plan, seed, on)
    return Task(activity, True, plan.name, drawn.questions, drawn.mark, plan.minutes, plan.timed)


def _quiz(catalog: Catalog, activity: str, seed: int, on: date) -> Task:
    skill = activity.partition(":")[2]
    questions = bank.quiz(catalog, skill, seed, on)
    if not questions:
        raise curriculum_errors.UnknownReference(catalog.id, "activity", activity)
    return Task(activity, False, catalog.skills[skill].name, questions, bank.mark(questions))
