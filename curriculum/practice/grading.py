"""The grade of an answer: right or not, the likely cause, the explanation. Always all three. Floor 1.

Deterministic: a wrong answer is named by the wrong method that leads to that very answer, or its cause is unknown. Of
several options, and of a match, each part that is wrong may have a method of its own; the first names the cause.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from curriculum.almanac import tariff
from curriculum.practice import answers, book, figures
from curriculum.practice.answers import Read
from curriculum.practice.draft import Fact
from curriculum.practice.task import CHOICE, MATCH, MISSED, SEVERAL, Step, Value, Verdict, Words, Wrong

UNKNOWN = "unknown"
SUBHEADING = 6
_ALL = Decimal(1)
_SHARED = ((6, _ALL), (4, Decimal("0.6")), (2, Decimal("0.25")))
"""First digits that a customs code shares with the right one, and what they are worth."""


def grade(step: Step, text: str) -> Verdict:
    """Grade what a learner answered.

    Args:
        step: The question.
        text: As typed, or the keys of what was chosen; nonsense is asked about again and does not count.
    """
    read = answers.of_step(text, step)
    if read.value is None:
        return _verdict(step, "unreadable", read, "", book.pages()["unknown"])
    if _right(step, read.value):
        return _verdict(step, "right", read, "", book.pages()["right"], credit=_ALL)
    found = _found(step, read.value)
    if not found:
        credit = _credit(step, read.value)
        code = read.value[0] if credit and step.digits and not isinstance(read.value, Decimal) else ""
        words = _begun(code, credit) if code else book.pages()["unknown"]
        return _verdict(step, "other", read, UNKNOWN, words, credit=credit)
    verdict = _verdict(step, "other", read, found[0].cause, _joined(found), credit=_credit(step, read.value))
    return verdict if found[0].title is None else replace(verdict, title=found[0].title)


def shown(step: Step) -> Verdict:
    """The verdict where a learner asked to see the answer: counted as not right, without a cause."""
    return _verdict(step, "none", Read(None), "", book.pages()["gave_up"])


def _right(step: Step, value: Value) -> bool:
    if isinstance(value, Decimal) and isinstance(step.right, Decimal):
        return abs(value - step.right) <= step.tolerance
    return value == step.right or value in {(spelling,) for spelling in step.spellings}


def _found(step: Step, value: Value) -> tuple[Wrong, ...]:
    """The wrong methods that an answer gives away; those that are known first."""
    if isinstance(value, Decimal):
        # Stricter than for a right answer: who guesses is hardly ever told a story (at most one guess in a thousand).
        figure: Value = figures.rounded(value, step.places)
        return tuple(wrong for wrong in step.wrong if wrong.value == figure)[:1]
    if step.form not in {SEVERAL, MATCH} or isinstance(step.right, Decimal):
        return tuple(wrong for wrong in step.wrong if wrong.value == value)[:1]
    parts = {(part,) for part in value} | {(MISSED + part,) for part in step.right if part not in value}
    return tuple(sorted((wrong for wrong in step.wrong if wrong.value in parts), key=lambda one: one.cause == UNKNOWN))


def _credit(step: Step, value: Value) -> Decimal:
    """How much of an answer that is not right is right."""
    if isinstance(value, Decimal) or isinstance(step.right, Decimal) or step.form == CHOICE:
        return Decimal(0)
    if step.form == MATCH:
        return _part(len(set(value) & set(step.right)), len(step.right))
    if step.form == SEVERAL:
        hits = len(set(value) & set(step.right))
        return _part(max(0, hits - len(set(value) - set(step.right))), len(step.right))
    if not step.digits:
        return Decimal(0)
    return next((worth for count, worth in _SHARED if value[0][:count] == step.right[0][:count]), Decimal(0))


def _begun(code: str, credit: Decimal) -> Words:
    """What is right of a customs code that begins like the right one, in the words of the tariff."""
    texts = book.pages()["begun"]
    if credit < _SHARED[1][1]:
        return book.filled(texts["chapter"], {"chapter": code[:2], "text": tariff.text(code[:2])})
    facts: dict[str, Fact] = {"heading": code[:4], "text": tariff.text(code[:4]), "code": tariff.dotted(code)}
    if credit == _ALL or len(code) != SUBHEADING:
        return book.filled(texts["longer" if credit == _ALL else "short"], facts)
    if not tariff.known(code):
        return book.filled(texts["heading"], facts)
    return book.filled(texts["subheading"], {**facts, "other": tariff.text(code)})


def _part(hits: int, total: int) -> Decimal:
    return figures.rounded(Decimal(hits) / total)


def _joined(found: tuple[Wrong, ...]) -> Words:
    if len(found) == 1:
        return found[0].words
    return {"en": " ".join(one.words["en"] for one in found), "zh": "".join(one.words["zh"] for one in found)}


def _verdict(step: Step, state: str, read: Read, cause: str, words: Words, *, credit: Decimal = Decimal(0)) -> Verdict:
    return Verdict(
        state=state,
        given=read.value,
        problem=read.problem,
        right=step.right,
        cause=cause,
        title=book.cause(cause),
        words=words,
        explanation=step.explanation,
        working=step.working,
        rule=step.rule,
        basis=step.basis,
        credit=credit,
    )
