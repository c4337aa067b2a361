"""Questions about what a kit earned: margin, advertising, markets, returns, stock. Floor 1."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from curriculum.kits import books
from curriculum.kits.look import Look, country
from curriculum.practice import figures
from curriculum.practice.draft import Fact, Pairs, Sum
from curriculum.practice.task import CHOICE

TENTH = Decimal("0.1")
CENTS = Decimal("0.02")
HUNDRED = Decimal(100)
KEYS = "abcdef"
ONE = Decimal("0.5")
"""Pieces that a figure of pieces may be off: none."""


def margin(look: Look) -> Sum | None:
    """The margin of an article after refunds, tax, fees and freight."""
    sums = look.sums
    if sums.net <= 0 or sums.profit <= 0:
        return None
    right = figures.rounded(HUNDRED * sums.profit / sums.net, 1)
    gross = sums.paid - sums.refund
    wrong: Pairs = (
        ("m.margin_markup", figures.rounded(HUNDRED * sums.profit / sums.costs, 1)),
        ("m.margin_without_freight", figures.rounded(HUNDRED * (sums.profit + sums.freight) / sums.net, 1)),
    )
    if sums.tax:
        wrong += (("m.prc.vat_as_revenue", figures.rounded(HUNDRED * (gross - sums.costs) / gross, 1)),)
    if sums.refund:
        kept = sums.paid - sums.tax
        wrong += (("m.prc.risk_free", figures.rounded(HUNDRED * (kept - sums.costs) / kept, 1)),)
    facts: dict[str, Fact] = {**_facts(look), "profit": figures.shown(sums.profit), "net": figures.shown(sums.net)}
    return Sum("margin", right, wrong, facts=facts, places=1, tolerance=TENTH, unit="%", sheets=("article",))


def afford(look: Look) -> Sum | None:
    """What advertising may cost for a piece before the article earns nothing."""
    sums = look.sums
    if sums.profit <= 0 or not sums.fees:
        return None

    def each(amount: Decimal) -> Decimal:
        return figures.rounded(amount / sums.pieces)

    right = each(sums.profit)
    wrong: Pairs = (("m.breakeven_without_commission", each(sums.profit + sums.fees)),)
    if sums.tax:
        wrong += (("m.prc.vat_as_revenue", each(sums.profit + sums.tax)),)
    if sums.refund:
        wrong += (("m.prc.risk_free", each(sums.profit + sums.refund)),)
    if sums.orders != sums.pieces:
        wrong += (("m.dat.units_as_orders", figures.rounded(sums.profit / sums.orders)),)
    facts: dict[str, Fact] = {**_facts(look), "profit": figures.shown(sums.profit)}
    return Sum("afford", right, wrong, facts=facts, tolerance=CENTS, unit=look.currency, sheets=("article",))


def returns(look: Look) -> Sum | None:
    """The share of pieces that came back."""
    sums = look.sums
    if not sums.returned:
        return None
    right = figures.rounded(HUNDRED * sums.returned / sums.pieces, 1)
    wrong: Pairs = (("m.dat.wrong_base", figures.rounded(HUNDRED * sums.refund / sums.paid, 1)),)
    if sums.orders != sums.pieces:
        wrong += (("m.dat.units_as_orders", figures.rounded(HUNDRED * sums.returned / sums.orders, 1)),)
    rest = sums.pieces - sums.returned
    if rest:
        wrong += (("m.dat.complement", figures.rounded(HUNDRED * rest / sums.pieces, 1)),)
    return Sum("returns", right, wrong, facts=_facts(look), places=1, tolerance=TENTH, unit="%", sheets=("article",))


def basket(look: Look) -> Sum | None:
    """What an order is worth on average."""
    sums = look.sums
    if sums.orders == sums.pieces:
        return None
    right = figures.rounded(sums.paid / sums.orders)
    wrong: Pairs = (("m.dat.units_as_orders", figures.rounded(sums.paid / sums.pieces)),)
    if sums.tax:
        wrong += (("m.cus.vat_on_gross", figures.rounded((sums.paid - sums.tax) / sums.orders)),)
    return Sum("basket", right, wrong, facts=_facts(look), tolerance=CENTS, unit=look.currency, sheets=("article",))


def acos(look: Look) -> Sum | None:
    """Advertising cost of sales."""
    ads = look.ads
    if ads is None or not ads.sales or not ads.spend or not ads.clicks:
        return None
    right = figures.rounded(HUNDRED * ads.spend / ads.sales, 1)
    wrong: Pairs = (
        ("m.acos_roas", figures.rounded(HUNDRED * ads.sales / ads.spend, 1)),
        ("m.mkt.total_sales", figures.rounded(HUNDRED * ads.spend / look.sums.paid, 1)),
        ("m.mkt.rates_mixed", figures.rounded(HUNDRED * ads.orders / Decimal(ads.clicks), 1)),
    )
    return Sum("acos", right, wrong, facts=_ads(look), places=1, tolerance=TENTH, unit="%", sheets=("ads",))


def won(look: Look) -> Sum | None:
    """What an order that advertising brought cost in advertising."""
    ads = look.ads
    if ads is None or not ads.orders or not ads.spend:
        return None
    right = figures.rounded(ads.spend / ads.orders)
    wrong: Pairs = (
        ("m.mkt.rates_mixed", figures.rounded(ads.spend / Decimal(ads.clicks))),
        ("m.prc.spread_over_all", figures.rounded(ads.spend / look.sums.orders)),
    )
    return Sum("won", right, wrong, facts=_ads(look), tolerance=CENTS, unit=look.currency, sheets=("ads",))


def market(look: Look) -> Sum | None:
    """The market that earns least after everything, advertising too."""
    found = list(look.markets.items())
    if len(found) < 3:
        return None
    keys = {code: KEYS[place] for place, (code, _) in enumerate(found[: len(KEYS)])}
    known = {code: one for code, one in found if code in keys}

    def least(of: dict[str, Decimal]) -> str:
        return min(of, key=lambda code: (of[code], code))

    after = {code: one.profit - one.ads for code, one in known.items()}
    right = least(after)
    ways = {
        "m.prc.revenue_as_profit": {code: one.paid for code, one in known.items()},
        "m.prc.ads_left_out": {code: one.profit for code, one in known.items()},
        "m.prc.percent_over_money": {
            code: (one.profit - one.ads) / one.net for code, one in known.items() if one.net > 0
        },
    }
    wrong: dict[str, str] = {}
    for cause, of in ways.items():
        other = least(of) if of else right
        if other != right:
            wrong.setdefault(keys[other], cause)
    if not wrong:
        return None
    facts: dict[str, Fact] = {"market": country(right), "profit": look.money(after[right])}
    return Sum(
        "market",
        (keys[right],),
        tuple((cause, (key,)) for key, cause in wrong.items()),
        facts=facts,
        form=CHOICE,
        unit="",
        options=tuple((key, country(code)) for code, key in keys.items()),
        sheets=("markets",),
    )


def reorder(look: Look) -> Sum | None:
    """The stock at which to order again: demand over lead time and safety days."""
    product, safety = look.product, look.kit.manifest.safety_days
    sold = look.books.window[product.sku]
    if product.lead_days is None or not safety or sold < books.WINDOW // 2:
        return None
    days = product.lead_days + safety

    def pieces(of: int, over: int) -> Decimal:
        return (Decimal(sold * of) / over).to_integral_value(ROUND_CEILING)

    right = pieces(days, books.WINDOW)
    wrong: Pairs = (
        ("m.safety_left_out", pieces(product.lead_days, books.WINDOW)),
        ("m.ord.safety_is_rop", pieces(safety, books.WINDOW)),
        ("m.demand_period", pieces(days, books.WINDOW // 4)),
    )
    facts = {**_stock(look), "days": str(days)}
    return Sum("reorder", right, wrong, facts=facts, places=0, tolerance=ONE, unit="", sheets=("stock",))


def cover(look: Look) -> Sum | None:
    """For how many days the stock lasts."""
    product = look.product
    sold = look.books.window[product.sku]
    if not product.stock or not sold:
        return None
    right = figures.rounded(Decimal(product.stock * books.WINDOW) / sold, 1)
    wrong: Pairs = (
        ("m.demand_period", figures.rounded(Decimal(product.stock * books.WINDOW // 4) / sold, 1)),
        ("m.ord.turnover_on_sales", figures.rounded(Decimal(sold) / product.stock, 1)),
    )
    return Sum("cover", right, wrong, facts=_stock(look), places=1, tolerance=TENTH, unit="", sheets=("stock",))


def _facts(look: Look) -> dict[str, Fact]:
    sums = look.sums
    return {
        "pieces": figures.shown(Decimal(sums.pieces), 0),
        "count": figures.shown(Decimal(sums.orders), 0),
        "back": figures.shown(Decimal(sums.returned), 0),
        "paid": figures.shown(sums.paid),
        "refund": figures.shown(sums.refund),
        "tax": figures.shown(sums.tax),
        "fees": figures.shown(sums.fees),
        "freight": figures.shown(sums.freight),
        "goods": figures.shown(sums.goods),
        "costs": figures.shown(sums.costs),
    }


def _ads(look: Look) -> dict[str, Fact]:
    ads = look.ads
    if ads is None:  # pragma: no cover  # both callers have looked
        return {}
    return {
        "spend": figures.shown(ads.spend),
        "sales": figures.shown(ads.sales),
        "clicks": figures.shown(Decimal(ads.clicks), 0),
        "won": figures.shown(Decimal(ads.orders), 0),
        "all": figures.shown(look.sums.paid),
        "count": figures.shown(Decimal(look.sums.orders), 0),
    }


def _stock(look: Look) -> dict[str, Fact]:
    return {
        "sold": figures.shown(Decimal(look.books.window[look.product.sku]), 0),
        "window": str(books.WINDOW),
        "lead": str(look.product.lead_days or ""),
        "safety": str(look.kit.manifest.safety_days),
        "stock": figures.shown(Decimal(look.product.stock or 0), 0),
    }
