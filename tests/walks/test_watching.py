"""A video in a real Chromium: played, jumped over and played on; the record store hears which parts."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from recommender import verbs, watching
from tests.lti_tool.test_learning import sent
from tests.lti_tool.test_watching import RAW, declare
from tests.walks import campus
from xapi_collector import extract, label

PICTURES: Path | None = None
"""Where somebody who looks at the pages has them kept."""
SECONDS = 12
ORIGIN = "https://media.example.edu"
pytestmark = pytest.mark.browser
WORDS = {"en": ("Learn", "Duty in five minutes", "What you watched"), "zh": ("学习", "五分钟看懂关税", "您看过的部分")}


PLAYED = """async () => {
  const video = document.querySelector('video');
  const on = (name) => new Promise((done) => video.addEventListener(name, done, {once: true}));
  const until = (place) => new Promise((done) => {
    const look = () => video.currentTime >= place ? done() : setTimeout(look, 20);
    look();
  });
  video.muted = true;
  video.playbackRate = 4;
  await video.play();
  await until(2);
  video.currentTime = 8;
  await on('seeked');
  await until(10);
  const paused = on('pause');
  video.pause();
  await paused;
}"""
"""From the beginning to the second second, and from the eighth to the tenth."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[campus.Seat]:
    with campus.seat(tmp_path_factory.mktemp("watching")) as running:
        declare(running.bench, {**RAW, "seconds": SECONDS, "enough": 0.2})
        yield running


def film() -> bytes:
    """Twelve seconds that every browser plays without a codec: a wave of silence."""
    made = io.BytesIO()
    with wave.open(made, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(1)
        writing.setframerate(8000)
        writing.writeframes(b"\x80" * 8000 * SECONDS)
    return made.getvalue()


def served(page: Page) -> None:
    """The institution's media server."""
    body = film()

    def answer(route: Route) -> None:
        first = int(route.request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        headers = {
            "Content-Type": "audio/wav",
            "Accept-Ranges": "bytes",
            "Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}",
        }
        route.fulfill(status=206, body=body[first:], headers=headers)

    page.route(f"{ORIGIN}/**", answer)


@pytest.mark.parametrize(("language", "width"), campus.some(("zh", 1100), ("en", 375)))
def test_what_is_played_is_told_and_what_is_jumped_over_is_not(
    browser: Browser, place: campus.Seat, language: str, width: int
) -> None:
    learn, title, yours = WORDS[language]
    page, said = campus.shown(
        browser, place, language, width, sub=f"viewer-{language}", custom={"catalog": "cbec", "role": "operations"}
    )
    served(page)
    page.get_by_role("button", name=learn, exact=True).click()
    page.locator("form[action$='/lti/learn'] button[name=at]").first.click()
    page.locator("details.drawer").first.wait_for()
    for drawer in page.locator("details.drawer").all():
        drawer.evaluate("one => one.open = true")
    page.locator("button[name=skill][value='cus.duty']").first.click()
    page.get_by_role("button", name=title).click()
    page.locator("video").wait_for()
    problems = campus.sound(page)
    if PICTURES is not None:
        page.screenshot(path=PICTURES / f"watch-{language}-{width}.png", full_page=True)
    before = len(place.bench.sent)
    page.evaluate(PLAYED)
    sent(
        place.bench, verbs.COMPLETED, 1 + sum(one["verb"]["id"] == verbs.COMPLETED for one in place.bench.sent[:before])
    )
    told = [one for one in place.bench.sent[before:] if one["object"]["id"] == RAW["url"]]
    key, labels = b"k" * 32, []
    for number, one in enumerate(told):
        found = extract.extract(one, key)
        labels.append(label.unpack(number, number, number.to_bytes(16, "big"), found.label))
    watched = watching.watched(sorted(labels, key=lambda one: (one.timestamp, one.seq)), SECONDS)

    assert problems == []
    assert said == []
    assert {one["verb"]["display"]["en"] for one in told} >= {"played", "seeked", "paused", "completed"}
    assert len(watched.parts) == 2
    assert watched.parts[0] == pytest.approx((0.0, 2.0), abs=1.2)
    assert watched.parts[1] == pytest.approx((8.0, 10.0), abs=1.2)
    assert watching.satisfied(watched, 0.2)
    expect(page.get_by_text(yours)).to_have_count(0)  # nothing was in the record store yet
