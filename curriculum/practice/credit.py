"""What an answer is worth that came after hints or at a further try. Floor 1.

A hint costs a quarter: three of them take a question from nothing to nearly solved, and what is left for the last step
is the last quarter. A further try costs a quarter where an answer is worked out, and a half where it is chosen: of four
options two tries leave little to know, and whoever guesses through three tries would come to more than half of the
points at a quarter each (.25 + .25 x .75 + .25 x .5 = .56), and to .38 at a half. No answer is worth less than
nothing. Of one that is not right the part that is right counts, as `grading` says it: the heading of a customs code,
the pairs of a match, the options of several less those too many. What hints and tries cost is taken off that part.
"""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice.task import CHOICE, MATCH, SEVERAL, Step

HINT = Decimal("0.25")
"""What each hint costs, as a share of the question."""
TRY = Decimal("0.25")
"""What each further try costs where the answer is a figure or a code."""
CHOSEN = Decimal("0.5")
"""What each further try costs where the answer is chosen."""
MOST_TRIES = 3
NONE, ALL = Decimal(0), Decimal(1)


def further(step: Step) -> Decimal:
    """What a further try at a question costs, as a share of it."""
    return CHOSEN if step.form in {CHOICE, SEVERAL, MATCH} else TRY


def credit(step: Step, *, right: bool, part: Decimal = NONE, hints: int = 0, tries: int = 1) -> Decimal:
    """What an answer is worth, from 0 to 1.

    Args:
        step: The question.
        right: Whether the answer is right.
        part: Where it is not: how much of it is, from 0 to 1 (`task.Verdict.credit`).
        hints: How many hints came before it.
        tries: Which try it was, from 1.
    """
    return max(NONE, (ALL if right else part) - HINT * hints - further(step) * (tries - 1))
