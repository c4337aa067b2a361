"""Part 9, after the sale: the refund that local law or the shop's policy asks for, and where a return goes. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from curriculum.catalog import Rule
from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import shelf, taxes
from curriculum.practice.flow.law import Levy
from curriculum.practice.flow.world import World
from curriculum.practice.task import CHOICE

WITHDRAWAL = "eu.withdrawal_14d"


def refund(dice: Dice, world: World, levy: Levy) -> tuple[Sum, Sheet]:
    """What the buyer who sends everything back, in time and unused, gets."""
    back = dice.cents("back", Decimal(6), Decimal(18), Decimal("0.10"))
    fee = Decimal(dice.pick("restocking", [10, 15, 20]))
    days = dice.whole("after", 3, 6)
    kept = figures.rounded(world.value * (1 - figures.percent(fee)))
    rule: Rule | None = None
    tax = taxes.taxed(world, levy)
    if world.destination == "us":
        right = kept
        wrong: Pairs = (
            ("m.withdrawal_abroad", world.value + world.standard),
            ("m.policy_ignored", world.value),
            ("m.refund_with_shipping", kept + world.shipping),
        )
    elif world.destination == "cn":
        right = world.value + tax
        wrong = (
            ("m.refund_without_tax", world.value),
            ("m.refund_with_shipping", world.paid + tax),
            ("m.restocking_fee", kept + tax),
        )
    else:
        right = world.value + world.standard
        rule = book.catalog().rules.get(WITHDRAWAL) if world.destination == "eu" else None
        wrong = (
            ("m.refund_without_shipping", world.value),
            ("m.refund_with_express", world.paid),
            ("m.refund_with_return", right + back),
            ("m.restocking_fee", kept + world.standard),
        )
    facts: dict[str, Fact] = {
        "value": figures.shown(world.value),
        "standard": figures.shown(world.standard),
        "express": figures.shown(world.express),
        "shipping": figures.shown(world.shipping),
        "back": figures.shown(back),
        "fee": figures.plain(fee),
        "tax": figures.shown(tax),
        "days": str(days),
        "away": world.away,
    }
    step = Sum(
        "refund",
        figures.rounded(right),
        tuple((cause, figures.rounded(value)) for cause, value in wrong if isinstance(value, Decimal)),
        facts=facts,
        rule=rule,
        unit=world.away,
        given=(("tax", f"{world.away} {figures.shown(tax)}"),) if world.destination == "cn" else (),
        sheets=("invoice", "shipping", "return"),
    )
    rows: tuple[tuple[Fact, ...], ...] = (
        ("received", book.filled(shelf.pages()["received"], facts)),
        ("back", f"{world.away} {figures.shown(back)}"),
        ("policy", book.filled(shelf.pages()["policies"][world.destination], facts)),
    )
    return step, Sheet("return", ("what", "figure"), rows)


def disposition(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """Where a returned parcel goes: what brings most after its costs, not the dearest sale nor the cheapest way."""
    data = shelf.pages()["ways_back"]
    worth = world.value

    def share(name: str, low: str, high: str) -> Decimal:
        return figures.rounded(worth * dice.cents(name, Decimal(low), Decimal(high)))

    best = dice.pick("best", ["as_is", "home"])
    other = "home" if best == "as_is" else "as_is"
    table = {
        "renewed": (share("renewed", "0.80", "0.90"), share("renewed.cost", "0.50", "0.60")),
        best: (share("best", "0.60", "0.70"), share("best.cost", "0.12", "0.20")),
        other: (share("other", "0.45", "0.55"), share("other.cost", "0.22", "0.30")),
        "destroyed": (figures.rounded(Decimal(0)), share("destroyed.cost", "0.03", "0.08")),
    }
    causes = {"renewed": "m.disposition_gross", "destroyed": "m.disposition_cheapest", other: "m.disposition_habit"}
    options = shelf.lettered(dice, "ways", [(name, data[name]) for name in data])
    nets = {name: proceeds - cost for name, (proceeds, cost) in table.items()}
    step = Sum(
        "disposition",
        (options[best][0],),
        tuple((cause, (options[name][0],)) for name, cause in causes.items()),
        facts={
            "best": data[best],
            "best_net": figures.shown(nets[best]),
            "renewed_net": figures.shown(nets["renewed"]),
            "other": data[other],
            "other_net": figures.shown(nets[other]),
            "destroyed_net": figures.shown(nets["destroyed"]),
            "best_proceeds": figures.shown(table[best][0]),
            "best_cost": figures.shown(table[best][1]),
            "away": world.away,
        },
        form=CHOICE,
        options=tuple(sorted(options.values(), key=lambda option: option[0])),
        sheets=("ways",),
    )
    rows = tuple((data[name], *map(figures.shown, table[name])) for name in data)
    return step, Sheet("ways", ("way", "proceeds", "cost"), rows, keyed=False)
