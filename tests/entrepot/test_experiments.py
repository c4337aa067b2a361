"""What `entrepot experiment report` says of an institution's own store."""

import json
import os
import time
import uuid
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from curriculum import catalog as catalogs
from entrepot import cli, experiments, premises
from lti_tool import experiments as parts
from recommender import arms, experiment, verbs
from storage import connect
from xapi_collector import agents, consent, envelope, keyring, statements
from xapi_collector.grammar import jsontext

CBEC = catalogs.load("cbec")
ISSUER = "https://lms.example"
TOOL = "https://tool.example"
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
NAME = "path-2026"
AUTHORITY = orjson.dumps({"account": {"homePage": ISSUER, "name": "lrs"}}).decode()


def statement(person, verb, activity, day, **more):
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{person} {verb} {activity} {day}")),
        "actor": {"objectType": "Agent", "account": {"homePage": ISSUER, "name": person}},
        "verb": {"id": verb},
        "object": {"objectType": "Activity", "id": activity},
        "timestamp": (BEGIN + timedelta(days=day)).isoformat(),
        **more,
    }


def course(key, learners, effect):
    """Statements of learners who are given a recommendation, answer, and sit an exam; one arm does better in it."""
    items = list(CBEC.activities)
    for number in range(learners):
        person = f"learner-{number}"
        pseudonym = agents.pseudonym({"account": {"homePage": ISSUER, "name": person}}, key)
        part = parts.part(NAME, pseudonym)
        context = {"contextActivities": parts.grouping(part, TOOL), "extensions": parts.extensions(part)}
        yield statement(person, verbs.RECOMMENDED, items[0], 0, context=context)
        for day in range(1, 7):
            yield statement(person, verbs.ANSWERED, items[day % 3], day, result={"success": (number + day) % 3 > 0})
        score = round(0.5 + 0.02 * (number % 7) + effect * (part.arm.name == arms.COHERENCE), 3)
        exam = f"{TOOL}/lti/practice/exam/usual"
        yield statement(person, verbs.COMPLETED, exam, 30, result={"score": {"scaled": score}})


@pytest.fixture
def institution(tmp_path, monkeypatch):
    """An institution's variables; what it returns fills its store."""
    made = premises.establish(tmp_path / "scotland", "scotland", xapi_url=f"{TOOL}/xapi", lti_url=TOOL)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENTREPOT_LTI_EXPERIMENT", NAME)

    def fill(learners, effect):
        storage = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
        keys = keyring.load(made.environment["ENTREPOT_KEYRING"])
        collector = statements.Collector(
            storage,
            keys,
            envelope.DataKeys(storage, keys.sealing_key, os.urandom),
            lambda: time.time_ns() // 1000,
            os.urandom,
            lambda: str(uuid.uuid4()),
        )
        batch = list(course(keys.pseudonym_key, learners, effect))
        for start in range(0, len(batch), 500):
            body = orjson.dumps(batch[start : start + 500])
            statements.ingest(collector, jsontext.parse(body, len(body)), AUTHORITY)
        return storage

    return fill


def run(capsys, *arguments):
    code = cli.main(["experiment", "report", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_planted_effect_is_told_from_the_store_alone(institution, tmp_path, capsys):
    institution(120, 0.2).close()

    code, out, err = run(capsys, "--json", tmp_path / "found.json")

    assert (code, err) == (0, "")
    assert out.startswith(f"Experiment {NAME}\n")
    assert "In a common test" in out
    assert "On the path" in out
    assert "enough learners to see a difference of 0.05" in out
    assert "learner-1" not in out
    found = json.loads((tmp_path / "found.json").read_text())
    assert [group["arm"] for group in found["groups"]] == ["plain", "coherence"]
    assert sum(group["learners"] for group in found["groups"]) == 120
    assert sum(group["answers"] for group in found["groups"]) == 720
    (test, path) = found["differences"]
    assert (test["outcome"], path["outcome"]) == ("test", "path")
    assert 0.1 < test["low"] < 0.2 < test["high"]  # who is in which arm follows from the institution's random key
    assert f"coherence - plain: {test['value']:+.3f} [{test['low']:+.3f}, {test['high']:+.3f}]" in out
    assert (found["moved"], found["mixed"]) == (0, 0)
    assert run(capsys)[1] == out


def test_another_test_may_be_named_and_what_few_have_is_not_shown(institution, tmp_path, capsys):
    institution(60, 0.0).close()

    code, out, _ = run(capsys, "--test", "https://lms.example/quiz/9", "--json", tmp_path / "found.json")

    assert code == 0
    assert "not enough data yet: 0 and 0 learners have it, 20 an arm are needed" in out
    (test, _) = json.loads((tmp_path / "found.json").read_text())["differences"]
    assert (test["value"], test["means"], test["needed"]) == (None, [], None)


def test_few_learners_give_no_figure_at_all(institution, tmp_path, capsys):
    institution(30, 0.3).close()

    code, out, _ = run(capsys, "--json", tmp_path / "found.json")

    assert code == 0
    assert "<20" in out
    assert "Not enough data yet: no figure is shown below 20 learners an arm." in out
    assert "[" not in out
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["differences"] == []
    assert None in [group["learners"] for group in found["groups"]]
    assert all((group["answers"] is None) == (group["learners"] is None) for group in found["groups"])


def test_who_does_not_want_to_be_counted_is_not(institution, tmp_path, capsys):
    storage = institution(60, 0.0)
    consent.declare(storage, consent.ANALYTICS, consent.DENY, "nobody was asked", lambda: time.time_ns() // 1000)
    storage.close()

    _, out, _ = run(capsys)

    assert f"{'plain':<14}{0:>10}" in out


def test_what_makes_arms_unequal_or_mixed_is_said():
    groups = (experiment.Group("plain", 300, 900, 0), experiment.Group("coherence", 100, 300, 0))
    found = experiment.Report(NAME, groups, enough=True, uneven=1e-20, moved=30, mixed=7)

    told = "\n".join(experiments.table(found, 0.05))
    assert "something keeps learners of one arm from the record" in told
    assert "<20 learners were given recommendations of both arms, 30 would be in another arm today" in told
    assert experiments.plain(found)["mixed"] is None


def test_how_many_more_learners_are_needed_is_said():
    groups = (experiment.Group("plain", 30, 90, 30), experiment.Group("coherence", 31, 93, 31))
    one = experiment.Difference("coherence", experiment.TEST, (30, 31), (0.5, 0.51), 0.01, -0.1, 0.12, 0.8, 1234)
    told = experiments.table(experiment.Report(NAME, groups, True, 0.9, 0, 0, (one,)), 0.02)

    assert "  to see a difference of 0.02 in 8 of 10 cases: 1,234 more learners an arm" in told
    assert "  plain 0.500 (30 learners), coherence 0.510 (31 learners)" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--difference", "0"], "--difference: found 0.0; needed a share above 0"),
        (["--seed", "-1"], "--seed: found -1; needed a whole number from 0"),
        (["--catalog", "nowhere"], "--catalog: "),
        (["--name", "Not So"], "write small letters"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line(institution, capsys, arguments, words):
    institution(0, 0.0).close()

    code, out, err = run(capsys, *arguments)

    assert (code, out) == (1, "")
    assert words in err


def test_without_a_name_it_says_how_to_give_one(institution, monkeypatch, capsys):
    institution(0, 0.0).close()
    monkeypatch.delenv("ENTREPOT_LTI_EXPERIMENT")

    code, _, err = run(capsys)

    assert code == 1
    assert "--name: no experiment is named; set ENTREPOT_LTI_EXPERIMENT, or name one" in err
