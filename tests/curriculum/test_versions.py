"""Versions have names, differences are sentences in both languages, and a merge loses nothing silently."""

import copy

import pytest

from curriculum import catalog, editing, telling, versions
from curriculum.editing import Edit
from tests.curriculum import builders

BASE = builders.tiny()
WHY = {"en": "because", "zh": "因为"}


def changed(**sections):
    return {**copy.deepcopy(BASE), **sections}


def said(before, after, language="en"):
    return [telling.say(one, language) for one in versions.sentences(versions.diff(before, after), before, after)]


def with_skill(name, **changes):
    return changed(skills=[{**one, **changes} if one["id"] == name else one for one in BASE["skills"]])


def test_a_version_is_named_by_what_it_holds():
    assert versions.digest(BASE) == versions.digest(copy.deepcopy(BASE))
    assert versions.digest(BASE) != versions.digest(with_skill("left", difficulty=5))
    assert len(versions.short(versions.digest(BASE))) == 12


def test_a_date_counts_as_its_text():
    from datetime import date

    plain = changed(rules=[builders.rule("fee", "left", valid_from="2026-07-01")])
    dated = changed(rules=[builders.rule("fee", "left", valid_from=date(2026, 7, 1))])

    assert versions.digest(plain) == versions.digest(dated)
    assert versions.diff(plain, dated) == ()


def test_what_is_no_json_has_no_name():
    with pytest.raises(TypeError):
        versions.digest({"a": object()})


def test_nothing_differs_from_itself():
    assert said(BASE, copy.deepcopy(BASE)) == []


def test_every_kind_of_difference_is_said_in_both_languages():
    after = editing.apply(
        BASE,
        [
            Edit("1", "skill.add", "new", {"name": builders.names("New"), "area": "a"}),
            Edit("2", "edge.add", "new", {"prerequisite": "left", "because": WHY}),
            Edit("3", "edge.add", "left", {"prerequisite": "alone", "because": WHY}),
            Edit("4", "target.set", "short", {"skill": "left", "level": 5}),
            Edit("5", "rule.change", "fee", {"valid_to": None, "affects": ["left", "top"], "params": {}}),
            Edit("6", "rule.add", "extra", {"jurisdiction": "US", "valid_from": "2027-01-01", "affects": ["top"],
                                             "statement": builders.names("x" * 400)}),
            Edit("7", "skill.retire", "tail", {}),
            Edit("8", "content.end", "q1", {"valid_to": "2026-12-31"}),
        ],
    )  # fmt: skip
    after = {**after, "meta": {**after["meta"], "pass_score": 0.5}}

    english, chinese = said(BASE, after), said(BASE, after, "zh")

    assert len(english) == len(chinese) == len(set(english)) == len(set(chinese))
    assert "“left” now comes after “alone”: because" in english
    assert "Role “Short” asks for “left” at level 5, no longer 3." in english
    assert "Rule “fee”: last day is gone; it was 2028-06-30." in english
    assert "Rule “fee”: skills that it changes was left, is now left, top." in english
    assert "Rule “fee”: figures was fee 3.0, is now –." in english
    assert "Skill “new” is new." not in english  # names are said as the page says them
    assert "Skill “New” is new." in english
    assert "Skill “tail” is gone." in english
    assert "Role “All” no longer asks for “tail” (level 3 before)." in english
    assert "Content “q1”: last day is now 2026-12-31; it had none." in english
    assert any(line.startswith("New rule extra (US), from 2027-01-01: xxx") and line.endswith("…") for line in english)
    assert any(line.startswith("Catalog “”: pass_score") for line in english)
    assert any(line.startswith("新规则 extra（US）") for line in chinese)
    back = said(after, BASE)
    assert "“left” no longer comes after “alone”. The reason was: because" in back
    assert any(line.startswith("Rule extra (US), from 2027-01-01, is gone") for line in back)


def test_a_new_reason_of_an_edge_is_a_difference():
    before = editing.apply(BASE, [Edit("1", "edge.add", "left", {"prerequisite": "alone", "because": WHY})])
    after = editing.apply(
        before, [Edit("2", "edge.change", "left", {"prerequisite": "alone", "because": {"en": "x", "zh": "y"}})]
    )

    assert said(before, after) == ["Why “left” comes after “alone” now reads: x"]


OURS = Edit("o", "skill.change", "left", {"difficulty": 4})


def test_what_only_one_side_changed_merges_by_itself():
    merged = versions.merge(BASE, with_skill("right", difficulty=5), [OURS])

    found = {one["id"]: one["difficulty"] for one in merged.mapping["skills"]}
    assert (found["left"], found["right"]) == (4, 5)
    assert merged.kept == (OURS,)
    assert merged.conflicts == merged.needless == ()


def test_where_both_changed_the_same_to_different_things_ours_holds_and_the_place_is_named():
    merged = versions.merge(BASE, with_skill("left", difficulty=5), [OURS])

    (conflict,) = merged.conflicts
    assert (conflict.edit, conflict.field, conflict.base, conflict.theirs, conflict.ours) == (
        OURS,
        "difficulty",
        2,
        5,
        4,
    )
    assert {one["id"]: one["difficulty"] for one in merged.mapping["skills"]}["left"] == 4


def test_what_both_changed_alike_needs_no_edit_any_more():
    merged = versions.merge(BASE, with_skill("left", difficulty=4), [OURS])

    assert merged.needless == (OURS,)
    assert merged.conflicts == ()


def test_an_edit_of_what_is_gone_is_named_and_nothing_else_is_lost():
    theirs = editing.apply(BASE, [Edit("t", "skill.retire", "alone", {})])
    lost = Edit("l", "skill.change", "alone", {"difficulty": 4})

    merged = versions.merge(BASE, theirs, [lost, OURS])

    (conflict,) = merged.conflicts
    assert conflict.edit == lost
    assert [one.key for one in conflict.problems] == ["edit.unknown"]
    assert merged.kept == (OURS,)


def test_an_edit_that_no_longer_fits_although_nobody_touched_its_place_is_named_too():
    theirs = editing.apply(BASE, [Edit("t", "edge.add", "alone", {"prerequisite": "left", "because": WHY})])
    ours = Edit("o", "edge.add", "left", {"prerequisite": "alone", "because": WHY})

    merged = versions.merge(BASE, theirs, [ours])

    assert [one.problems[0].key for one in merged.conflicts] == ["edit.cycle"]
    assert merged.kept == ()


def test_both_added_a_skill_of_one_id():
    ours = Edit("o", "skill.add", "new", {"name": builders.names("Ours"), "area": "a"})
    theirs = editing.apply(BASE, [Edit("t", "skill.add", "new", {"name": builders.names("Theirs"), "area": "a"})])

    merged = versions.merge(BASE, theirs, [ours])

    assert [one.problems[0].key for one in merged.conflicts] == ["edit.taken"]


def test_the_shipped_catalogs_have_names_and_differ_from_nothing():
    for name in catalog.NAMES:
        plain = catalog.plain(name)
        assert len(versions.digest(plain)) == 64
        assert versions.diff(plain, plain) == ()
