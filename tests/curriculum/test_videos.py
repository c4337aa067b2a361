"""Declared videos: what one must be, a file of them, and what they are to the catalog."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies

from curriculum import catalog as catalogs
from curriculum import editing, errors, telling, versions, videos
from curriculum.acts import Edit
from recommender import resources
from tests.recommender.builders import NOW

CBEC = catalogs.load("cbec")
PLAIN = catalogs.plain("cbec")
GOOD: dict[str, Any] = {
    "id": "duty-intro",
    "url": "https://media.example.edu/duty.mp4",
    "name": {"en": "Duty in five minutes", "zh": "五分钟看懂关税"},
    "skills": ["cus.duty"],
    "seconds": 312,
    "languages": ["en", "zh"],
    "licence": "own",
    "enough": 0.8,
}


def codes(**changes: Any) -> list[str]:
    return [code for code, _ in videos.problems({**GOOD, **changes}, CBEC.skills)]


def put(*raw: dict[str, Any]) -> Edit:
    return Edit("e", "video.put", raw[0]["id"], {"videos": list(raw)})


def test_a_sound_video_has_no_problem_and_is_something_to_watch_before_practice() -> None:
    made = catalogs.parse(editing.apply(PLAIN, [put(GOOD)]))
    video = made.videos["duty-intro"]
    resource = made.resources["video:duty-intro"]
    chosen = resources.choose(made, "cus.duty", NOW.date(), {"video": 2.0})

    assert codes() == []
    assert (video.plays, video.origin, video.activity) == (True, "https://media.example.edu", GOOD["url"])
    assert (resource.mode, resource.skills, resource.minutes) == ("video", ("cus.duty",), 5.2)
    assert chosen == resource
    assert made.fingerprint == CBEC.fingerprint  # a model stays what it is


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"id": "Duty"}, "id"),
        ({"id": "x" * 81}, "id"),
        ({"id": 5}, "id"),
        ({"url": "http://media.example.edu/a.mp4"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://user:secret@media.example.edu/a.mp4"}, "url"),
        ({"url": "https://media.example.edu@evil.example/a.mp4"}, "url"),
        ({"url": "https://media.example.edu;script-src *"}, "url"),
        ({"url": "https://media.example.edu/a b.mp4"}, "url"),
        ({"url": "https://media.example.edu:0/a.mp4"}, "url"),
        ({"url": "https:///a.mp4"}, "url"),
        ({"url": "https://médias.example/a.mp4"}, "url"),
        ({"url": "https://a.example/" + "x" * 2000}, "url"),
        ({"url": None}, "url"),
        ({"activity": "no iri"}, "activity"),
        ({"name": {"en": "Only English"}}, "title.zh"),
        ({"name": {"en": " ", "zh": "关税"}}, "title.en"),
        ({"name": None}, "title.en"),
        ({"skills": []}, "skills"),
        ({"skills": "cus.duty"}, "skills"),
        ({"skills": ["cus.duty", "x.y"]}, "skill"),
        ({"seconds": 4}, "length"),
        ({"seconds": True}, "length"),
        ({"seconds": None}, "length"),
        ({"enough": 1.1}, "share"),
        ({"enough": None}, "share"),
        ({"languages": []}, "languages"),
        ({"languages": ["English"]}, "languages"),
        ({"languages": None}, "languages"),
        ({"licence": "mine"}, "licence"),
    ],
)
def test_what_is_wrong_is_named_in_both_languages(changes: dict[str, Any], wrong: str) -> None:
    found = videos.problems({**GOOD, **changes}, CBEC.skills)

    assert wrong in [code for code, _ in found]
    for code, facts in found:
        for language in telling.LANGUAGES:
            assert telling.say(telling.sentence(f"video.{code}", **facts), language)
    with pytest.raises(errors.InvalidEdit):
        editing.apply(PLAIN, [put({**GOOD, **changes})])


@given(raw=strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=20),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(
        strategies.sampled_from([*GOOD, "x"]), inner, max_size=5
    ),
    max_leaves=10,
))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_nothing_that_is_sent_breaks_the_check(raw: Any) -> None:
    assert videos.problems(raw, CBEC.skills)


def test_one_address_twice_is_told_unless_one_has_an_activity_of_its_own() -> None:
    other = {**GOOD, "id": "again"}
    with pytest.raises(errors.InvalidEdit) as refused:
        editing.apply(PLAIN, [put(GOOD, other)])
    taken = {**GOOD, "activity": next(iter(CBEC.items.values())).activity}
    own = editing.apply(PLAIN, [put(GOOD, {**other, "activity": "https://media.example.edu/again"})])

    with pytest.raises(errors.InvalidEdit):
        editing.apply(PLAIN, [put(taken)])

    assert [one.key for one in refused.value.problems] == ["video.twice"]
    assert len(own["videos"]) == 2
    assert catalogs.parse(own).videos["again"].activity == "https://media.example.edu/again"


def test_a_video_is_changed_taken_out_and_goes_with_its_skill() -> None:
    made = editing.apply(PLAIN, [put(GOOD)])
    changed = editing.apply(made, [put({**GOOD, "seconds": 400})])
    gone = editing.apply(made, [Edit("f", "video.retire", "duty-intro", {})])
    found = versions.diff(made, changed)

    assert catalogs.parse(changed).videos["duty-intro"].seconds == 400
    assert gone["videos"] == []
    assert [(one.section, one.id, one.act) for one in found] == [("videos", "duty-intro", versions.CHANGED)]
    assert editing.conflicts([put(GOOD), put({**GOOD, "seconds": 400})], PLAIN)[0][2] == "duty-intro"
    with pytest.raises(errors.InvalidEdit):
        editing.apply(PLAIN, [Edit("f", "video.retire", "none", {})])
    with pytest.raises(errors.InvalidEdit):
        editing.apply(PLAIN, [Edit("f", "video.put", "x", {"videos": "x"})])


def test_a_file_is_read_with_its_lines() -> None:
    text = (
        ",".join(videos.HEADS)
        + '\nduty-intro,https://m.example/a.webm,"Duty, in short",关税,cus.duty,5.2,en zh,own,80 %\n\n'
        + "b,https://m.example/watch?v=1,B,乙,cus.duty cus.customs_value,x,en,FREE,0.9\n"
    )
    found, wrong = videos.rows(text)

    assert wrong == []
    assert [line for line, _ in found] == [2, 4]
    first, second = (one for _, one in found)
    assert (first["seconds"], first["enough"], first["name"]["en"]) == (312, 0.8, "Duty, in short")
    assert videos.problems(first, CBEC.skills) == []
    assert (second["licence"], second["enough"], second["seconds"]) == ("free", 0.9, None)
    assert [code for code, _ in videos.problems(second, {"cus.duty", "cus.customs_value"})] == ["length"]
    assert not videos.of({**second, "seconds": 60}).plays


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("", 1, "heads"),
        ("a,b\n1,2\n", 1, "heads"),
        (",".join(videos.HEADS) + "\na,b\n", 2, "cells"),
        (",".join(videos.HEADS) + '\n"a,b\n', 2, "csv"),
        (",".join(videos.HEADS) + "\n" + "a,b,c,d,e,1,en,own,1\n" * 501, 502, "lines"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, line: int, code: str) -> None:
    _, wrong = videos.rows(text)

    assert [(place, found[0]) for place, found in wrong] == [(line, code)]


def test_the_last_column_may_be_left_out() -> None:
    heads = ",".join(videos.HEADS[:-1])
    ((_, one),), wrong = videos.rows(f"{heads}\na,https://m.example/a.mp4,A,甲,cus.duty,2,en,cc-by\n")

    assert (wrong, videos.of(one).enough) == ([], videos.ENOUGH)
