"""Duty and tax on the day of a declaration, after the dated rules of the catalog. Floor 1.

Which rule holds, and its figures, come from the catalog; no figure of the law is written here. A rule is found by its
jurisdiction and by what it has a figure for, so that an amendment needs no code.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum import rules
from curriculum.catalog import Catalog, Rule
from curriculum.practice import figures, importing

UK, US, CN = "GB", "US", "CN"
THRESHOLD = {"EU": importing.THRESHOLD, UK: "threshold_gbp"}
FORMER, SURCHARGE = "former_threshold_usd", "rate"
SINGLE, ANNUAL, FACTOR, TARIFF = "single_cny", "annual_cny", "vat_factor", "tariff"


@dataclass(frozen=True)
class Levy:
    """What is due, and why.

    Attributes:
        amount: In the currency of the destination, rounded to the cent.
        way: "flat" (an amount for each tariff line), "free", "tariff" (per cent) or "surcharge" (per cent and more).
        rule: The one that decides.
    """

    amount: Decimal
    way: str
    rule: Rule


def figure(rule: Rule, name: str) -> Decimal:
    """A figure of a rule, exact."""
    return Decimal(str(rule.params[name]))


def ruling(catalog: Catalog, jurisdiction: str, name: str, day: date) -> Rule | None:
    """The newest rule of a jurisdiction with such a figure that holds on a day; None if there is none."""
    found = [one for one in rules.on(catalog, day) if one.jurisdiction == jurisdiction and name in one.params]
    return max(found, key=lambda one: one.valid_from, default=None)


def any_day(catalog: Catalog, jurisdiction: str, name: str) -> Rule:
    """The newest rule of a jurisdiction with such a figure, whether it holds or not.

    Raises:
        LookupError: There is none.
    """
    found = [
        one
        for one in catalog.rules.values()
        if one.jurisdiction == jurisdiction and name in one.params and one.confidence != "low"
    ]
    if not found:
        raise LookupError(jurisdiction, name)
    return max(found, key=lambda one: one.valid_from)


def held(catalog: Catalog, jurisdiction: str, name: str, day: date) -> Rule:
    """As `ruling`, for a day on which there is one.

    Raises:
        LookupError: The catalog knows none for that day.
    """
    found = ruling(catalog, jurisdiction, name, day)
    if found is None:
        raise LookupError(jurisdiction, name, day)
    return found


def of_eu(  # noqa: PLR0913  (each is a figure of the declaration)
    catalog: Catalog, day: date, codes: Collection[str], value: Decimal, carriage: Decimal, tariff: Decimal
) -> Levy:
    """Customs duty of the EU on a parcel to a private buyer.

    Up to the threshold by the rule of the day: Council Regulation (EU) 2026/382, or before it Regulation (EC) No
    1186/2009, Article 23. Above it by the tariff, of the value with its carriage to the EU (Regulation (EU) No 952/2013,
    Articles 70 and 71).

    Args:
        catalog: Whose rules hold.
        day: Of the declaration.
        codes: HS codes of its rows.
        value: Intrinsic value, EUR.
        carriage: Freight and insurance, EUR.
        tariff: Rate of the tariff, per cent.
    """
    rule = importing.ruling(catalog, day)
    if value > figure(rule, importing.THRESHOLD):
        return Levy(figures.rounded((value + carriage) * figures.percent(tariff)), "tariff", rule)
    way = "flat" if importing.FLAT in rule.params else "free"
    return Levy(figures.rounded(importing.duty(codes, rule)), way, rule)


def of_uk(catalog: Catalog, day: date, value: Decimal, carriage: Decimal, tariff: Decimal) -> Levy:
    """Customs duty of the United Kingdom: none up to the threshold of the day, else the tariff on value and carriage.

    Args:
        catalog: Whose rules hold.
        day: Of the declaration.
        value: Intrinsic value, GBP.
        carriage: Freight and insurance, GBP.
        tariff: Rate of the tariff, per cent.
    """
    rule = held(catalog, UK, THRESHOLD[UK], day)
    if value <= figure(rule, THRESHOLD[UK]):
        return Levy(figures.rounded(Decimal(0)), "free", rule)
    return Levy(figures.rounded((value + carriage) * figures.percent(tariff)), "tariff", rule)


def of_us(catalog: Catalog, day: date, value: Decimal, tariff: Decimal) -> Levy:
    """Customs duty of the United States, on the value without carriage (19 USC 1401a).

    Before the suspension of the de minimis exemption, parcels up to its former threshold are free; since then every one
    pays the tariff, and a surcharge on top while one holds.

    Args:
        catalog: Whose rules hold.
        day: Of the entry.
        value: Price of the goods, USD.
        tariff: Rate of the tariff, with what the origin adds, per cent.
    """
    suspended = any_day(catalog, US, FORMER)
    if not rules.holds(suspended, day) and value <= figure(suspended, FORMER):
        return Levy(figures.rounded(Decimal(0)), "free", suspended)
    extra = ruling(catalog, US, SURCHARGE, day)
    if extra is None:
        return Levy(figures.rounded(value * figures.percent(tariff)), "tariff", suspended)
    return Levy(figures.rounded(value * (figures.percent(tariff) + figure(extra, SURCHARGE))), "surcharge", extra)


def composite(rule: Rule, consumption: Decimal, vat: Decimal) -> Decimal:
    """The composite rate of China's retail import, as a factor, not rounded.

    (consumption tax + VAT) ÷ (1 − consumption tax) × the share that the rule charges (Cai Guan Shui [2016] 18).

    Args:
        rule: With that share.
        consumption: Rate of consumption tax, per cent.
        vat: Rate of VAT, per cent.
    """
    taken, added = figures.percent(consumption), figures.percent(vat)
    return (taken + added) / (1 - taken) * figure(rule, FACTOR)


def of_cn(rule: Rule, value: Decimal, consumption: Decimal, vat: Decimal) -> Decimal:
    """VAT and consumption tax on an order within the limits of China's retail import, CNY.

    Args:
        rule: The one on retail import that holds.
        value: Price with carriage and insurance, CNY.
        consumption: Rate of consumption tax, per cent.
        vat: Rate of VAT, per cent.

    Raises:
        ValueError: The order is above the limit of a single one.
    """
    if value > figure(rule, SINGLE):
        message = f"CNY {value} is above the limit of a single order, CNY {figure(rule, SINGLE)}"
        raise ValueError(message)
    return figures.rounded(value * composite(rule, consumption, vat))
