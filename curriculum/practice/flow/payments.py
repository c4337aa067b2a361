"""Part 8, the payment: what arrives of an order, and which evidence answers a dispute. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice import figures, quoting
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Sum
from curriculum.practice.flow import shelf
from curriculum.practice.flow.world import World
from curriculum.practice.task import CHOICE

# Rounded to the cent in the buyer's currency before it is converted: up to eight cents in yuan, one elsewhere.
CONVERTED, PLAIN = Decimal("0.10"), Decimal("0.02")


def payout(world: World) -> Sum:
    """What arrives in the seller's account: after commission, fee of the payment company, and conversion."""
    deal = world.deal
    kept = figures.percent(deal.commission + deal.fee)
    left = 1 - figures.percent(deal.fx)
    net = world.paid * (1 - kept)
    inverse = net / deal.rate if world.home == "CNY" else net * deal.rate
    return Sum(
        "payout",
        figures.rounded(world.earned(net) * left),
        (
            ("m.fx_inverse", figures.rounded(inverse * left)),
            ("m.gross_payout", figures.rounded(world.earned(world.paid) * left)),
            ("m.fx_fee_forgotten", figures.rounded(world.earned(net))),
            (
                "m.commission_on_price_only",
                figures.rounded(world.earned(world.paid - world.value * kept) * left),
            ),
        ),
        facts={
            "paid": figures.shown(world.paid),
            "value": figures.shown(world.value),
            "shipping": figures.shown(world.shipping),
            "commission": figures.plain(deal.commission),
            "fee": figures.plain(deal.fee),
            "kept": figures.plain(deal.commission + deal.fee),
            "rate": figures.shown(deal.rate, quoting.PLACES),
            "fx": figures.plain(deal.fx),
            "home": world.home,
            "away": world.away,
        },
        tolerance=CONVERTED if world.home == "CNY" else PLAIN,
        unit=world.home,
        given=(("paid", f"{world.away} {figures.shown(world.paid)}"),),
        sheets=("invoice", "shipping", "deal"),
    )


def dispute(dice: Dice) -> Sum:
    """Which evidence answers the reason of a chargeback; the others answer another reason, or none."""
    data = shelf.pages()["disputes"]
    names = list(data["reasons"])
    reason = dice.pick("reason", names)
    entries = [(name, data["evidence"][name]) for name in [*names, "refund", "threat"]]
    options = shelf.lettered(dice, "evidence", entries)
    causes = {"refund": "m.refund_beside_dispute", "threat": "m.dispute_unanswered"}
    return Sum(
        "dispute",
        (options[reason][0],),
        tuple(
            (causes.get(name, "m.evidence_of_other_reason"), (options[name][0],))
            for name, _ in entries
            if name != reason
        ),
        facts={"reason": data["reasons"][reason], "evidence": data["evidence"][reason], "why": data["why"][reason]},
        form=CHOICE,
        options=tuple(sorted(options.values(), key=lambda option: option[0])),
        sheets=("sale",),
    )
