import numpy as np
import pytest

from recommender import trials
from recommender.simulators import bayes, coherence, worlds
from recommender.simulators.worlds import Problem, Simulator, Trial, World
from recommender.strategies import STRATEGIES, Strategy
from recommender.trials import Outcome, Plan, Results
from tests.recommender.simulators import builders


class Ladder:
    """Skill 0 can be climbed by a quarter of the goal each time; skill 1 teaches nothing."""

    def __init__(self, start):
        self.height = start
        self.asked = []

    def practise(self, skill, rng):
        self.height += 0.25 if skill == 0 else 0.0
        return rng.random() < 0.5

    def answer(self, skill, rng):
        self.asked.append(skill)
        return True

    def achieved(self):
        return self.height

    def mastery(self, skill):
        return self.height if skill == 0 else 0.5


class Always:
    """Chooses one skill; asks some questions before."""

    def __init__(self, skill, questions=0):
        self.skill = skill
        self.questions = questions
        self.seen = []

    def question(self):
        return self.skill if len(self.seen) < self.questions else None

    def told(self, skill, *, right):
        self.seen.append((skill, right))

    def choose(self):
        return self.skill

    def observe(self, skill, *, right):
        self.seen.append((skill, right))


CATALOG = worlds.catalog_of(((), ()))


def ladder(start=0.5):
    problem = Problem(CATALOG, {0: 5})
    return Simulator("ladder", "", lambda _: World(CATALOG, lambda luck: Trial(problem, 5.0, lambda: Ladder(start))))


def ways(**skills):
    return {name: Strategy(name, "", lambda *_, skill=skill: Always(*skill)) for name, skill in skills.items()}


def results(gains, world=None, start=None, **plan):
    """Results with one step and the given gain of each strategy."""
    count = len(next(iter(gains.values())))
    return Results(
        "made",
        Plan(learners=count, seeds=(1,), steps=(5,), **plan),
        np.arange(count, dtype=np.int32) if world is None else np.array(world, np.int32),
        np.zeros(count) if start is None else np.array(start),
        {
            name: Outcome(np.array(gain, float)[:, None], np.zeros(count, bool), np.zeros(count, np.int32))
            for name, gain in gains.items()
        },
    )


def test_the_gain_is_the_share_of_what_was_left():
    found = trials.run(ladder(), ["up"], Plan(3, (1,), (2, 4)), strategies=ways(up=(0,)))

    assert found.outcomes["up"].gain.tolist() == [pytest.approx([0.5 / 4.5, 1 / 4.5])] * 3
    assert found.start.tolist() == [0.1] * 3


def test_a_placement_is_asked_before_the_first_step_and_teaches_nothing():
    found = trials.run(ladder(), ["up"], Plan(1, (1,), (2,)), strategies=ways(up=(0, 7)))

    assert found.outcomes["up"].questions.tolist() == [7]
    assert found.outcomes["up"].gain.tolist() == [[pytest.approx(0.5 / 4.5)]]


@pytest.mark.parametrize(("steps", "stuck"), [(9, False), (10, True), (30, True)])
def test_stuck_is_ten_times_the_same_without_gain(steps, stuck):
    found = trials.run(ladder(), ["up", "down"], Plan(1, (1,), (steps,)), strategies=ways(up=(0,), down=(1,)))

    assert found.outcomes["down"].stuck.tolist() == [stuck]
    assert found.outcomes["up"].stuck.tolist() == [False]


class Late(Ladder):
    """Learns for three practices, and never again."""

    def __init__(self):
        super().__init__(0.0)
        self.times = 0

    def practise(self, skill, rng):
        self.times += 1
        return super().practise(0 if self.times <= 3 else 1, rng)


def test_the_ten_times_may_begin_anywhere():
    simulator = Simulator("late", "", lambda _: World(CATALOG, lambda luck: Trial(Problem(CATALOG, {0: 5}), 5.0, Late)))

    def stuck(steps):
        return bool(
            trials.run(simulator, ["up"], Plan(1, (1,), (steps,)), strategies=ways(up=(0,))).outcomes["up"].stuck[0]
        )

    assert (stuck(12), stuck(13)) == (False, True)


def simulated():
    return Simulator("chain", "", lambda rng: bayes.world(builders.CATALOG, builders.every, rng))


def test_the_same_seeds_give_the_same_figures():
    plan = Plan(30, (1, 2), (3, 6))

    first, second = (trials.run(simulated(), ["path", "random"], plan) for _ in range(2))

    for name in ("path", "random"):
        assert np.array_equal(first.outcomes[name].gain, second.outcomes[name].gain)


def test_what_one_way_reaches_does_not_depend_on_the_others():
    plan = Plan(30, (1,), (6,))

    both = trials.run(simulated(), ["random", "path"], plan)
    alone = trials.run(simulated(), ["path"], plan)

    assert np.array_equal(both.outcomes["path"].gain, alone.outcomes["path"].gain)
    assert np.array_equal(both.start, alone.start)


def test_every_seed_draws_its_own_learners_and_twenty_share_a_world():
    found = trials.run(simulated(), ["fixed"], Plan(45, (1, 2), (3,)))

    assert np.bincount(found.world).tolist() == [20, 20, 5, 20, 20, 5]
    assert not np.array_equal(found.outcomes["fixed"].gain[:45], found.outcomes["fixed"].gain[45:])


def test_progress_is_told_after_each_world():
    told = []

    trials.run(simulated(), ["fixed"], Plan(30, (1, 2), (3,)), tell=lambda done, of: told.append((done, of)))

    assert told == [(20, 60), (30, 60), (50, 60), (60, 60)]


def test_wrong_edges_reach_the_policy_and_not_the_learner():
    seen = []

    class Spy(Always):
        pass

    def make(problem, rng, priors):
        seen.append(problem.parents)
        return Spy(0)

    chosen = {"spy": Strategy("spy", "", make)}
    right = trials.run(simulated(), ["spy"], Plan(20, (1,), (5,)), strategies=chosen)
    wrong = trials.run(simulated(), ["spy"], Plan(20, (1,), (5,), wrong=1.0), strategies=chosen)

    assert seen[0] == builders.CHAIN
    assert seen[-1] != builders.CHAIN
    assert np.array_equal(right.outcomes["spy"].gain, wrong.outcomes["spy"].gain)


def test_answers_of_others_are_columns_in_the_order_of_time():
    world = bayes.world(builders.CATALOG, builders.last, builders.luck())

    found = trials.logs(world, (1, 2), learners=7, answers=5)

    assert len(found.learners) == 7
    assert found.learner.tolist() == sorted([*range(7)] * 5)
    assert set(found.item.tolist()) == {0, 1, 2, 3}
    assert np.all(np.diff(found.when.reshape(7, 5), axis=1) > 0)
    assert set(found.correct.tolist()) == {0.0, 1.0}


def test_who_wants_other_learners_answers_is_given_what_they_say():
    given = []

    def make(problem, rng, priors):
        given.append(priors)
        return Always(0)

    trials.run(
        simulated(), ["with"], Plan(21, (1,), (2,)), strategies={"with": Strategy("with", "", make, priors=True)}
    )

    assert len({id(each) for each in given}) == 2
    assert all(len(each.start) == 4 for each in given)


def test_a_figure_is_a_mean_with_a_range_around_it():
    rng = np.random.default_rng(1)
    values = rng.normal(1.0, 1.0, 400)

    found = trials.figure(results({"path": values}), values)

    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


def test_learners_who_share_a_world_count_as_one():
    values = np.repeat(np.random.default_rng(1).normal(size=40), 20)
    world = np.repeat(np.arange(40), 20)

    together = trials.figure(results({"path": values}, world), values)
    apart = trials.figure(results({"path": values}), values)

    assert together.high - together.low > 4 * (apart.high - apart.low)


def test_in_a_single_world_learners_are_drawn():
    values = np.random.default_rng(1).normal(size=50)

    found = trials.figure(results({"path": values}, [0] * 50), values)

    assert found.low < found.value < found.high


def test_a_path_stands_beside_the_best_simple_way():
    found = results({"path": [0.4, 0.6], "repeat": [0.1, 0.3], "random": [0.0, 0.2], "path-near": [0.9, 0.9]})

    (one,) = trials.compare(found, "path")

    assert (one.best, one.steps) == ("repeat", 5)
    assert one.ratio.value == pytest.approx(2.5)
    assert (one.difference.value, one.difference.low, one.difference.high) == pytest.approx((0.3, 0.3, 0.3))
    assert (one.gain.value, one.other.value) == pytest.approx((0.5, 0.2))


def test_pairs_make_the_range_of_a_difference_narrow():
    base = np.random.default_rng(1).normal(size=100)

    (one,) = trials.compare(results({"path": base + 0.1, "repeat": base}), "path")

    assert one.difference.high - one.difference.low < 1e-9 < one.gain.high - one.gain.low


def test_who_is_told_of_coherence_is_compared_with_who_is_told_too():
    found = results({"path": [0.4], "path-near": [0.4], "repeat": [0.1], "three-leave-near": [0.3]})

    assert trials.compare(found, "path")[0].best == "repeat"
    assert trials.compare(found, "path-near")[0].best == "three-leave-near"


def test_a_simple_way_is_not_compared_with_itself():
    found = results({"repeat": [0.4], "random": [0.1]})

    assert trials.compare(found, "repeat")[0].best == "random"


def test_nothing_has_no_ratio():
    (one,) = trials.compare(results({"path": [0.4, 0.1], "repeat": [0.0, 0.0]}), "path")

    assert np.isnan([one.ratio.value, one.ratio.low, one.ratio.high]).all()


def test_groups_are_thirds_by_start():
    found = results({"path": [6, 1, 5, 2, 4, 3]}, start=[0.6, 0.1, 0.5, 0.2, 0.4, 0.3])

    assert [row[0].value for row in trials.groups(found, "path")] == [1.5, 3.5, 5.5]


def test_the_path_teaches_more_than_simple_ways_on_random_graphs():
    def drawn(rng):
        parents = worlds.graph(40, 60, 8, rng)
        return bayes.world(worlds.catalog_of(parents), lambda luck: worlds.goal(parents, luck), rng)

    names = [name for name, each in STRATEGIES.items() if each.simple and not each.near]
    found = trials.run(Simulator("drawn", "", drawn), ["path", *names], Plan(60, (1,), (20,), together=5))
    (one,) = trials.compare(found, "path")

    assert one.ratio.low > 1.1
    assert found.outcomes["path"].stuck.mean() <= 0.1


def test_pinned_figures_of_a_small_run():
    """Whoever changes a law of learning or a simple way changes what was measured: say so, and measure again."""
    simulator = Simulator("coherence", "", coherence.world)

    found = trials.run(simulator, ["fixed-needed", "repeat", "three-leave-near"], Plan(40, (1,), (5, 20)))

    assert {name: found.outcomes[name].gain.mean(0).round(4).tolist() for name in found.outcomes} == {
        "fixed-needed": [0.1218, 0.2838],
        "repeat": [0.0472, 0.1733],
        "three-leave-near": [0.2093, 0.677],
    }


def test_every_learner_has_luck_of_their_own():
    made = []

    def make(problem, rng, priors):
        made.append(Always(0))
        return made[-1]

    trials.run(ladder(), ["up"], Plan(20, (1,), (20,)), strategies={"up": Strategy("up", "", make)})

    assert len({tuple(each.seen) for each in made}) == 20


def test_the_range_of_a_group_comes_from_its_own_worlds():
    found = results(
        {"path": [9] * 8 + [0, 2, 4, 6]},
        world=[0, 1, 2, 3, 0, 1, 2, 3, 5, 5, 6, 6],
        start=[0.5] * 4 + [0.9] * 4 + [0.1] * 4,
    )

    lowest = trials.groups(found, "path")[0][0]

    assert lowest.value == 3
    assert lowest.high - 3 == pytest.approx(12.706 * 2, rel=1e-3)  # two worlds with the means 1 and 5


def test_ranges_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(1)
    held = {"mean": 0, "ratio": 0}
    for _ in range(600):
        world = np.repeat(np.arange(12), 5)
        other = 2.0 + rng.normal(size=12)[world] * 0.2 + rng.normal(size=60) * 0.3
        gain = 1.5 * other + rng.normal(size=12)[world] * 0.3 + rng.normal(size=60) * 0.3
        (one,) = trials.compare(results({"path": gain, "repeat": other}, world), "path")
        held["mean"] += one.gain.low <= 3.0 <= one.gain.high
        held["ratio"] += one.ratio.low <= 1.5 <= one.ratio.high

    assert held["mean"] / 600 == pytest.approx(0.95, abs=0.03)
    assert held["ratio"] / 600 == pytest.approx(0.95, abs=0.03)


def test_a_single_learner_has_no_range():
    found = trials.figure(results({"path": [0.5]}), np.array([0.5]))

    assert found.value == 0.5
    assert np.isnan([found.low, found.high]).all()


def test_without_a_simple_way_there_is_nothing_to_compare_with():
    assert trials.compare(results({"path": [0.4]}), "path") == ()
