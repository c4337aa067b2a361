"""Questions about one order and its parcel: tax, duty, cost to the door, weight that counts, freight. Floor 1.

The tax follows the standard rate of the country on the day of the order, the duty the dated rules of the catalog.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from curriculum import rules
from curriculum.almanac import vat
from curriculum.kits import books
from curriculum.kits.kit import Order, Product, Tariff
from curriculum.kits.look import Look
from curriculum.practice import book, figures, importing
from curriculum.practice.draft import Fact, Pairs, Sum
from curriculum.practice.task import Value, Words

OTHERS = {5000: 6000, 6000: 5000}
GRAMS = Decimal("0.002")
ROUNDINGS = Decimal("0.02")


def tax(look: Look) -> Sum | None:
    """The value-added tax in what the buyer of an order paid."""
    order = look.order
    if order is None:
        return None
    paid, rate = books.paid(order), vat.standard(order.country, order.date).percent
    at_home = home(look, order)
    before = former(order)
    wrong: Pairs = (
        ("m.pay.vat_from_gross", figures.rounded(paid * figures.percent(rate))),
        ("m.cus.home_rate_for_all", _in(paid, at_home)),
    )
    if order.shipping:
        wrong += (("m.shipping_forgotten", _in(order.price * order.quantity, rate)),)
    if before is not None:
        wrong += (("m.cmp.old_rule_kept", _in(paid, before)),)
    facts: dict[str, Fact] = {
        "paid": figures.shown(paid),
        "rate": figures.plain(rate),
        "whole": figures.plain(100 + rate),
        "home": figures.plain(at_home),
        "former": "" if before is None else figures.plain(before),
        "shipping": figures.shown(order.shipping),
    }
    return _sum(look, "tax", _in(paid, rate), wrong, facts=facts, sheets=("order",))


def duty(look: Look) -> Sum | None:
    """The customs duty on an order to the EU up to EUR 150, by the rule of its day."""
    order = look.order
    if order is None or look.currency != "EUR" or order.country in {"GB", "CN"}:
        return None
    catalog = book.catalog()
    lines = look.books.orders[order.order_id]
    codes = [look.books.products[one.sku].hs_code for one in lines]
    try:
        rule = importing.ruling(catalog, order.date)
        newest = importing.flat(catalog)
    except LookupError:
        return None
    value = sum((one.price * one.quantity for one in lines), Decimal(0))
    if value > Decimal(str(rule.params[importing.THRESHOLD])) or look.kit.manifest.home == order.country:
        return None
    if importing.FLAT in rule.params:
        newest = rule
    each = Decimal(str(newest.params[importing.FLAT]))
    pieces = sum(one.quantity for one in lines)
    by_line = importing.duty(codes, newest)
    facts: dict[str, Fact] = {
        "lines": str(len(set(codes))),
        "pieces": str(pieces),
        "flat": figures.shown(each),
        "since": figures.day(newest.valid_from),
        "threshold": str(rule.params[importing.THRESHOLD]),
        "value": figures.shown(value),
        "later": figures.shown(by_line),
    }
    held = rules.holds(newest, order.date)
    wrong: Pairs = (("m.flat_duty_per_piece", each * pieces), ("m.old_150_relief", Decimal(0)))
    if not held:
        wrong = (("m.rule_too_early", by_line), ("m.rule_too_early", each * pieces))
    elif len(set(codes)) > 1:
        wrong += (("m.flat_duty_per_parcel", each),)
    if held and pieces == len(set(codes)):
        wrong = wrong[1:]  # one piece of each tariff line: both ways lead to the same
    right = figures.rounded(by_line if held else importing.duty(codes, rule))
    return _sum(look, "duty", right, wrong, facts=facts, rule=rule, variant="" if held else "free", sheets=("order",))


def landed(look: Look) -> Sum | None:
    """What an order costs the seller up to the buyer's door."""
    order, owed = look.order, duty(look)
    if order is None or owed is None:
        return None
    goods = look.product.cost * order.quantity
    due = owed.figure if len(look.books.orders[order.order_id]) == 1 else None
    if due is None or not order.freight:
        return None
    tax_in = books.tax(order, books.paid(order))
    right = goods + order.freight + due
    wrong: Pairs = (("m.landed_without_freight", goods + due), ("m.prc.vat_recoverable", right + tax_in))
    if due:
        wrong += (("m.prc.duty_forgotten", goods + order.freight),)
    if order.quantity > 1:
        wrong += (("m.unit_prices_only", look.product.cost + order.freight + due),)
    facts: dict[str, Fact] = {
        "goods": figures.shown(goods),
        "cost": figures.shown(look.product.cost),
        "pieces": str(order.quantity),
        "freight": figures.shown(order.freight),
        "duty": figures.shown(due),
        "tax": figures.shown(tax_in),
    }
    given = (("duty", look.money(due)), ("tax", look.money(tax_in)))
    return _sum(look, "landed", right, wrong, facts=facts, given=given, sheets=("order", "article"))


def weight(look: Look) -> Sum | None:
    """The weight that a carrier charges for a parcel of the article."""
    if look.tariff is None:
        return None
    product, tariff = look.product, look.tariff
    volume, larger = _volume(product, tariff.divisor), _larger(product, tariff)
    facts = _weights(product, tariff)
    wrong: Pairs = (
        ("m.weights_added", _stepped(volume + product.weight_kg, tariff)),
        ("m.no_round_up", figures.rounded(larger, 3)),
    )
    if volume > product.weight_kg:
        wrong += (("m.volumetric", _stepped(product.weight_kg, tariff)),)
        wrong += (("m.wrong_divisor", _stepped(max(_volume(product, _other(tariff)), product.weight_kg), tariff)),)
    else:
        wrong += (("m.volumetric_always", _stepped(volume, tariff)),)
    right = _stepped(larger, tariff)
    return _sum(look, "weight", right, wrong, facts=facts, places=3, tolerance=GRAMS, unit="kg", sheets=("parcel",))


def freight(look: Look) -> Sum | None:
    """What a carrier charges for a parcel of the article, and what a wrong weight would have cost over the period."""
    if look.tariff is None:
        return None
    product, tariff = look.product, look.tariff
    volume, larger = _volume(product, tariff.divisor), _larger(product, tariff)
    charged = _stepped(larger, tariff)

    def bill(kilograms: Decimal) -> Decimal:
        return figures.rounded(kilograms * tariff.rate * (1 + figures.percent(tariff.fuel_percent)))

    right = bill(charged)
    smaller = _stepped(min(volume, product.weight_kg), tariff)
    light = volume > product.weight_kg
    wrong: Pairs = (
        ("m.volumetric" if light else "m.volumetric_always", bill(smaller)),
        ("m.no_round_up", bill(figures.rounded(larger, 3))),
    )
    if tariff.fuel_percent:
        wrong += (("m.surcharge_left_out", figures.rounded(charged * tariff.rate)),)
    facts: dict[str, Fact] = {
        **_weights(product, tariff),
        "charged": figures.shown(charged, 3),
        "rate": figures.shown(tariff.rate),
        "fuel": figures.plain(tariff.fuel_percent),
        "plain": figures.shown(charged * tariff.rate),
    }
    effects = {value: _over(look, right, value) for _, value in wrong if isinstance(value, Decimal)}
    given = (("weight", f"{figures.shown(charged, 3)} kg"),)
    return _sum(
        look, "freight", right, wrong, facts=facts, given=given, tolerance=ROUNDINGS, effects=effects,
        sheets=("parcel",),
    )  # fmt: skip


def _over(look: Look, right: Decimal, wrong: Decimal) -> Words:
    """What the error makes in money over all orders of the article in the period, and of its margin."""
    orders = look.sums.orders
    amount = look.money(abs(right - wrong) * orders)
    points = figures.shown(100 * abs(right - wrong) * orders / look.sums.net, 1) if look.sums.net > 0 else "–"
    return {
        "en": f"Over the {orders} orders of this article in the period that is {amount}, or {points} points of margin.",
        "zh": f"按这款商品在这段时间的 {orders} 个订单算，一共差 {amount}，相当于利润率的 {points} 个百分点。",
    }


def home(look: Look, order: Order) -> Decimal:
    """The rate of value-added tax where the goods come from, per cent; China's where none is known."""
    code = look.kit.manifest.home
    return vat.standard(code if code in vat.countries() else books.HOME, order.date).percent


def former(order: Order) -> Decimal | None:
    """The rate of value-added tax that held before that of the day of an order, per cent; None where none is known."""
    found = vat.former(order.country, order.date)
    return None if found is None else found.percent


def size(product: Product) -> str:
    """The sides of a parcel, in centimetres."""
    return " × ".join(figures.plain(one) for one in (product.length_cm, product.width_cm, product.height_cm))


def _in(amount: Decimal, rate: Decimal) -> Decimal:
    return figures.rounded(amount * rate / (100 + rate))


def _volume(product: Product, divisor: int) -> Decimal:
    return product.length_cm * product.width_cm * product.height_cm / divisor


def _larger(product: Product, tariff: Tariff) -> Decimal:
    return max(_volume(product, tariff.divisor), product.weight_kg)


def _other(tariff: Tariff) -> int:
    return OTHERS.get(tariff.divisor, 5000)


def _stepped(kilograms: Decimal, tariff: Tariff) -> Decimal:
    return figures.rounded((kilograms / tariff.step_kg).to_integral_value(ROUND_CEILING) * tariff.step_kg, 3)


def _weights(product: Product, tariff: Tariff) -> dict[str, Fact]:
    return {
        "gross": figures.shown(product.weight_kg, 3),
        "volumetric": figures.shown(_volume(product, tariff.divisor), 3),
        "size": size(product),
        "divisor": figures.shown(Decimal(tariff.divisor), 0),
        "other": figures.shown(Decimal(_other(tariff)), 0),
        "step": figures.plain(tariff.step_kg),
        "larger": figures.shown(_larger(product, tariff), 3),
    }


def _sum(look: Look, name: str, right: Decimal, wrong: Pairs, **more: object) -> Sum:
    made: dict[str, object] = {"unit": look.currency, "effects": dict[Value, Words](), **more}
    return Sum(name, right, wrong, **made)  # type: ignore[arg-type]  # each caller names fields of a Sum
