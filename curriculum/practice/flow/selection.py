"""Part 1, what may be sold there: each candidate may be offered, or has one reason against it. Floor 1."""

from __future__ import annotations

from curriculum.practice import book
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import shelf
from curriculum.practice.flow.world import World
from curriculum.practice.task import MATCH, Words

OFFER = "offer"
SAFETY = "eu.gpsr"
BAD = 3


def screen(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """Five candidates, two of them goods of the order, to be matched with what speaks against them."""
    data = shelf.pages()
    verdicts = data["verdicts"]
    here = [one for one in data["candidates"] if world.destination in one["where"]]
    reasons = dice.draw("reasons", sorted({one["reason"] for one in here}), BAD)
    bad = [dice.pick(f"bad.{reason}", [one for one in here if one["reason"] == reason]) for reason in reasons]
    clear: Words = data["clear"][world.destination]
    good = [{"name": one["name"], "note": clear, "reason": OFFER, "why": clear} for one in world.goods[:2]]
    rows = dice.draw("rows", [*good, *bad], len(good) + BAD)
    keys = {name: shelf.KEYS[place] for place, name in enumerate(verdicts)}
    wrong: Pairs = ()
    told: dict[tuple[str, ...], Words] = {}
    for number, row in enumerate(rows, start=1):
        for verdict, key in keys.items():
            if verdict == row["reason"]:
                continue
            cause = _cause(row["reason"], verdict)
            value = (f"{number}{key}",)
            wrong += ((cause, value),)
            facts: dict[str, Fact] = {
                "article": row["name"],
                "why": row["why"],
                "verdict": verdicts[row["reason"]],
                "note": row["note"],
            }
            told[value] = book.filled(shelf.causes("screen")[cause], facts)
    rule = book.catalog().rules.get(SAFETY) if world.destination == "eu" else None
    step = Sum(
        "screen",
        tuple(f"{number}{keys[row['reason']]}" for number, row in enumerate(rows, start=1)),
        wrong,
        form=MATCH,
        options=tuple((key, verdicts[name]) for name, key in keys.items()),
        lefts=tuple((str(number), row["name"]) for number, row in enumerate(rows, start=1)),
        told=told,
        rule=rule,
        sheets=("candidates",),
    )
    table = Sheet("candidates", ("article", "note"), tuple((row["name"], row["note"]) for row in rows), keyed=False)
    return step, table


def _cause(reason: str, verdict: str) -> str:
    """The misconception behind a wrong verdict."""
    if reason == OFFER:
        return "m.screen_overcautious"
    return f"m.screen_{reason}" if verdict == OFFER else "m.screen_reason"
