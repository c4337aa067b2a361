import itertools
from dataclasses import replace

import numpy as np
import pytest

from recommender import consortia, contender, datasets, interactions
from recommender import space as spaces

KINDS = consortia.KINDS


def made(seed=0, learners=240, each=14, items=8):
    """Learners of two kinds, who practise different skills and differ in ability."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=items)
    lines = ["user,item,skills,correct"]
    for learner in range(learners):
        kind = learner % 2
        ability = rng.normal() + kind
        for item in (rng.integers(0, items // 2, each) + kind * items // 2).tolist():
            right = rng.random() < 1 / (1 + np.exp(-(ability + level[item])))
            lines.append(f"{learner:04d},i{item},s{item // 2},{int(right)}")
    return datasets.read(("\n".join(lines) + "\n").encode())


DATA = made()
RECORDS = DATA.interactions
SPACE = spaces.Space(DATA.catalog)
LEARNERS = len(RECORDS.learners)
HELD = np.arange(LEARNERS) % 4 < 2
RNG = np.random.default_rng


@pytest.fixture(scope="module")
def found():
    told = []
    institution = consortia.made_up(RECORDS, SPACE, 3, "uneven", RNG(0))
    result = consortia.compare(RECORDS, SPACE, institution, HELD, RNG(1), told=told.append)
    return result, institution, told


def test_uneven_institutions_differ_in_size_in_what_is_learnt_and_in_ability():
    institution = consortia.made_up(RECORDS, SPACE, 4, "uneven", RNG(0))

    sizes = np.bincount(institution)
    share = np.array([RECORDS.correct[institution[RECORDS.learner] == number].mean() for number in range(4)])
    assert sizes.sum() == LEARNERS
    assert sizes[0] / sizes[-1] == pytest.approx(10, rel=0.15)
    assert (np.diff(sizes) < 0).all()
    assert share.max() - share.min() > 0.15
    kind = np.array([[np.mean(np.flatnonzero(institution == number) % 2)] for number in (0, 3)])
    assert abs(kind[0, 0] - kind[1, 0]) > 0.4


def test_institutions_at_random_are_alike():
    institution = consortia.made_up(RECORDS, SPACE, 4, "iid", RNG(0))

    share = np.array([RECORDS.correct[institution[RECORDS.learner] == number].mean() for number in range(4)])
    assert np.bincount(institution).tolist() == [60] * 4
    assert share.max() - share.min() < 0.1


@pytest.mark.parametrize("count", [3, 13])
def test_every_learner_is_in_one_institution_and_a_draw_can_be_drawn_again(count):
    institution = consortia.made_up(RECORDS, SPACE, count, "uneven", RNG(3))

    assert np.unique(institution).tolist() == list(range(count))
    assert np.array_equal(institution, consortia.made_up(RECORDS, SPACE, count, "uneven", RNG(3)))


def test_a_single_skill_leaves_ability_to_decide():
    text = "user,item,correct\n" + "".join(f"{n},q,{int(n >= 10)}\n" * 3 for n in range(20))
    data = datasets.read(text.encode())
    institution = consortia.made_up(data.interactions, spaces.Space(data.catalog), 2, "uneven", RNG(0))

    right = data.interactions.correct[institution[data.interactions.learner] == 1]
    assert right.mean() == 1.0


def test_learners_who_are_all_alike_can_be_cut_too():
    text = "user,item,correct\n" + "".join(f"{n:02d},q,1\n" for n in range(22))
    data = datasets.read(text.encode())

    institution = consortia.made_up(data.interactions, spaces.Space(data.catalog), 2, "uneven", RNG(0))

    assert np.bincount(institution).tolist() == [20, 2]


def test_every_kind_of_model_is_tried_at_every_institution(found):
    result, institution, told = found

    assert [member.name for member in result.members] == ["1", "2", "3"]
    assert [member.learners for member in result.members] == np.bincount(institution[~HELD]).tolist()
    assert [member.held_out for member in result.members] == np.bincount(institution[HELD]).tolist()
    assert sum(member.rows for member in result.members) == result.pooled["local"].rows == HELD.sum() * 14
    assert tuple(result.pooled) == KINDS
    for member in result.members:
        assert tuple(member.auc) == tuple(member.ece) == KINDS
        assert all(0.3 < auc < 1 for auc in member.auc.values())
        assert member.over_local.value == pytest.approx(member.auc["personalised"] - member.auc["local"])
        assert member.over_shared.value == pytest.approx(member.auc["personalised"] - member.auc["federated"])
        assert member.over_local.low <= member.over_local.value <= member.over_local.high
    assert told[0] == "federated"
    assert {"local and personalised, 3 of 3", "centralised", "averages"} <= set(told)


def test_rounds_of_sums_reach_the_centre_and_averages_do_not(found):
    result = found[0]

    assert abs(result.auc_away) < 5e-4
    assert result.coefficient_away < 1e-2
    centre = result.pooled["centralised"].log_loss.value
    assert abs(result.pooled["federated"].log_loss.value - centre) < 1e-4
    assert abs(result.pooled["one-shot"].log_loss.value - centre) > 1e-3
    assert len(result.averaged) == consortia.AVERAGED
    assert result.averaged[-1] == pytest.approx(result.pooled["FedAvg"].auc.value)


def test_every_round_of_sums_comes_nearer_to_the_centre():
    records = interactions.select(RECORDS, np.arange(LEARNERS) < 60)
    parts = [interactions.select(records, np.arange(60) % 3 == number) for number in range(3)]
    centre = contender.fit(parts, SPACE)

    away = [contender.away(model, centre) for model in itertools.islice(contender.steps(parts, SPACE), 6)]

    assert away[5] < 1e-6 < away[1] < away[0]
    assert contender.away(contender.rounds(parts, SPACE, 1), centre) == pytest.approx(away[1])


def test_small_institutions_gain_from_each_other():
    data = made(seed=2, learners=400)
    held = np.arange(400) % 4 < 2
    some, owner, out = consortia.small(data.interactions, np.arange(400) // 4 % 6, held, 6, RNG(0))

    result = consortia.compare(some, spaces.Space(data.catalog), owner, out, RNG(0), kinds=())

    gains = [member.auc["federated"] - member.auc["local"] for member in result.members]
    assert np.mean(gains) > 0.02
    assert np.mean([member.over_local.value for member in result.members]) > 0.0


def test_kinds_can_be_left_out_and_institutions_named(monkeypatch):
    monkeypatch.setattr(consortia, "AVERAGED", 2)
    records = interactions.select(RECORDS, np.arange(LEARNERS) < 40)
    institution, held = np.arange(40) % 2, HELD[:40]
    few = consortia.compare(records, SPACE, institution, held, RNG(0), names=("even", "odd"), kinds=("one-shot",))
    bare = consortia.compare(records, SPACE, institution, held, RNG(0), kinds=("FedProx",))
    none = consortia.compare(records, SPACE, institution, held, RNG(0), kinds=())

    assert [member.name for member in few.members] == ["even", "odd"]
    assert tuple(few.pooled) == ("local", "federated", "personalised", "one-shot")
    assert tuple(bare.pooled) == ("local", "federated", "personalised", "FedProx")
    assert tuple(none.pooled) == ("local", "federated", "personalised")
    assert np.isnan(none.auc_away)
    assert none.averaged == few.averaged == ()


def test_a_small_institution_keeps_its_held_out_learners():
    institution = np.arange(LEARNERS) % 3

    some, owner, held = consortia.small(RECORDS, institution, HELD, 5, RNG(0))

    assert np.bincount(owner[~held]).tolist() == [5, 5, 5]
    assert held.sum() == HELD.sum()
    assert len(some.learners) == len(owner) == len(held) == HELD.sum() + 15
    assert all(institution[int(name)] == number for name, number in zip(some.learners, owner, strict=True))


def test_an_institution_whose_answers_are_all_alike_has_no_figure():
    few = interactions.select(RECORDS, np.arange(LEARNERS) < 40)
    right = np.where(few.learner % 2 == 0, 1.0, few.correct).astype(np.float32)

    result = consortia.compare(replace(few, correct=right), SPACE, np.arange(40) % 2, HELD[:40], RNG(0), kinds=())

    assert np.isnan(result.members[0].auc["local"])
    assert not np.isnan(result.members[1].auc["local"])
