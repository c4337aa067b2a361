"""What is stale on a day, and why: rules at their edges, in doubt, unseen; contents that a rule overtook."""

from datetime import date, timedelta

import pytest

from curriculum import catalog, contents, freshness, telling
from curriculum.contents import Content
from tests.curriculum import builders

DAY = date(2026, 11, 26)


def of(*rules, **changes):
    return catalog.parse(builders.tiny(rules=list(rules), **changes))


def rule(name="r", **changes):
    base = {"valid_from": "2026-01-01", "valid_to": None, "params": {f"fee_{name}": 3}}
    return builders.rule(name, "left", **{**base, **changes})


def found(catalog_, *listed, day=DAY, looked=None, since=DAY, **limits):
    usual = freshness.Limits(**limits)
    return [
        (one.kind, one.id)
        for one in freshness.findings(catalog_, listed, day, looked=looked or {}, since=since, limits=usual)
    ]


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, []),
        ({"valid_to": "2026-11-25"}, ["ended"]),
        ({"valid_to": "2026-09-26"}, []),
        ({"valid_to": "2026-11-26"}, ["ends"]),
        ({"valid_to": "2027-01-25"}, ["ends"]),
        ({"valid_to": "2027-01-26"}, []),
        ({"valid_from": "2026-11-27"}, ["begins"]),
        ({"valid_from": "2027-01-26"}, []),
        ({"confidence": "low"}, ["unsure"]),
        ({"confidence": "low", "valid_to": "2026-10-01"}, ["ended"]),
    ],
)
def test_a_rule_is_named_at_its_edges_and_in_doubt(changes, kinds):
    assert [kind for kind, _ in found(of(rule(**changes)))] == kinds


def test_a_rule_at_which_nobody_looked_for_long_is_named_until_somebody_does():
    known = of(rule())

    assert found(known, since=DAY - timedelta(days=181)) == [("unlooked", "r")]
    assert found(known, since=None) == [("unlooked", "r")]
    assert found(known, since=None, looked={"r": DAY}) == []
    assert found(known, since=DAY - timedelta(days=31), unseen=30) == [("unlooked", "r")]


def lesson(checked, **changes):
    return Content("lesson", "l", ("left",), {}, checked=checked, **changes)


def test_a_lesson_is_overtaken_by_a_rule_that_began_or_ended_after_somebody_looked():
    begun = of(rule(valid_from="2026-07-01"))
    gone = of(rule(valid_to="2026-06-30"))

    for known in (begun, gone):
        assert found(known, lesson(date(2026, 6, 30))) == [("overtaken", "l")]
        assert found(known, lesson(date(2026, 7, 1))) == []
        assert found(known, lesson(date(2026, 6, 30)), looked={"l": DAY}) == []


def test_a_rule_in_doubt_or_to_come_overtakes_nothing():
    for known in (of(rule(confidence="low", valid_from="2026-07-01")), of(rule(valid_from="2027-07-01"))):
        assert ("overtaken", "l") not in found(known, lesson(date(2026, 6, 30)))


def test_a_content_may_name_rules_of_other_skills():
    known = of(builders.rule("other", "top", valid_from="2026-07-01", valid_to=None))

    assert found(known, lesson(date(2026, 6, 30))) == []
    assert found(known, lesson(date(2026, 6, 30), rules=("other", "gone"))) == [("overtaken", "l")]


def test_a_content_that_ended_is_named_for_a_while_and_nothing_else_is_said_of_it():
    known = of(rule(valid_from="2026-07-01"))

    assert found(known, lesson(date(2026, 1, 1), valid_to=date(2026, 11, 25))) == [("ended", "l")]
    assert found(known, lesson(date(2026, 1, 1), valid_to=date(2026, 9, 26))) == []


def test_a_content_that_nobody_ever_looked_at_is_named():
    assert found(of(rule()), lesson(None)) == [("unlooked", "l")]
    assert found(of(rule()), lesson(DAY - timedelta(days=181))) == [("unlooked", "l")]
    assert found(of(rule()), Content("question", "q", (), {}, checked=None)) == [("unlooked", "q")]


def test_what_is_most_urgent_comes_first_and_all_is_said_in_both_languages():
    known = of(rule("a", confidence="low"), rule("b", valid_to="2026-11-25"), rule("c", valid_from="2026-07-01"))
    listed = freshness.findings(known, [lesson(date(2026, 6, 1))], DAY, since=None)

    assert [one.kind for one in listed] == ["overtaken", "ended", "unsure", "unlooked", "unlooked"]
    assert {one.who for one in listed} == {"editor", "instructor"}
    for one in listed:
        assert telling.say(one.why, "en") != telling.say(one.why, "zh")


def test_skills_whose_rules_changed_since_they_were_practised():
    known = of(rule("a", valid_from="2026-07-01"), rule("b", valid_from="2026-08-01"))
    last = {"left": date(2026, 6, 30), "top": date(2020, 1, 1)}

    assert {name: one.id for name, one in freshness.changed(known, last, DAY).items()} == {"left": "b"}
    assert {name: one.id for name, one in freshness.changed(known, last, date(2026, 7, 1)).items()} == {"left": "a"}
    assert freshness.changed(known, {"left": date(2026, 8, 1)}, DAY) == {}
    assert freshness.changed(known, last, date(2026, 6, 30)) == {}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "holds"),
        ({"valid_to": "2026-11-25"}, "ended"),
        ({"valid_from": "2026-11-27"}, "ahead"),
        ({"confidence": "low"}, "unsure"),
    ],
)
def test_a_rule_has_one_status(changes, status):
    assert freshness.status(of(rule(**changes)).rules["r"], DAY) == status


def test_what_a_rule_touches_comes_before_what_its_skills_do():
    named, skilled, other = (
        Content("question", name, (skill,), {}, rules)
        for name, skill, rules in (("a", "top", ("r",)), ("b", "left", ()), ("c", "alone", ()))
    )

    assert contents.touched([other, skilled, named], ["left"], ["r"]) == (named, skilled)


def test_resources_of_a_catalog_are_contents():
    film = {
        "id": "film",
        "activity": "urn:tiny:film",
        "skills": ["left"],
        "name": builders.names("Film"),
        "valid_to": "2027-01-01",
    }

    (one,) = contents.of_catalog(of(resources=[film]))

    assert (one.kind, one.id, one.skills, one.valid_to) == ("resource", "film", ("left",), date(2027, 1, 1))
