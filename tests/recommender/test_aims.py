from recommender import aims, currency, measures
from tests.recommender import builders

TINY = builders.tiny()
ROLE = next(iter(TINY.roles.values()))
KEPT = measures.unknown("rhythm.hours", 0, 2)


def test_without_a_role_nothing_is_sorted():
    made = aims.goals(TINY, {}, {}, KEPT, aims.Aim())

    assert (made.reached, made.underway, made.unknown, made.ruled) == ((), (), (), ())


def test_every_skill_of_the_role_is_in_one_list():
    targets = dict(ROLE.targets)
    first, second, *rest = targets
    levels = {first: float(targets[first]), second: targets[second] - 0.5, **dict.fromkeys(rest)}
    stale = currency.Currency(0.5, 1.0, "r", "2026-07-01")
    current = {**dict.fromkeys(targets), first: stale, second: currency.Currency(1.0, 1.0, None, None)}

    made = aims.goals(TINY, levels, current, KEPT, aims.Aim(ROLE.id))

    assert (made.reached, made.underway, made.unknown) == ((first,), (second,), tuple(rest))
    assert made.ruled == (first,)
    assert made.kept is KEPT
