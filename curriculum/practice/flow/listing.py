"""Part 2, the listing: a title that the channel accepts, and the check digit of a GTIN. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from curriculum.almanac import numbers
from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Sheet, Sum
from curriculum.practice.flow import shelf
from curriculum.practice.flow.world import World
from curriculum.practice.task import CHOICE, TEXT

INCH = Decimal("2.54")
"""Centimetres, exactly (International Yard and Pound agreement of 1959)."""
CAUSES = {
    "inverse": "m.unit_inverse",
    "foreign": "m.not_localised",
    "claim": "m.banned_claim",
    "brand": "m.foreign_brand",
    "stuffed": "m.keyword_stuffing",
}
TEN = 10


def check_digit(digits: Sequence[int]) -> int:
    """The last digit of a GTIN-13: weights 1 and 3 in turn, up to the next ten (GS1 General Specifications, 7.9.1).

    >>> check_digit([4, 0, 0, 6, 3, 8, 1, 3, 3, 3, 9, 3])
    1
    """
    return int(numbers.gtin_digit("".join(map(str, digits))))


def weighed(digits: Sequence[int], odd: int, even: int) -> int:
    """The sum of digits, those at odd places (from 1) and at even places each with their weight."""
    return sum(digit * (odd if place % 2 == 0 else even) for place, digit in enumerate(digits))


def title(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """One title of four may stay; the others break a rule of the channel."""
    data = shelf.pages()
    good = world.goods[0]
    low, high = good["inches"]
    inches = dice.cents("inches", Decimal(low), Decimal(high), Decimal("0.5"))
    centimetres = figures.rounded(inches * INCH, 1)
    source, there = (inches, "in"), (centimetres, "cm")
    inverse = figures.rounded(inches / INCH, 1)
    if world.destination == "us":
        source, there = there, (figures.rounded(centimetres / INCH, 1), "in")
        inverse = figures.rounded(centimetres * INCH, 1)
    facts: dict[str, Fact] = {
        "title": good["title"],
        "size": good["measure"],
        "source": f"{figures.plain(source[0])} {source[1]}",
        "there": f"{figures.plain(there[0])} {there[1]}",
        "inverse": f"{figures.plain(inverse)} {there[1]}",
    }
    wanted = ["right", "inverse", *dice.draw("faults", ["foreign", "claim", "brand", "stuffed"], 2)]
    entries = [(name, book.filled(data["titles"][name], facts)) for name in wanted]
    options = shelf.lettered(dice, "titles", entries)
    step = Sum(
        "title",
        (options["right"][0],),
        tuple((CAUSES[name], (options[name][0],)) for name in wanted if name != "right"),
        facts=facts,
        form=CHOICE,
        options=tuple(sorted(options.values(), key=lambda option: option[0])),
        sheets=("article", "house"),
    )
    table = Sheet("article", ("what", "figure"), (("article", good["name"]), ("size", facts["source"])))
    return step, table


def gtin(dice: Dice) -> tuple[Sum, Sheet]:
    """Twelve digits of a GTIN-13 with a Chinese prefix; the last one is asked for."""
    digits = [6, 9, *(dice.whole(f"digit.{place}", 0, 9) for place in range(2, 12))]
    right = check_digit(digits)
    swapped, kept = -weighed(digits, 3, 1) % TEN, weighed(digits, 1, 3) % TEN
    written = "".join(map(str, digits))
    products = " + ".join(f"{digit}×{1 if place % 2 == 0 else 3}" for place, digit in enumerate(digits))
    total = weighed(digits, 1, 3)
    facts: dict[str, Fact] = {
        "digits": f"{written[0]} {written[1:7]} {written[7:]}",
        "products": products,
        "total": str(total),
        "ten": str(-(-total // TEN) * TEN),
        "digit": str(right),
        "last": str(kept),
    }
    step = Sum(
        "gtin",
        (str(right),),
        (("m.gtin_weights_swapped", (str(swapped),)), ("m.gtin_no_complement", (str(kept),))),
        facts=facts,
        form=TEXT,
        spellings=(f"{written}{right}",),
        sheets=("code",),
    )
    return step, Sheet("code", ("what", "figure"), (("gtin", f"{facts['digits']} _"),))
