"""Every address of a catalog, once, with all places that name it; and what an address is by its form."""

from __future__ import annotations

import pytest

from curriculum import addresses, editing, lessons, links
from curriculum import catalog as catalogs
from curriculum.editing import Edit

VIDEO = {
    "id": "v", "url": "https://v.example/a.mp4", "name": {"en": "V", "zh": "视"}, "skills": ["cus.duty"],
    "seconds": 60, "languages": ["en"], "licence": "own",
}  # fmt: skip


def test_lessons_rules_and_videos_are_listed_with_where_each_is_used() -> None:
    plain = editing.apply(catalogs.plain("cbec"), [Edit("e", "video.put", "v", {"videos": [VIDEO]})])
    found = links.every(catalogs.parse(plain))
    named = {link.url for one in lessons.load().values() for link in one.links}

    assert named <= found.keys()
    assert [use.id for use in found["https://v.example/a.mp4"].uses] == ["v"]
    kinds = {use.kind for link in found.values() for use in link.uses}
    assert kinds == {"lesson", "rule", "video"}
    several = next(link for link in found.values() if len(link.uses) > 1)
    assert len({(use.kind, use.id, *use.title.values()) for use in several.uses}) == len(several.uses)


def test_every_shipped_address_has_the_form_of_one() -> None:
    assert [
        link.url for name in catalogs.NAMES for link in links.every(catalogs.load(name)).values() if link.problem
    ] == []


def test_a_video_whose_file_moved_keeps_its_activity() -> None:
    edits = [
        Edit("e", "video.put", "v", {"videos": [VIDEO]}),
        Edit("f", "link.put", "https://v.example/a.mp4", {"url": "https://w.example/a.mp4"}),
    ]
    video = catalogs.parse(editing.apply(catalogs.plain("cbec"), edits)).videos["v"]

    assert (video.url, video.activity) == ("https://w.example/a.mp4", "https://v.example/a.mp4")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://a.example", ""),
        ("HTTP://A.example:8080/x?y#z", ""),
        ("https://xn--fiqs8s.xn--fiqz9s/", ""),
        ("mailto:a@b.example", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("", "scheme"),
        ("https://a.example/ x", "signs"),
        ("https://例.example/", "signs"),
        ("https://a.example/\\\\b", "signs"),
        ("https://u:p@a.example/", "host"),
        ("https://localhost/", "host"),
        ("http://127.0.0.1/", "host"),
        ("http://2130706433/", "host"),
        ("https://-a.example/", "host"),
        ("https:///x", "host"),
        ("https://a.example/" + "x" * 2000, "long"),
    ],
)
def test_an_address_is_told_by_its_form(url: str, problem: str) -> None:
    assert addresses.problem(url) == problem
    assert bool(addresses.host(url)) is (problem in {"", "long"})
