import numpy as np
import pytest

from recommender import copies
from recommender.interactions import Interactions


def records(answers):
    """Interactions of lists of (item, correct), one list a learner."""
    learner = np.repeat(np.arange(len(answers)), [len(of) for of in answers])
    flat = [answer for of in answers for answer in of]
    return Interactions(
        learners=tuple(str(number) for number in range(len(answers))),
        learner=learner.astype(np.int32),
        item=np.array([item for item, _ in flat], np.int32),
        correct=np.array([correct for _, correct in flat], np.float32),
        score=np.full(len(flat), np.nan, np.float32),
        when=np.zeros(len(flat), np.int64),
    )


def strangers(count, items, seed=0):
    rng = np.random.default_rng(seed)
    return [[(item, int(rng.random() < 0.6)) for item in rng.permutation(items)[:40]] for _ in range(count)]


def slowly(rows, shared, same):
    """Pairs, learner by learner."""
    first = [{} for _ in rows.learners]
    for learner, item, correct in zip(rows.learner, rows.item, rows.correct, strict=True):
        first[learner].setdefault(int(item), float(correct))
    pairs = set()
    for left in range(len(first)):
        for right in range(left + 1, len(first)):
            both = first[left].keys() & first[right].keys()
            agreed = sum(first[left][item] == first[right][item] for item in both)
            if len(both) >= shared and agreed >= same * len(both):
                pairs.add((left, right))
    return pairs


def test_a_copy_is_found_and_the_one_with_more_rows_is_kept():
    answers = strangers(30, 300)
    answers[7] = [*reversed(answers[3]), (299, 1), (299, 0), (299, 0)]

    found = copies.find(records(answers))

    assert (found.pairs, found.dropped, found.rows) == (1, 1, 40)
    assert np.flatnonzero(~found.keep).tolist() == [3]
    assert found.cluster[3] == found.cluster[7]
    assert len(np.unique(found.cluster)) == 29


def test_of_equal_copies_the_first_is_kept_and_a_chain_is_one_cluster():
    answers = strangers(10, 300)
    answers[4] = answers[8] = answers[1]

    found = copies.find(records(answers))

    assert (found.pairs, np.flatnonzero(~found.keep).tolist()) == (3, [4, 8])


def test_only_the_first_answer_to_an_item_counts():
    one = [(item, item % 2) for item in range(25)]
    again = [(item, 1 - item % 2) for item in range(25)]

    assert copies.find(records([one, one + again])).dropped == 1
    assert copies.find(records([one, again + one])).dropped == 0


@pytest.mark.parametrize(("items", "crowded"), [(41, True), (1200, False)])
@pytest.mark.parametrize("limits", [(5, 0.8), (20, 0.98), (12, 0.6)])
def test_every_pair_is_found_whether_few_items_are_shared_or_many(items, crowded, limits, monkeypatch):
    monkeypatch.setattr(copies, "BLOCK", 16)
    rows = records([*strangers(40, items), *strangers(5, items)])

    found = copies.find(rows, shared=limits[0], same=limits[1])

    assert found.pairs == len(slowly(rows, *limits))
    assert found.pairs >= 5
    assert (len(rows.item) / (45 * items) > copies.CROWDED) is crowded


def test_strong_learners_of_an_easy_course_are_no_copies_where_honest_pairs_are_counted():
    answers = [[(item, 1) for item in range(25)] for _ in range(50)]
    answers += strangers(20, 100)
    answers.append(answers[-1])

    assert copies.find(records(answers)).dropped == 50
    assert copies.find(records(answers), honest=1.0).dropped == 1


def test_nobody_and_one_learner_have_no_copies():
    assert copies.find(records([])).dropped == 0
    assert copies.find(records(strangers(1, 50))).keep.tolist() == [True]
