from __future__ import annotations

import pytest

from curriculum import catalog as catalogs
from lti_tool import overrides, texts
from lti_tool.overrides import Entry, Override
from lti_tool.pages import guidance
from tests.curriculum import builders as curricula

PAGE = {"id": "page", "activity": "urn:tiny:page", "skills": ["root"], "name": curricula.names("A page")}
META = {"id": "tiny", "name": curricula.names("Tiny"), "pass_score": None}
CATALOG = catalogs.parse(curricula.tiny(meta=META, items=[PAGE], rules=[]))
SAY = texts.speaker("en")


def made(**changes: object) -> Override:
    facts = {"audience": overrides.ALL, "group": "", "made": 0, "until": 0, "learners": ()} | changes
    return Override("c", "o", "first", overrides.ITEM, "page", **facts)  # type: ignore[arg-type]  # fields of any kind


@pytest.mark.parametrize(
    ("sort", "id_", "name"),
    [
        (overrides.ITEM, "page", "A page"),
        (overrides.SKILL, "root", "root"),
        (overrides.ITEM, "gone", "gone"),
        (overrides.SKILL, "gone", "gone"),
    ],
)
def test_an_item_and_a_skill_have_their_name_and_what_is_gone_its_id(sort: str, id_: str, name: str) -> None:
    assert guidance.subject(CATALOG, sort, id_, "en") == name


def test_an_item_without_a_name_has_that_of_its_skill() -> None:
    practised = catalogs.parse(curricula.tiny())

    assert guidance.subject(practised, overrides.ITEM, "practice:root", "zh") == curricula.names("root")["zh"]


def test_only_skills_that_have_something_to_do_can_be_chosen() -> None:
    shown = guidance.guidance((), (), CATALOG, {}, language="en", say=SAY)

    assert shown.choices == [("Area A", [("root", "root")])]


def test_what_holds_and_what_was_done_are_told_with_whom_they_concern() -> None:
    found = [made(), made(audience=overrides.GROUP, group="g"), made(audience=overrides.SOME, learners=("a", "b"))]
    entry = Entry("c", "e", "f" * 64, 90_061, overrides.BACK, "o", "hide", overrides.SKILL, "left", "all", "", 0)

    shown = guidance.guidance(found, [entry], CATALOG, {"g": "Monday"}, language="en", say=SAY)

    assert [one.audience for one in shown.made] == [
        SAY("guide.for.all"),
        SAY("guide.for.group", group="Monday"),
        SAY("guide.for.some", count=2),
    ]
    assert {(one.subject, one.since) for one in shown.made} == {("A page", "1970-01-01")}
    ((when, who, did, what, whom),) = shown.log
    assert (when, what, whom) == ("1970-01-02 01:01", "left", SAY("guide.for.all"))
    assert did == SAY("guide.log.back.hide")
    assert set(who) == {"f"}
    assert len(who) < 64
