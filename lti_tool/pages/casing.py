"""The page "Practice": the kinds of case and scene that train skills of the goal; pure. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

from curriculum.kits import own
from curriculum.practice import scenes
from lti_tool.advice import Advice
from lti_tool.pages import reasons, view


@dataclass(frozen=True)
class Kind:
    """A kind of case or scene: id, name, what a learner does in it, how long, how many steps, the skills it trains."""

    id: str
    name: str
    about: str
    minutes: int
    steps: int
    skills: list[str]
    scene: bool


def page(advice: Advice, language: str) -> list[Kind]:
    """The kinds whose skills the catalog has; those that train most skills of the goal first.

    Args:
        advice: What is known and recommended.
        language: "en" or "zh".
    """
    wanted, known = view.targets(advice), advice.catalog.skills
    kinds = (*own.every(advice.catalog), *scenes.kinds())
    found = [kind for kind in kinds if all(skill in known for skill in kind.skills)]
    ordered = sorted(found, key=lambda kind: -sum(skill in wanted for skill in kind.skills))
    return [
        Kind(
            id=kind.id,
            name=kind.name[language],
            about=kind.about[language],
            minutes=kind.minutes,
            steps=kind.steps,
            skills=[reasons.short(known[skill].name[language]) for skill in kind.skills],
            scene=kind in scenes.kinds(),
        )
        for kind in ordered
    ]
