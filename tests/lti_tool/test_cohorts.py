"""Weekly figures of a class for partners: of those who agreed, alike for everybody, and proof against differences."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from lti_tool import cohorts
from lti_tool.cohorts import ALL, Cohort, Figure
from lti_tool.pages import cohortview, partnering
from lti_tool.partnered import COHORTS
from lti_tool.roster import columns, members, standings
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from recommender import cohort
from tests.lti_tool import allied
from tests.lti_tool.allied import CBEC, address, get, registered
from tests.lti_tool.builders import Bench
from tests.lti_tool.working import SOAK
from xapi_collector import consent
from xapi_collector import keyring as keyrings
from xapi_collector.keyring import Keyring

SKILLS = ["a", "b"]
WEEK = 7 * 86_400.0


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    path: Path = tmp_path_factory.mktemp("cohorts")
    return keyrings.create(path / "keyring.json")


def deed(*levels: float) -> Deeds:
    """What somebody did who stands at these levels."""
    found = columns.stands(len(levels))
    found["level"] = levels
    return Deeds(skills=found)


def people(count: int, level: float = 3.0) -> dict[str, Deeds]:
    return {f"{number:032x}": deed(level, np.nan) for number in range(count)}


def agree(bench: Bench, *persons: str, choice: str = consent.ALLOW) -> None:
    consent.say(bench.storage, dict.fromkeys(persons, ""), cohorts.ALLOWED, choice, lambda: 1)


def take(bench: Bench, done: dict[str, Deeds]) -> Cohort:
    return cohorts.take(bench.storage, bench.keyring, "c", SKILLS, done, now=bench.clock())


def test_only_who_agreed_is_counted(bench: Bench) -> None:
    done = people(60)
    agree(bench, *list(done)[:30])
    found = take(bench, done)

    assert found.figures[ALL].counts[0] == 30
    assert found.figures["a"].counts == (0, 0, 0, 30, 0, 0)
    assert "b" not in found.figures
    assert found.learners == 30


def test_who_withdraws_is_in_no_figure_of_the_weeks_after(bench: Bench) -> None:
    done = people(40)
    agree(bench, *done)
    take(bench, done)
    agree(bench, *list(done)[:15], choice=consent.DENY)
    assert take(bench, done).learners == 40, "one look a week"
    bench.clock.offset += WEEK

    assert take(bench, done).figures["a"].counts == (0, 0, 0, 25, 0, 0)


def test_who_keeps_their_record_from_the_institution_is_not_counted(bench: Bench) -> None:
    done = {**people(30), "x" * 32: Deeds(shared=False)}
    agree(bench, *done)

    assert take(bench, done).figures[ALL].counts[0] == 30


def test_while_sums_are_on_their_way_nothing_is_said(bench: Bench) -> None:
    done = {**people(40), "x" * 32: Deeds(counted=False)}
    agree(bench, *done)

    assert take(bench, done) == Cohort("c")
    assert bench.storage.find(COHORTS, {}) == []


def test_few_are_said_nothing_about(bench: Bench) -> None:
    done = people(cohort.LEAST - 1)
    agree(bench, *done)
    found = take(bench, done)

    assert (found.learners, found.figures) == (0, {})


def test_of_two_processes_at_once_one_makes_the_figures(bench: Bench) -> None:
    done = people(40)
    agree(bench, *done)
    first = take(bench, done)

    assert take(bench, people(80)) == first
    assert len(bench.storage.find(COHORTS, {})) == 1


@pytest.mark.parametrize("seed", range(40 if SOAK else 4))
def test_an_attack_by_differences_isolates_no_group_of_a_few(keyring: Keyring, seed: int) -> None:
    """Every look of a term against the next, and each against what it would be had up to four done otherwise.

    Whoever comes, leaves, or gets better: two looks that differ differ by five learners or more, and right after a
    figure moved nothing that four learners do can be seen, whichever four they are.
    """
    rng = np.random.default_rng(seed)
    before, looks = Cohort("c"), list[Cohort]()
    levels = rng.uniform(0, 5, (int(rng.integers(25, 60)), len(SKILLS)))
    for week in range(1, 15):
        before = replace(before, week=week, figures=cohorts.figures(keyring, before, SKILLS, levels, week))
        looks.append(before)
        fresh = [name for name, one in before.figures.items() if one.week == week]
        for _ in range(10):
            after = cohorts.figures(keyring, before, SKILLS, otherwise(rng, levels), week + 1)
            assert all(after[name] == before.figures[name] for name in fresh)
        levels = np.vstack([levels[int(rng.integers(0, 3)) :], rng.uniform(0, 5, (int(rng.integers(0, 4)), 2))])
        levels = np.clip(levels + rng.normal(0, 0.25, levels.shape), 0, 5)
    for one, other in pairwise(looks):
        for name in one.figures.keys() & other.figures.keys():
            counts = one.figures[name].counts, other.figures[name].counts
            assert cohort.moved(*counts) == 0 or cohort.moved(*counts) >= cohort.CELL
    assert len({look.figures["a"].week for look in looks if "a" in look.figures}) > 1, "they do move"


def otherwise(rng: np.random.Generator, levels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A class in which up to four came, left or changed."""
    few = levels.copy()
    for _ in range(int(rng.integers(1, cohort.CELL))):
        act = rng.integers(3)
        if act == 0:
            few = np.delete(few, rng.integers(len(few)), axis=0)
        elif act == 1:
            few = np.vstack([few, rng.uniform(0, 5, (1, len(SKILLS)))])
        else:
            few[rng.integers(len(few))] = rng.uniform(0, 5, len(SKILLS))
    return few


def test_how_many_are_enough_is_drawn_anew_and_known_to_the_institution_alone(keyring: Keyring, tmp_path: Path) -> None:
    """Somebody who plants learners and counts until a figure moves finds another number each time."""
    other = keyrings.create(tmp_path / "keyring.json")
    mine, theirs = ([_needed(one, since) for since in range(1, 30)] for one in (keyring, other))

    assert set(mine) == set(range(cohort.CELL, 2 * cohort.CELL))
    assert mine != theirs


def _needed(keyring: Keyring, since: int) -> int:
    """How many have to come before the number of learners moves."""
    before = Cohort("c", since, {ALL: Figure(since, (40, 0, 0, 0, 0, 0))})
    for more in range(1, 20):
        found = cohorts.figures(keyring, before, [], np.zeros((40 + more, 0)), since + 1)
        if found[ALL] != before.figures[ALL]:
            return more
    return 0


def test_every_role_says_the_same_of_a_skill(bench: Bench) -> None:
    found = Cohort("c", 1, {"cus.duty": Figure(1, (10, 10, 10, 10, 0, 0))})
    say = partnering.texts.speaker("en")
    roles = [name for name, role in CBEC.roles.items() if "cus.duty" in role.targets]
    told = set()
    for role in roles:
        place = sorted(
            CBEC.roles[role].targets, key=lambda name: (-CBEC.roles[role].targets[name], list(CBEC.skills).index(name))
        )
        line = cohortview.lines(found, CBEC, role, "en", say)[place.index("cus.duty")]
        told.add(tuple((one.words, one.x, one.width) for one in line.stripes))

    assert len(roles) > 1
    assert len(told) == 1


def test_what_would_be_a_figure_of_a_few_is_not_said(bench: Bench) -> None:
    say = partnering.texts.speaker("en")
    target = CBEC.roles["compliance"].targets["cus.duty"]
    counts = [0] * cohort.LEVELS
    counts[target - 1], counts[target] = 28, 2
    found = Cohort("c", 1, {"cus.duty": Figure(1, (20, *counts[1:]))})
    words = {line.words for line in cohortview.lines(found, CBEC, "compliance", "en", say)}

    assert any("by itself: too few to be shown" in one for one in words)
    assert "Fewer than about 20 learners have a level: not shown." in words
    assert not any("about 2 " in one for one in words)


def enrolled(bench: Bench, count: int) -> list[str]:
    """Learners of the course with answers, who agreed to be counted."""
    course = allied.course(bench)
    people = []
    for number in range(count):
        sub = f"learner-{number:02}"
        person = allied.pseudonym(bench, sub)
        member = Member(course, person, sub, True, "active", ("learner",), (), 1, 1)
        members.change(bench.storage, course, person, lambda _, made=member: made, 1.0)
        allied.answered(bench, sub, right=number % 2 == 0)
        people.append(person)
    agree(bench, *people)
    return people


def test_a_partner_sees_the_class_as_sums_alone(bench: Bench) -> None:
    people = enrolled(bench, 26)
    path = address(bench, registered(bench))
    tool = bench.app.extensions["lti_tool"]
    assert "on their way" in get(bench, f"{path}/cohort").text
    round_ = standings.Round(bench.storage, tool.deeds, lambda _: (), bench.clock)
    while standings.turn(round_):
        pass
    page = get(bench, f"{path}/cohort?role=compliance")

    assert "About 25 learners who agreed to be counted" in page.text
    assert page.text.count("not shown") >= len(CBEC.roles["compliance"].targets) - 3
    assert '<rect class="rest"' in page.text
    assert not any(one[:6] in page.text for one in people)
    assert "≈ 25" in get(bench, path).text
    bench.clock.offset += 3600
    assert get(bench, f"{path}/cohort?role=compliance").text == page.text


def test_a_class_of_a_few_shows_nothing(bench: Bench) -> None:
    page = get(bench, f"{address(bench, registered(bench))}/cohort?role=no-such-role")

    assert "Fewer than about 20 learners agreed" in page.text
    assert '<rect class="rest"' not in page.text
