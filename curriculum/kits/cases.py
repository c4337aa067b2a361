"""Cases made from a kit: documents and questions on an enterprise's own figures, the same on every machine. Floor 1.

Which article, order and tariff a case is about is chosen by its seed, so that the wrong methods of each question lead
to answers of their own; a question for which no draw does that is not asked (diagnostic case selection, as in
`practice.deck`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

import yaml

from curriculum import errors
from curriculum.bank import shelf
from curriculum.catalog import Catalog
from curriculum.kits import books, look, parcels, trade
from curriculum.kits.kit import Kit
from curriculum.kits.look import Look
from curriculum.practice import book, deck, draft, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum
from curriculum.practice.task import Case, Kind, Step, Words

MAKERS: Mapping[str, Callable[[Look], Sum | None]] = {
    "tax": parcels.tax,
    "duty": parcels.duty,
    "landed": parcels.landed,
    "weight": parcels.weight,
    "freight": parcels.freight,
    "margin": trade.margin,
    "afford": trade.afford,
    "returns": trade.returns,
    "basket": trade.basket,
    "acos": trade.acos,
    "won": trade.won,
    "market": trade.market,
    "reorder": trade.reorder,
    "cover": trade.cover,
}
"""Every kind of question, in the order in which a case asks them."""
MOST = 8
"""Questions of a case; a kit has more kinds, so that another case asks others."""
TRIES = 40
AFTER = {"landed": "duty", "freight": "weight"}
"""Questions that stand on the answer of another: both or neither."""


@functools.cache
def words() -> Mapping[str, Any]:
    """The words of the cases, as plain data."""
    text = resources.files("curriculum").joinpath("data", "kits.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


@functools.lru_cache(maxsize=64)
def askable(kit: Kit, catalog: Catalog | None = None) -> tuple[str, ...]:
    """The kinds of question that a kit can be asked, each with answers that tell its wrong methods apart.

    Args:
        kit: De-identified.
        catalog: Whose rules hold; None: the shipped one.
    """
    found: set[str] = set()
    with book.teaching(catalog):
        for attempt in range(TRIES):
            found |= _apart(look.drawn(kit, Dice(f"askable/{attempt}")), MAKERS).keys()
            if len(found) == len(MAKERS):
                break
    return tuple(name for name in MAKERS if name in found)


def kind(id_: str, name: Words, asked: Collection[str]) -> Kind:
    """The kind of case that a kit is.

    Args:
        id_: Such as "kit.tea".
        name: What a page shows.
        asked: Kinds of question, some of `MAKERS`.
    """
    texts = _texts()
    steps = [one for one in MAKERS if one in asked]
    skills = tuple(dict.fromkeys(texts[one]["skill"] for one in steps))
    count = min(MOST, len(steps))
    return Kind(id_, name, words()["about"], skills, count, count * int(words()["minutes"]))


def case(
    id_: str,
    kit: Kit,
    asked: Collection[str],
    seed: int,
    on: date,
    *,
    catalog: Catalog | None = None,
    name: Words | None = None,
    story: Words | None = None,
) -> Case:
    """Make a case from a kit.

    Args:
        id_: Of the kind, such as "kit.tea".
        kit: De-identified.
        asked: Kinds of question that it may ask, some of `MAKERS`.
        seed: Which case.
        on: Today; kept with the case.
        catalog: Whose rules and skills; None: the shipped one.
        name: What a page shows; None: the title of the kit.
        story: In place of the usual one.

    Raises:
        errors.NoCase: No question tells its wrong methods apart.
    """
    with book.teaching(catalog):
        there, sums = _drawn(id_, kit, asked, seed)
        if not sums:
            raise errors.NoCase(id_, seed)
        sheets = _sheets(there, sums)
        made = Draft(_facts(there), tuple(sheets), tuple(sums))
        texts = {
            **words(),
            "name": name or kit.manifest.title,
            "story": words()["story"] if story is None else _escaped(story),
            "steps": [_texts()[one.id] for one in sums],
        }
        made_case = deck.worded(id_, seed, on, made, texts)
        return replace(made_case, steps=tuple(_titled(step, catalog) for step in made_case.steps))


def _drawn(id_: str, kit: Kit, asked: Collection[str], seed: int) -> tuple[Look, list[Sum]]:
    """The draw with most questions that tell their wrong methods apart, and up to `MOST` of those."""
    best: tuple[Look, dict[str, Sum]] | None = None
    wanted = [name for name in MAKERS if name in asked]
    for attempt in range(TRIES):
        there = look.drawn(kit, Dice(f"{id_}/{seed}/{attempt}"))
        found = _apart(there, wanted)
        if best is None or len(found) > len(best[1]):
            best = there, found
        if len(found) >= min(MOST, len(wanted)):
            break
    if best is None:  # pragma: no cover  # there is at least one attempt
        raise errors.NoCase(id_, seed)
    there, found = best
    chosen = set(Dice(f"{id_}/{seed}/questions").draw("q", list(found), min(MOST, len(found))))
    for name, before in AFTER.items():
        if name in chosen and before in found and before not in chosen:
            # A pair belongs together: the earlier one takes the place of another that stands alone.
            alone = [one for one in found if one in chosen and one not in {*AFTER, *AFTER.values()}]
            spare = next(iter(alone), None)
            chosen.discard(spare or name)
            chosen.add(before)
    return there, [found[name] for name in MAKERS if name in chosen and name in found]


def _apart(there: Look, wanted: Collection[str]) -> dict[str, Sum]:
    """The questions of a draw whose wrong methods each have an answer of their own."""
    found: dict[str, Sum] = {}
    for name, make in MAKERS.items():
        made = make(there) if name in wanted else None
        if made is not None and made.wrong and draft.separated(Draft({}, (), (made,))):
            found[name] = made
    for name, before in AFTER.items():
        if before in wanted and before not in found:
            found.pop(name, None)
    return found


def _titled(step: Step, catalog: Catalog | None) -> Step:
    """A step whose wrong methods have their names, also those that only the bank of questions knows."""
    known = (catalog or book.catalog()).misconceptions
    more = shelf.load().misconceptions
    wrong = tuple(
        one if one.cause in known or one.cause not in more else replace(one, title=more[one.cause].name)
        for one in step.wrong
    )
    return replace(step, wrong=wrong)


@functools.cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return {raw["id"]: raw for raw in words()["steps"]}


def _escaped(text: Words) -> Words:
    return {language: words_.replace("{", "{{").replace("}", "}}") for language, words_ in text.items()}


def _facts(there: Look) -> dict[str, Fact]:
    manifest = there.kit.manifest
    return {
        "title": manifest.title,
        "first": figures.day(there.kit.first),
        "last": figures.day(there.kit.last),
        "currency": manifest.currency,
        "article": there.product.name,
        "homeland": look.country(manifest.home),
        "window": str(books.WINDOW),
    }


# Documents


def _sheets(there: Look, sums: Collection[Sum]) -> list[Sheet]:
    needed = {sheet for one in sums for sheet in one.sheets}
    makers = {
        "article": _article, "order": _order, "parcel": _parcel, "markets": _markets, "ads": _ads, "stock": _stock,
    }  # fmt: skip
    return [make(there) for name, make in makers.items() if name in needed]


def _whole(value: int) -> str:
    return figures.shown(Decimal(value), 0)


def _sheet(name: str, rows: list[tuple[Fact, ...]]) -> Sheet:
    return Sheet(name, ("what", "figure"), tuple(rows))


def _article(there: Look) -> Sheet:
    sums = there.sums
    return _sheet(
        "article",
        [
            ("pieces", _whole(sums.pieces)),
            ("count", _whole(sums.orders)),
            ("paid", there.money(sums.paid)),
            ("tax", there.money(sums.tax)),
            ("returned", _whole(sums.returned)),
            ("refund", there.money(sums.refund)),
            ("fees", there.money(sums.fees)),
            ("freight", there.money(sums.freight)),
            ("cost", there.money(there.product.cost)),
        ],
    )


def _order(there: Look) -> Sheet:
    order = there.order
    if order is None:  # pragma: no cover  # a question on an order has one
        return _sheet("order", [])
    lines = there.books.orders[order.order_id]
    codes = list(dict.fromkeys(there.books.products[one.sku].hs_code for one in lines))
    rate = books.rate(order.country, order) or Decimal(0)
    before = parcels.former(order)
    rows: list[tuple[Fact, ...]] = [
        ("day", figures.day(order.date)),
        ("where", look.country(order.country)),
        ("quantity", _whole(order.quantity)),
        ("price", there.money(order.price)),
        ("shipping", there.money(order.shipping)),
        ("own_freight", there.money(order.freight)),
        ("lines", _whole(len(lines))),
        ("goods_value", there.money(sum((one.price * one.quantity for one in lines), Decimal(0)))),
        ("codes", {"en": ", ".join(codes), "zh": "、".join(codes)}),
        ("rate", f"{figures.plain(rate)} %"),
        ("home", f"{figures.plain(parcels.home(there, order))} %"),
    ]
    return _sheet("order", rows if before is None else [*rows, ("former", f"{figures.plain(before)} %")])


def _parcel(there: Look) -> Sheet:
    product, tariff = there.product, there.tariff
    if tariff is None:  # pragma: no cover  # a question on a parcel has one
        return _sheet("parcel", [])
    where = look.country(tariff.country)
    return _sheet(
        "parcel",
        [
            ("size", parcels.size(product)),
            ("gross", f"{figures.shown(product.weight_kg, 3)} kg"),
            ("carrier", {language: f"{tariff.carrier}, {where[language]}" for language in book.LANGUAGES}),
            ("divisor", f"cm³ ÷ {_whole(tariff.divisor)}"),
            ("step", f"{figures.plain(tariff.step_kg)} kg"),
            ("kilogram", there.money(tariff.rate)),
            ("fuel", f"{figures.plain(tariff.fuel_percent)} %"),
        ],
    )


def _markets(there: Look) -> Sheet:
    rows: list[tuple[Fact, ...]] = [
        (
            look.country(code),
            figures.shown(one.paid),
            figures.shown(one.tax + one.refund),
            figures.shown(one.costs),
            figures.shown(one.ads),
        )
        for code, one in there.markets.items()
    ]
    return Sheet("markets", ("country", "paid", "back", "costs", "spend"), tuple(rows), keyed=False)


def _ads(there: Look) -> Sheet:
    ads = there.ads
    if ads is None:  # pragma: no cover  # a question on advertising has some
        return _sheet("ads", [])
    return _sheet(
        "ads",
        [
            ("spend", there.money(ads.spend)),
            ("clicks", _whole(ads.clicks)),
            ("won", _whole(ads.orders)),
            ("sales", there.money(ads.sales)),
            ("all", there.money(there.sums.paid)),
            ("count", _whole(there.sums.orders)),
        ],
    )


def _stock(there: Look) -> Sheet:
    product = there.product
    rows: list[tuple[Fact, ...]] = [("sold", _whole(there.books.window[product.sku]))]
    if product.stock is not None:
        rows.append(("stock", _whole(product.stock)))
    if product.lead_days is not None:
        rows.append(("lead", _whole(product.lead_days)))
    return _sheet("stock", [*rows, ("safety", _whole(there.kit.manifest.safety_days))])
