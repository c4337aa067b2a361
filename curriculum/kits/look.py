"""What one case looks at: an article, an order of it, a tariff, a market; drawn from a kit by chance. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from curriculum.almanac import names, vat
from curriculum.kits import books
from curriculum.kits.books import Books, Total
from curriculum.kits.kit import OTHER, Ad, Kit, Order, Product, Tariff
from curriculum.practice import figures
from curriculum.practice.dice import Dice
from curriculum.practice.task import Words

MARKETS = 5
"""Countries of a document; "other" is none of them."""
ARTICLES = 8
"""Articles that a case may be about: those with the largest sales."""
REST: Words = {"en": "Other countries", "zh": "其他国家"}


@dataclass(frozen=True)
class Look:
    """What a case is about.

    Attributes:
        kit: Whose figures.
        books: Their sums.
        product: The article.
        sums: Of the article, all countries.
        order: One order line of it to a country whose tax is known; None where there is none.
        tariff: One of the kit, to a country where the article is sold; None where there is none.
        ads: Advertising of the article, summed; None where there was none.
        markets: Countries by their sales.
    """

    kit: Kit
    books: Books
    product: Product
    sums: Total
    order: Order | None
    tariff: Tariff | None
    ads: Ad | None
    markets: Mapping[str, Total]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.kit.manifest.currency

    def money(self, value: Decimal) -> str:
        """An amount with its currency."""
        return f"{self.currency} {figures.shown(value)}"


def drawn(kit: Kit, dice: Dice) -> Look:
    """What one case of a kit looks at.

    Args:
        kit: De-identified.
        dice: Its chance.
    """
    found = books.of(kit)
    sku = dice.pick("article", list(found.articles)[:ARTICLES])
    lines = found.sold[sku]
    taxed = [one for one in lines if one.country in vat.countries() and one.country != kit.manifest.home]
    sold = {one.country for one in lines}
    tariffs = [one for one in kit.tariffs if one.country in sold] or list(kit.tariffs)
    return Look(
        kit,
        found,
        found.products[sku],
        found.articles[sku],
        dice.pick("order", taxed) if taxed else None,
        dice.pick("tariff", tariffs) if tariffs else None,
        _summed([one for one in kit.ads if one.sku == sku]),
        {code: one for code, one in list(found.markets.items())[: MARKETS + 1] if code != OTHER},
    )


def country(code: str) -> Words:
    """What a country is called; its code where it has no name here."""
    if code == OTHER:
        return REST
    return names.countries().get(code, {"en": code, "zh": code})


def _summed(ads: list[Ad]) -> Ad | None:
    if not ads:
        return None
    first = ads[0]
    return Ad(
        first.date,
        first.campaign,
        first.sku,
        first.country,
        sum((one.spend for one in ads), Decimal(0)),
        sum(one.clicks for one in ads),
        sum(one.orders for one in ads),
        sum((one.sales for one in ads), Decimal(0)),
    )
