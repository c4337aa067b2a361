"""Edits of a catalog: each does what it says, or is refused whole with what would be right."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import acts, catalog, check, editing, errors, telling
from curriculum.editing import Edit
from tests.curriculum import builders

TINY = builders.tiny(
    misconceptions=[{"id": "m.one", "skill": "left", "name": builders.names("One"), "signature": "s"}],
    resources=[{"id": "film", "activity": "urn:tiny:film", "skills": ["left"], "name": builders.names("Film")}],
    items=[{"id": "exam", "activity": "urn:tiny:exam", "skills": ["top", "left"]}],
)
WHY = {"en": "because", "zh": "因为"}


def edit(act, subject, /, **value):
    return Edit("e", act, subject, value)


def done(*edits, base=TINY):
    return editing.apply(base, edits)


def entry(mapping, section, name):
    return next((one for one in mapping[section] if one["id"] == name), None)


def refused(*edits):
    before = copy.deepcopy(TINY)
    with pytest.raises(errors.InvalidEdit) as caught:
        editing.apply(TINY, edits)
    assert before == TINY
    for problem in caught.value.problems:
        telling.say(problem, "zh")
    return [problem.key for problem in caught.value.problems], str(caught.value)


def new_rule(**changes):
    base = {
        "jurisdiction": "EU",
        "valid_from": "2027-01-01",
        "affects": ["left"],
        "statement": builders.names("A fee of 4"),
        "params": {"fee": 4},
    }
    return {**base, **changes}


def test_no_edit_leaves_a_catalog_as_it_is():
    assert done() == TINY


def test_a_skill_is_added_at_the_end_with_its_reasons():
    made = done(
        edit("skill.add", "new", name=builders.names("New"), area="b", prerequisites=["top"], because={"top": WHY})
    )

    assert made["skills"][-1]["id"] == "new"
    found = catalog.parse(made)
    assert found.skills["new"].because["top"] == WHY
    assert list(found.items)[-2:] == ["practice:new", "exam"]


def test_a_retired_skill_leaves_no_trace_and_its_order_stays():
    made = catalog.parse(done(edit("skill.retire", "left")))

    assert "left" not in made.skills
    assert made.skills["top"].prerequisites == ("right", "root") or made.skills["top"].prerequisites == ("right",)
    assert "left" not in made.roles["all"].targets
    assert made.rules["fee"].affects == ()
    assert not made.misconceptions
    assert not made.resources
    assert made.items["exam"].skills == ("top",)


def test_what_needed_a_retired_skill_needs_what_it_needed():
    base = builders.tiny(
        skills=[builders.skill("a"), builders.skill("b", "a"), builders.skill("c", "b")], roles=[], rules=[]
    )

    assert catalog.parse(done(edit("skill.retire", "b"), base=base)).skills["c"].prerequisites == ("a",)


def test_an_edge_comes_with_its_reason_and_closes_roles():
    made = done(edit("edge.add", "left", prerequisite="alone", because=WHY))

    assert entry(made, "skills", "left")["because"] == {"alone": WHY}
    assert [entry(made, "roles", name)["targets"]["alone"] for name in ("all", "short")] == [2, 2]
    again = done(edit("edge.change", "left", prerequisite="alone", because={"en": "x", "zh": "y"}), base=made)
    assert entry(again, "skills", "left")["because"]["alone"]["en"] == "x"
    gone = done(edit("edge.retire", "left", prerequisite="alone"), base=again)
    assert entry(gone, "skills", "left")["prerequisites"] == ["root"]
    assert entry(gone, "skills", "left")["because"] == {}


def test_a_role_takes_in_what_its_targets_need():
    made = done(edit("role.add", "new", name=builders.names("New"), targets={"top": 1}))

    assert entry(made, "roles", "new")["targets"] == {"top": 1, "left": 1, "right": 1, "root": 1}
    assert entry(done(edit("role.retire", "new"), base=made), "roles", "new") is None


def test_a_target_is_set_and_taken_out():
    made = done(edit("target.set", "short", skill="top", level=4))

    assert entry(made, "roles", "short")["targets"] == {"root": 2, "left": 3, "top": 4, "right": 2}
    less = done(edit("target.retire", "short", skill="top"), base=made)
    assert "top" not in entry(less, "roles", "short")["targets"]


def test_a_rule_that_replaces_another_ends_it_the_day_before():
    made = catalog.parse(done(edit("rule.add", "fee4", **new_rule(replaces="fee"))))

    assert made.rules["fee"].valid_to.isoformat() == "2026-12-31"
    assert made.rules["fee4"].confidence == "medium"


def test_one_that_had_ended_before_keeps_its_end():
    made = done(edit("rule.end", "fee", valid_to="2026-08-01"))

    assert (
        entry(done(edit("rule.add", "fee4", **new_rule(replaces="fee")), base=made), "rules", "fee")["valid_to"]
        == "2026-08-01"
    )


def test_a_rule_is_changed_and_ended():
    made = done(edit("rule.change", "fee", valid_to=None, confidence="medium"))

    assert entry(made, "rules", "fee")["valid_to"] is None


def test_names_and_ends_are_changed():
    made = done(
        edit("skill.change", "left", name=builders.names("Other"), difficulty=5, area="b"),
        edit("misconception.change", "m.one", name=builders.names("Two")),
        edit("content.end", "film", valid_to="2026-12-31"),
        edit("content.end", "cus.duty.3", valid_to="2026-11-30"),
    )

    assert entry(made, "skills", "left")["name"]["en"] == "Other"
    assert entry(made, "misconceptions", "m.one")["name"]["en"] == "Two"
    assert entry(made, "resources", "film")["valid_to"] == "2026-12-31"
    assert catalog.parse(made).ends["cus.duty.3"].isoformat() == "2026-11-30"


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("edit.act", edit("skill.paint", "left")),
        ("edit.value", Edit("e", "skill.add", "new", ["no"])),
        ("edit.field", edit("skill.retire", "left", why="x")),
        ("edit.unknown", edit("skill.retire", "gone")),
        ("edit.unknown", edit("skill.add", "new", name=builders.names("N"), area="a", prerequisites=["gone"])),
        ("edit.taken", edit("skill.add", "left", name=builders.names("N"), area="a")),
        ("edit.id", edit("skill.add", "New One", name=builders.names("N"), area="a")),
        ("edit.id", edit("skill.add", "n" * 81, name=builders.names("N"), area="a")),
        ("edit.name", edit("skill.add", "new", name={"en": "only"}, area="a")),
        ("edit.name", edit("skill.change", "left", name="text")),
        ("edit.area", edit("skill.add", "new", name=builders.names("N"), area="z")),
        ("edit.area", edit("skill.change", "left", area="z")),
        ("edit.level", edit("skill.add", "new", name=builders.names("N"), area="a", difficulty=True)),
        ("edit.level", edit("skill.change", "left", difficulty="3")),
        ("edit.reason_of", edit("skill.add", "new", name=builders.names("N"), area="a", because={"left": WHY})),
        ("edit.reason", edit("edge.add", "left", prerequisite="alone")),
        ("edit.edge_there", edit("edge.add", "left", prerequisite="root", because=WHY)),
        ("edit.edge_absent", edit("edge.change", "left", prerequisite="top", because=WHY)),
        ("edit.edge_absent", edit("edge.retire", "root", prerequisite="left")),
        ("edit.cycle", edit("edge.add", "root", prerequisite="tail", because=WHY)),
        ("edit.cycle", edit("edge.add", "root", prerequisite="root", because=WHY)),
        ("edit.targets", edit("role.add", "new", name=builders.names("N"), targets={})),
        ("edit.unknown", edit("role.retire", "gone")),
        ("edit.level", edit("target.set", "short", skill="left", level=6)),
        ("edit.unknown", edit("target.set", "short", skill="gone", level=2)),
        ("edit.target_absent", edit("target.retire", "short", skill="top")),
        ("edit.target_needed", edit("target.retire", "short", skill="root")),
        ("edit.overlap", edit("rule.add", "fee4", **new_rule())),
        ("edit.replaces", edit("rule.add", "fee4", **new_rule(valid_from="2026-07-01", replaces="fee"))),
        ("edit.unknown", edit("rule.add", "fee4", **new_rule(replaces="gone"))),
        ("edit.day", edit("rule.add", "fee4", **new_rule(valid_from="soon"))),
        ("edit.day", edit("rule.end", "fee", valid_to=None)),
        ("edit.days", edit("rule.end", "fee", valid_to="2026-06-01")),
        ("edit.affects", edit("rule.add", "fee4", **new_rule(affects=[]))),
        ("edit.unknown", edit("rule.add", "fee4", **new_rule(affects=["gone"]))),
        ("edit.statement", edit("rule.add", "fee4", **new_rule(statement={"en": "x", "zh": " "}))),
        ("edit.jurisdiction", edit("rule.add", "fee4", **new_rule(jurisdiction=""))),
        ("edit.confidence", edit("rule.change", "fee", confidence="sure")),
        ("edit.day", edit("content.end", "film", valid_to="never")),
        ("edit.catalog", edit("skill.change", "left", half_life_days=-1)),
    ],
    ids=lambda value: value if isinstance(value, str) else value.act,
)
def test_what_does_not_fit_is_refused_with_what_would_be_right(key, bad):
    keys, text = refused(bad)

    assert keys == [key]
    assert len(text) > 20


def test_a_role_is_never_left_without_a_target():
    base = builders.tiny(roles=[{"id": "one", "name": builders.names("One"), "targets": {"alone": 2}}])

    for bad in (edit("skill.retire", "alone"), edit("target.retire", "one", skill="alone")):
        with pytest.raises(errors.InvalidEdit, match="ask for nothing"):
            editing.apply(base, [bad])


def test_of_several_edits_none_holds_where_one_is_refused():
    keys, _ = refused(edit("skill.change", "left", difficulty=4), edit("skill.retire", "gone"))

    assert keys == ["edit.unknown"]


def test_what_no_longer_fits_is_left_out_and_named():
    good, bad = edit("skill.change", "left", difficulty=4), Edit("b", "skill.retire", "gone", {})

    settled = editing.settle(TINY, [bad, good])

    assert settled.kept == (good,)
    assert [(one.id, why[0].key) for one, why in settled.left] == [("b", "edit.unknown")]
    assert entry(settled.mapping, "skills", "left")["difficulty"] == 4


def test_an_edit_says_what_stands_where_it_writes():
    def touched(one):
        return editing.touches(TINY, one)

    assert touched(edit("skill.change", "left", difficulty=4)) == {"difficulty": 2}
    assert touched(edit("skill.change", "gone", difficulty=4)) == {"difficulty": None}
    assert touched(edit("target.set", "short", skill="left", level=4)) == {"targets.left": 3}
    assert touched(edit("target.set", "gone", skill="left", level=4)) == {"targets.left": None}
    assert touched(edit("edge.add", "left", prerequisite="root", because=WHY)) == {"prerequisites.root": ""}
    assert touched(edit("edge.add", "root", prerequisite="left", because=WHY)) == {"prerequisites.left": None}
    assert touched(edit("skill.add", "new"))[""] is None
    assert touched(edit("rule.add", "fee"))[""]["id"] == "fee"
    assert touched(edit("content.end", "film", valid_to="2026-01-01")) == {"valid_to": None}
    assert touched(edit("content.end", "other", valid_to="2026-01-01")) == {"valid_to": None}


def test_the_later_of_two_edits_of_one_field_is_said_to_write_over_the_earlier():
    first, other = (
        Edit("1", "skill.change", "left", {"difficulty": 4}),
        Edit("2", "skill.change", "right", {"difficulty": 4}),
    )
    last = Edit("3", "skill.change", "left", {"difficulty": 5})

    assert editing.conflicts([first, other, last], TINY) == ((first, last, "difficulty"),)


FIELDS = (
    "skill", "level", "prerequisite", "because", "name", "difficulty", "valid_to", "affects", "targets", "area",
    "statement", "valid_from", "jurisdiction", "confidence",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(acts.ACTS)),
            st.sampled_from(["root", "left", "top", "alone", "all", "short", "fee", "rumour", "film", "new", "m.one"]),
            st.dictionaries(
                st.sampled_from(FIELDS),
                st.sampled_from(["left", "top", 3, WHY, "2026-09-01", ["left"], {"top": 2}, "a", "EU", "high", None]),
                max_size=4,
            ),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_is_tried_the_catalog_stays_sound(tries):
    settled = editing.settle(TINY, [Edit(str(n), *one) for n, one in enumerate(tries)])

    assert check.problems(settled.mapping) == []
    assert len(settled.kept) + len(settled.left) == len(tries)
