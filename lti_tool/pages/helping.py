"""What helps with a step of practice: hints, further tries, and what each costs: pure. Floor 3.

An exam and a placement have none. What a hint costs is said before it is taken.
"""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice import credit, hints
from curriculum.practice.hints import Hint
from curriculum.practice.task import Question
from lti_tool import attempts, texts
from lti_tool import figures as shares
from lti_tool.attempts import Answer, Attempt
from lti_tool.pages import casework
from lti_tool.pages.casework import Help
from lti_tool.tasks import Task
from lti_tool.texts import Say


def taken(made: Task, attempt: Attempt) -> tuple[Hint, ...]:
    """The hints of the step that is to be answered now: those asked for, or fewer where there are no more."""
    one = made.questions[attempt.place]
    values = casework.values(one.step, attempt.earlier)
    tried = [
        frozenset(part for value in values[:before] for part in hints.wrong_parts(one.step, value))
        for before in attempt.helps
    ]
    return hints.ladder(one, tried)[: len(attempt.helps)]


def more(made: Task, attempt: Attempt) -> bool:
    """Whether there is one more hint than were taken."""
    return len(taken(made, attempts.helped(attempt))) > len(attempt.helps)


def of_step(made: Task, attempt: Attempt, language: str) -> Help | None:
    """What helps with the step that is to be answered now; None in an exam.

    Args:
        made: The task.
        attempt: Not finished.
        language: "en" or "zh".
    """
    if made.exam:
        return None
    say, step, tries = texts.speaker(language), made.questions[attempt.place].step, len(attempt.earlier)
    shown = taken(made, attempt)
    worth = credit.credit(step, right=True, hints=len(shown), tries=tries + 1)
    cost = say("practice.hint.more", number=len(shown) + 1, cost=_share(credit.HINT))
    return Help(
        hints=tuple((hint.words[language], hint.working.get(language, ())) for hint in shown),
        more=cost if more(made, attempt) else "",
        tries=_tries(attempt.tries - tries, _share(credit.further(step)), say) if attempt.tries > 1 else "",
        earlier=tuple(_tried(made, attempt, given, language) for given in attempt.earlier),
        worth=say("practice.worth", worth=_share(worth)) if worth < credit.ALL else "",
    )


def of_scene(made: Task, attempt: Attempt, place: int, language: str) -> Help:
    """What helps with one step of a scene, all of which lie open: hints alone, as there is one try.

    Args:
        made: The task.
        attempt: Not finished; its `helps` are the places of the steps that hints were taken for.
        place: Of the step, from 0.
        language: "en" or "zh".
    """
    return hinted(made.questions[place], attempt.helps.count(place), language)


def hinted(question: Question, count: int, language: str) -> Help:
    """What helps with a question that has one try: the first so many hints, and what one more costs."""
    say, ladder = texts.speaker(language), hints.ladder(question)
    worth = credit.credit(question.step, right=True, hints=count)
    cost = say("practice.hint.more", number=count + 1, cost=_share(credit.HINT))
    return Help(
        hints=tuple((hint.words[language], hint.working.get(language, ())) for hint in ladder[:count]),
        more=cost if len(ladder) > count else "",
        worth=say("practice.worth", worth=_share(worth)) if worth < credit.ALL else "",
    )


def _tries(left: int, cost: str, say: Say) -> str:
    return say("practice.tries.last") if left == 1 else say("practice.tries.left", left=left, cost=cost)


def _tried(made: Task, attempt: Attempt, given: str, language: str) -> tuple[str, str]:
    """An earlier try: what was answered, and its likely cause by name. Its words would tell the right answer."""
    step = made.questions[attempt.place].step
    found = casework.verdict(step, Answer(given, False, "", 0.0, None))
    title = found.title[language] or texts.speaker(language)("practice.cause.unknown")
    return ("" if found.given is None else casework.written(found.given, step, language)), title


def _share(part: Decimal) -> str:
    return shares.share(float(part))
