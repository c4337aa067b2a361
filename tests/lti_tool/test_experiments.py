"""The experiment of an institution: off by default, the same arm everywhere, told with every recommendation."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from lti_tool import advice, errors, experiments, keys
from lti_tool.advice import Model, Placed, Wish
from lti_tool.experiments import NONE, Part
from recommender import arms, placement, policy, tracker, verbs
from tests.lti_tool import advised, builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, Bench
from xapi_collector import agents

CBEC = catalogs.load("cbec")
NAME = "path-2026"


@pytest.fixture
def trial(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    """A tool whose institution runs an experiment."""
    with builders.bench(tmp_path, issuer, tool_key, experiment=NAME) as running:
        yield running


def test_without_a_name_nobody_takes_part() -> None:
    assert experiments.part("", "somebody") is NONE
    assert Part("", policy.PLAIN) == NONE
    assert (experiments.extensions(NONE), experiments.grouping(NONE, "https://tool.example")) == ({}, {})


def test_a_learner_is_in_the_arm_that_anybody_can_work_out() -> None:
    parts = [experiments.part(NAME, f"somebody-{number}") for number in range(40)]

    assert [part.arm.name for part in parts] == [
        arms.assign(f"somebody-{number}", NAME, experiments.ARMS) for number in range(40)
    ]
    assert {part.arm for part in parts} == {policy.PLAIN, policy.COHERENT}


@pytest.mark.parametrize("name", ["", "path-2026", "a", "9" * 40])
def test_a_name_may_stand_in_an_address(name: str) -> None:
    assert experiments.check(name) == name


@pytest.mark.parametrize("name", ["Path", "a b", "-a", "a-", "a/b", "9" * 41, "ä", "a\n"])
def test_a_name_that_may_not_is_refused(name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="ENTREPOT_LTI_EXPERIMENT"):
        experiments.check(name)


def test_a_tool_with_such_a_name_does_not_start(
    tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> None:
    with (
        pytest.raises(errors.ConfigurationError, match="small letters"),
        builders.bench(tmp_path, issuer, tool_key, experiment="Our path"),
    ):
        pass  # pragma: no cover  # never reached: the tool refuses to start


def opened(bench: Bench, sub: str, **changes: Any) -> TestResponse:
    """The page of somebody who has chosen operations."""
    page = builders.launched(bench, sub=sub, custom={"catalog": "cbec"}, **changes)
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found
    return bench.client().post("/lti/page", data={"bearer": unescape(found[1]), "role": "operations"})


def told(bench: Bench, sub: str) -> list[dict[str, Any]]:
    """What the record store heard of recommendations to somebody."""
    until = time.monotonic() + 5
    found: list[dict[str, Any]] = []
    while len(found) < 3 and time.monotonic() < until:
        time.sleep(0.005)
        found = [
            one
            for one in list(bench.sent)
            if one["verb"]["id"] == verbs.RECOMMENDED and one["actor"]["account"]["name"] == sub
        ]
    return found


def pseudonym(bench: Bench, sub: str) -> str:
    agent = {"account": {"homePage": bench.issuer.iss, "name": sub}}
    return agents.pseudonym(agent, bench.keyring.pseudonym_key)


def test_every_recommendation_says_its_experiment_and_arm_and_the_page_says_that_there_is_one(trial: Bench) -> None:
    seen = set()
    for sub in ("a1", "a2", "a3", "a4", "a5", "a6"):
        page = opened(trial, sub)
        arm = arms.assign(pseudonym(trial, sub), NAME, experiments.ARMS)
        seen.add(arm)

        assert "comparing two ways of ordering" in page.text
        for statement in told(trial, sub):
            extensions = statement["context"]["extensions"]
            assert (extensions[verbs.EXTENSION_EXPERIMENT], extensions[verbs.EXTENSION_ARM]) == (NAME, arm)
            assert statement["context"]["contextActivities"]["grouping"] == [
                {"objectType": "Activity", "id": f"{builders.TOOL}/lti/experiments/{NAME}/{arm}"}
            ]
    assert len(seen) == 2


def test_without_an_experiment_nothing_is_said_of_one(bench: Bench) -> None:
    page = opened(bench, "newcomer")

    assert "comparing two ways" not in page.text
    for statement in told(bench, "newcomer"):
        assert verbs.EXTENSION_EXPERIMENT not in statement["context"]["extensions"]
        assert "grouping" not in statement["context"]["contextActivities"]


def test_whoever_teaches_takes_part_in_none(trial: Bench) -> None:
    assert "comparing two ways" not in opened(trial, "staff", roles=[INSTRUCTOR]).text
    assert "comparing two ways" in opened(trial, "newcomer", roles=[LEARNER]).text


def test_every_page_of_a_learner_in_either_arm_opens(trial: Bench) -> None:
    for sub in ("a1", "a2", "a3", "a4"):
        page = opened(trial, sub)
        bearer = re.search(r'name="bearer" value="([^"]+)"', page.text)
        assert bearer
        for route, fields in (
            ("profile", {}),
            ("path", {"goal": "marketing"}),
            ("why", {"skill": "prc.landed"}),
        ):
            answer = trial.client().post(f"/lti/{route}", data={"bearer": unescape(bearer[1]), **fields})
            assert answer.status_code == 200, answer.text


def test_advice_is_ordered_by_the_arm_and_its_beliefs_are_the_arms_own() -> None:
    names = list(CBEC.items)
    answers = [(names[place], float(place % 3 > 0)) for place in range(0, 60, 3)]
    past = advised.history(CBEC, *answers)
    given = [
        advice.of_history(CBEC, past, Model("missing"), wish=Wish("operations"), now=advised.NOW, arm=arm)
        for arm in (policy.PLAIN, policy.COHERENT)
    ]

    assert [one.arm for one in given] == [policy.PLAIN, policy.COHERENT]
    replays = [tracker.replay(CBEC, past, coherence=near, forgetting=True) for near in (False, True)]
    assert [one.beliefs for one in given] == [tracker.beliefs(one) for one in replays]
    assert given[0].profile == given[1].profile
    assert given[0].recommendations != given[1].recommendations


def test_a_placement_moves_the_beliefs_of_the_arm_too() -> None:
    names = list(CBEC.items)
    past = advised.history(CBEC, *((names[place], 1.0) for place in range(0, 40, 4)))
    begun = float(past.when[4]) / 1e6
    placed = Placed((placement.Answer(names[2], right=True),), begun)
    plain, coherent = (advice.believed(CBEC, past, placed, arm) for arm in (policy.PLAIN, policy.COHERENT))

    assert (plain.coherence, coherent.coherence) == (False, True)
    assert tracker.beliefs(plain) != tracker.beliefs(coherent)
