"""What points at people and single deals is gone from a kit, what the figures say together is not, and it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from curriculum.kits import books, hiding, intake
from curriculum.kits.kit import OTHER, Kit
from tests.curriculum.kits.builders import FIELDS, TODAY, files, kit

SECRETS = hiding.Secrets(weeks=9, scale=Decimal(1), order="a secret")


def hidden(found: Kit, secrets: hiding.Secrets = SECRETS, *, names: bool = False) -> Kit:
    made = hiding.hide(found, secrets, names=names)
    assert made.kit is not None, made
    return made.kit


def test_days_move_by_whole_weeks_and_keep_their_order_and_weekday() -> None:
    before = kit()
    after = hidden(before)

    assert before.first - after.first == timedelta(weeks=9)
    assert Counter(one.date.weekday() for one in before.orders) == Counter(one.date.weekday() for one in after.orders)
    assert {one.date - timedelta(weeks=9) for one in before.ads} == {one.date for one in after.ads}


def test_order_numbers_carriers_and_campaigns_are_replaced_and_lines_of_an_order_stay_together() -> None:
    before = kit()
    after = hidden(before)
    told = {
        *(one.order_id for one in after.orders),
        *(one.carrier for one in after.tariffs),
        *(one.campaign for one in after.ads),
    }
    were = {*(one.order_id for one in before.orders), *(one.campaign for one in before.ads)}

    assert told.isdisjoint(were | {"Line A", "Line B"})
    assert Counter(Counter(one.order_id for one in before.orders).values()) == Counter(
        Counter(one.order_id for one in after.orders).values()
    )


def test_another_secret_gives_other_numbers_and_the_new_ones_say_nothing_of_the_old_order() -> None:
    first = hidden(kit())
    second = hidden(kit(), replace(SECRETS, order="another secret"))
    by_sale = {(one.date, one.sku, one.country, one.price, one.freight): one.order_id for one in second.orders}
    pairs = [(one.order_id, by_sale[one.date, one.sku, one.country, one.price, one.freight]) for one in first.orders]

    assert sum(one == other for one, other in pairs) < len(pairs) / 10


def test_sums_stay_to_the_cent_where_amounts_are_not_multiplied() -> None:
    before, after = books.of(kit()), books.of(hidden(kit()))

    for sku, total in before.articles.items():
        assert replace(total, tax=Decimal(0)) == replace(after.articles[sku], tax=Decimal(0))


def test_a_secret_factor_multiplies_all_amounts_and_a_full_refund_stays_a_full_refund() -> None:
    secrets = replace(SECRETS, scale=Decimal("0.90"))
    before, after = books.of(kit()), books.of(hidden(kit(), secrets))

    for sku, total in before.articles.items():
        assert abs(after.articles[sku].paid / total.paid - Decimal("0.90")) < Decimal("0.01")
    full = [one for one in hidden(kit(), secrets).orders if one.returned]
    assert full
    assert all(one.refund == one.price * one.returned for one in full)


def test_names_of_articles_go_where_that_is_wanted() -> None:
    after = hidden(kit(), names=True)

    assert [(one.sku, one.name) for one in after.products][:2] == [("P-01", "P-01"), ("P-02", "P-02")]
    assert {one.sku for one in after.orders} <= {one.sku for one in after.products}


def test_rare_countries_and_rare_sizes_are_put_together_until_none_is_rare() -> None:
    before = kit()
    rare = [replace(one, country="LU") for one in before.orders[:3]]
    large = [replace(one, quantity=90, returned=0, refund=Decimal(0)) for one in before.orders[3:6]]
    made = hiding.hide(replace(before, orders=(*rare, *large, *before.orders[6:])), SECRETS)

    assert made.kit is not None
    counted = Counter(one.country for one in made.kit.orders)
    assert "LU" not in counted
    assert counted[OTHER] == 6
    assert min(counted.values()) >= hiding.FEWEST
    assert dict(made.done)["countries"] == 1
    assert dict(made.done)["sizes"] == 3


def test_what_would_stand_for_itself_even_together_is_left_out() -> None:
    before = kit()
    made = hiding.hide(replace(before, orders=(replace(before.orders[0], country="LU"), *before.orders[1:])), SECRETS)

    assert made.kit is not None
    assert dict(made.done)["dropped"] == 1
    assert len(made.kit.orders) == len(before.orders) - 1


def test_a_kit_of_nothing_but_rare_orders_is_refused() -> None:
    found = kit(24)
    countries = ("AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES")
    spread = tuple(replace(one, country=countries[place % 8]) for place, one in enumerate(found.orders))
    made = hiding.hide(
        replace(found, orders=(*spread[:3], *(replace(one, country="DE") for one in spread[3:]))), SECRETS
    )
    thin = hiding.hide(replace(found, orders=found.orders[:20] and spread[:4] + found.orders[4:18]), SECRETS)

    assert made.kit is not None
    assert thin.kit is None
    assert [one.kind for one in thin.faults] == ["thin"]


def test_what_is_left_goes_through_the_detector_again() -> None:
    before = kit()
    named = replace(before, products=(replace(before.products[0], name="Anna Schmidt"), *before.products[1:]))
    made = hiding.hide(named, SECRETS)

    assert made.kit is None
    assert [(one.file, one.column, one.kind) for one in made.people] == [("products", "name", "person.name")]
    assert hiding.hide(named, SECRETS, names=True).kit is not None


def test_a_written_kit_is_read_again() -> None:
    after = hidden(kit())
    again = {f"{name}.csv": hiding.written(after, name).encode() for name in ("products", "orders", "tariffs", "ads")}

    assert set(again) == set(files())
    assert intake.read(again, TODAY, FIELDS).kit is not None


@pytest.mark.parametrize("scaled", [True, False])
def test_secrets_come_from_the_seed_alone_and_lie_within_bounds(scaled: bool) -> None:
    drawn = [hiding.drawn(f"{seed}", scaled=scaled) for seed in range(60)]

    assert hiding.drawn("1", scaled=scaled) == drawn[1]
    assert len({one.weeks for one in drawn}) > 10
    assert all(hiding.WEEKS[0] <= one.weeks <= hiding.WEEKS[1] for one in drawn)
    assert all((one.scale != 1) == scaled for one in drawn)
