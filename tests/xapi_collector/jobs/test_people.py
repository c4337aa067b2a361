"""`entrepot lrs export-person` and `erase`."""

import json

import pytest

from tests.xapi_collector import offices, persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors

ADA = json.dumps(agent("Ada"))


@pytest.fixture
def filled(quick):
    quick.post([statement(actor=agent("Ada")), statement(actor=agent("Bob"), context={"instructor": agent("Ada")})])
    return quick


def test_a_person_is_given_what_is_held_of_them(filled, tmp_path, capsys):
    assert offices.run(filled, "export-person", "--agent", ADA, "--to", tmp_path / "ada") == 0

    told = capsys.readouterr()
    assert "       1  statements.jsonl\n" in told.out
    assert "Ada" not in told.out + told.err
    assert json.loads((tmp_path / "ada" / "statements.jsonl").read_bytes())["actor"] == agent("Ada")


@pytest.mark.parametrize("by", ["--agent", "--pseudonym"])
def test_a_person_is_erased_by_agent_or_pseudonym(filled, capsys, by):
    name = ADA if by == "--agent" else persons.person(filled, "Ada")
    assert offices.run(filled, "erase", by, name) == 0

    told = capsys.readouterr()
    assert "Erased: 1 statements, their name in 1 of others" in told.out
    assert "Make a backup now" in told.out
    assert name not in told.out + told.err
    assert len(filled.ids()) == 1
    assert filled.ids(agent=agent("Ada"), related_agents="true") == []


def test_who_is_no_agent_is_refused(filled):
    with pytest.raises(errors.RequestError, match="identifiers"):
        offices.run(filled, "erase", "--agent", '{"name":"Ada"}')
    with pytest.raises(errors.JobError, match="32 letters"):
        offices.run(filled, "erase", "--pseudonym", "Ada")
    assert len(filled.ids()) == 2


@pytest.mark.parametrize("words", [(), ("--agent", ADA, "--pseudonym", "p" * 32)])
def test_exactly_one_way_names_the_person(filled, words, capsys):
    with pytest.raises(SystemExit):
        offices.run(filled, "erase", *words)
    assert "agent" in capsys.readouterr().err
