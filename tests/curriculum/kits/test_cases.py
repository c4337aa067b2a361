"""Cases of a kit: exact, each wrong method named, the same everywhere, and nothing asked that cannot be told apart."""

from __future__ import annotations

import os
import string
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.bank import shelf
from curriculum.kits import books, cases, hiding, look, parcels, trade
from curriculum.kits.kit import Ad, Kit, Manifest, Order, Product, Tariff
from curriculum.practice import answers, draft, grading
from curriculum.practice.dice import Dice
from curriculum.practice.task import Case, Step
from tests.curriculum.kits import builders
from tests.curriculum.kits.builders import TODAY

CATALOG = catalogs.load("cbec")
MANY = 400 if os.environ.get("ENTREPOT_TEST_SOAK") else 20
D = Decimal


@pytest.fixture(scope="module")
def kit() -> Kit:
    made = hiding.hide(builders.kit(), hiding.Secrets(5, D("0.97"), "abc")).kit
    assert made is not None
    return made


def made(kit: Kit, seed: int) -> Case:
    return cases.case("kit.test", kit, cases.MAKERS, seed, TODAY)


# By hand: one article, ten orders of two pieces at 20.00 and 5.00 shipping to three countries; a calculator is enough.


def by_hand() -> look.Look:
    products = (
        Product("A", "Cup", D("4.00"), D("0.30"), D(30), D(20), D(10), "6912.00", 20, 90),
        Product("B", "Bowl", D("6.00"), D("2.00"), D(10), D(10), D(10), "6912.00", None, None),
    )
    day = date(2026, 8, 3)
    orders = tuple(
        Order(f"N{place}", day + timedelta(days=place), "A", 2, country, D("20.00"), D("5.00"), D("6.00"), D("4.00"),
              1 if place == 0 else 0, D("20.00") if place == 0 else D(0))
        for place, country in enumerate(("DE",) * 5 + ("FR",) * 3 + ("GB",) * 2)
    )  # fmt: skip
    ads = (
        Ad(day, "C", "A", "DE", D("30.00"), 60, 3, D("135.00")),
        Ad(day, "C", "A", "FR", D("20.00"), 40, 1, D("45.00")),
    )
    tariffs = (Tariff("Line 1", "DE", 6000, D("0.5"), D("8.00"), D(10)),)
    found = Kit(Manifest({"en": "t", "zh": "t"}, "EUR", "CN", "teaching", "p", 7), products, orders, tariffs, ads)
    there = look.drawn(found, Dice("x"))
    assert there.product.sku == "A"
    return replace(there, order=orders[1])


def figure(there: look.Look, name: str) -> Decimal:
    found = cases.MAKERS[name](there)
    assert found is not None
    return found.figure


@pytest.mark.parametrize(
    ("name", "wanted", "wrong"),
    [
        # 45.00 x 19 / 119; at home 13 %; 40.00 x 19 / 119
        ("tax", "7.18", {"m.pay.vat_from_gross": "8.55", "m.cus.home_rate_for_all": "5.18"}),
        ("tax", "7.18", {"m.shipping_forgotten": "6.39"}),
        # one tariff line, two pieces, after 1 July 2026
        ("duty", "3.00", {"m.flat_duty_per_piece": "6", "m.old_150_relief": "0"}),
        # 2 x 4.00 + 4.00 + 3.00
        ("landed", "15.00", {"m.landed_without_freight": "11.00", "m.prc.duty_forgotten": "12.00"}),
        # 30 x 20 x 10 / 6000 = 1.0 kg, more than 0.30 kg
        ("weight", "1.000", {"m.volumetric": "0.500", "m.wrong_divisor": "1.500", "m.weights_added": "1.500"}),
        # 1.0 x 8.00 x 1.10
        ("freight", "8.80", {"m.volumetric": "4.40", "m.surcharge_left_out": "8.00"}),
        # 1 of 20 pieces came back
        ("returns", "5.0", {"m.dat.units_as_orders": "10.0", "m.dat.complement": "95.0", "m.dat.wrong_base": "4.4"}),
        # 450.00 over 10 orders
        ("basket", "45.00", {"m.dat.units_as_orders": "22.50"}),
        # 50.00 of 180.00
        ("acos", "27.8", {"m.acos_roas": "360.0", "m.mkt.total_sales": "11.1", "m.mkt.rates_mixed": "4.0"}),
        ("won", "12.50", {"m.mkt.rates_mixed": "0.50", "m.prc.spread_over_all": "5.00"}),
        # 20 pieces in 28 days, 20 and 7 days
        ("reorder", "20", {"m.safety_left_out": "15", "m.ord.safety_is_rop": "5", "m.demand_period": "78"}),
        # 90 pieces at 20 in 28 days
        ("cover", "126.0", {"m.demand_period": "31.5", "m.ord.turnover_on_sales": "0.2"}),
    ],
)  # fmt: skip
def test_figures_are_those_of_a_calculator(name: str, wanted: str, wrong: dict[str, str]) -> None:
    found = cases.MAKERS[name](by_hand())

    assert found is not None
    assert found.figure == D(wanted)
    ways = dict(found.wrong)
    assert {cause: ways[cause] for cause in wrong} == {cause: D(value) for cause, value in wrong.items()}


def test_the_margin_is_what_is_left_after_refunds_tax_fees_freight_and_every_piece() -> None:
    """Paid 450.00, back 20.00; VAT of 25.00, 45.00 x 4 DE at 19 %, x 3 FR at 20 %, x 2 GB at 20 %."""
    there = by_hand()
    tax = D("3.99") + 4 * D("7.18") + 5 * D("7.50")
    net = D("450.00") - D("20.00") - tax
    profit = net - 10 * D("6.00") - 10 * D("4.00") - 20 * D("4.00")

    assert there.sums.tax == tax
    assert figure(there, "margin") == (100 * profit / net).quantize(D("0.1"))
    assert figure(there, "afford") == (profit / 20).quantize(D("0.01"))


def test_the_market_that_earns_least_is_found_after_advertising_and_not_by_sales() -> None:
    """GB sells least; FR earns least once its 20.00 of advertising are taken off: 3 orders against 2."""
    there = by_hand()
    dear = replace(there, markets={**there.markets, "FR": replace(there.markets["FR"], ads=D("50.00"))})
    found = trade.market(dear)

    assert found is not None
    keys = {text["en"] if isinstance(text, dict) else text: key for key, text in found.options}
    assert found.right == (keys["France"],)
    assert dict(found.wrong)["m.prc.revenue_as_profit"] == (keys["United Kingdom"],)
    assert trade.market(replace(there, markets={"DE": there.markets["DE"]})) is None


@pytest.mark.parametrize(("day", "right"), [(date(2026, 6, 30), "0.00"), (date(2026, 7, 1), "3.00")])
def test_the_duty_follows_the_rule_of_the_day(day: date, right: str) -> None:
    there = by_hand()
    assert there.order is not None
    order = replace(there.order, date=day)
    found = parcels.duty(replace(there, order=order))

    assert found is not None
    assert found.figure == D(right)
    assert found.rule is not None


@pytest.mark.parametrize(("day", "rate"), [(date(2024, 8, 31), "24"), (date(2024, 9, 1), "25.5")])
def test_the_tax_follows_the_rate_of_the_country_on_the_day(day: date, rate: str) -> None:
    there = by_hand()
    assert there.order is not None
    found = parcels.tax(replace(there, order=replace(there.order, date=day, country="FI")))

    assert found is not None
    assert found.figure == (45 * D(rate) / (100 + D(rate))).quantize(D("0.01"))


# Over many draws.


def test_every_right_answer_is_right_and_every_wrong_method_is_named(kit: Kit) -> None:
    probes = 0
    for seed in range(MANY):
        for step in made(kit, seed).steps:
            assert grading.grade(step, answers.sent(step.right, step)).state == "right"
            for one in step.wrong:
                verdict = grading.grade(step, answers.sent(answers.mistaken(one.value, step), step))
                assert verdict.cause == one.cause, (seed, step.id)
                assert verdict.title["en"], one.cause
                probes += 1
    assert probes > 15 * MANY


def test_a_case_is_the_same_for_the_same_seed_and_others_differ(kit: Kit) -> None:
    assert made(kit, 1).mark == made(kit, 1).mark
    assert len({made(kit, seed).mark for seed in range(20)}) == 20


def test_a_case_asks_eight_questions_and_a_pair_stays_together(kit: Kit) -> None:
    for seed in range(MANY):
        steps = [one.id for one in made(kit, seed).steps]
        assert len(steps) == cases.MOST
        assert steps == [name for name in cases.MAKERS if name in steps]
        for name, before in cases.AFTER.items():
            assert name not in steps or before in steps


def test_only_what_was_chosen_is_asked(kit: Kit) -> None:
    found = cases.case(
        "kit.test", kit, ["acos", "won"], 1, TODAY, name={"en": "n", "zh": "n"}, story={"en": "{x}", "zh": "{"}
    )

    assert [one.id for one in found.steps] == ["acos", "won"]
    assert [table.title["en"] for table in found.tables] == ["Advertising of the article"]
    assert found.story == {"en": "{x}", "zh": "{"}


def test_every_kind_can_be_asked_of_a_full_kit_and_fewer_of_a_thin_one(kit: Kit) -> None:
    assert cases.askable(kit) == tuple(cases.MAKERS)
    bare = replace(
        kit, tariffs=(), ads=(), products=tuple(replace(one, stock=None, lead_days=None) for one in kit.products)
    )
    assert set(cases.MAKERS) - set(cases.askable(bare)) == {"weight", "freight", "acos", "won", "reorder", "cover"}
    abroad = replace(kit, manifest=replace(kit.manifest, currency="USD"))
    assert {"duty", "landed"} == set(cases.MAKERS) - set(cases.askable(abroad))


def test_where_nothing_can_be_asked_there_is_no_case(kit: Kit) -> None:
    with pytest.raises(errors.NoCase):
        cases.case("kit.test", replace(kit, ads=()), ["acos"], 1, TODAY)


def test_skills_and_causes_are_those_of_the_catalog_and_texts_come_in_both_languages(kit: Kit) -> None:
    known = {**CATALOG.misconceptions, **shelf.load().misconceptions}
    for raw in cases.words()["steps"]:
        assert raw["skill"] in CATALOG.skills, raw["id"]
        assert set(raw["causes"]) <= known.keys(), raw["id"]
        for text in (raw["name"], raw["question"], raw["explanation"], raw["basis"], *raw["causes"].values()):
            assert set(text) == {"en", "zh"}
    assert {raw["id"] for raw in cases.words()["steps"]} == cases.MAKERS.keys()


def test_no_placeholder_is_left_open(kit: Kit) -> None:
    for seed in range(MANY):
        found = made(kit, seed)
        texts = [*found.story.values()]
        for step in found.steps:
            texts += [*step.question.values(), *step.explanation.values(), *step.working]
            texts += [text for one in step.wrong for text in one.words.values()]
        assert not [text for text in texts if any(name for _, name, _, _ in string.Formatter().parse(text))]


def test_an_error_in_freight_is_told_in_money_over_the_period() -> None:
    found = parcels.freight(by_hand())

    assert found is not None
    words = found.effects[D("4.40")]
    assert "EUR 44.00" in words["en"]
    assert "EUR 44.00" in words["zh"]


def test_what_a_kit_has_too_little_of_is_not_asked() -> None:
    there = by_hand()
    nothing = replace(there, order=None, tariff=None, ads=None)
    for name in ("tax", "duty", "landed", "weight", "freight", "acos", "won"):
        assert cases.MAKERS[name](nothing) is None, name
    loss = replace(there, sums=replace(there.sums, goods=D(5000)))
    assert trade.margin(loss) is None
    assert trade.afford(loss) is None
    even = replace(there, sums=replace(there.sums, returned=0, orders=there.sums.pieces))
    assert trade.returns(even) is None
    assert trade.basket(even) is None
    bowl = replace(there, product=there.books.products["B"], books=replace(there.books, window={"B": 0}))
    assert trade.reorder(bowl) is None
    assert trade.cover(bowl) is None


def test_a_heavy_parcel_is_charged_by_its_weight() -> None:
    there = by_hand()
    heavy = replace(there, product=there.books.products["B"])
    found = parcels.weight(heavy)

    assert found is not None
    assert found.figure == D("2.000")
    assert "m.volumetric_always" in dict(found.wrong)
    assert "m.volumetric_always" in dict((parcels.freight(heavy) or found).wrong)


def test_other_countries_have_a_name_and_no_rate() -> None:
    there = by_hand()
    assert there.order is not None
    assert look.country("ZZ")["en"] == "Other countries"
    assert look.country("QQ")["en"] == "QQ"
    assert books.rate("ZZ", there.order) is None
    assert books.tax(replace(there.order, country="US"), D(100)) == 0


def test_each_question_keeps_its_wrong_methods_apart(kit: Kit) -> None:
    for seed in range(MANY):
        there = look.drawn(kit, Dice(f"apart/{seed}"))
        kept = cases._apart(there, cases.MAKERS)
        assert all(draft.separated(draft.Draft({}, (), (one,))) for one in kept.values())


def test_steps_carry_the_names_of_causes_that_only_the_bank_knows(kit: Kit) -> None:
    steps: list[Step] = [step for seed in range(10) for step in made(kit, seed).steps if step.id == "returns"]

    assert {one.title["en"] for step in steps for one in step.wrong if one.title} >= {"Takes units for orders"}
