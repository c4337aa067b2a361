"""What is wrong with a form of a question, beside its field and in the words of the page. Floor 3.

Pure. The bank says what is wrong with a document by its path, in English: for whoever writes YAML. A form has fields
and no paths, so each problem is told where it was typed, in the language of the page, with what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from curriculum import check
from lti_tool.pages.questionform import Made
from lti_tool.texts import Say

WORDS = "words"
"""Of a text that is missing in one language or both."""
_SAID: tuple[tuple[str, str], ...] = (
    (r"must (?:be a text|have left and right, each a text) in (?:each of )?en and zh", WORDS),
    (r"options: must be a list of", "options"),
    (r"`right: true`; exactly one must", "one_right"),
    (r"`right: true`; at least one must", "some_right"),
    (r"says the same as", "same"),
    (r"no misconception is called", "cause"),
    (r"pairs: must be a list of", "pairs"),
    (r"distractors: must be a list of texts, (?P<most>-?\d+) at most", "others"),
    (r"left and right must be two different places", "mixup"),
    (r"accept: must be a list of at least one text", "accept"),
    (r"unit: is .*it must be one of", "unit"),
    (r"it must be a whole number 0 to 6", "places"),
    (r"it must be a number from 0", "tolerance"),
    (r"working: must be a list of at least one line", "working"),
    (r": (?P<name>\w+) is what texts call an answer", "reserved"),
    (r"the formula '.*': write a figure", "formula.empty"),
    (r"the formula '.*': longer than (?P<most>\d+)", "formula.long"),
    (r"the formula '.*': write it as", "formula.broken"),
    (r"the formula '.*': it is nested", "formula.deep"),
    (r"the formula '.*': (?P<part>.+) is no arithmetic; known are (?P<known>.*)$", "formula.strange"),
    (r"(?P<name>'[^']*') is no figure here; known are none", "no_figures"),
    (r"(?P<name>'[^']*') is no figure here; known are (?P<known>.*)$", "no_figure"),
    (r"wrong: must be a list of at least one wrong way", "methods"),
    (r"is no name; quote", "name"),
    (r"is named twice", "twice"),
    (r"pick: must be a list of numbers", "pick"),
    (r"it must be \[from, to, step\]", "range"),
    (r"so many figures; at most (?P<most>\d+)", "many"),
    (r"it must be one of remember", "bloom"),
    (r"it must be a whole number 1 to 5", "difficulty"),
    (r"no dated rule is called", "rule"),
    (r"it must be a date such as", "date"),
    (r": (?P<count>\d+) letters; at most (?P<most>\d+)", "long"),
    (r"a placeholder must be", "placeholder"),
    (r"a figure must lie between", "large"),
    (r"no draw keeps its wrong methods apart", "no_draw"),
    (r"a placeholder cannot be filled: (?P<name>.*)$", "unfilled"),
    (r"its own right answer (?P<given>.*) is not graded as right", "own_right"),
    (r"the wrong answer '-[a-z]' is named", "left_out"),
    (r"the wrong answer (?P<given>.*) is named (?P<named>.*), not", "named"),
)
"""What the bank says, by a part of it, and the end of the id of our words for it; the first that is found."""
_PATH = re.compile(r"^(?:line \d+: )?(?P<path>(?:questions|misconceptions)\[\d+\][^:]*): (?P<what>.*)$", re.DOTALL)
_LAST = re.compile(r"(\.[^.\[\]]*|\[\d+\])$")


@dataclass(frozen=True)
class Fault:
    """Something that is wrong.

    Attributes:
        fields: Names of the fields that it is about, such as "why_1_zh"; none where it is about the whole.
        where: What the page calls the place, such as "Option 2"; empty for the whole.
        words: What is wrong and what would be right.
        foreign: Whether they are the bank's own, in English.
    """

    fields: tuple[str, ...]
    where: str
    words: str
    foreign: bool = False


def faults(problems: Iterable[str], made: Made, values: Mapping[str, str], say: Say) -> list[Fault]:
    """Tell each problem beside its field; one that is told twice, once.

    Args:
        problems: As the bank says them.
        made: What was made of the form.
        values: What was typed.
        say: The words.
    """
    return list(dict.fromkeys(_fault(one, made.spots, values, say) for one in (*made.problems, *problems)))


def by_field(found: Iterable[Fault]) -> dict[str, list[Fault]]:
    """Faults by the field beside which they stand: the first of those that they are about."""
    listed: dict[str, list[Fault]] = {}
    for one in found:
        for name in one.fields[:1]:
            listed.setdefault(name, []).append(one)
    return listed


def _fault(problem: str, spots: Mapping[str, str], values: Mapping[str, str], say: Say) -> Fault:
    parted = _PATH.match(problem)
    spot = _spot(parted["path"], spots) if parted else ""
    found = next(((key, match) for part, key in _SAID if (match := re.search(part, problem))), None)
    place = where(spot, say)
    if found is None:
        return Fault(_fields(spot, values), place, parted["what"] if parted else problem, foreign=True)
    key, match = found
    if key == WORDS:
        lacks = [one for one in check.LANGUAGES if not values.get(f"{spot}_{one}", "").strip()]
        fields = tuple(f"{spot}_{one}" for one in lacks) or _fields(spot, values)
        return Fault(fields, place, say(f"qform.fault.words.{lacks[0] if len(lacks) == 1 else 'both'}"))
    return Fault(_fields(spot, values), place, say(f"qform.fault.{key}", **match.groupdict()))


def _spot(path: str, spots: Mapping[str, str]) -> str:
    """The field of a part of the document, or of the smallest part around it that has one; empty: the whole."""
    while path:
        if path in spots:
            return spots[path]
        shorter = _LAST.sub("", path)
        path = shorter if shorter != path else ""
    return ""


def _fields(spot: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of a spot: itself, or its texts in both languages."""
    if not spot:
        return ()
    both = tuple(f"{spot}_{language}" for language in check.LANGUAGES)
    return (spot,) if spot in values or not any(name in values for name in both) else both


def where(spot: str, say: Say) -> str:
    """What a page calls a field, such as "Option 2": empty for the whole."""
    stem, _, row = spot.rpartition("_")
    if not spot:
        return ""
    return say(f"qform.at.{stem}", number=int(row) + 1) if row.isdigit() else say(f"qform.at.{spot}")
