"""The pages of the graph and of versions: a change holds at once or is refused in words, and is taken back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from curriculum import editing
from curriculum.editing import Edit
from lti_tool import advice, editions, keys, proposals
from recommender import artifact, training
from recommender.space import Space
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, taught, turn

NEW = {
    "act": "skill.add", "subject": "cus.carbon", "area": "cus", "name_en": "Carbon border", "name_zh": "碳边境",
    "kind": "skill", "difficulty": "3", "other": "cus.duty", "because_en": "It is levied like duty.",
    "because_zh": "它和关税一样征收。", "why": "New in our course",
}  # fmt: skip
EDGE = {"act": "edge.add", "area": "cus", "because_en": "a", "because_zh": "b"}


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, datetime(2026, 11, 26, 12, tzinfo=UTC))
        yield found


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


@pytest.fixture
def instructor(bench: Bench) -> Person:
    return Person(bench, builders.INSTRUCTOR)


def change(person: Person, **fields: str) -> str:
    return plain(person.post("/lti/graph/change", **fields))


def test_the_page_shows_an_area_with_what_needs_what_and_why(admin: Person) -> None:
    text = plain(admin.post("/lti/graph", area="cus"))

    duty = catalogs.load("cbec").skills["cus.duty"]
    assert "143 skills, 9 roles" in text
    assert all(reason["en"] in text for reason in duty.because.values())
    assert "Known misconceptions:" in text
    assert plain(admin.post("/lti/graph", area="none")) == plain(admin.post("/lti/graph", area="fnd"))


def test_a_skill_is_added_at_once_and_taken_back(admin: Person) -> None:
    told = change(admin, **NEW)

    assert "Done. It holds now" in told
    assert "Skill “Carbon border” is new." in told
    skill = taught(admin).catalog.skills["cus.carbon"]
    assert skill.because["cus.duty"]["zh"] == "它和关税一样征收。"
    (made,) = taught(admin).changes
    assert made.why == "New in our course"
    assert "Taken back." in change(admin, back=made.id)
    assert "cus.carbon" not in taught(admin).catalog.skills
    assert "It is not there any more" in change(admin, back=made.id)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**EDGE, "subject": "cus.duty", "other": "cus.carbon"}, "cannot need"),
        ({**NEW, "subject": "cus.duty"}, "is taken by another skill"),
        ({**NEW, "subject": "cus.x", "name_zh": ""}, "The name in Chinese is missing"),
        ({**NEW, "subject": "cus.x", "difficulty": "many"}, "is no level"),
        ({**NEW, "subject": "cus.x", "because_en": ""}, "The reason in English is missing"),
        ({"act": "target.set", "subject": "operations", "other": "gone", "level": "3"}, "There is no skill"),
        ({"act": "skill.retire", "subject": "gone"}, "There is no skill"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_what_was_typed_stays(
    admin: Person, fields: dict[str, str], words: str
) -> None:
    change(admin, **NEW)

    told = admin.post("/lti/graph/change", **fields)

    assert "Nothing was changed." in plain(told)
    assert words in unescape(told.text)
    assert taught(admin).edition.number == 1
    if fields["act"] == "skill.add":
        assert f'value="{fields["subject"]}"' in told.text


def test_every_form_of_the_page_does_what_it_says(admin: Person) -> None:
    for fields in (
        NEW,
        {**NEW, "subject": "cus.free", "other": ""},
        {**EDGE, "subject": "cus.free", "other": "cus.carbon"},
        {"act": "edge.retire", "subject": "cus.free", "other": "cus.carbon"},
        {"act": "target.set", "subject": "finance", "other": "cus.free", "level": "4"},
        {"act": "target.set", "subject": "finance", "other": "cus.carbon", "level": "4"},
        {"act": "target.retire", "subject": "finance", "other": "cus.free"},
        {"act": "skill.change", "subject": "cus.free", "name_en": "Free", "name_zh": "自由", "difficulty": "5"},
        {"act": "misconception.change", "subject": "m.us_800", "name_en": "Old", "name_zh": "旧"},
        {"act": "skill.retire", "subject": "log.reverse"},
    ):
        assert "Done. It holds now" in change(admin, **fields), fields

    found = taught(admin).catalog
    assert found.skills["cus.free"].name["en"] == "Free"
    assert found.roles["finance"].targets["cus.carbon"] == 4
    assert "cus.free" not in found.roles["finance"].targets
    assert found.misconceptions["m.us_800"].name["zh"] == "旧"
    assert "log.reverse" not in found.skills
    assert admin.post("/lti/graph/change", act="rule.add", subject="x").status_code == 404


def test_an_instructor_proposes_and_may_not_decide(instructor: Person, bench: Bench) -> None:
    assert "Proposed." in change(instructor, **NEW)
    assert "Nothing was changed" in change(instructor, **{**NEW, "subject": "cus.duty"})
    (waiting,) = proposals.waiting(instructor.tool.storage, "cbec")
    for act in ("approve", "decline", "back", "keep"):
        assert instructor.post("/lti/graph/change", **{act: waiting.id}).status_code == 403

    admin = Person(bench, ADMINISTRATOR)
    assert "Skill “Carbon border” is new." in plain(admin.post("/lti/graph"))
    assert "Done." in change(admin, approve=waiting.id)
    assert "It is not there any more" in change(admin, approve=waiting.id)
    assert "cus.carbon" in taught(admin).catalog.skills


def test_a_proposal_that_no_longer_fits_says_so_and_can_be_declined(instructor: Person, bench: Bench) -> None:
    change(instructor, **NEW)
    admin = Person(bench, ADMINISTRATOR)
    change(admin, **NEW)
    (waiting,) = proposals.waiting(admin.tool.storage, "cbec")

    assert "is taken by another skill" in plain(admin.post("/lti/graph"))
    assert "is taken by another skill" in change(admin, approve=waiting.id)
    assert "Put aside." in change(admin, decline=waiting.id)
    assert "It is not there any more" in change(admin, decline=waiting.id)


def upload(person: Person, data: bytes, name: str = "postings.json") -> str:
    return plain(person.post("/lti/graph/change", file=(io.BytesIO(data), name)))


def test_postings_become_a_proposal_a_role_and_come_in_once(admin: Person) -> None:
    duty = catalogs.load("cbec").skills["cus.duty"].name["zh"]
    data = json.dumps([{"title": "x", "text": duty, "role": "marketing"}] * 40).encode()

    assert "What each role would ask for then waits below" in upload(admin, data)
    assert "were read before" in upload(admin, data)
    (waiting,) = proposals.waiting(admin.tool.storage, "cbec")
    assert waiting.why.startswith("40 job postings for")
    change(admin, approve=waiting.id)
    assert "cus.duty" in taught(admin).catalog.roles["marketing"].targets
    assert "cus.duty" not in catalogs.load("cbec").roles["marketing"].targets


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"title,text,role\nx,y,nobody\n", "line 2: its role is none"),
        (b"title,text,role\nx,nothing of ours,marketing\n", "move no target"),
    ],
)
def test_postings_that_say_nothing_or_cannot_be_read(admin: Person, data: bytes, words: str) -> None:
    assert words in upload(admin, data, "postings.csv")
    assert proposals.waiting(admin.tool.storage, "cbec") == []


def test_versions_are_listed_compared_and_named(admin: Person) -> None:
    change(admin, **NEW)
    change(admin, act="target.set", subject="finance", other="cus.carbon", level="4")

    text = plain(admin.post("/lti/versions"))
    assert "2 versions of your institution" in text
    assert "now asks for “Carbon border” at level 4" in text
    assert "is new." not in text
    both = plain(admin.post("/lti/versions", older="0", newer="2"))
    assert "Skill “Carbon border” is new." in both
    assert "No difference." in plain(admin.post("/lti/versions", older="2", newer="2"))
    assert "The shared model is used for what both have" in both
    assert "No difference." not in plain(admin.post("/lti/versions", older="99", newer="x"))


def test_an_upgrade_that_says_otherwise_is_shown_until_somebody_decides(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(admin, act="skill.change", subject="cus.duty", name_en="Duty", name_zh="关税", difficulty="5")
    change(admin, act="skill.retire", subject="log.reverse")
    names = {"en": "Duties", "zh": "关税计算"}
    theirs = [Edit("1", "skill.change", "cus.duty", {"name": names}), Edit("2", "skill.retire", "log.reverse", {})]
    upgraded = editing.apply(catalogs.plain("cbec"), theirs)
    monkeypatch.setattr(catalogs, "plain", lambda name: upgraded)
    admin.tool.shelf.read.clear()

    text = plain(admin.post("/lti/versions"))

    assert "2 places where an upgrade and your change differ" in text
    assert "Duties" in text
    assert "One change no longer fits" in text
    kept, gone = taught(admin).changes
    assert "Noted: yours holds." in change(admin, keep=kept.id)
    assert "It is not there any more" in change(admin, keep="none")
    change(admin, back=gone.id)
    assert "differ" not in plain(admin.post("/lti/versions")).split("No difference")[0].split("prerequisites")[0]
    assert taught(admin).catalog.skills["cus.duty"].name["en"] == "Duty"


def test_a_change_that_a_release_made_too_is_said_to_be_needless(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(admin, act="target.set", subject="finance", other="cus.duty", level="5")
    upgraded = dict(catalogs.plain("cbec"))
    upgraded["roles"] = [
        {**one, "targets": {**one["targets"], "cus.duty": 5}} if one["id"] == "finance" else one
        for one in upgraded["roles"]
    ]
    monkeypatch.setattr(catalogs, "plain", lambda name: upgraded)
    admin.tool.shelf.read.clear()

    assert "One change is in the release by now" in plain(admin.post("/lti/versions"))


def test_a_shared_model_serves_on_beside_a_skill_of_ones_own(admin: Person, bench: Bench) -> None:
    tool, shipped = admin.tool, catalogs.load("cbec")
    model = training.start(Space(shipped))
    artifact.save(Path(tool.settings.models) / "cbec", model, {"round": 4})
    before = advice.published(tool.models, tool.catalog("cbec"))
    change(admin, **NEW)
    change(admin, act="skill.retire", subject="log.reverse")

    after = advice.published(tool.models, tool.catalog("cbec"))

    assert (before.state, after.state, after.round, after.id) == ("model", "model", 4, before.id)
    assert after.parameters is not None
    assert after.parameters.fingerprint == tool.catalog("cbec").fingerprint != shipped.fingerprint
    assert advice.published(tool.models, tool.catalog("cbec")) is after
    assert advice.published(tool.models, shipped) is before


def test_a_model_of_the_institutions_own_serves_its_own_catalog_alone(admin: Person, bench: Bench) -> None:
    tool = admin.tool
    change(admin, **NEW)
    own = tool.catalog("cbec")
    artifact.save(Path(tool.settings.models) / "cbec", training.start(Space(own)), {"round": 4})

    assert advice.published(tool.models, own).state == "model"
    change(admin, act="skill.retire", subject="log.reverse")
    assert advice.published(tool.models, tool.catalog("cbec")).state == "damaged"


def test_the_other_language_says_the_same(admin: Person) -> None:
    change(admin, **NEW)

    assert "144 项技能，9 个岗位" in plain(admin.post("/lti/graph", language="zh"))
    assert "新增技能“碳边境”。" in plain(admin.post("/lti/versions", language="zh"))
    assert editions.history(admin.tool.storage, "cbec")[0].number == 1
