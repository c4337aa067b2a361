"""Part 5, the taxes: who does what, duty, and the tax on the sale or the import. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from curriculum.catalog import Rule
from curriculum.practice import book, figures, importing
from curriculum.practice import rates as rates_of
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import counterfactual, law, shelf
from curriculum.practice.flow.law import Levy, Worth
from curriculum.practice.flow.world import MARKET, SHOP, SHOP_REGISTERED, World
from curriculum.practice.task import MATCH, Value, Words

FREE, FLAT, DUE, MORE = "free", "flat", "tariff", "surcharge"
AT_IMPORT = {"eu": (SHOP,), "uk": ()}
"""Channels whose VAT is not collected at the sale even up to the threshold."""


def levied(world: World) -> Levy:
    """Duty on an order by the rules of its day."""
    catalog = book.catalog()
    worth = Worth(world.value, world.shipping, world.tariff)
    if world.destination == "eu":
        return law.of_eu(catalog, world.day, world.codes, worth)
    if world.destination == "uk":
        return law.of_uk(catalog, world.day, worth)
    if world.destination == "us":
        return law.of_us(catalog, world.day, world.value, world.tariff)
    rule = law.held(catalog, law.CN, law.SINGLE, world.day)
    return Levy(figures.rounded(world.paid * law.figure(rule, law.TARIFF)), FREE, rule)


def at_sale(world: World, levy: Levy) -> bool:
    """Whether VAT is collected at the sale: up to the threshold, by who is registered for it."""
    return levy.way != DUE and world.channel not in AT_IMPORT[world.destination]


def taxed(world: World, levy: Levy) -> Decimal:
    """The tax beside the duty: VAT, the composite tax of China, or in the United States the fee of the broker."""
    if world.destination == "us":
        return Decimal(world.place["fee"])
    if world.destination == "cn":
        goods = world.goods[0]
        return law.of_cn(levy.rule, world.paid, Decimal(goods["ct"]), world.rate)
    base = world.paid if at_sale(world, levy) else world.paid + levy.amount
    return figures.rounded(base * world.vat)


def who(world: World, levy: Levy) -> tuple[Sum, Sheet]:
    """Declaration, tax and term of delivery, each matched with what this order asks for."""
    data = shelf.pages()["who"][world.destination]
    right = _roles(world, levy)
    keys = {name: shelf.KEYS[place] for place, name in enumerate(data["options"])}
    lefts = {name: str(place) for place, name in enumerate(data["lefts"], start=1)}
    wrong: Pairs = ()
    told: dict[tuple[str, ...], Words] = {}
    facts: dict[str, Fact] = {
        "value": figures.shown(world.value),
        "paid": figures.shown(world.paid),
        "shipping": figures.shown(world.shipping),
    }
    for left, others in data["confused"].items():
        for name in others:
            if name == right[left]:
                continue
            cause = _mistaken(world, levy, left, name)
            pair = (f"{lefts[left]}{keys[name]}",)
            wrong += ((cause, pair),)
            told[pair] = book.filled(shelf.causes(f"who_{world.destination}")[cause], facts)
    step = Sum(
        "who",
        tuple(sorted(f"{lefts[left]}{keys[name]}" for left, name in right.items())),
        wrong,
        facts=facts,
        form=MATCH,
        options=tuple((key, data["options"][name]) for name, key in keys.items()),
        lefts=tuple((number, data["lefts"][name]) for name, number in lefts.items()),
        rule=levy.rule if world.destination != "us" else law.latest(book.catalog(), law.US, law.FORMER, world.day),
        given=(_valued(world),),
        told=told,
        sheets=("sale",),
    )
    rows = [("channel", data["channels"][world.channel]), ("promised", data["promises"][_term(world)])]
    rows.append(("stock_at", data["stock_at"]["1210" if world.bonded else "9610"]))
    return step, Sheet("sale", ("what", "figure"), tuple(rows))


def _term(world: World) -> str:
    return "ddp" if world.paid_duty else "dap"


def _roles(world: World, levy: Levy) -> Mapping[str, str]:
    mode = "1210" if world.bonded else "9610"
    if world.destination == "cn":
        return {"mode": mode, "tax": "platform", "limit": "buyer"}
    if world.destination == "us":
        return {"mode": mode, "entry": "informal", "term": _term(world)}
    payer = ("market" if world.channel == MARKET else "own") if at_sale(world, levy) else "import"
    if world.destination == "uk":
        return {"mode": mode, "vat": payer, "term": _term(world)}
    return {"declaration": "h1" if levy.way == DUE else "h7", "vat": payer, "term": _term(world)}


def _mistaken(world: World, levy: Levy, left: str, name: str) -> str:
    """The misconception behind a wrong pair."""
    if left == "vat":
        return _mistaken_vat(world, levy, name)
    plain = {
        "term": "m.incoterm_dap_ddp",
        "declaration": "m.declaration_type",
        "mode": "m.export_mode" if world.destination != "cn" else "m.cn_mode",
        "entry": "m.us_800" if name == "exempt" else "m.us_formal_entry",
        "tax": "m.cn_tax_payer",
        "limit": "m.cn_limit_owner",
    }
    return plain[left]


def _mistaken_vat(world: World, levy: Levy, name: str) -> str:
    if levy.way == DUE:
        return "m.at_sale_above_limit"
    if world.channel == MARKET:
        return "m.deemed_supplier_missed"
    if name == MARKET:
        return "m.deemed_supplier_without"
    return (
        "m.vat_at_import" if world.channel == SHOP_REGISTERED or world.destination == "uk" else "m.ioss_without_number"
    )


def _valued(world: World) -> tuple[str, str]:
    shown = world.paid if world.destination == "cn" else world.value
    return "value", f"{world.away} {figures.shown(shown)}"


def rates(world: World) -> Sheet:
    """Rates of this case: of the tariff, of VAT, and fees."""
    rows: list[tuple[str, Fact]] = [("tariff", f"{figures.plain(world.tariff)} %")]
    if world.destination == "us":
        rows += [
            ("fee", f"USD {figures.shown(Decimal(world.place['fee']))}"),
            ("sales_tax", f"{figures.plain(world.rate)} %"),
        ]
    else:
        rows.append(("vat_rate", f"{figures.plain(world.rate)} %"))
    if world.destination in AT_IMPORT:
        rows += rates_of.rows(world.mistaken)
    if world.destination == "cn":
        rows.append(("ct_rate", f"{figures.plain(Decimal(world.goods[0]['ct']))} %"))
    return Sheet("rates", ("what", "figure"), tuple(rows))


def duty(world: World, levy: Levy) -> Sum:
    """Customs duty on the day."""
    wrong, facts = _WRONG[world.destination](world, levy)
    effects: dict[Value, Words] = {}
    if world.paid_duty:
        effects = {
            value: counterfactual.amount(world, levy.amount, value) for _, value in wrong if isinstance(value, Decimal)
        }
    return Sum(
        "duty",
        levy.amount,
        wrong,
        facts={**facts, "value": figures.shown(world.value), "base": figures.shown(world.paid)},
        rule=levy.rule,
        variant=levy.way,
        unit=world.away,
        given=(_valued(world),),
        effects=effects,
        sheets=("declared", "shipping", "rates"),
    )


def _wrong_eu(world: World, levy: Levy) -> tuple[Pairs, dict[str, Fact]]:
    catalog = book.catalog()
    newest = importing.flat(catalog, world.day)
    each = law.figure(newest, importing.FLAT)
    by_line, rows = importing.duty(world.codes, newest), len(world.lines)
    facts: dict[str, Fact] = {
        "lines": str(len(world.codes)),
        "rows": str(rows),
        "pieces": str(world.pieces),
        "flat": figures.shown(each),
        "codes": {"en": ", ".join(world.codes), "zh": "、".join(world.codes)},
        "since": figures.day(newest.valid_from),
        "later": figures.shown(by_line),
        "threshold": figures.plain(law.figure(levy.rule, importing.THRESHOLD)),
    }
    if levy.way == DUE:
        return (*_wrong_tariff(world), ("m.flat_duty_above_limit", figures.rounded(by_line))), facts
    methods = (each, each * world.pieces, each * rows)
    if levy.way == FREE:
        return tuple(("m.rule_too_early", figures.rounded(one)) for one in (by_line, *methods)), facts
    causes = ("m.flat_duty_per_parcel", "m.flat_duty_per_piece", "m.flat_duty_per_article")
    pairs = zip(causes, map(figures.rounded, methods), strict=True)
    return (*pairs, ("m.old_150_relief", figures.rounded(Decimal(0)))), facts


def _wrong_tariff(world: World) -> Pairs:
    """Ways to go wrong where the tariff holds on value and carriage."""
    return (
        ("m.duty_on_goods_only", figures.rounded(world.value * figures.percent(world.tariff))),
        ("m.relief_above_limit", figures.rounded(Decimal(0))),
    )


def _wrong_uk(world: World, levy: Levy) -> tuple[Pairs, dict[str, Fact]]:
    facts: dict[str, Fact] = {"threshold": figures.plain(law.figure(levy.rule, law.THRESHOLD[law.UK]))}
    if levy.way == DUE:
        return _wrong_tariff(world), facts
    rate = figures.percent(world.tariff)
    flat = importing.duty(world.codes, importing.flat(book.catalog(), world.day))
    return (
        ("m.duty_below_limit", figures.rounded(world.paid * rate)),
        ("m.duty_below_limit", figures.rounded(world.value * rate)),
        ("m.eu_duty_abroad", figures.rounded(flat)),
    ), {**facts, "flat": figures.shown(flat)}


def _wrong_us(world: World, levy: Levy) -> tuple[Pairs, dict[str, Fact]]:
    catalog = book.catalog()
    suspended = law.latest(catalog, law.US, law.FORMER, world.day)
    extra = law.latest(catalog, law.US, law.SURCHARGE, world.day)
    rate, more = figures.percent(world.tariff), law.figure(extra, law.SURCHARGE)
    here = rate + more if levy.way == MORE else rate
    other = rate if levy.way == MORE else rate + more
    facts: dict[str, Fact] = {
        "former": figures.plain(law.figure(suspended, law.FORMER)),
        "since": figures.day(suspended.valid_from),
        "begin": figures.day(extra.valid_from),
        "end": figures.day(extra.valid_to or world.day),
        "tariff": figures.plain(world.tariff),
        "more": figures.plain(100 * more),
        "all": figures.plain(world.tariff + 100 * more),
    }
    return (
        ("m.us_800", figures.rounded(Decimal(0))),
        ("m.us_duty_with_freight", figures.rounded(world.paid * here)),
        ("m.us_surcharge_missed" if levy.way == MORE else "m.us_surcharge_ended", figures.rounded(world.value * other)),
    ), facts


def _wrong_cn(world: World, levy: Levy) -> tuple[Pairs, dict[str, Fact]]:
    rate = figures.percent(world.tariff)
    facts: dict[str, Fact] = {
        "tariff": figures.plain(world.tariff),
        "single": figures.shown(law.figure(levy.rule, law.SINGLE), 0),
        "annual": figures.shown(law.figure(levy.rule, law.ANNUAL), 0),
    }
    return (
        ("m.cn_tariff_charged", figures.rounded(world.paid * rate)),
        ("m.cn_70_on_tariff", figures.rounded(world.paid * rate * law.figure(levy.rule, law.FACTOR))),
    ), facts


_WRONG = {"eu": _wrong_eu, "uk": _wrong_uk, "us": _wrong_us, "cn": _wrong_cn}


def tax(world: World, levy: Levy) -> Sum:
    """VAT at the sale or at import; in the United States what the entry costs; in China the composite tax."""
    right = taxed(world, levy)
    make = {"us": _entry, "cn": _composite}.get(world.destination, _vat)
    return make(world, levy, right)


def _vat(world: World, levy: Levy, right: Decimal) -> Sum:
    data = book.pages()
    sale = at_sale(world, levy)
    base = world.paid if sale else world.paid + levy.amount
    dutiless: Pairs = ()
    if levy.amount:
        dutiless = (
            (("m.vat_with_duty", figures.rounded((base + levy.amount) * world.vat)),)
            if sale
            else (("m.vat_without_duty", figures.rounded(world.paid * world.vat)),)
        )
    origin = Decimal(data["vat"]["origin_rate"])
    return Sum(
        "vat",
        right,
        (
            ("m.vat_on_goods_only", figures.rounded(world.value * world.vat)),
            ("m.vat_of_origin", figures.rounded(base * figures.percent(origin))),
            ("m.vat_included", figures.rounded(base * world.vat / (1 + world.vat))),
            *rates_of.wrong(base, world.mistaken),
            *dutiless,
        ),
        facts={
            **rates_of.facts(world.mistaken),
            "value": figures.shown(world.value),
            "duty": figures.shown(levy.amount),
            "base": figures.shown(base),
            "rate": figures.plain(world.rate),
            "origin": data["vat"]["origin_rate"],
            "checked": rates_of.checked(),
        },
        rule=_vat_rule(world, levy),
        variant="sale" if sale else "import",
        unit=world.away,
        given=(_valued(world), ("duty", f"{world.away} {figures.shown(levy.amount)}")),
        sheets=("invoice", "shipping", "sale", "rates"),
    )


def _vat_rule(world: World, levy: Levy) -> Rule:
    return book.catalog().rules[importing.VAT_RULE] if world.destination == "eu" else levy.rule


def _entry(world: World, levy: Levy, fee: Decimal) -> Sum:
    taxed_here = figures.rounded(world.paid * world.vat)
    right = levy.amount + fee
    return Sum(
        "vat",
        right,
        (
            ("m.us_vat", right + taxed_here),
            ("m.broker_fee_forgotten", levy.amount),
            ("m.broker_fee_per_line", levy.amount + fee * len(world.lines)),
        ),
        facts={
            "duty": figures.shown(levy.amount),
            "fee": figures.shown(fee),
            "rows": str(len(world.lines)),
            "sales": figures.shown(taxed_here),
        },
        unit=world.away,
        given=(("duty", f"{world.away} {figures.shown(levy.amount)}"),),
        sheets=("rates",),
    )


def _composite(world: World, levy: Levy, right: Decimal) -> Sum:
    taken, added = figures.percent(Decimal(world.goods[0]["ct"])), world.vat
    share = law.figure(levy.rule, law.FACTOR)
    wrong: Pairs = (
        ("m.cn_full_rate", figures.rounded(world.paid * (taken + added) / (1 - taken))),
        ("m.cn_value_without_freight", figures.rounded(world.value * (taken + added) / (1 - taken) * share)),
        ("m.vat_included", figures.rounded(world.paid * share * added / (1 + added))),
    )
    if taken:
        wrong += (
            ("m.cn_no_gross_up", figures.rounded(world.paid * (taken + added) * share)),
            ("m.cn_ct_forgotten", figures.rounded(world.paid * added * share)),
        )
    return Sum(
        "vat",
        right,
        wrong,
        facts={
            "base": figures.shown(world.paid),
            "shipping": figures.shown(world.shipping),
            "ct": figures.plain(100 * taken),
            "rate": figures.plain(100 * added),
            "share": figures.plain(100 * share),
        },
        rule=levy.rule,
        variant="ct" if taken else "",
        unit=world.away,
        given=(("value", f"{world.away} {figures.shown(world.paid)}"),),
        sheets=("rates",),
    )
