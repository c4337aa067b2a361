"""`entrepot lrs consent`."""

import json

from tests.xapi_collector import offices, persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import consent, statements

ADA = json.dumps(agent("Ada"))


def test_a_declaration_holds_and_is_shown_with_its_basis(quick, capsys):
    quick.post(statement(actor=agent("Ada")))
    basis = "research in the public interest"
    assert offices.run(quick, "consent", "declare", "training", "allow", "--basis", basis) == 0
    offices.run(quick, "consent", "show")

    assert len(list(statements.labels(quick.storage, purpose="training"))) == 1
    assert f"training: allow where a person said nothing ({basis})" in capsys.readouterr().out


def test_what_a_person_says_holds_over_the_declaration_and_is_shown(quick, capsys):
    quick.post(statement(actor=agent("Ada")))
    assert offices.run(quick, "consent", "say", "service", "deny", "--agent", ADA, "--notice", "2026-09") == 0
    offices.run(quick, "consent", "show", "--agent", ADA)
    out = capsys.readouterr().out

    assert list(statements.labels(quick.storage, purpose="service")) == []
    assert consent.said(quick.storage, persons.person(quick, "Ada"))["service"]["notice"] == "2026-09"
    assert "  they said: deny, version 1, 2027-01-15T08:00:00" in out
    assert "Ada" not in out
