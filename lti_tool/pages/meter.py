"""A skill on levels 0 to 5 as a meter: estimate, likely range, goal; dashed without enough data. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool import figures
from lti_tool.texts import Say
from recommender.profile import SkillState

ENOUGH = 3


@dataclass(frozen=True)
class Meter:
    """What the SVG needs; places are per cent of its width, empty where nothing is drawn.

    Attributes:
        label: For a screen reader: name, value, range, goal.
        words: The same beside the meter, short.
        dot: Place of the estimate.
        band: Place where the likely range begins.
        width: Its width.
        target: Place of the goal.
        was: Place of an earlier estimate.
    """

    label: str
    words: str
    dot: str
    band: str
    width: str
    target: str
    was: str = ""


def of_skill(state: SkillState, name: str, target: int | None, say: Say) -> Meter:
    """Draw one skill.

    Args:
        state: Its state.
        name: Its name in the language of the page.
        target: The level that the goal asks for, or None.
        say: The words.
    """
    goal = "" if target is None else say("meter.goal", target=target)
    place = "" if target is None else figures.across(target)
    if state.level is None or state.low is None or state.high is None:
        missing = say("meter.none", answers=state.answers, count=ENOUGH - state.answers, enough=ENOUGH)
        return Meter(say("meter.label.none", name=name, goal=goal), missing + goal, "", "", "", place)
    band = figures.across(state.low)
    width = f"{max(0.0, float(figures.across(state.high)[:-1]) - float(band[:-1])):.1f}%"
    level, low, high = (figures.level(value) for value in (state.level, state.low, state.high))
    label = say("meter.label", name=name, level=level, low=low, high=high, goal=goal)
    words = say("meter.words", level=level, low=low, high=high, goal=goal)
    return Meter(label, words, figures.across(state.level), band, width, place)
