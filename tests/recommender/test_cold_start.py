import dataclasses

import numpy as np
import pytest

from curriculum import catalog as catalogs
from curriculum.catalog import Item
from recommender import cells, cold_start, parameters, space, training
from tests.recommender import builders

CATALOG = builders.tiny()
WORDS = ("percentage", "customs tariff", "return policy", "warehouse", "关税税率", "退货政策")
HARD = dict(zip(WORDS, (0.8, -1.2, 0.4, 0.0, -1.5, 1.2), strict=True))


def course(count, *, names=False, order=False, each=40):
    """A catalog of many items on the skills of the small one; neighbours by id, or by declared order."""
    skills = list(CATALOG.skills)
    rng = np.random.default_rng(4)
    place = rng.permutation(count) if order else np.arange(count)
    items = {}
    for number in range(count):
        # Ten to a chapter, listed in any sequence; "ex10" stands after "ex9".
        name = f"ch{number // 10 + 1}.ex{number % 10 + 1}" if not order else f"x{rng.integers(10**9)}"
        word = WORDS[number % len(WORDS)]
        items[name] = Item(
            id=name,
            activity=f"urn:course:{name}",
            skills=(skills[(number // each) % len(skills)],),
            difficulty=None,
            name={"en": f"Exercise on {word} {number}", "zh": f"练习 {word}"} if names else None,
            order=int(place[number]) + 1 if order else 1,
            repeatable=True,
        )
    listed = dict(sorted(items.items()))
    return dataclasses.replace(
        CATALOG, items=listed, fingerprint=catalogs.fingerprint(CATALOG.skills, listed, CATALOG.pass_score)
    )


def answered(truth, rng, *, tries=30, hidden=None):
    """Counts of answers to items of a given logit; none of the hidden ones."""
    kept = np.flatnonzero(~hidden) if hidden is not None else np.arange(len(truth))
    wins = rng.binomial(tries, 1 / (1 + np.exp(-truth[kept])))
    return cells.Counts(kept, np.full(len(kept), tries), wins)


def wave(columns):
    """Logits that go up and down slowly along the course."""
    place = [
        item.order if item.id[0] == "x" else 10 * int(item.id[2:].partition(".")[0]) + int(item.id.rpartition("x")[2])
        for item in columns.catalog.items.values()
    ]
    return np.sin(np.array(place) / 6.0)


def error(columns, counts, truth, hidden):
    """Mean squared error of the starts of hidden items, and of what their sets of skills alone say."""
    prior, offset = cold_start.start(columns, counts)
    answers = cold_start.counted(columns, counts)
    found = [cold_start.expected(columns, prior, one, answers)[hidden] for one in (offset, 0 * offset)]
    return [float(np.mean((np.log(share / (1 - share)) - truth[hidden]) ** 2)) for share in found]


@pytest.mark.parametrize("order", [False, True])
def test_an_item_without_answers_starts_like_its_neighbours_in_the_course(order):
    columns = space.of(course(240, order=order))
    truth, rng = wave(columns), np.random.default_rng(0)
    hidden = rng.random(240) < 0.2

    near, alone = error(columns, answered(truth, rng, hidden=hidden), truth, hidden)

    assert near < 0.5 * alone


def test_an_item_without_answers_starts_from_its_words():
    columns = space.of(course(240, names=True))
    rng = np.random.default_rng(1)
    truth = np.array([HARD[next(w for w in WORDS if w in i.name["zh"])] for i in columns.catalog.items.values()])
    hidden = rng.random(240) < 0.2

    said, alone = error(columns, answered(truth, rng, hidden=hidden), truth, hidden)

    assert said < 0.3 * alone


def test_what_says_nothing_gets_no_say():
    """Where items differ at random, neither neighbours nor words move them by more than a little."""
    columns = space.of(course(240, names=True))
    rng = np.random.default_rng(2)
    truth = rng.normal(size=240)

    _, offset = cold_start.start(columns, answered(truth, rng))

    assert np.sqrt(np.mean(offset**2)) < 0.2


def test_residuals_of_a_small_set_are_not_turned_round():
    """In a set of three the others sum to minus the item: a negative say would be its own answers, counted twice."""
    rng, moved = np.random.default_rng(10), []
    for _ in range(10):
        columns = space.of(course(18, each=3))
        moved.append(cold_start.start(columns, answered(rng.normal(size=18), rng))[1])

    assert np.sqrt(np.mean(np.square(moved))) < 0.1


def test_a_start_is_the_same_every_time_and_of_any_order_of_counts():
    columns, again = space.of(course(120, names=True)), space.of(course(120, names=True))
    counts = answered(wave(columns), np.random.default_rng(3))

    assert columns is not again
    for one, other in zip(cold_start.start(columns, counts), cold_start.start(again, counts), strict=True):
        assert np.array_equal(one, other)


def test_the_answers_of_an_item_do_not_move_its_own_start():
    """But by what they say of how much neighbours count at all, which is the same for all items."""
    columns = space.of(course(240))
    truth, rng = wave(columns), np.random.default_rng(5)
    item = 100
    same = columns.combo == columns.combo[item]
    whole = answered(truth, rng, tries=200)
    wins = whole.wins.copy()
    wins[item] = 0

    moved = cold_start.start(columns, whole)[1] - cold_start.start(columns, dataclasses.replace(whole, wins=wins))[1]

    assert abs(moved[item]) < 0.3 * np.max(np.abs(moved[same]))


def test_numbers_in_ids_stand_by_their_size():
    columns = space.of(course(20))

    line = cold_start.lines(columns)[0]

    ids = list(columns.catalog.items)
    assert [ids[place] for place in line.order[:11]] == [*(f"ch1.ex{number}" for number in range(1, 11)), "ch2.ex1"]
    assert np.array_equal(line.order[line.place], np.arange(20))


def test_groups_do_not_reach_into_each_other():
    columns = space.of(course(240))

    for line, group in zip(cold_start.lines(columns), (columns.area[columns.main], columns.combo), strict=True):
        for item in range(240):
            inside = line.order[line.begin[item] : line.end[item]]
            assert set(group[inside]) == {group[item]}
            assert len(inside) == (group == group[item]).sum()


@pytest.mark.parametrize(("spread", "least", "most"), [(0.1, 20, 40), (1.5, 2, 4)])
def test_a_start_is_worth_more_where_items_differ_less(spread, least, most):
    columns = space.of(course(240))
    rng = np.random.default_rng(6)
    known = training.tables({"item": answered(spread * rng.normal(size=240), rng)}, columns)

    assert least <= cold_start.strength(known, columns) <= most


def test_without_counts_a_start_is_worth_what_is_usual():
    columns = space.of(course(20))

    assert cold_start.strength(training.empty(columns), columns) == 8.0


def of_skills(columns, truth, known, rng):
    """Counts of answers on the first item of each known skill."""
    main = [next(i for i in range(columns.items) if columns.item_skills[i] == (s,)) for s in range(columns.skills)]
    items = np.array([main[number] for number in np.flatnonzero(known)])
    wins = rng.binomial(200, 1 / (1 + np.exp(-truth[known])))
    order = np.argsort(items)
    return cells.Counts(items[order], np.full(len(items), 200), wins[order])


def skill_error(columns, counts, truth, asked):
    prior, _ = cold_start.start(columns, counts)
    level = np.log(prior / (1 - prior))
    mean = (counts.wins.sum() + 1) / (counts.tries.sum() + 2)
    combo = [columns.combos.index((number,)) for number in np.flatnonzero(asked)]
    found = [level[combo], np.full(len(combo), np.log(mean / (1 - mean)))]
    return [float(np.mean((one - truth[asked]) ** 2)) for one in found]


def cbec_with(truth_of):
    columns = space.of(catalogs.load("cbec"))
    skills = list(columns.catalog.skills.values())
    return columns, np.array([truth_of(skill) for skill in skills])


def test_a_skill_added_mid_term_starts_better_than_the_mean_from_its_graph():
    """Levels spread along the edges of the shipped graph, nothing of it declared."""
    columns, noise = cbec_with(lambda skill: 0.0)
    rng = np.random.default_rng(7)
    index = columns.catalog.skill_index
    truth = rng.normal(size=columns.skills) + noise
    for _ in range(30):
        for name, skill in columns.catalog.skills.items():
            if skill.prerequisites:
                near = np.mean([truth[index[one]] for one in skill.prerequisites])
                truth[index[name]] += 0.3 * (near - truth[index[name]])
    truth = (truth - truth.mean()) / truth.std()
    gains = []
    for _ in range(5):
        added = rng.random(columns.skills) < 0.2
        gains.append(skill_error(columns, of_skills(columns, truth, ~added, rng), truth, added))

    started, mean = np.mean(gains, axis=0)
    assert started < 0.7 * mean


def test_the_graph_is_believed_before_there_is_much_to_learn_from():
    columns = space.of(builders.tiny())
    root = CATALOG.item_index["practice:root"]
    low, high = (
        cold_start.start(columns, cells.Counts(np.array([root]), np.array([400]), np.array([wins])))[0]
        for wins in (100, 300)
    )

    left, top = (columns.combos.index((CATALOG.skill_index[name],)) for name in ("left", "top"))
    lift, common = np.log(high / (1 - high)) - np.log(low / (1 - low)), 2 * np.log(301 / 101)
    assert lift[left] > lift[top]  # only the neighbour hears more than the mean
    assert lift[top] == pytest.approx(common, abs=0.05)


def test_a_skill_added_mid_term_starts_better_than_the_mean_from_its_declaration():
    columns, truth = cbec_with(lambda skill: 0.6 * (3 - skill.difficulty))
    rng = np.random.default_rng(8)
    added = rng.random(columns.skills) < 0.2

    started, mean = skill_error(columns, of_skills(columns, truth, ~added, rng), truth, added)

    assert started < 0.3 * mean


def test_a_start_goes_through_arrays_and_a_fit():
    columns = space.of(course(60))
    rows = builders.interactions(columns.catalog, learners=60)

    fitted = training.fit([rows], columns)
    again = parameters.of_arrays(fitted.catalog, fitted.fingerprint, fitted.version, fitted.arrays())

    assert np.array_equal(again.tables.offset, cold_start.start(columns, fitted.tables.of("item"))[1])
    assert cold_start.strength(again.tables, columns) == cold_start.strength(fitted.tables, columns)


class Meaning:
    """Stands in for an embedder: the same word of either language is the same direction."""

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked += texts
        return np.array([[word in text or other in text for word, other in PAIRS] for text in texts], np.float32)


PAIRS = tuple(
    zip(("tariff", "return", "stock", "price", "photo"), ("关税", "退货", "库存", "价格", "照片"), strict=True)
)


def spoken(count, rng):
    """A catalog whose items are named in English or Chinese by chance; what each is about, and whether in English."""
    about, english = np.arange(count) % len(PAIRS), rng.random(count) < 0.5
    items = {
        f"x{place:03}": Item(
            id=f"x{place:03}",
            activity=f"urn:{place}",
            skills=("root",),
            difficulty=None,
            name={"en": f"about {PAIRS[about[place]][0]}"}
            if english[place]
            else {"zh": f"练习{PAIRS[about[place]][1]}"},
            order=int(rng.integers(10**6)),  # neighbours say nothing
            repeatable=True,
        )
        for place in range(count)
    }
    mark = catalogs.fingerprint(CATALOG.skills, items, CATALOG.pass_score)
    return space.of(dataclasses.replace(CATALOG, items=items, fingerprint=mark)), about, english


def test_what_was_learnt_of_items_in_one_language_holds_for_the_other_where_meanings_are_known():
    rng = np.random.default_rng(11)
    columns, about, english = spoken(120, rng)
    truth = np.array([1.5, -1.5, 0.8, -0.8, 0.0])[about]
    counts = answered(truth, rng, hidden=~english)
    answers = cold_start.counted(columns, counts)
    found = {}
    for embed in (None, Meaning()):
        prior, offset = cold_start.start(columns, counts, embed)
        share = cold_start.expected(columns, prior, offset, answers)[~english]
        found[embed is not None] = float(np.mean((np.log(share / (1 - share)) - truth[~english]) ** 2))

    assert found[True] < 0.2 * found[False]


def test_tables_hold_what_an_embedder_said_so_that_nobody_else_needs_one():
    columns, _, _ = spoken(60, np.random.default_rng(12))
    rows = builders.interactions(columns.catalog, learners=60)
    embed = Meaning()

    fitted = training.fit([rows], columns, embed=embed)
    asked = len(embed.asked)
    training.predict(rows, fitted, columns)

    assert asked > 0
    assert len(embed.asked) == asked
    assert not np.array_equal(fitted.tables.offset, training.fit([rows], columns).tables.offset)
