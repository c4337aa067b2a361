"""Rates of VAT of a case: the one that holds, and those that may be taken for it. Floor 1.

What holds is said by a dated rule of the catalog where there is one for the country (an institution that knows of a
change before the next release enters it), else by the almanac.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum import rules
from curriculum.almanac import pages, vat
from curriculum.catalog import Catalog
from curriculum.practice import book, figures
from curriculum.practice.draft import Fact, Pairs

FIGURE = "vat_rate"
"""In a rule of a country: its standard rate as a factor, in place of the almanac's, on the days of the rule."""
RECENT = 3 * 365
"""Days for which a former rate is one that somebody may still have in mind."""


@dataclass(frozen=True)
class Mistaken:
    """Rates that may be taken for the one that holds, per cent; None where there is none.

    Attributes:
        former: What held before, until a day of the last years.
        end: The last day of it.
        reduced: One for other goods.
    """

    former: Decimal | None = None
    end: date = date.min
    reduced: Decimal | None = None


def standard(catalog: Catalog, country: str, day: date) -> Decimal:
    """The standard rate of a country on a day, per cent.

    Args:
        catalog: Whose rules hold.
        country: ISO 3166-1 alpha-2.
        day: Any day.

    Raises:
        KeyError: Neither the rules nor the almanac know the country.
    """
    said = [rule for rule in rules.on(catalog, day) if rule.jurisdiction == country and FIGURE in rule.params]
    if said:
        newest = max(said, key=lambda rule: rule.valid_from)
        return 100 * Decimal(str(newest.params[FIGURE]))
    return vat.standard(country, day).percent


def mistaken(country: str, day: date, holding: Decimal) -> Mistaken:
    """The rates beside the right one: none of them like it, like each other, or like that of the origin.

    Args:
        country: ISO 3166-1 alpha-2.
        day: Any day.
        holding: What holds, per cent.
    """
    out = {holding, Decimal(book.pages()["vat"]["origin_rate"])}
    before, now = vat.former(country, day), vat.standard(country, day)
    recent = before is not None and now.percent == holding and (day - now.since).days <= RECENT
    former, end = None, date.min
    if before is not None and before.until is not None and recent and before.percent not in out:
        former, end = before.percent, before.until
        out.add(former)
    return Mistaken(former, end, next((one for one in vat.reduced(country) if one not in out), None))


def rows(other: Mistaken) -> tuple[tuple[str, Fact], ...]:
    """What a document says of them, beside the rate that holds."""
    found: list[tuple[str, Fact]] = []
    if other.former is not None:
        end, former = figures.day(other.end), figures.plain(other.former)
        found.append(("vat_former", {"en": f"{former} % (until {end['en']})", "zh": f"{former} %（至 {end['zh']}）"}))
    if other.reduced is not None:
        found.append(("vat_reduced", f"{figures.plain(other.reduced)} %"))
    return tuple(found)


def facts(other: Mistaken) -> dict[str, Fact]:
    """What the texts on them may name."""
    return {
        "former": figures.plain(other.former or Decimal(0)),
        "former_end": figures.day(other.end),
        "reduced": figures.plain(other.reduced or Decimal(0)),
    }


def wrong(base: Decimal, other: Mistaken) -> Pairs:
    """The answers that those rates lead to."""
    found = (("m.vat_former_rate", other.former), ("m.vat_reduced_rate", other.reduced))
    return tuple((cause, figures.rounded(base * figures.percent(rate))) for cause, rate in found if rate is not None)


def checked() -> str:
    """The day on which the European Commission's rates were last compared, as the data say."""
    return pages.source("vat_reduced.csv")["data"]
