"""`entrepot lrs retention`."""

import pytest

from tests.xapi_collector import offices
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors
from xapi_collector.upkeep import retention
from xapi_collector.upkeep.retention import DAY, Rule

LATER = {"clock": lambda: 3_000_000_000_000_000}  # in 2065


def test_a_rule_is_followed_once_and_counted_before(quick, capsys):
    quick.post([statement(), statement(verb={"id": "https://v.example/did"})])
    assert offices.run(quick, "retention", "--older-than", "730d", "--dry-run", **LATER) == 0
    dry = capsys.readouterr().out

    assert len(quick.ids()) == 2
    assert dry.splitlines() == [
        "statements stored more than 730 days ago",
        "       1  http://adlnet.gov/expapi/verbs/scored",
        "       1  https://v.example/did",
        "2 statements would be removed.",
    ]
    offices.run(quick, "retention", "--older-than", "730d", **LATER)
    assert quick.ids() == []
    assert "2 statements were removed." in capsys.readouterr().out


def test_persons_who_are_away_are_erased(quick, capsys):
    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    assert offices.run(quick, "retention", "--inactive", "400d", **LATER) == 0

    assert quick.ids() == []
    assert "2 persons with 2 statements were removed." in capsys.readouterr().out


def test_rules_are_kept_shown_and_run(quick, capsys):
    quick.post(statement())
    iri = "https://course.example/unit/1"
    offices.run(quick, "retention", "set", "--older-than", "99999d")
    offices.run(quick, "retention", "set", "--older-than", "730d", "--activity", iri)
    offices.run(quick, "retention", "add", "--inactive", "400d")
    capsys.readouterr()
    assert offices.run(quick, "retention", "show") == 0

    assert retention.kept(quick.storage) == [Rule(730, iri), Rule(inactive=400)]
    assert capsys.readouterr().out.splitlines() == [
        f"statements with {iri} stored more than 730 days ago",
        "persons whose newest statement was stored more than 400 days ago",
        "2 rules are kept; `entrepot lrs retention run` follows them.",
    ]
    offices.run(quick, "retention", "run", **LATER)
    assert quick.ids() == []


def test_without_a_rule_there_is_nothing_to_run(quick):
    with pytest.raises(errors.JobError, match="No rule is kept"):
        offices.run(quick, "retention", "run")
    with pytest.raises(errors.JobError, match="such as 730d"):
        offices.run(quick, "retention")


@pytest.mark.parametrize("text", ["730", "d", "-1d", "1.5d"])
def test_an_age_is_a_number_of_days(quick, text, capsys):
    with pytest.raises(SystemExit):
        offices.run(quick, "retention", f"--older-than={text}")
    assert "is no number of days, such as 730d" in capsys.readouterr().err


def test_the_clock_of_the_office_decides(quick):
    quick.post(statement())
    (row,) = quick.storage.statements.rows()
    offices.run(quick, "retention", "--older-than", "1d", clock=lambda: row.stored + DAY)
    assert len(quick.ids()) == 1
    offices.run(quick, "retention", "--older-than", "1d", clock=lambda: row.stored + DAY + 1)
    assert quick.ids() == []
