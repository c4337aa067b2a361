"""An exchange rate on a document: the figure, and beside it where it comes from. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from curriculum.almanac.currency import Quote
from curriculum.practice import book, figures
from curriculum.practice.draft import Fact
from curriculum.practice.task import Words

PLACES = 4
"""Decimals of a rate on a document: those of the ECB for the yuan, and of a quotient of two rates."""


def shown(quote: Quote) -> str:
    """A rate as a document shows it.

    >>> from datetime import date
    >>> from curriculum.almanac import currency
    >>> shown(currency.on("EUR", "CNY", date(2026, 6, 29)))
    '1 EUR = CNY 7.7492'
    """
    return f"1 {quote.unit} = {quote.per} {figures.shown(quote.rate, PLACES)}"


def published(rate: Decimal) -> str:
    """A reference rate with the decimals that the ECB gave it, such as five of the pound and two of the yen.

    >>> published(Decimal("0.86178")), published(Decimal("1767.08"))
    ('0.86178', '1,767.08')
    """
    return f"{rate:,f}"


def source(quote: Quote) -> Words:
    """Where a rate comes from: the bank, the day, and the two rates of a quotient.

    Where the data have none as near to the day of the case as there should be, it says so.
    """
    texts = book.pages()["quoted"]
    unit, per = (figures.plain(rate) for rate in quote.euro)
    facts: dict[str, Fact] = {
        "day": figures.day(quote.day),
        "unit": quote.unit,
        "per": quote.per,
        "unit_rate": unit,
        "per_rate": per,
    }
    said = book.filled(texts["crossed" if quote.crossed else "plain"], facts)
    return book.filled(texts["frozen"], {"source": said}) if quote.frozen else said
