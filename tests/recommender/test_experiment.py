"""What an experiment found, on made-up learners whose truth is known."""

import os

import numpy as np
import pytest

from recommender import arms, errors, experiment, strategies, trials, verbs
from recommender.experiment import PATH, TEST, Difference
from recommender.simulators import families
from tests.recommender import builders
from tests.recommender.builders import DAY
from xapi_collector.label import Label

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
TINY = builders.tiny()
ITEMS = tuple(TINY.activities)
NAME = "path-2026"
TWO = (arms.PLAIN, arms.COHERENCE)
EXAM = "https://tool.example/lti/practice/exam/usual"
FINAL = "https://lms.example/quiz/final"
BEGUN = 100 * DAY


class Store:
    """Labels in the order of storing."""

    def __init__(self):
        self.labels: list[Label] = []

    def add(self, person, when, verb=verbs.ANSWERED, **changes):
        self.labels.append(
            builders.label(len(self.labels) + 1, actor=person, timestamp=int(when), verb=verb, **changes)
        )

    def join(self, person, when=BEGUN, arm="", name=NAME, activity=ITEMS[0]):
        arm = arm or arms.assign(person, name, TWO)
        iri = f"https://tool.example/lti/experiments/{name}/{arm}"
        self.add(person, when, verbs.RECOMMENDED, activity=activity, success=None, grouping=(iri,))
        return arm

    def exam(self, person, when, score, activity=EXAM, **changes):
        self.add(person, when, verbs.COMPLETED, activity=activity, success=None, score=score, **changes)

    def found(self, seed=1, tests=(), difference=0.05, catalog=TINY):
        records = experiment.read(self.labels, catalog, NAME, tests=tests)
        return experiment.report(records, NAME, TWO, np.random.default_rng(seed), difference=difference)


def course(learners, effect, seed, *, before=6, after=6, noise=0.08):
    """Learners of different ability who answer, begin, answer again and sit an exam."""
    rng, store = np.random.default_rng(seed), Store()
    for number in range(learners):
        person, able = f"{seed}-{number}", rng.normal(0.6, 0.15)
        for day in range(before):
            store.add(person, day * DAY, activity=ITEMS[rng.integers(len(ITEMS))], success=bool(rng.random() < able))
        arm = store.join(person)
        for day in range(after):
            item = ITEMS[day % 3]
            store.add(person, BEGUN + (1 + day) * DAY, activity=item, success=bool(rng.random() < able + 0.04 * day))
        store.exam(person, BEGUN + 40 * DAY, able + effect * (arm == arms.COHERENCE) + rng.normal(0, noise))
    return store


def one(report, outcome=TEST) -> Difference:
    (found,) = [each for each in report.differences if each.outcome == outcome]
    return found


def test_a_planted_effect_is_found():
    found = one(course(240, 0.10, seed=4).found())
    seen = one(course(240, 0.10, seed=4).found(difference=0.10))

    assert found.low < 0.10 < found.high
    assert found.low > 0.0
    assert found.chance < 0.01
    assert found.means[1] - found.means[0] == pytest.approx(found.value)
    assert (found.value, seen.needed) == (seen.value, 0)


def test_ranges_hold_a_planted_effect_as_often_as_they_say(monkeypatch):
    monkeypatch.setattr(experiment, "DRAWS", 200)
    repeats = 400 if SOAK else 60
    held = sum(
        found.low <= 0.05 <= found.high
        for found in (one(course(80, 0.05, seed=seed, before=3, after=0).found(seed)) for seed in range(repeats))
    )

    assert held >= repeats * 0.95 - 3.3 * (repeats * 0.95 * 0.05) ** 0.5


def test_where_there_is_no_effect_alarms_are_as_rare_as_they_say(monkeypatch):
    monkeypatch.setattr(experiment, "DRAWS", 200)
    repeats = 1000 if SOAK else 60
    alarms = sum(
        one(course(80, 0.0, seed=1000 + seed, before=3, after=0).found(seed)).chance <= 0.05 for seed in range(repeats)
    )

    assert abs(alarms - 0.05 * repeats) <= 3.3 * (repeats * 0.05 * 0.95) ** 0.5 + 1


def test_what_was_known_before_makes_the_range_narrow():
    rich, poor = (one(course(200, 0.0, seed=9, before=before).found()) for before in (40, 0))

    assert rich.high - rich.low < 0.9 * (poor.high - poor.low)


def test_an_earlier_result_of_the_same_test_makes_it_narrower_still():
    rng, with_, without = np.random.default_rng(2), Store(), Store()
    for number in range(120):
        person, able = f"p{number}", rng.uniform(0, 1)
        for store in (with_, without):
            store.join(person)
            store.exam(person, BEGUN + DAY, able)
        with_.exam(person, BEGUN - DAY, able)
    narrow, wide = (one(store.found()) for store in (with_, without))

    assert narrow.high - narrow.low < 0.2 * (wide.high - wide.low)


def test_the_same_store_and_seed_give_the_same_report_in_any_order_of_reading():
    store = course(80, 0.05, seed=5)
    first = store.found()
    store.labels = store.labels[::-1]

    assert store.found() == first


def test_no_figure_is_shown_of_few_learners():
    few = course(30, 0.3, seed=6).found()
    assert min(group.learners for group in few.groups) < experiment.LEAST
    assert not few.enough
    assert few.differences == ()


def test_an_outcome_that_few_have_is_not_shown_though_many_take_part():
    store = course(120, 0.3, seed=6, after=0)
    tested = {each.actor for each in store.labels if each.verb == verbs.COMPLETED}
    kept = set(sorted(tested)[:25])
    store.labels = [each for each in store.labels if each.verb != verbs.COMPLETED or each.actor in kept]
    found = store.found()

    assert found.enough
    for outcome in (TEST, PATH):
        assert np.isnan(one(found, outcome).value)
        assert one(found, outcome).means == ()
        assert one(found, outcome).needed is None


def test_how_many_are_needed_grows_with_the_square_of_what_is_to_be_seen():
    store = course(100, 0.0, seed=7, noise=0.3)
    have = min(one(store.found()).learners)
    small, large = (one(store.found(difference=share)).needed + have for share in (0.02, 0.04))

    assert small == pytest.approx(4 * large, rel=0.02)


def test_a_learner_counts_in_the_arm_of_the_first_recommendation():
    store = Store()
    store.join("a", BEGUN + DAY, arm=arms.PLAIN)
    store.join("a", BEGUN, arm=arms.COHERENCE)  # told late
    store.join("b", BEGUN, arm=arms.PLAIN)
    store.join("b", BEGUN + DAY, arm=arms.PLAIN)
    records = experiment.read(store.labels, TINY, NAME)

    assert records.joined["a"] == experiment.Joined(arms.COHERENCE, BEGUN)
    assert records.mixed == {"a"}


def test_who_is_in_another_arm_than_their_pseudonym_says_is_counted():
    store = Store()
    wrong = 0
    for number in range(60):
        person = f"n{number}"
        arm = TWO[number % 2]
        store.join(person, arm=arm)
        wrong += arms.assign(person, NAME, TWO) != arm
    found = store.found()

    assert found.moved == wrong > 0
    assert found.mixed == 0


@pytest.mark.parametrize(
    "changes",
    [{"name": "other"}, {"name": NAME + "-2"}, {"activity": "urn:elsewhere"}],
    ids=["other", "longer", "place"],
)
def test_recommendations_of_something_else_let_nobody_take_part(changes):
    store = Store()
    store.join("a", arm=arms.PLAIN, **changes)

    assert experiment.read(store.labels, TINY, NAME).joined == {}


def test_a_plain_recommendation_lets_nobody_take_part():
    store = Store()
    store.add("a", BEGUN, verbs.RECOMMENDED, success=None)
    store.add("", BEGUN, verbs.RECOMMENDED, success=None, grouping=(f"https://t/lti/experiments/{NAME}/plain",))
    found = store.found()

    assert [group.learners for group in found.groups] == [0, 0]
    assert np.isnan(found.uneven)


def test_an_arm_that_the_experiment_does_not_have_is_refused():
    store = Store()
    store.join("a", arm="third")

    with pytest.raises(errors.MismatchError, match="third"):
        store.found()


def test_arms_that_a_fair_lot_does_not_make_are_told():
    fair, unfair = Store(), Store()
    for number in range(400):
        fair.join(f"n{number}")
        unfair.join(f"n{number}", arm=TWO[number % 4 == 0])

    assert fair.found().uneven > 0.01
    assert unfair.found().uneven < 1e-6


def test_the_test_is_what_the_institution_says_and_its_last_result_counts():
    store = Store()
    for number in range(60):
        person = f"n{number}"
        better = store.join(person) == arms.COHERENCE
        store.exam(person, BEGUN + DAY, 0.5)
        store.exam(person, BEGUN + 2 * DAY, 0.1, activity=FINAL)
        store.exam(person, BEGUN + 3 * DAY, 0.4 + 0.2 * better, activity=FINAL)
        store.exam(person, BEGUN + 3 * DAY, 0.0, activity=FINAL + "/other")
    named, usual = one(store.found(tests=(FINAL,))), one(store.found())

    assert named.value == pytest.approx(0.2)
    assert named.means == pytest.approx((0.4, 0.6))
    assert usual.value == pytest.approx(0.0)


def test_a_test_without_points_counts_by_success_and_one_without_a_result_not_at_all():
    store = Store()
    for number in range(60):
        person = f"n{number}"
        better = store.join(person) == arms.COHERENCE
        if number % 3:
            store.add(person, BEGUN + DAY, verbs.PASSED if better else verbs.FAILED, activity=EXAM, success=None)
        else:
            store.add(person, BEGUN + DAY, verbs.COMPLETED, activity=EXAM, success=better)
        store.add(person, BEGUN + 2 * DAY, verbs.COMPLETED, activity=EXAM, success=None)
        store.add(person, BEGUN + 2 * DAY, verbs.LAUNCHED, activity=EXAM)

    assert one(store.found()).value == pytest.approx(1.0)


def test_two_tests_of_different_difficulty_are_told_apart_from_the_arms():
    store, rng = Store(), np.random.default_rng(3)
    for number in range(100):
        person = f"n{number}"
        coherent = store.join(person) == arms.COHERENCE
        hard = rng.random() < (0.8 if coherent else 0.2)
        store.exam(person, BEGUN + DAY, 0.3 if hard else 0.9, activity=EXAM + ("/hard" if hard else "/easy"))

    assert one(store.found()).value == pytest.approx(0.0, abs=1e-9)


def growing(grown, number=60, attempt=None):
    store = Store()
    for person in (f"n{number}" for number in range(number)):
        coherent = store.join(person) == arms.COHERENCE
        store.add(person, BEGUN - DAY, activity=ITEMS[0], success=True)
        for day in range(5):
            last = day == 4 and coherent and grown
            store.add(
                person,
                BEGUN + (1 + day) * DAY,
                activity=ITEMS[0 if day in {0, 4} else day],
                success=last,
                attempt=attempt if day == 4 else None,
            )
    return store


def test_growth_on_the_path_is_from_first_to_last_answer_since_the_beginning():
    found = one(growing(grown=True).found(), PATH)

    assert found.value == pytest.approx(2.0)  # one of five answers, told for ten
    assert found.needed is None
    assert one(growing(grown=False).found(), PATH).value == 0.0


def test_a_further_try_at_the_same_task_is_no_growth():
    assert np.isnan(one(growing(grown=True, attempt=2.0).found(), PATH).value)  # four answers are too few
    assert one(growing(grown=True, attempt=1.0).found(), PATH).value == pytest.approx(2.0)


def test_answers_are_counted_from_the_beginning_on_and_of_nobody_else():
    store = growing(grown=True)
    store.add("stranger", BEGUN + DAY)

    assert sum(group.answers for group in store.found().groups) == 5 * 60


def taught(name, worlds, together, steps, seed):
    """Labels of simulated learners whom either arm's path taught, what coherence truly gave them, and how it looked.

    The look is what one would read off the path itself: how often answers on a skill that was practised before are
    right, beside others' answers on the same skill.
    """
    simulator, store, gains = families.SIMULATORS[name], Store(), {arm: [] for arm in TWO}
    later: dict[tuple[int, int], list[tuple[str, bool]]] = {}
    ways = {arms.PLAIN: strategies.STRATEGIES["path"], arms.COHERENCE: strategies.STRATEGIES["path-near"]}
    for index in range(worlds):
        world = simulator.world(trials._luck(seed, index))
        for number in range(together):
            person = f"{name}-{index}-{number}"
            trial, luck = world.draw(trials._luck(seed, index, number)), trials._luck(seed, index, number, 1)
            arm, learner = store.join(person), trial.begin()
            way = ways[arm].make(trial.problem, trials._luck(seed, index, number, 2), None)
            start = learner.achieved()
            practised: set[int] = set()
            for _ in range(steps):
                skill = way.choose()
                right = learner.practise(skill, luck)
                way.observe(skill, right=right)
                if skill in practised:
                    later.setdefault((index, skill), []).append((arm, right))
                practised.add(skill)
            gains[arm].append((learner.achieved() - start) / (trial.top - start))
            asked = sorted(trial.problem.targets)
            marks = [learner.answer(int(skill), luck) for skill in luck.choice(asked, 12)]
            store.exam(person, BEGUN + DAY, float(np.mean(marks)), activity=f"{EXAM}/{index}")
    looks: dict[str, list[float]] = {arm: [] for arm in TWO}
    for answers in later.values():
        mean = np.mean([right for _, right in answers])
        for arm, right in answers:
            looks[arm].append(right - mean)
    truth, look = (np.mean(of[arms.COHERENCE]) - np.mean(of[arms.PLAIN]) for of in (gains, looks))
    return store, truth, look


@pytest.mark.parametrize("name", ["coherence", "bayes", "ability", "practice"] if SOAK else ["coherence"])
def test_the_arm_that_truly_teaches_more_is_found_on_simulated_learners(name):
    worlds, together, steps = (12, 60, 30) if SOAK else (5, 16, 20)
    store, truth, _ = taught(name, worlds, together, steps, seed=3)
    found = one(store.found())

    assert np.sign(found.value) == np.sign(truth)
    assert found.low > 0.0 or found.high < 0.0


def test_answers_that_a_path_chose_flatter_the_path_that_chose_easy_ones():
    """Why a test decides: on the shipped catalog the arm that teaches less looks better on its own answers."""
    worlds, together, steps = (4, 60, 30) if SOAK else (1, 24, 20)
    _, truth, look = taught("bayes-cbec", worlds, together, steps, seed=3)

    assert truth < 0.0 < look
