from recommender import trail
from tests.recommender import builders, wanderers

TINY = builders.tiny()
LEFT = TINY.skill_index["left"]
HOUR, DAY = 3600, 86400


def follow(*answers):
    """Of (item, right, seconds)."""
    return trail.follow(TINY, wanderers.told(TINY, *(list(column) for column in zip(*answers, strict=True))))


def test_an_item_counts_for_each_of_its_skills():
    done = follow(("exam", 1.0, DAY))

    assert set(done.skills) == {LEFT, TINY.skill_index["top"]}
    assert done.items == {TINY.item_index["exam"]: 0}


def test_wrong_answers_in_a_row_end_with_a_right_one():
    assert follow(("practice:left", 0.0, 1), ("practice:left", 0.0, 2)).skills[LEFT].run == 2
    assert follow(("practice:left", 0.0, 1), ("practice:left", 1.0, 2)).skills[LEFT].run == 0


def test_right_answers_count_as_spaced_a_day_apart():
    cramming = [("practice:left", 1.0, HOUR * hour) for hour in range(5)]
    spaced = [("practice:left", 1.0, DAY * day) for day in range(5)]

    assert follow(*cramming).skills[LEFT].spaced == 1
    assert follow(*spaced).skills[LEFT].spaced == 5
    assert follow(*spaced, ("practice:left", 0.0, 5 * DAY)).skills[LEFT].spaced == 0


def test_statements_are_named_where_rows_come_from_a_store():
    done = follow(("practice:left", 1.0, 1), ("practice:root", 0.0, 2))

    assert trail.seqs(done, [1, 0]) == (2, 1)
    assert trail.seqs(trail.follow(TINY, builders.history(TINY, ("practice:left", 1))), [0]) == ()


def test_nothing_done_leaves_no_trail():
    done = trail.follow(TINY, builders.history(TINY))

    assert (done.skills, done.items, done.item) == ({}, {}, [])
