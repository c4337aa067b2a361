"""Job postings move what roles ask for: slowly, by what they name more often than others."""

import json
from datetime import date

import pytest

from curriculum import catalog, check, demand, editing, errors
from curriculum.demand import Posting

PLAIN = catalog.plain("cbec")
ROLES = {one["id"]: one["name"] for one in PLAIN["roles"]}
LEVELS = {one["id"]: one["targets"] for one in PLAIN["roles"]}
# Skills of the role "operations", by their own names.
NAMED = {one["id"]: one["name"] for one in PLAIN["skills"]}


def postings(*lists, role="operations"):
    return [Posting("Job", "; ".join(NAMED[name]["zh"] for name in names), role, date(2026, 10, 1)) for names in lists]


def moved(found):
    (one,) = demand.weigh(PLAIN, found)
    return {asked.skill: (asked.declared, asked.target) for asked in one.moved}


COMMON = list(LEVELS["operations"])[:6]


def test_where_all_are_named_as_often_as_their_levels_say_nothing_moves():
    same = [name for name in LEVELS["operations"] if LEVELS["operations"][name] == 3][:5]

    assert moved(postings(*[same] * 30)) == {}


def test_what_is_named_far_more_often_than_the_others_goes_up_by_one():
    wanted, others = COMMON[0], COMMON[1:]
    listed = postings(*[[wanted]] * 60, *[others] * 6)

    found = moved(listed)

    assert found[wanted] == (LEVELS["operations"][wanted], LEVELS["operations"][wanted] + 1)


def test_few_postings_move_nothing():
    assert moved(postings([COMMON[0]], [COMMON[1]])) == {}


def test_a_skill_that_nobody_names_stays():
    found = moved(postings(*[[COMMON[0]]] * 60, *[[COMMON[1]]] * 6))

    assert set(found) <= {COMMON[0], COMMON[1]}


def test_a_role_takes_in_what_many_postings_ask_for_with_what_it_needs():
    new = "cus.duty"
    assert new not in LEVELS["marketing"]
    found = moved(postings(*[[new]] * 40, role="marketing"))

    assert found[new][0] == 0
    assert found[new][1] in (2, 3)
    made = editing.apply(
        PLAIN,
        demand.edits(
            demand.weigh(PLAIN, postings(*[[new]] * 40, role="marketing"))[0], [str(n) for n in range(len(found))]
        ),
    )
    assert check.problems(made) == []
    assert LEVELS["marketing"].keys() < {one["id"]: one["targets"] for one in made["roles"]}["marketing"].keys()


def test_the_old_version_stays_readable():
    before = json.dumps(PLAIN["roles"])
    found = demand.weigh(PLAIN, postings(*[["cus.duty"]] * 40, role="marketing"))

    editing.apply(PLAIN, demand.edits(found[0], [str(n) for n in range(len(found[0].moved))]))

    assert json.dumps(PLAIN["roles"]) == before


def test_a_prerequisite_does_not_fall_below_what_needs_it():
    targets = {"a": 1, "b": 4}
    demand._close({"skills": [{"id": "a"}, {"id": "b", "prerequisites": ["a"]}]}, targets, {"a": 3, "b": 4})

    assert targets == {"a": 3, "b": 4}


def test_days_and_numbers_are_kept():
    (one,) = demand.weigh(
        PLAIN,
        [*postings(["cus.duty"]), Posting("x", "y", "operations", date(2026, 5, 1)), Posting("x", "y", "operations")],
    )

    assert (one.postings, one.first, one.last) == (3, date(2026, 5, 1), date(2026, 10, 1))
    (none,) = demand.weigh(PLAIN, [Posting("x", "y", "operations")])
    assert (none.first, none.last) == (None, None)


def test_postings_are_read_from_csv_by_id_name_or_title():
    text = (
        "title,text,role,date,employer\n"
        "Ops,We need chargeable weight,operations,2026-10-01,someone\n"
        f"Ops,texts,{ROLES['finance']['zh']},,\n"
        f"Senior {ROLES['marketing']['en']} (m/f),texts,,2026-10-02T08:00:00,\n"
    )

    found = demand.read(f"\ufeff{text}", ROLES)

    assert [one.role for one in found] == ["operations", "finance", "marketing"]
    assert [one.day for one in found] == [date(2026, 10, 1), None, date(2026, 10, 2)]


def test_postings_are_read_from_json_with_a_list_of_skills():
    (one,) = demand.read(json.dumps([{"title": "x", "skills": ["a", "b"], "role": "operations"}]), ROLES)

    assert "a; b" in one.text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n1,2\n", "line 1: name the columns"),
        ("title,text,role\n,,operations\n", "line 2: neither text nor skills"),
        ("title,text,role\nx,y,nobody\n", "line 2: its role is none of the catalog"),
        ("title,text,role,date\nx,y,operations,soon\n", "line 2: its date cannot be read"),
        ("title,text,role\n", "it has no posting"),
        ("[1]", "a list of objects"),
        ("{}", "a list of objects"),
        ("[{", "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_nothing_is_taken(text, problem):
    with pytest.raises(errors.InvalidPostings, match=problem):
        demand.read(text, ROLES)


def test_a_refusal_never_repeats_what_was_sent():
    with pytest.raises(errors.InvalidPostings) as caught:
        demand.read("title,text,role\nAnna Secret,call me,nobody\n", ROLES)

    assert "Secret" not in str(caught.value)


def test_too_many_are_refused(monkeypatch):
    monkeypatch.setattr(demand, "MOST", 1)
    with pytest.raises(errors.InvalidPostings, match="one import may have 1"):
        demand.read("title,text,role\nx,y,operations\nx,y,operations\n", ROLES)


def test_the_same_postings_have_the_same_mark_in_any_order():
    listed = [*postings(["cus.duty"]), *postings(["cus.hs_classify"])]

    assert demand.mark(listed) == demand.mark(listed[::-1]) != demand.mark(listed[:1])
