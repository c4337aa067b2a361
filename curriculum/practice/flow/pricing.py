"""Part 6, the price: landed cost at a safe rate, and the price that leaves nothing, or the margin wanted. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice import figures, quoting
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import counterfactual
from curriculum.practice.flow.law import Levy
from curriculum.practice.flow.world import World

# A learner who rounds in between may be a few cents off.
ROUNDINGS = Decimal("0.03")


def sheet(world: World) -> Sheet:
    """What selling costs: on the documents."""
    deal = world.deal
    other = world.away if world.home == "CNY" else world.home
    return Sheet(
        "deal",
        ("what", "figure"),
        (
            ("purchase", f"{world.home} {figures.shown(deal.purchase)}"),
            ("commission", f"{figures.plain(deal.commission)} %"),
            ("payment_fee", f"{figures.plain(deal.fee)} %"),
            ("rate", f"1 {other} = CNY {figures.shown(deal.rate, quoting.PLACES)}"),
            *((("rate_source", quoting.source(deal.quote)),) if deal.quote else ()),
            ("fx", f"{figures.plain(deal.fx)} %"),
            ("buffer", f"{figures.plain(deal.buffer)} %"),
        ),
    )


def borne(world: World, levy: Levy) -> Decimal:
    """What the seller pays at the border: the duty where the buyer was promised to pay nothing at the door."""
    return levy.amount if world.paid_duty else Decimal(0)


def cost(world: World, levy: Levy) -> Decimal:
    """Landed cost of an order for its seller, without VAT, at the safe rate, in the buyer's currency."""
    return figures.rounded(world.spent(world.deal.purchase + world.freight, world.safe_rate) + borne(world, levy))


def landed(world: World, levy: Levy) -> Sum:
    """Goods, freight and what the seller pays at the border, in the buyer's currency."""
    deal, own = world.deal, borne(world, levy)
    paid = deal.purchase + world.freight
    right = cost(world, levy)
    inverse = paid * world.safe_rate if world.home == "CNY" else paid / world.safe_rate
    wrong: Pairs = (
        ("m.fx_inverse", figures.rounded(inverse + own)),
        ("m.fx_buffer_forgotten", figures.rounded(world.spent(paid, deal.rate) + own)),
        ("m.fx_buffer_wrong_way", figures.rounded(world.spent(paid, world.bold_rate) + own)),
        ("m.landed_without_freight", figures.rounded(world.spent(deal.purchase, world.safe_rate) + own)),
    )
    if levy.amount:
        swapped = right - levy.amount if world.paid_duty else right + levy.amount
        wrong += (("m.incoterm_dap_ddp", swapped),)
    facts: dict[str, Fact] = {
        "purchase": figures.shown(deal.purchase),
        "freight": figures.shown(world.freight),
        "duty": figures.shown(own),
        "rate": figures.shown(deal.rate, quoting.PLACES),
        "buffer": figures.plain(deal.buffer),
        "safe": figures.shown(world.safe_rate, 4),
        "home": world.home,
        "away": world.away,
    }
    far = {value for cause, value in wrong if cause == "m.fx_inverse"}
    return Sum(
        "landed",
        right,
        wrong,
        facts=facts,
        tolerance=ROUNDINGS,
        unit=world.away,
        variant="ddp" if world.paid_duty else "dap",
        given=(
            ("freight", f"{world.home} {figures.shown(world.freight)}"),
            ("duty", f"{world.away} {figures.shown(levy.amount)}"),
        ),
        effects={
            value: counterfactual.amount(world, right, value)
            for _, value in wrong
            if isinstance(value, Decimal) and value not in far
        },
        sheets=("deal", "sale"),
    )


def price(dice: Dice, world: World, levy: Levy) -> Sum:
    """The price of the order at which nothing is left, or at which the wanted margin is."""
    deal, needed = world.deal, cost(world, levy)
    taken, paid, wanted = map(figures.percent, (deal.commission, deal.fee, deal.target))
    floor = dice.whole("floor", 1, 2) == 1
    share = taken + paid + (0 if floor else wanted)
    right = figures.rounded(needed / (1 - share))
    wrong: Pairs = (
        ("m.margin_markup", figures.rounded(needed * (1 + share))),
        ("m.breakeven_without_commission", figures.rounded(needed / (1 - share + taken))),
        ("m.payment_fee_forgotten", figures.rounded(needed / (1 - share + paid))),
    )
    if not floor:
        wrong += (
            ("m.floor_for_target", figures.rounded(needed / (1 - taken - paid))),
            ("m.margin_on_top", figures.rounded(needed / (1 - taken - paid) * (1 + wanted))),
        )
    return Sum(
        "price",
        right,
        wrong,
        facts={
            "landed": figures.shown(needed),
            "commission": figures.plain(deal.commission),
            "fee": figures.plain(deal.fee),
            "target": figures.plain(deal.target),
            "share": figures.plain(100 * share),
        },
        tolerance=ROUNDINGS,
        unit=world.away,
        variant="floor" if floor else "target",
        given=(("landed", f"{world.away} {figures.shown(needed)}"),),
        sheets=("deal",),
    )
