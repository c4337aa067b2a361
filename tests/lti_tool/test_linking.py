"""The page of links: what is broken first, where it is used, and one step that mends it everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curriculum import lessons, links
from lti_tool import keys, linkbook
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, turn

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
NEW = "https://new.example.org/page"


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, DAY)
        yield found


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


def lesson_link(person: Person) -> tuple[str, str]:
    """A skill whose lesson has a link, and its address."""
    return next((skill, one.links[0].url) for skill, one in lessons.load().items() if one.links)


def note(
    bench: Bench, url: str, reason: str = "gone", status: int = 404, final: str = "", *, moved: bool = False
) -> None:
    linkbook.note(
        bench.storage, url, reason=reason, status=status, final=final or url, moved=moved, now=DAY.timestamp()
    )


def rows(person: Person) -> list[str]:
    """Addresses that the page shows, in their order."""
    return re.findall(r'<p class="small hash"><a href="([^"]+)"', person.page.text)


def test_what_needs_a_hand_comes_first_with_where_it_is_used(bench: Bench, admin: Person) -> None:
    every = list(links.every(admin.tool.catalog("cbec")))
    broken, moved, fine, unsure = every[40], every[30], every[0], every[20]
    note(bench, broken)
    note(bench, moved, "", 200, NEW, moved=True)
    note(bench, fine, "", 200)
    note(bench, unsure, "timeout", 0)
    page = plain(admin.post("/lti/links"))
    assert rows(admin)[:3] == [broken, moved, unsure]
    assert fine not in rows(admin)
    assert "The page is not there any more (404). looked at on 2026-11-26" in page
    assert f"Leads to {NEW}" in page
    assert "No answer in 10 seconds." in page
    assert "Lesson: " in page
    admin.post("/lti/links", state="broken")
    assert rows(admin) == [broken]
    admin.post("/lti/links", find=fine)
    assert rows(admin) == [fine]
    admin.post("/lti/links", find="no such thing")
    assert "No link is like that." in plain(admin.page)
    admin.post("/lti/links", kind="rule", state="nonsense")
    assert rows(admin)
    assert broken not in rows(admin) or "Rule: " in plain(admin.page)


def test_one_step_mends_it_wherever_it_stands_and_one_takes_it_back(bench: Bench, admin: Person) -> None:
    skill, url = lesson_link(admin)
    note(bench, url)
    assert "Replaced wherever" in plain(admin.post("/lti/links/mend", url=url, to=f" {NEW} "))
    admin.tool.shelf.read.clear()
    found = links.every(admin.tool.catalog("cbec"))
    assert url not in found
    assert found[NEW].former == (url,)
    assert NEW in Person(bench, builders.LEARNER).post("/lti/lesson", skill=skill).text
    admin.post("/lti/links/mend", url=NEW, to="https://newer.example.org/")
    admin.tool.shelf.read.clear()
    assert links.every(admin.tool.catalog("cbec"))["https://newer.example.org/"].former == (url, NEW)
    assert f"{NEW} → https://newer.example.org/" in plain(admin.page)
    for _ in range(2):
        back = re.findall(r'name="back" value="([^"]+)"', admin.page.text)[0]
        assert "Taken back." in plain(admin.post("/lti/links/mend", back=back))
    admin.tool.shelf.read.clear()
    assert url in links.every(admin.tool.catalog("cbec"))


def test_a_rule_of_law_leads_to_the_new_page_too(bench: Bench, admin: Person) -> None:
    rule = next(one for one in admin.tool.catalog("cbec").rules.values() if one.source[:1] and "://" in one.source[0])
    admin.post("/lti/links/mend", url=rule.source[0], to=NEW)
    admin.tool.shelf.read.clear()
    assert admin.tool.catalog("cbec").rules[rule.id].source[0] == NEW


def test_what_is_no_address_is_refused_and_comes_back(bench: Bench, admin: Person) -> None:
    _, url = lesson_link(admin)
    for to in ("", "javascript:alert(1)", "https://user@a.example/", "https://a", url):
        page = admin.post("/lti/links/mend", url=url, to=to)
        assert "is no address that can stand there" in plain(page)
    admin.tool.shelf.read.clear()
    assert url in links.every(admin.tool.catalog("cbec"))
    assert admin.post("/lti/links/mend", url="https://nowhere.example/", to=NEW).status_code == 404


def test_whoever_may_not_edit_proposes(bench: Bench, admin: Person) -> None:
    instructor = Person(bench, builders.INSTRUCTOR)
    _, url = lesson_link(instructor)
    assert "Proposed" in plain(instructor.post("/lti/links/mend", url=url, to=NEW))
    page = admin.post("/lti/links")
    assert f"{url} → {NEW}" in plain(page)
    approve = re.findall(r'name="approve" value="([^"]+)"', page.text)[0]
    admin.post("/lti/links/mend", approve=approve)
    admin.tool.shelf.read.clear()
    assert NEW in links.every(admin.tool.catalog("cbec"))
