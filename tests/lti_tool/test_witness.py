"""What others vouch for of a learner, as statements that the record store takes."""

from __future__ import annotations

from lti_tool import witness
from lti_tool.witness import Place
from recommender import verbs
from tests.lti_tool.builders import Bench, stored
from xapi_collector import statements

AGENT = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "7"}}
PLACE = Place("https://t.example/lti/events/e", verbs.MEETING, {"en": "Desk", "zh": "报关台"}, ("https://t.example/c",))
ONE, TWO, THREE = (f"0000000{number}-0000-4000-8000-000000000000" for number in (1, 2, 3))


def test_a_record_store_takes_them_and_a_voided_one_is_gone(bench: Bench) -> None:
    came = witness.attended(ONE, AGENT, PLACE, "urn:item", minutes=90, at=1_000_000.0)
    saw = witness.scored(TWO, AGENT, PLACE, "urn:item", level=1, levels=4, enough=2, at=1_000_000.0)
    stored(bench, [came, saw, witness.voided(THREE, AGENT, ONE, at=1_000_001.0)])
    (left,) = [one for one in statements.labels(bench.storage, purpose="service") if one.verb != verbs.VOIDED]

    assert (left.verb, left.activity, left.success) == (verbs.SCORED, "urn:item", False)
    assert left.score == 0.333333
    assert (left.parent, left.grouping) == (PLACE.around, (PLACE.activity,))


def test_what_no_item_is_about_is_attended_all_the_same() -> None:
    came = witness.attended(ONE, AGENT, PLACE, "", minutes=90, at=1_000_000.0)

    assert came["context"]["contextActivities"] == {"parent": [{"objectType": "Activity", "id": "https://t.example/c"}]}
    assert came["object"]["definition"]["name"]["zh"] == "报关台"
