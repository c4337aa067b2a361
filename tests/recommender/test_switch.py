import itertools
from datetime import timedelta

import numpy as np
import pytest

from curriculum import catalog, graph
from recommender import errors, profile, recommend, switch, tracker
from recommender.knobs import Knobs
from tests.recommender import builders, wanderers

CBEC = catalog.load("cbec")
PAIRS = list(itertools.permutations(sorted(CBEC.roles), 2))
# For every ordered pair of roles: skills that carry over, new ones, ones set aside, those to a higher level.
GOLDEN = {
    ("brand_manager", "compliance"): (37, 23, 31, 13),
    ("brand_manager", "customer_service"): (17, 19, 51, 0),
    ("brand_manager", "data_analyst"): (34, 12, 34, 9),
    ("brand_manager", "finance"): (42, 16, 26, 7),
    ("brand_manager", "logistics"): (38, 28, 30, 7),
    ("brand_manager", "marketing"): (46, 13, 22, 10),
    ("brand_manager", "operations"): (55, 28, 13, 15),
    ("brand_manager", "procurement"): (39, 11, 29, 8),
    ("compliance", "brand_manager"): (37, 31, 23, 4),
    ("compliance", "customer_service"): (20, 16, 40, 2),
    ("compliance", "data_analyst"): (22, 24, 38, 5),
    ("compliance", "finance"): (39, 19, 21, 7),
    ("compliance", "logistics"): (40, 26, 20, 5),
    ("compliance", "marketing"): (25, 34, 35, 5),
    ("compliance", "operations"): (40, 43, 20, 12),
    ("compliance", "procurement"): (27, 23, 33, 4),
    ("customer_service", "brand_manager"): (17, 51, 19, 0),
    ("customer_service", "compliance"): (20, 40, 16, 2),
    ("customer_service", "data_analyst"): (19, 27, 17, 2),
    ("customer_service", "finance"): (22, 36, 14, 2),
    ("customer_service", "logistics"): (27, 39, 9, 4),
    ("customer_service", "marketing"): (19, 40, 17, 2),
    ("customer_service", "operations"): (28, 55, 8, 5),
    ("customer_service", "procurement"): (18, 32, 18, 0),
    ("data_analyst", "brand_manager"): (34, 34, 12, 6),
    ("data_analyst", "compliance"): (22, 38, 24, 4),
    ("data_analyst", "customer_service"): (19, 17, 27, 4),
    ("data_analyst", "finance"): (26, 32, 20, 1),
    ("data_analyst", "logistics"): (26, 40, 20, 2),
    ("data_analyst", "marketing"): (38, 21, 8, 10),
    ("data_analyst", "operations"): (38, 45, 8, 13),
    ("data_analyst", "procurement"): (27, 23, 19, 3),
    ("finance", "brand_manager"): (42, 26, 16, 4),
    ("finance", "compliance"): (39, 21, 19, 12),
    ("finance", "customer_service"): (22, 14, 36, 4),
    ("finance", "data_analyst"): (26, 20, 32, 7),
    ("finance", "logistics"): (42, 24, 16, 9),
    ("finance", "marketing"): (27, 32, 31, 4),
    ("finance", "operations"): (44, 39, 14, 15),
    ("finance", "procurement"): (32, 18, 26, 9),
    ("logistics", "brand_manager"): (38, 30, 28, 4),
    ("logistics", "compliance"): (40, 20, 26, 16),
    ("logistics", "customer_service"): (27, 9, 39, 7),
    ("logistics", "data_analyst"): (26, 20, 40, 7),
    ("logistics", "finance"): (42, 16, 24, 6),
    ("logistics", "marketing"): (24, 35, 42, 3),
    ("logistics", "operations"): (51, 32, 15, 14),
    ("logistics", "procurement"): (31, 19, 35, 9),
    ("marketing", "brand_manager"): (46, 22, 13, 11),
    ("marketing", "compliance"): (25, 35, 34, 3),
    ("marketing", "customer_service"): (19, 17, 40, 0),
    ("marketing", "data_analyst"): (38, 8, 21, 10),
    ("marketing", "finance"): (27, 31, 32, 3),
    ("marketing", "logistics"): (24, 42, 35, 2),
    ("marketing", "operations"): (48, 35, 11, 13),
    ("marketing", "procurement"): (30, 20, 29, 4),
    ("operations", "brand_manager"): (55, 13, 28, 9),
    ("operations", "compliance"): (40, 20, 43, 14),
    ("operations", "customer_service"): (28, 8, 55, 6),
    ("operations", "data_analyst"): (38, 8, 45, 6),
    ("operations", "finance"): (44, 14, 39, 6),
    ("operations", "logistics"): (51, 15, 32, 13),
    ("operations", "marketing"): (48, 11, 35, 11),
    ("operations", "procurement"): (37, 13, 46, 4),
    ("procurement", "brand_manager"): (39, 29, 11, 9),
    ("procurement", "compliance"): (27, 33, 23, 5),
    ("procurement", "customer_service"): (18, 18, 32, 1),
    ("procurement", "data_analyst"): (27, 19, 23, 6),
    ("procurement", "finance"): (32, 26, 18, 4),
    ("procurement", "logistics"): (31, 35, 19, 5),
    ("procurement", "marketing"): (30, 29, 20, 3),
    ("procurement", "operations"): (37, 46, 13, 7),
}


def compare(history, old, new, catalog=CBEC, **changes):
    goals = recommend.Goal(old, **changes), recommend.Goal(new, **changes)
    return switch.compare(catalog, history, None, old=goals[0], new=goals[1], now=builders.NOW)


@pytest.fixture(scope="module")
def history():
    learnt = [f"practice:{name}" for name in list(graph.order(CBEC))[:30]]
    return wanderers.answered(CBEC, *[(item, 1) for item in learnt] * 4)


def test_there_are_seventy_two_ordered_pairs_of_roles():
    assert len(PAIRS) == 72 == len(GOLDEN)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_two_goals_part_into_what_carries_over_what_is_new_and_what_is_set_aside(history, old, new):
    found = compare(history, old, new, hours=5.0)
    before, after = CBEC.roles[old].targets, CBEC.roles[new].targets
    carried = [one.skill for one in found.carried]

    assert sorted([*carried, *found.dropped]) == sorted(before)
    assert sorted([*carried, *found.added]) == sorted(after)
    assert sorted([*found.higher, *found.same, *found.lower]) == sorted(carried)
    assert all(after[name] > before[name] for name in found.higher)
    assert all(after[name] < before[name] for name in found.lower)
    assert set(found.kept) <= set(found.dropped)
    for side, targets in ((found.old, before), (found.new, after)):
        assert side.skills == len(targets) == side.reached + side.under_way + side.unknown
        assert side.hours.low <= side.hours.likely <= side.hours.high
        assert side.dates[0] <= side.dates[1]
    numbers = (len(carried), len(found.added), len(found.dropped), len(found.higher))
    assert numbers == GOLDEN[old, new]


@pytest.mark.parametrize(("old", "new"), PAIRS[::7])
def test_the_first_stretch_breaks_no_prerequisite(history, old, new):
    found, before = compare(history, old, new), set()
    beliefs = tracker.track(CBEC, history)
    done = recommend.done(CBEC, history)

    assert 0 < len(found.first) <= switch.STRETCH
    for step in found.first:
        for needed in step.builds_on:
            carries = beliefs[CBEC.skill_index[needed]].support >= recommend.MET
            assert needed in before or carries or f"practice:{needed}" in done
        assert step.new == (step.skill in found.added)
        assert step.target == CBEC.roles[new].targets[step.skill]
        assert all(step.skill in CBEC.skills[name].prerequisites for name in step.opens)
        assert step.minutes > 0
        before.add(step.skill)


def test_there_and_back_changes_nothing(history):
    there, back = compare(history, "operations", "marketing"), compare(history, "marketing", "operations")

    assert there.added == back.dropped
    assert there.dropped == back.added
    assert set(there.higher) == set(back.lower)
    assert (there.old, there.new) == (back.new, back.old)


def test_levels_are_those_of_the_profile(history):
    levels = {k: state.level for k, state in profile.profile(CBEC, history, None, builders.NOW).knowledge.items()}
    found = compare(history, "operations", "marketing")

    assert {one.skill: one.level for one in found.carried}.items() <= levels.items()
    assert found.old.reached == sum(
        levels[name] is not None and levels[name] >= target for name, target in CBEC.roles["operations"].targets.items()
    )
    assert found.old.reached > 0
    assert found.kept


def test_a_newcomer_has_everything_ahead_and_no_dates_without_hours():
    found = compare(wanderers.answered(CBEC), "operations", "marketing")

    assert (found.old.reached, found.old.under_way, found.old.unknown) == (0, 0, 83)
    assert found.old.dates is found.new.dates is None
    assert {step.state for step in found.first} <= {"ready", "later"}
    assert found.first[0].state == "ready"


def test_more_practice_leaves_fewer_hours():
    nothing, something = wanderers.answered(CBEC), wanderers.answered(CBEC, ("practice:mkt.digital_basics", 1))

    hours = [compare(known, "operations", "marketing").new.hours.likely for known in (nothing, something)]

    assert hours[1] < hours[0]


def test_what_is_set_aside_now_is_not_in_the_first_stretch(history):
    first = compare(history, "operations", "marketing").first[0].skill
    paused = Knobs(paused={first: (builders.NOW + timedelta(days=1)).timestamp()})
    goals = {"old": recommend.Goal("operations"), "new": recommend.Goal("marketing")}

    found = switch.compare(CBEC, history, None, **goals, now=builders.NOW, knobs=paused)

    assert first not in {step.skill for step in found.first}


def test_where_what_comes_first_rests_the_stretch_ends():
    tiny = builders.tiny()
    paused = Knobs(paused={"root": (builders.NOW + timedelta(days=1)).timestamp()})
    goals = {"old": recommend.Goal("short"), "new": recommend.Goal("all")}

    found = switch.compare(tiny, builders.history(tiny), None, **goals, now=builders.NOW, knobs=paused)

    assert found.first == ()


def test_a_step_within_one_level_is_nearly_there():
    tiny = builders.tiny()
    goals = {"old": recommend.Goal("short"), "new": recommend.Goal("all")}
    levels = dict.fromkeys(tiny.skills) | {"left": 2.5}

    found = switch.compare(tiny, builders.history(tiny), None, **goals, now=builders.NOW, levels=levels)

    assert {step.state for step in found.first if step.skill == "left"} == {"nearly"}


@pytest.mark.parametrize(("old", "new"), [("pilot", "operations"), ("operations", "pilot")])
def test_an_unknown_goal_is_refused(old, new):
    with pytest.raises(errors.UnknownGoal, match="no role 'pilot'"):
        compare(wanderers.answered(CBEC), old, new)


def test_the_numbers_do_not_depend_on_the_order_of_asking(history):
    rng = np.random.default_rng(1)
    for old, new in rng.permutation(PAIRS)[:5]:
        assert compare(history, old, new) == compare(history, old, new)
