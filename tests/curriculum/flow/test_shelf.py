"""The data of the flow: sound, and complete in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum.almanac import tariff
from curriculum.practice.dice import Dice
from curriculum.practice.flow import shelf
from curriculum.practice.flow.scenario import DESTINATIONS

PAGES = shelf.pages()
GOODS = (*PAGES["goods"], *PAGES["imports"])


def pairs(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping that has a text of one language."""
    if isinstance(node, dict):
        if node.keys() & {"en", "zh"}:
            yield node
        for value in node.values():
            yield from pairs(value)
    if isinstance(node, list):
        for value in node:
            yield from pairs(value)


def test_every_text_has_both_languages() -> None:
    assert [text for text in pairs(PAGES) if text.keys() != {"en", "zh"}] == []


def test_the_file_reads_the_same_without_the_c_library() -> None:
    """The two readers differ on signs without quotes, such as a question mark before a comma."""
    text = resources.files("curriculum").joinpath("data", "flow.yaml").read_text(encoding="utf-8")

    assert yaml.safe_load(text) == PAGES


def test_every_code_of_an_article_has_a_text_and_its_traps_are_other_codes() -> None:
    codes = {good["hs"] for good in GOODS} | {trap["hs"] for good in GOODS for trap in good["traps"]}

    assert all(tariff.known(code) for code in codes)
    assert all(good["hs"] not in {trap["hs"] for trap in good["traps"]} for good in GOODS)
    assert all(len({trap["hs"] for trap in good["traps"]}) == len(good["traps"]) >= 1 for good in GOODS)
    assert {trap["cause"] for good in GOODS for trap in good["traps"]} <= shelf.causes("hs").keys()


def test_an_article_comes_in_ways_that_are_known_and_of_two_rules_or_more_in_all() -> None:
    supplies = PAGES["supplies"]

    assert {name for good in GOODS for name in good["supplies"]} <= supplies.keys()
    assert {kind["gri"] for kind in supplies.values()} == PAGES["gri"].keys()


def test_each_destination_has_bad_candidates_for_every_reason() -> None:
    for destination in DESTINATIONS:
        reasons = {one["reason"] for one in PAGES["candidates"] if destination in one["where"]}
        assert reasons == PAGES["verdicts"].keys() - {"offer"}


def test_a_kind_has_its_steps_in_full_and_what_they_share() -> None:
    for kind in shelf.kinds():
        assert {"tables", "columns", "rows", "story", "minutes"} <= kind.keys()
        assert all({"id", "skill", "group", "name", "causes"} <= step.keys() for step in kind["steps"])


def test_each_consumption_tax_rate_has_articles_for_an_order() -> None:
    for rate in PAGES["consumption"]:
        assert sum(good["ct"] == rate for good in PAGES["imports"]) >= 2


def test_misconceptions_of_the_flow_stand_in_the_catalog() -> None:
    named = {cause for step in PAGES["steps"].values() for cause in step["causes"]}

    assert named <= catalogs.load("cbec").misconceptions.keys()


def test_options_get_letters_in_a_chance_order() -> None:
    entries = [(name, {"en": name, "zh": name}) for name in "wxyz"]
    orders = {tuple(shelf.lettered(Dice(f"{seed}"), "o", entries)) for seed in range(30)}

    assert len(orders) > 5
    assert [key for key, _ in shelf.lettered(Dice("1"), "o", entries).values()] == list("abcd")
