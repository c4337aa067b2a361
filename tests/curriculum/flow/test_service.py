"""Refunds and returns."""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice.dice import Dice
from curriculum.practice.flow import service, shelf, taxes
from tests.curriculum.flow import orders


def test_the_united_states_follow_the_policy_that_was_shown() -> None:
    world = orders.order("us", lines=[("6109.10", 4, "25.00")], standard="6.00")
    for seed in range(8):
        made, sheet = service.refund(Dice(f"{seed}"), world, taxes.levied(world))
        fee = Decimal(str(made.facts["fee"]))
        assert made.right == 100 - fee
        assert f"{fee} %" in sheet.rows[2][1]["en"]  # type: ignore[index]  # both languages
        assert dict(made.wrong)["m.withdrawal_abroad"] == Decimal("106.00")


def test_the_best_way_has_neither_the_highest_proceeds_nor_the_lowest_cost() -> None:
    for seed in range(20):
        made, sheet = service.disposition(Dice(f"{seed}"), orders.order(lines=[("6109.10", 4, "25.00")]))
        rows = {name: (Decimal(str(proceeds)), Decimal(str(cost))) for name, (_, proceeds, cost) in named(sheet.rows)}
        nets = {name: proceeds - cost for name, (proceeds, cost) in rows.items()}
        best = max(nets, key=lambda name: nets[name])

        assert best in {"as_is", "home"}
        assert max(rows, key=lambda name: rows[name][0]) == "renewed"
        assert min(rows, key=lambda name: rows[name][1]) == "destroyed"
        assert made.facts["best"] == shelf.pages()["ways_back"][best]
        assert made.facts["best_net"] == f"{nets[best]}"
        assert made.facts["renewed_net"] == f"{nets['renewed']}"


def named(rows: object) -> list[tuple[str, tuple[object, object, object]]]:
    return list(zip(shelf.pages()["ways_back"], rows, strict=True))  # type: ignore[call-overload]  # rows of a sheet
