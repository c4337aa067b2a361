"""An institution's videos: declared by a form or a file, proposed by whoever may not edit, and taken back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from curriculum import videos
from lti_tool import editions
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.meetings import faults
from tests.lti_tool.test_learning import field, post

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
FORM = {
    "id": "duty-intro",
    "url": "https://media.example.edu/duty.mp4",
    "title_en": "Duty in five minutes",
    "title_zh": "五分钟看懂关税",
    "minutes": "5.2",
    "languages": "en zh",
    "licence": "own",
    "share": "0.8",
    "skill": "cus.duty",
}


def opened(bench: Bench, role: str = ADMINISTRATOR) -> TestResponse:
    return builders.launched(bench, roles=[role], sub=role[-9:], custom={"catalog": "cbec"})


def kept(bench: Bench, page: TestResponse, **fields: Any) -> TestResponse:
    return bench.client().post("/lti/videos/keep", data={"bearer": field(page, "bearer"), **fields})


def declared(bench: Bench) -> dict[str, videos.Video]:
    return dict(editions.taught(bench.storage, editions.Shelf(), "cbec", bench.clock()).catalog.videos)


def upload(*lines: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join([",".join(videos.HEADS), *lines]).encode()), "videos.csv"


def test_a_video_is_declared_shown_changed_and_taken_out(bench: Bench) -> None:
    page = opened(bench)
    made = kept(bench, page, **FORM)
    form = post(bench, "videos", page, id="duty-intro")
    lesson = post(bench, "lesson", page, skill="cus.duty")
    changed = kept(bench, page, **{**FORM, "minutes": "6"})
    there = declared(bench)["duty-intro"].seconds
    gone = kept(bench, page, retire="duty-intro")

    assert "Entered" in made.text
    assert 'value="5.2"' in form.text
    assert "Duty in five minutes" in lesson.text
    assert "Entered" in changed.text
    assert there == 360
    assert "Taken out" in gone.text
    assert declared(bench) == {}
    assert kept(bench, page, retire="duty-intro").status_code == 404


def test_a_change_is_taken_back_by_one_press(bench: Bench) -> None:
    page = opened(bench)
    kept(bench, page, **FORM)
    (change,) = editions.taught(bench.storage, editions.Shelf(), "cbec", bench.clock()).changes

    assert "Taken back" in kept(bench, page, back=change.id).text
    assert "not there any more" in kept(bench, page, back=change.id).text
    assert declared(bench) == {}


def test_what_is_wrong_is_told_and_what_was_typed_stays(bench: Bench) -> None:
    page = opened(bench)
    answer = kept(bench, page, **{**FORM, "url": "http://x.example/a.mp4", "minutes": "long", "skill": "x.y"})

    assert len(faults(answer)) == 3
    assert 'value="http://x.example/a.mp4"' in answer.text
    assert declared(bench) == {}


def test_who_may_not_edit_proposes_and_somebody_else_decides(bench: Bench) -> None:
    teacher, office = opened(bench, INSTRUCTOR), opened(bench)
    proposed = kept(bench, teacher, **FORM)
    kept(bench, teacher, **{**FORM, "id": "other", "url": "https://media.example.edu/other.mp4"})
    wrong = kept(bench, teacher, **{**FORM, "url": "x"})
    waiting = post(bench, "videos", office)
    first, second = [part.partition('"')[0] for part in waiting.text.split('name="approve" value="')[1:]]

    assert "Proposed" in proposed.text
    assert len(faults(wrong)) == 1
    assert declared(bench) == {}
    assert kept(bench, teacher, approve=first).status_code == 403
    assert "Entered" in kept(bench, office, approve=first).text
    assert "not there any more" in kept(bench, office, approve=first).text
    assert "Put aside" in kept(bench, office, decline=second).text
    assert "not there any more" in kept(bench, office, decline=second).text
    assert len(declared(bench)) == 1


def test_a_proposal_that_fits_no_more_is_told(bench: Bench) -> None:
    teacher, office = opened(bench, INSTRUCTOR), opened(bench)
    kept(bench, teacher, **{**FORM, "id": "same-address"})
    kept(bench, office, **FORM)
    waiting = post(bench, "videos", office)
    id_ = waiting.text.partition('name="approve" value="')[2].partition('"')[0]

    assert "have the address" in faults(kept(bench, office, approve=id_))[0]


def test_a_file_is_taken_in_as_a_whole_or_not_at_all(bench: Bench) -> None:
    page = opened(bench)
    good = "a,https://m.example/a.mp4,A,甲,cus.duty,2,en,own,0.9"
    bad = kept(bench, page, file=upload(good, "a,http://m.example/b.mp4,B,乙,cus.duty,2,en,own,0.9"))
    empty = kept(bench, page, file=upload())
    binary = kept(bench, page, file=(io.BytesIO(b"\xff\xfe"), "x.csv"))
    none = declared(bench)
    right = kept(bench, page, file=upload(good, "b,https://m.example/b,B,乙,cus.duty cus.customs_value,2,zh,free,"))

    assert [fault.partition(":")[0] for fault in faults(bad)] == ["Line 3", "Line 3"]
    assert "Line 1" in faults(empty)[0]
    assert len(faults(binary)) == 1
    assert none == {}
    assert "Entered" in right.text
    assert list(declared(bench)) == ["a", "b"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_speaks_both_languages(bench: Bench, language: str) -> None:
    page = opened(bench)
    kept(bench, page, **FORM)

    assert post(bench, "videos", page, language=language).status_code == 200
