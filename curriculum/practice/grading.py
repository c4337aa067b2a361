"""The grade of an answer: right or not, the likely cause, the explanation. Always all three. Floor 1.

Deterministic: a wrong answer is named by the wrong method that leads to that very figure, or its cause is unknown.
"""

from __future__ import annotations

from curriculum.practice import answers, book, figures
from curriculum.practice.answers import Read
from curriculum.practice.task import Step, Verdict, Words

UNKNOWN = "unknown"


def grade(step: Step, text: str) -> Verdict:
    """Grade what a learner typed.

    Args:
        step: The question.
        text: As typed; nonsense is asked about again and does not count.
    """
    read = answers.read(text, step.unit)
    if read.value is None:
        return _verdict(step, "unreadable", read, "", book.pages()["unknown"])
    if abs(read.value - step.right) <= step.tolerance:
        return _verdict(step, "right", read, "", book.pages()["right"])
    # Stricter than for a right answer: who guesses is hardly ever told a story (at most one guess in a thousand).
    figure = figures.rounded(read.value, step.places)
    for wrong in step.wrong:
        if figure == wrong.value:
            return _verdict(step, "other", read, wrong.cause, wrong.words)
    return _verdict(step, "other", read, UNKNOWN, book.pages()["unknown"])


def shown(step: Step) -> Verdict:
    """The verdict where a learner asked to see the answer: counted as not right, without a cause."""
    return _verdict(step, "none", Read(None), "", book.pages()["gave_up"])


def _verdict(step: Step, state: str, read: Read, cause: str, words: Words) -> Verdict:
    known = book.catalog().misconceptions.get(cause)
    return Verdict(
        state=state,
        given=read.value,
        problem=read.problem,
        right=step.right,
        cause=cause,
        title=known.name if known else book.same(""),
        words=words,
        explanation=step.explanation,
        working=step.working,
        rule=step.rule,
        basis=step.basis,
    )
