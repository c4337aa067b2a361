from __future__ import annotations

import pytest

from curriculum import catalog as catalogs
from lti_tool import resources
from lti_tool.deep_linking import choices


@pytest.mark.parametrize(
    ("opens", "id_"),
    [
        ({}, "path:cbec"),
        ({"catalog": "oulad", "role": "AAA"}, "path:oulad:AAA"),
        ({"activity": "path", "role": "operations"}, "path:cbec:operations"),
        ({"activity": "module", "catalog": "cbec", "module": "cus", "role": "operations"}, "module:cbec:cus"),
        ({"activity": "case", "case": "eu.low_value"}, "case:cbec:eu.low_value"),
        ({"activity": "exam"}, "exam:cbec"),
        ({"activity": "class", "catalog": ""}, "class:cbec"),
    ],
)
def test_a_link_is_named_by_what_it_opens(opens: dict[str, str], id_: str) -> None:
    assert resources.id_of(opens) == id_


@pytest.mark.parametrize(
    ("query", "opens"),
    [
        ("", {}),
        ("?activity=case&case=eu.low_value&grade=none", {"activity": "case", "case": "eu.low_value", "grade": "none"}),
        ("?user=1&context_history=x&id_token=y&role=a%20b", {"role": "a b"}),
        ("?module=a&module=b&path=&catalog", {"module": "b"}),
        ("#activity=path", {}),
    ],
)
def test_the_address_of_a_launch_may_say_what_it_opens_and_nothing_else(query: str, opens: dict[str, str]) -> None:
    assert resources.asked(f"https://tool.example/lti/launch{query}") == opens


def test_a_name_fits_into_what_platforms_keep() -> None:
    assert len(resources.id_of({"activity": "module", "module": "x" * 400})) == 255


def test_no_two_things_that_can_be_added_have_one_name() -> None:
    offered = [choice for name in catalogs.NAMES for choice in choices.offered(catalogs.load(name)).values()]

    assert len({choice.key for choice in offered}) == len(offered) > 40
