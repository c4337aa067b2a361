"""Who does what at the border, and what a mistake about it is called."""

from __future__ import annotations

from typing import Any

import pytest

from curriculum import practice
from curriculum.practice.flow import shelf, taxes
from tests.curriculum.flow import orders

DEAR = [("6109.10", 10, "20.00")]


def roles(to: str, **more: Any) -> dict[str, str]:
    """What is right, by the left side: ids of the options."""
    world = orders.order(to, **more)
    step, _ = taxes.who(world, taxes.levied(world))
    data = shelf.pages()["who"][to]
    lefts, options = list(data["lefts"]), list(data["options"])
    assert isinstance(step.right, tuple)
    return {lefts[int(pair[0]) - 1]: options[shelf.KEYS.index(pair[1])] for pair in step.right}


@pytest.mark.parametrize(
    ("channel", "lines", "declaration", "vat"),
    [
        ("market", [("6109.10", 5, "9.00")], "h7", "market"),
        ("shop_registered", [("6109.10", 5, "9.00")], "h7", "own"),
        ("shop", [("6109.10", 5, "9.00")], "h7", "import"),
        ("market", DEAR, "h1", "import"),
        ("shop_registered", DEAR, "h1", "import"),
    ],
)
def test_in_the_eu_value_and_channel_decide(channel: str, lines: Any, declaration: str, vat: str) -> None:
    found = roles("eu", channel=channel, lines=lines)

    assert (found["declaration"], found["vat"], found["term"]) == (declaration, vat, "ddp")


@pytest.mark.parametrize(("paid", "term"), [(True, "ddp"), (False, "dap")])
def test_the_promise_decides_the_term(paid: bool, term: str) -> None:
    assert roles("uk", paid_duty=paid)["term"] == term


@pytest.mark.parametrize(("bonded", "mode"), [(True, "1210"), (False, "9610")])
@pytest.mark.parametrize("to", ["uk", "us", "cn"])
def test_where_the_goods_lie_decides_the_mode(to: str, bonded: bool, mode: str) -> None:
    assert roles(to, bonded=bonded)["mode"] == mode


def test_the_united_states_exempt_nothing_and_china_charges_by_identity() -> None:
    assert roles("us")["entry"] == "informal"
    assert roles("cn", lines=[("3304.99", 2, "90.00")]) == {"mode": "9610", "tax": "platform", "limit": "buyer"}


@pytest.mark.parametrize(
    ("more", "name", "cause"),
    [
        ({"channel": "market", "lines": DEAR}, "market", "m.at_sale_above_limit"),
        ({"channel": "market"}, "own", "m.deemed_supplier_missed"),
        ({"channel": "market"}, "import", "m.deemed_supplier_missed"),
        ({"channel": "shop"}, "market", "m.deemed_supplier_without"),
        ({"channel": "shop"}, "own", "m.ioss_without_number"),
        ({"channel": "shop_registered"}, "import", "m.vat_at_import"),
        ({"channel": "shop_registered"}, "market", "m.deemed_supplier_without"),
    ],
)
def test_a_mistake_about_the_vat_has_the_name_of_its_thinking(more: dict[str, Any], name: str, cause: str) -> None:
    world = orders.order("eu", **more)
    step, _ = taxes.who(world, taxes.levied(world))
    data = shelf.pages()["who"]["eu"]
    pair = f"{list(data['lefts']).index('vat') + 1}{shelf.KEYS[list(data['options']).index(name)]}"

    assert dict(map(reversed, step.wrong))[(pair,)] == cause  # type: ignore[arg-type]  # a pair turned round


def test_a_match_with_two_mistakes_tells_both() -> None:
    case = practice.case("flow_eu", 3, orders.order().day)
    step = next(step for step in case.steps if step.id == "who")
    assert isinstance(step.right, tuple)
    wrong = {value[0][0]: value[0] for value in (one.value for one in step.wrong) if isinstance(value, tuple)}
    found = practice.grade(step, ",".join(wrong.get(pair[0], pair) if pair[0] != "3" else pair for pair in step.right))

    assert found.credit > 0
    assert {found.cause} <= {"m.declaration_type", "m.incoterm_dap_ddp"}
    assert found.words["en"].count("You ") >= 2


@pytest.mark.parametrize(("paid", "told"), [(True, True), (False, False)])
def test_a_wrong_duty_costs_the_seller_only_where_the_seller_pays_it(paid: bool, told: bool) -> None:
    world = orders.order("eu", paid_duty=paid, lines=[("6109.10", 2, "9.00"), ("9503.00", 3, "12.00")])
    made = taxes.duty(world, taxes.levied(world))

    assert bool(made.effects) is told
    assert all("margin" in text["en"] for text in made.effects.values())
