import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import datasets, errors, space, training

HEAD = "user,item,skills,correct\n"


def read(text, **options):
    return datasets.read(text.encode(), "some", **options)


def refused(text):
    with pytest.raises(errors.DatasetError) as caught:
        read(text)
    return caught.value


def test_a_file_becomes_interactions_and_a_catalog():
    data = read(HEAD + "b,q2,s1 s3,1\nb,q1,s1,0\na,q2,s1 s3,0\n")

    assert data.interactions.learners == ("a", "b")
    assert list(data.catalog.items) == ["q2", "q1"]
    assert data.catalog.items["q2"].skills == ("s1", "s3")
    assert list(data.catalog.skills) == ["s1", "s3"]
    assert data.interactions.item.tolist() == [0, 0, 1]
    assert data.interactions.correct.tolist() == [0.0, 1.0, 0.0]
    assert (data.institution, data.groups, data.fold, data.merged) == ((), {}, None, 0)


def test_the_model_runs_on_a_file_as_on_any_catalog():
    rows = "".join(f"u{n % 7},q{n % 3},s{n % 2},{n % 5 % 2}\n" for n in range(80))
    data = read(HEAD + rows)

    model = training.fit([data.interactions], space.of(data.catalog))

    assert model.fingerprint == data.catalog.fingerprint
    assert np.isfinite(model.weights).all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress])
def test_delimiters_packing_and_a_byte_order_mark_do_not_matter(delimiter, pack):
    text = f"\ufeff{HEAD}a,q,s,1\r\na,q,s,0\n".replace(",", delimiter)

    data = datasets.read(pack(text.encode()), "some")

    assert data.interactions.correct.tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "head",
    [
        "Learner ID,Problem_Id,kcs,Response",
        "uid,question,concepts,outcome",
        "userId,itemId,skillId,isCorrect",
        "Anon Student Id,Problem Name,KC(Default),Correct First Attempt",
    ],
)
def test_columns_may_have_other_names(head):
    data = read(f"{head}\na,q,s,true\n")

    assert (list(data.catalog.items), list(data.catalog.skills), data.interactions.correct.tolist()) == (
        ["q"],
        ["s"],
        [1.0],
    )


@pytest.mark.parametrize(
    ("cell", "skills"),
    [
        ("1 2", ("1", "2")),
        ("a;b c", ("a", "b c")),
        ("a~~b", ("a", "b")),
        ("a|b|a", ("a", "b")),
        ("3_14", ("3", "14")),
        ("data_science", ("data_science",)),
        ('"[1, 2]"', ("1", "2")),
        ("", ("(none)",)),
    ],
)
def test_skills_of_a_cell_are_told_apart(cell, skills):
    assert tuple(read(f"{HEAD}a,q,{cell},1\n").catalog.skills) == skills


def test_names_of_skills_may_hold_spaces():
    data = read("user,item,skill_name,correct\na,q,Box and Whisker,1\na,p,,1\n")

    assert list(data.catalog.skills) == ["Box and Whisker", "(none)"]


def test_a_file_without_items_or_without_skills_uses_the_other():
    assert list(read("user,skill,correct\na,s t,1\n").catalog.items) == ["s t"]
    assert list(read("user,item,correct\na,q 1,1\n").catalog.skills) == ["q 1"]


@pytest.mark.parametrize(
    "times", [(30, 20, 10), (3e12, 2e12, 1e12), ("2026-01-03", "2026-01-02T08:00:00Z", "2025-12-31")]
)
def test_time_decides_the_order(times):
    rows = "".join(f"a,q{n},s,1,{time}\n" for n, time in enumerate(times))

    data = read(f"user,item,skills,correct,timestamp\n{rows}")

    assert [list(data.catalog.items)[item] for item in data.interactions.item] == ["q2", "q1", "q0"]


@pytest.mark.parametrize(
    "time", ["1700000000", "1700000000000", "1700000000000000", "1700000000000000000", "2023-11-14T22:13:20Z"]
)
def test_the_unit_of_time_is_told_by_its_size(time):
    assert read(f"user,item,correct,timestamp\na,q,1,{time}\n").interactions.when.tolist() == [1_700_000_000_000_000]


@pytest.mark.parametrize("time", ["1e300", "inf", "-9300000000000000000000000"])
def test_a_number_that_is_no_time_is_named(time):
    assert "line 2: seconds since 1970" in str(refused(f"user,item,correct,timestamp\na,q,1,{time}\n"))


@pytest.mark.parametrize(("right", "wrong"), [("1.00", "0.00"), ("yes", "no"), ("CORRECT", "INCORRECT"), ("1e0", "-0")])
def test_right_and_wrong_may_be_written_in_many_ways(right, wrong):
    assert read(HEAD + f"a,q,s,{right}\na,p,s,{wrong}\n").interactions.correct.tolist() == [1.0, 0.0]


def test_empty_lines_before_the_headings_do_not_matter():
    assert read("\n,,,\n" + HEAD + "\na,q,s,1\n").interactions.correct.tolist() == [1.0]


def test_numbers_of_a_log_decide_where_no_time_does():
    data = read("user,order_id,item,correct\na,10,q2,1\na,9,q1,0\n")
    words = read("user,order_id,item,correct\na,x10,q2,1\na,x9,q1,0\n")

    assert data.interactions.correct.tolist() == [0.0, 1.0]
    assert words.interactions.correct.tolist() == [1.0, 0.0]


def test_of_many_bad_lines_the_first_are_named_and_the_rest_counted():
    text = str(refused(HEAD + "a,q,s,2\na,q,s,1\n" * 5000))

    assert "lines 2, 4, 6, " in text
    assert "40 and 4,980 more: 0 or 1" in text


def test_without_time_rows_stay_as_they_stand():
    data = read(HEAD + "a,q2,s,1\nb,q1,s,0\na,q1,s,0\n")

    assert data.interactions.item.tolist() == [0, 1, 1]
    assert data.interactions.when.tolist() == [0, 0, 0]


def test_scores_times_hints_and_attempts_are_taken_where_they_are_said():
    data = read("user,item,correct,score,seconds,hints,attempt\na,q,1,0.8,12.5,2,1\na,q,0,,NA,,3\n")

    rows = data.interactions
    columns = [rows.score.tolist(), rows.seconds.tolist(), rows.hints.tolist(), rows.attempt.tolist()]
    assert np.array_equal(
        np.array(columns), np.array([[np.float32(0.8), np.nan], [12.5, np.nan], [2, np.nan], [1, 3]]), equal_nan=True
    )


def test_a_pass_score_is_read_from_scores_that_decide():
    head = "user,item,correct,score\n"

    assert read(head + "a,q,1,0.75\na,q,0,0.5\na,q,1,0.9\n").catalog.pass_score == 0.75
    assert read(head + "a,q,1,0.4\na,q,0,0.5\na,q,1,0.9\n").catalog.pass_score is None
    assert read(head + "a,q,1,0.75\na,q,0,\na,q,1,\n").catalog.pass_score is None
    assert read(head + "a,q,0,0.75\na,q,0,0.1\n").catalog.pass_score is None


def test_an_answer_that_is_said_once_for_each_skill_is_one_answer():
    data = read(HEAD + "a,q,s,1\na,q,t,1\na,q,t,1\nb,q,s,0\n")

    assert (data.merged, len(data.interactions.item), data.catalog.items["q"].skills) == (1, 3, ("s", "t"))


def test_an_order_id_says_which_rows_are_one_answer():
    data = read("user,order_id,item,skill,correct\na,7,q,s,1\na,7,q,t,1\na,8,q,s,1\n")

    assert (data.merged, len(data.interactions.item)) == (1, 2)


def test_the_same_learner_at_two_institutions_is_two_learners():
    data = read("user,item,correct,school\na,q,1,x\na,q,1,y\nb,q,0,y\n")

    assert data.interactions.learners == ("x/a", "y/a", "y/b")
    assert data.institution == ("x", "y", "y")


def test_groups_are_of_learners():
    data = read("user,item,correct,gender,group_first\nb,q,1,f,\nb,q,1,m,yes\na,q,1,m,no\n")

    assert data.groups == {"gender": ("m", "f"), "group_first": ("no", "yes")}


def test_texts_of_items_become_their_names():
    data = read("user,item,correct,text\na,q,1,\na,q,1,Add two numbers\na,p,1,\n")

    assert data.catalog.items["q"].name == {"en": "Add two numbers", "zh": "Add two numbers"}
    assert data.catalog.items["p"].name is None


def test_a_split_says_who_is_held_out():
    words = read("user,item,correct,split\na,q,1,train\nb,q,1,Test\nc,q,1,dev\n")
    numbers = read("user,item,correct,fold\na,q,1,0\nb,q,1,3.0\nc,q,1,-1\n")

    assert words.fold.tolist() == [-1, 0, -1]
    assert numbers.fold.tolist() == [0, 3, -1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no column 'user'"),
        ("user,item\na,q\n", "there is no column 'correct' (or correctness"),
        ("user,correct\na,1\n", "there is neither a column 'item' nor 'skills'"),
        (HEAD + "a,q,s,1\na,q,1\n\na,q,s,1,1\n", "lines 3, 5: 4 cells, as in the first line, would be right"),
        (HEAD + "a,q,s,maybe\na,q,s,2\na,q,s,1\na,q,s,\n", "lines 2-3, 5: 0 or 1 in 'correct' would be right"),
        (HEAD + " ,q,s,1\na,,s,1\n", "line 2: a learner in 'user' would be right"),
        (HEAD + "a,,s,1\n", "line 2: an item in 'item' would be right"),
        ("user,item,correct,timestamp\na,q,1,\na,q,1,noon\n", "lines 2-3: seconds since 1970 or ISO 8601"),
        ("user,item,correct,score\na,q,1,85\n", "line 2: a number from -1 to 1 or nothing in 'score' would be right"),
        ("user,item,correct,hints\na,q,1,few\n", "line 2: a number from 0 or nothing in 'hints' would be right"),
        ("user,item,correct,split\na,q,1,some\n", "a number, 'train', 'valid' or 'test' in 'split' would be right"),
        ("user,item,correct,split\na,q,1,0\na,q,1,1\n", "1 learners stand in several parts of the split"),
        (HEAD + 'a,q,s,1\n"' + "x" * 140_000, "it is not CSV"),
    ],
)
def test_what_is_wrong_is_said_with_its_lines_and_what_would_be_right(text, problem):
    assert problem in str(refused(text))


def test_a_file_of_something_else_is_refused():
    for content in (b"\x1f\x8bnot gzip", b"\xff\xfe\x00user"):
        with pytest.raises(errors.DatasetError, match="neither UTF-8 nor gzip"):
            datasets.read(content)


def test_what_stood_there_is_never_said():
    assert "secret" not in str(refused(HEAD + "a,q,s,secret\n" + "b,secret,s\n"))
    assert "secret" not in str(refused(HEAD + "secret,q,s,secret\n"))


def test_all_kinds_of_problems_are_told_at_once():
    error = refused("user,item,correct,score\n,q,1,7\na,q,x,0.5\n")

    assert len(error.problems) == 3


def test_bad_rows_are_left_out_where_that_is_asked_for():
    data = read(HEAD + "a,q,s,1\na,q,s,maybe\nb,q,s,0\nb,q\n", skip=True)

    assert data.interactions.correct.tolist() == [1.0, 0.0]
    assert data.problems == (
        "line 5: 4 cells, as in the first line, would be right",
        "line 3: 0 or 1 in 'correct' would be right",
    )


def test_a_file_without_rows_has_no_learner():
    data = read(HEAD)

    assert (data.interactions.learners, len(data.catalog.items), len(data.interactions.item)) == ((), 0, 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("pqr"), st.booleans()), max_size=30))
def test_rows_of_a_learner_keep_their_order(answers):
    data = read(HEAD + "".join(f"{user},{item},s,{int(right)}\n" for user, item, right in answers))

    for number, name in enumerate(data.interactions.learners):
        mine = data.interactions.learner == number
        told = [
            (list(data.catalog.items)[i], bool(c))
            for i, c in zip(data.interactions.item[mine], data.interactions.correct[mine], strict=True)
        ]
        assert told == [(item, right) for user, item, right in answers if user == name]
