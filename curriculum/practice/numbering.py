"""Numbers on the papers of a parcel: which can be an IOSS number, which GTIN was mistyped, a check digit. Floor 1.

What a sound number is, `almanac.numbers` says. Numbers of firms lie beyond those that were given out: they are
nobody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from curriculum.almanac import names, numbers
from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Pairs, Sheet, Sum
from curriculum.practice.task import CHOICE, TEXT

KEYS = "abcdefgh"
# Member states in which many sellers are registered for IOSS: numeric and alphabetic code (ISO 3166-1), and how a VAT
# number ends there after seven digits.
STATES = (("372", "IE", "WA"), ("528", "NL", "12B01"), ("442", "LU", "8"), ("276", "DE", "35"))
HIGH = 9_990_000
"""Serials from here on are above any that was given out."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2)
"""Of the first seven digits of a Finnish business ID (Finnish Patent and Registration Office)."""
ELEVEN = 11
CAUSES = {
    "intermediary": "m.ioss_intermediary_number",
    "services": "m.ioss_services_number",
    "vat": "m.ioss_vat_number",
    "short": "m.ioss_digit_missing",
}


def draft(dice: Dice, on: date) -> Draft:
    """The numbers of a case; the day stands on the invoice and changes nothing else."""
    data = book.pages()
    asked, scheme = _ioss(dice)
    mistyped, articles = _gtins(dice)
    digit, firm = _business(dice)
    facts: dict[str, Fact] = {"seller": dice.pick("seller", data["sellers"]), "day": figures.day(on)}
    return Draft(facts=facts, sheets=(scheme, articles, firm), steps=(asked, mistyped, digit))


def fits(made: Draft) -> bool:
    """Whether it can be asked about: nothing but its separation can fail."""
    return bool(made.steps)


def _ioss(dice: Dice) -> tuple[Sum, Sheet]:
    """One number of five that a seller may give for IOSS."""
    code, country, tail = dice.pick("state", STATES)
    serial = str(dice.whole("serial", HIGH, HIGH + 9_999))
    found = {
        "right": f"IM{code}{serial}",
        "intermediary": f"IN{code}{serial}",
        "services": f"EU{code}{serial[:6]}",
        "vat": f"{country}{serial}{tail}",
        "short": f"IM{code}{serial[:6]}",
    }
    order = dice.draw("schemes", list(found), len(found))
    keys = {name: KEYS[place] for place, name in enumerate(order)}
    step = Sum(
        "ioss",
        (keys["right"],),
        tuple((cause, (keys[name],)) for name, cause in CAUSES.items()),
        facts={f"number_{name}": number for name, number in found.items()}
        | {"state": names.within(country), "code": code},
        form=CHOICE,
        options=tuple((keys[name], found[name]) for name in order),
        sheets=("scheme",),
    )
    return step, Sheet("scheme", ("what", "figure"), (("state", names.country(country)), ("state_code", code)))


def _gtins(dice: Dice) -> tuple[Sum, Sheet]:
    """Four article typed_in, one of them mistyped in one digit; the others look odd and are right."""
    goods = dice.draw("goods", book.pages()["goods"], 4)
    typed_in = {
        "zero": _whole(dice, "zero", "69", ends="0"),
        "prefix": _whole(dice, "prefix", dice.pick("abroad", ["40", "50", "30"])),
        "looks": _whole(dice, "looks", f"69{str(dice.whole('same', 0, 9)) * 5}"),
    }
    typing = _whole(dice, "typed", "69", ends="123456789")
    place = dice.whole("place", 3, 11)  # any one digit: no change of it keeps the sum
    wrong = (int(typing[place]) + dice.whole("shift", 1, 9)) % 10
    typed_in["typed"] = f"{typing[:place]}{wrong}{typing[place + 1 :]}"
    order = dice.draw("articles", list(typed_in), len(typed_in))
    keys = {name: KEYS[where] for where, name in enumerate(order)}
    typed = [int(digit) for digit in typed_in["typed"]]
    total = sum(digit * (1 if where % 2 == 0 else 3) for where, digit in enumerate(typed))
    wrongs: Pairs = (
        ("m.gtin_zero_check", (keys["zero"],)),
        ("m.gtin_prefix_origin", (keys["prefix"],)),
        ("m.number_by_looks", (keys["looks"],)),
    )
    step = Sum(
        "mistyped",
        (keys["typed"],),
        wrongs,
        facts={
            "typed": typed_in["typed"],
            "products": " + ".join(f"{digit}×{1 if where % 2 == 0 else 3}" for where, digit in enumerate(typed)),
            "total": str(total),
            "prefix": typed_in["prefix"][:2],
        },
        form=CHOICE,
        options=tuple((keys[name], typed_in[name]) for name in order),
        sheets=("articles",),
    )
    rows = tuple((good["name"], typed_in[name]) for good, name in zip(goods, order, strict=True))
    return step, Sheet("articles", ("article", "gtin"), rows, keyed=False)


def _whole(dice: Dice, name: str, begin: str, ends: str = "0123456789") -> str:
    """A GTIN-13 that begins so, and ends with one of some digits."""
    drawn = begin + "".join(str(dice.whole(f"{name}.{place}", 0, 9)) for place in range(len(begin), 11))
    found = [f"{drawn}{last}{numbers.gtin_digit(f'{drawn}{last}')}" for last in range(10)]
    fitting = [number for number in found if number[-1] in ends]
    return fitting[dice.whole(f"{name}.last", 0, len(fitting) - 1)]


def _business(dice: Dice) -> tuple[Sum, Sheet]:
    """Seven digits of a Finnish business ID; the last one is asked for, and with FI before it is the VAT number."""
    begin = [9, 9, *(dice.whole(f"firm.{place}", 0, 9) for place in range(2, 6))]
    # A rest of 1 would ask for a digit of 10: such numbers are not given out.
    digits = dice.pick("firm", [[*begin, last] for last in range(10) if _rest([*begin, last]) != 1])
    written = "".join(map(str, digits))
    total, rest = _total(digits), _rest(digits)
    right = (ELEVEN - rest) % ELEVEN
    tens = -total % 10
    wrong: Pairs = (
        ("m.check_rest_itself", (str(rest),)),
        ("m.check_to_next_ten", (str(tens),)),
    )
    step = Sum(
        "business",
        (str(right),),
        wrong,
        facts={
            "written": written,
            "products": " + ".join(f"{digit}×{weight}" for digit, weight in zip(digits, WEIGHTS, strict=True)),
            "total": str(total),
            "rest": str(rest),
            "digit": str(right),
            "tens": str(tens),
            "next": figures.shown(Decimal(-(-total // ELEVEN) * ELEVEN), 0),
        },
        form=TEXT,
        spellings=(f"{written}{right}", f"fi{written}{right}"),
        sheets=("firm",),
    )
    weights = ", ".join(map(str, WEIGHTS))
    return step, Sheet(
        "firm",
        ("what", "figure"),
        (("vat_id", f"FI{written}_"), ("weights", weights), ("rule", book.pages()["by_eleven"])),
    )


def _total(digits: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=True))


def _rest(digits: Sequence[int]) -> int:
    return _total(digits) % ELEVEN
