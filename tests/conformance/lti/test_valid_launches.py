"""1EdTech LTI 1.3 certification, sections 6.1.2 and 6.1.3: nine launches of an instructor, nine of a learner."""

from __future__ import annotations

from typing import Any

from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, REMOVE, Bench

STAFF = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff"
STUDENT = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"
UNKNOWN = "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"
AS_INSTRUCTOR = "You are here as an instructor"


def page(bench: Bench, **changes: Any) -> str:
    """The page of a launch that must be taken."""
    answer = builders.launched(bench, **changes)
    assert answer.status_code == 200, answer.text
    return answer.text


def without_personal_data(**changes: Any) -> dict[str, Any]:
    return {"name": REMOVE, "email": REMOVE, **changes}


def test_an_instructor_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[INSTRUCTOR])


def test_an_instructor_with_several_roles_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[STAFF, INSTRUCTOR])


def test_an_instructor_with_a_short_role_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=["Instructor"])


def test_an_instructor_with_an_unknown_role_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[UNKNOWN, INSTRUCTOR])


def test_an_instructor_without_a_role_launches_and_is_nobody_special(bench: Bench) -> None:
    assert AS_INSTRUCTOR not in page(bench, roles=[""])


def test_an_instructor_with_mail_only_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[INSTRUCTOR], name=REMOVE)


def test_an_instructor_with_names_only_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[INSTRUCTOR], email=REMOVE)


def test_an_instructor_without_personal_data_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, **without_personal_data(roles=[INSTRUCTOR]))


def test_an_instructor_with_mail_and_without_a_context_launches(bench: Bench) -> None:
    assert AS_INSTRUCTOR in page(bench, roles=[INSTRUCTOR], name=REMOVE, context=REMOVE)


def test_a_learner_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, roles=[LEARNER])


def test_a_learner_with_several_roles_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, roles=[STUDENT, LEARNER])


def test_a_learner_with_a_short_role_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, roles=["Learner"])


def test_a_learner_with_an_unknown_role_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, roles=[UNKNOWN])


def test_a_learner_without_a_role_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, roles=[])


def test_a_learner_with_mail_only_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, name=REMOVE)


def test_a_learner_with_names_only_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, email=REMOVE)


def test_a_learner_without_personal_data_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, **without_personal_data())


def test_a_learner_with_mail_and_without_a_context_launches(bench: Bench) -> None:
    assert "Three good next steps" in page(bench, name=REMOVE, context=REMOVE)
