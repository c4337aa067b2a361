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


@dataclass(frozen=True)
class Worth:
    """What a declaration says of a parcel.

    Attributes:
        value: Intrinsic value: price of the goods alone.
        carriage: Freight and insurance to the border.
        tariff: Rate of the tariff, per cent.
    """

    value: Decimal
    carriage: Decimal
    tariff: Decimal

    @property
    def by_tariff(self) -> Decimal:
        """Duty by the tariff, on value and carriage."""
        return figures.rounded((self.value + self.carriage) * figures.percent(self.tariff))


def figure(rule: Rule, name: str) -> Decimal:
    """A figure of a rule, exact."""
    return Decimal(str(rule.params[name]))


def ruling(catalog: Catalog, jurisdiction: str, name: str, day: date) -> Rule | None:
    """The newest rule of a jurisdiction with such a figure that holds on a day; None if there is none."""
    found = [one for one in rules.on(catalog, day) if one.jurisdiction == jurisdiction and name in one.params]
    return max(found, key=lambda one: one.valid_from, default=None)


def latest(catalog: Catalog, jurisdiction: str, name: str, day: date) -> Rule:
    """The newest rule of a jurisdiction with such a figure that began by a day, whether it still holds or not.

    Before the first one, the first one: a rule that is still to come changes no case of today.

    Raises:
        LookupError: There is none at all.
    """
    known = [one for one in catalog.rules.values() if one.jurisdiction == jurisdiction and name in one.params]
    found = sorted((one for one in known if one.confidence != "low"), key=lambda one: one.valid_from)
    if not found:
        raise LookupError(jurisdiction, name)
    begun = [one for one in found if one.valid_from <= day]
    return begun[-1] if begun else found[0]


def held(catalog: Catalog, jurisdiction: str, name: str, day: date) -> Rule:
    """As `ruling`, for a day on which there is one.

    Raises:
        LookupError: The catalog knows none for that day.
    """
    found = ruling(catalog, jurisdiction, name, day)
    if found is None:
        raise LookupError(jurisdiction, name, day)
    return found


def of_eu(catalog: Catalog, day: date, codes: Collection[str], parcel: Worth) -> Levy:
    """Customs duty of the EU on a parcel to a private buyer.

    Up to the threshold by the rule of the day: Council Regulation (EU) 2026/382, or before it Regulation (EC) No
    1186/2009, Article 23. Above it by the tariff, of the value with its carriage to the EU (Regulation (EU) No
    952/2013, Articles 70 and 71).

    Args:
        catalog: Whose rules hold.
        day: Of the declaration.
        codes: HS codes of its rows.
        parcel: Value and carriage in EUR, and the rate of the tariff.
    """
    rule = importing.ruling(catalog, day)
    if parcel.value > figure(rule, importing.THRESHOLD):
        return Levy(parcel.by_tariff, "tariff", rule)
    way = "flat" if importing.FLAT in rule.params else "free"
    return Levy(figures.rounded(importing.duty(codes, rule)), way, rule)


def of_uk(catalog: Catalog, day: date, parcel: Worth) -> Levy:
    """Customs duty of the United Kingdom: none up to the threshold of the day, else the tariff on value and carriage.

    Args:
        catalog: Whose rules hold.
        day: Of the declaration.
        parcel: Value and carriage in GBP, and the rate of the tariff.
    """
    rule = held(catalog, UK, THRESHOLD[UK], day)
    if parcel.value <= figure(rule, THRESHOLD[UK]):
        return Levy(figures.rounded(Decimal(0)), "free", rule)
    return Levy(parcel.by_tariff, "tariff", rule)


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
    suspended = latest(catalog, US, FORMER, day)
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
