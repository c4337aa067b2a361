"""How much of the personal data in a table the detector finds, and how often it is wrong: figures that docs quote.

One author wrote detector and cells, so the figures say what the detector knows, not what the world holds; the misses
that are known are named below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from curriculum import catalog as catalogs
from curriculum.practice import book, shop_people
from curriculum.practice.flow import shelf
from tests.curriculum.kits import labelled


def measured(planted: Mapping[str, Sequence[str]], goods: Sequence[str]) -> tuple[float, float]:
    """Recall and precision on labelled cells."""
    cells = [cell for listed in planted.values() for cell in listed]
    found = sum(bool(shop_people.of_cell(cell)) for cell in cells)
    alarms = sum(bool(shop_people.of_cell(cell)) for cell in goods)
    return found / len(cells), found / (found + alarms)


@pytest.mark.parametrize(("planted", "goods"), [(labelled.SEEN, labelled.GOODS), (labelled.HELD, labelled.HELD_GOODS)])
def test_what_is_planted_is_found_and_goods_are_left_alone(
    planted: Mapping[str, Sequence[str]], goods: Sequence[str]
) -> None:
    recall, precision = measured(planted, goods)

    assert recall >= 0.98
    assert precision >= 0.98


@pytest.mark.parametrize("kind", sorted(labelled.SEEN))
def test_each_kind_is_called_by_its_name(kind: str) -> None:
    for cell in (*labelled.SEEN[kind], *labelled.HELD[kind]):
        assert shop_people.of_cell(cell) == kind, cell


def test_texts_of_goods_and_places_that_are_shipped_raise_no_alarm() -> None:
    """Some hundred names of goods, and of skills and rules, that nobody wrote for this test."""
    goods = [text for one in (*book.pages()["goods"], *book.pages()["cargo"]) for text in one["name"].values()]
    goods += [text for one in catalogs.load("cbec").skills.values() for text in one.name.values()]
    alarms = [text for text in goods if shop_people.of_cell(text)]

    assert len(goods) > 250
    assert alarms == []
    assert shelf.pages()


@pytest.mark.parametrize("cell", ["Xochitl Quispe", "阿依古丽", "Qwerty", "Ask me about the lamp"])
def test_what_it_does_not_know_it_misses(cell: str) -> None:
    """A rare name in a cell of its own looks like a product; a column of this kind is known by its head alone."""
    assert shop_people.of_cell(cell) == ""


@pytest.mark.parametrize(
    "head",
    ["Vorname", "Destinataire", "Teléfono", "会员名", "IP address", "Device ID", "WeChat", "生日", "PLZ", "Courriel"],
)
def test_heads_of_columns_of_people_are_known_in_several_languages(head: str) -> None:
    assert shop_people.of_head(head)


@pytest.mark.parametrize("head", ["sku", "name", "price", "country", "campaign", "重量kg", "运费", "订单号", "step_kg"])
def test_heads_of_a_kit_are_none_of_people(head: str) -> None:
    assert shop_people.of_head(head) == ""
