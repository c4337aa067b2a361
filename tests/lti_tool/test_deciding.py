"""What waits for a decision is decided on the page of its kind, and nowhere else."""

from __future__ import annotations

import pytest

from lti_tool import proposals
from tests.lti_tool import builders, test_authoring
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_authoring import fields, mine, settle
from tests.lti_tool.test_ruling import Person, plain

bench, admin = test_authoring.bench, test_authoring.admin


@pytest.mark.parametrize("address", ["/lti/graph/change", "/lti/questions/settle", "/lti/videos/keep"])
def test_a_case_that_was_proposed_is_decided_on_the_page_of_cases_alone(
    bench: Bench, admin: Person, address: str
) -> None:
    settle(Person(bench, builders.INSTRUCTOR), **fields("freight"))
    (waiting,) = proposals.waiting(bench.storage, "cbec")

    assert waiting.id not in admin.post("/lti/graph").text
    assert "somebody" in plain(admin.post(address, approve=waiting.id))
    assert mine(admin) == []
    assert "Entered" in settle(admin, approve=waiting.id)
    assert len(mine(admin)) == 1
    assert "not there any more" in settle(admin, approve=waiting.id)
