"""Feedback in other words: what a language model is told of it, and where that is offered at all: pure. Floor 3.

Only below an answer that is not right, in a course whose instructor wants it; never in an exam or a placement, and of
no case kit: its figures are an enterprise's.
"""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.pages.casework import Screen
from lti_tool.phrasing import phrases
from lti_tool.phrasing.facts import Facts
from lti_tool.phrasing.phrases import Phrase

KIT = "case:kit."


@dataclass(frozen=True)
class Offer:
    """What a page of feedback shows below the explanation.

    Attributes:
        state: `phrases.READY`, `phrases.WAITING`, `phrases.NONE`, or empty: it can be asked for.
        text: Of the model; empty unless ready.
        level: As of the facts: the page sends it back.
    """

    state: str
    text: str
    level: str

    @property
    def open(self) -> bool:
        """Whether there is still something to ask for."""
        return self.state not in {phrases.READY, phrases.NONE}


def offered(screen: Screen) -> bool:
    """Whether other words are offered on a page of practice."""
    return screen.feedback is not None and not screen.feedback.right and not screen.activity.startswith(KIT)


def facts(screen: Screen, name: str, language: str, level: str) -> Facts | None:
    """What the page says by itself, without what was answered; None where nothing is offered.

    Args:
        screen: Of the feedback.
        name: Of the step.
        language: Of the page.
        level: One of `facts.LEVELS`.
    """
    told = screen.feedback
    if told is None or not offered(screen):
        return None
    law = told.law
    return Facts(
        language=language,
        level=level,
        question=screen.question,
        settled=screen.given,
        answer=(name, told.answer),
        # Where no wrong method is known, the words may hold what was answered: a code that begins like the right one.
        cause=told.title if told.named else "",
        words=told.words if told.named else "",
        explanation=told.explanation,
        working=told.working,
        rule=f"{law.place}, {law.dates}: {law.instrument}" if law else "",
    )


def offer(phrase: Phrase, level: str, *, asked: bool) -> Offer:
    """What a page shows of what there is.

    Args:
        phrase: What is kept.
        level: As of the facts.
        asked: Whether somebody asked for it: else that there is none is no answer yet.
    """
    state = "" if phrase.state == phrases.NONE and not asked else phrase.state
    return Offer(state, phrase.text, level)
