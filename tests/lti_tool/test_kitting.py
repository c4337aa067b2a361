"""The pages of case kits: checked, de-identified, looked at, live, played, deleted; or refused with nothing kept."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from curriculum.exchange import archive
from curriculum.kits import blank, own
from curriculum.practice import answers as written
from lti_tool import holdings, keys, tasks
from lti_tool.holdings import KITS
from lti_tool.settings import ATTEMPTS
from tests.curriculum.kits import builders as kits
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, turn

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, DAY)
        yield found


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


def files(**changed: bytes) -> dict[str, object]:
    """The fields of an upload, file by file."""
    named = {name.removesuffix(".csv"): body for name, body in kits.files().items()} | changed
    sent: dict[str, object] = {name: (io.BytesIO(body), f"{name}.csv") for name, body in named.items() if body}
    return {**kits.FIELDS, **sent}


def held(bench: Bench) -> list[holdings.Held]:
    return holdings.listed(bench.storage, "cbec", bench.clock())


def sent(person: Person, **fields: object) -> str:
    """Send the kit, and give the id of the draft."""
    page = person.post("/lti/kits/send", **(fields or files()))
    return re.findall(r'name="id" value="([^"]+)"', page.text)[0]


def test_a_kit_is_checked_de_identified_looked_at_made_live_played_and_deleted(bench: Bench, admin: Person) -> None:
    id_ = sent(admin)
    page = plain(admin.page)
    assert "Checked, de-identified and kept as a draft" in page
    assert "14 kinds of question can be asked" in page
    assert "S-40000" not in held(bench)[0].body  # an order number as it was uploaded
    assert "Tick that the enterprise allows" in plain(admin.post("/lti/kits/settle", id=id_, act="live"))
    assert "Live: a link can open it" in plain(admin.post("/lti/kits/settle", id=id_, act="live", agreed="yes"))

    admin.tool.shelf.read.clear()
    (kind,) = own.kinds(admin.tool.catalog("cbec"))
    link = {"catalog": "cbec", "activity": "case", "case": kind.id}
    page = builders.launched(bench, roles=[builders.LEARNER], custom=link)
    assert "A shop for outdoor goods (invented)" in page.text
    assert "used with its permission" in page.text
    assert "are invented" not in page.text
    made = played(bench, admin, page)
    assert made == kind.steps

    assert "Deleted for good" in plain(admin.post("/lti/kits/settle", id=id_, act="delete"))
    assert held(bench) == []
    admin.tool.shelf.read.clear()
    assert own.kinds(admin.tool.catalog("cbec")) == ()
    assert builders.launched(bench, roles=[builders.LEARNER], custom=link).status_code == 400


def played(bench: Bench, person: Person, page: TestResponse) -> int:
    """Answer every question of the open case with its right answer; how many there were."""
    (kept,) = bench.storage.find(ATTEMPTS, {}, limit=10)
    catalog = person.tool.catalog("cbec")
    made = tasks.task(kept["activity"], kept["seed"], date.fromisoformat(kept["on"]), catalog)
    for one in made.questions:
        answer = written.sent(one.step.right, one.step)
        page = bench.client().post("/lti/practice", data={**hidden(page), "act": "answer", "answer": answer})
        page = bench.client().post("/lti/practice", data={**hidden(page), "act": "next"})
    (kept,) = bench.storage.find(ATTEMPTS, {}, limit=10)
    assert [one["right"] for one in kept["answers"]] == [True] * len(made.questions)
    return len(made.questions)


def hidden(page: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


WRONG: list[tuple[dict[str, object], str]] = [
    ({"orders": b"order_id,date\nA,2026-01-01\n"}, "orders.csv, line 1, sku: This column is missing"),
    ({"orders": b""}, "orders.csv: The file is missing"),
    ({"products": kits.files()["products.csv"].replace(b"4.10", b"=4.10")}, "products.csv, line 2, cost:"),
    ({"products": kits.files()["products.csv"].replace(b"Towel, microfibre", b"Anna Schmidt")}, "name of a person"),
    ({"orders": kits.files()["orders.csv"].replace(b",DE,", b",Germany,", 1)}, "two letters"),
    ({"permission": "ask li.na@example.com"}, "an e-mail address"),
    ({"currency": "JPY"}, "EUR, USD, GBP, CNY"),
]


def test_what_is_wrong_is_said_by_place_and_nothing_is_kept(bench: Bench, admin: Person) -> None:
    for changed, told in WRONG:
        sheets = {name: body for name, body in changed.items() if isinstance(body, bytes)}
        texts = {name: text for name, text in changed.items() if isinstance(text, str)}
        page = plain(admin.post("/lti/kits/send", **{**files(**sheets), **texts, "language": "en"}))
        assert "Nothing was kept" in page, told
        assert told in page
        assert "li.na" not in page.replace("ask li.na@example.com", "")
        chinese = {**files(**sheets), **texts, "language": "zh"}
        assert "没有保存任何内容" in plain(admin.post("/lti/kits/send", **chinese))
    assert held(bench) == []


def test_a_zip_brings_its_own_manifest_and_a_hostile_one_is_refused(bench: Bench, admin: Person) -> None:
    manifest = blank.files()["kit.yaml"]
    packed = archive.pack({**kits.files(), "kit.yaml": manifest})
    assert sent(admin, zip=(io.BytesIO(packed), "kit.zip"), **kits.FIELDS)
    assert "A shop for household goods" in plain(admin.page)
    for name in ("../kit.yaml", "x/sub/evil.exe", "orders.xlsx"):
        hostile = archive.pack({**kits.files(), "kit.yaml": manifest}).replace(b"ads.csv", b"ads.csv")
        hostile = archive.pack({**kits.files(), name: b"x"})
        page = plain(admin.post("/lti/kits/send", zip=(io.BytesIO(hostile), "kit.zip"), **kits.FIELDS))
        assert "Nothing was kept" in page, name
    bomb = archive.pack({"orders.csv": b"0" * 9_000_000})
    assert "unpacked safely" in plain(admin.post("/lti/kits/send", zip=(io.BytesIO(bomb), "kit.zip")))
    assert len(held(bench)) == 1


def test_an_instructor_proposes_a_kit_and_an_administrator_approves_it(bench: Bench, admin: Person) -> None:
    instructor = Person(bench, builders.INSTRUCTOR)
    id_ = sent(instructor)
    assert "Proposed." in plain(instructor.post("/lti/kits/settle", id=id_, act="live", agreed="yes"))
    assert instructor.post("/lti/kits/settle", id=id_, act="delete").status_code == 403
    listed = admin.post("/lti/owncases")
    (proposal,) = re.findall(r'name="approve" value="([^"]+)"', listed.text)
    assert "Entered: a link can open it from now on" in plain(admin.post("/lti/owncases/settle", approve=proposal))
    admin.tool.shelf.read.clear()
    assert [one.name["en"] for one in own.kinds(admin.tool.catalog("cbec"))] == [kits.FIELDS["title_en"]]


def test_a_draft_that_is_left_alone_is_gone_after_a_week(bench: Bench, admin: Person) -> None:
    sent(admin)
    assert len(held(bench)) == 1
    turn(bench, DAY + timedelta(days=8))
    assert held(bench) == []
    assert list(bench.storage.find(KITS, {}, limit=5)) == []


def test_the_empty_files_come_as_one_zip_that_is_read_again(admin: Person) -> None:
    response = admin.post("/lti/kits/file")
    assert response.headers["Content-Disposition"] == 'attachment; filename="kit.zip"'
    assert set(archive.unpack(response.data, "kit.zip")) == set(blank.files())


def test_what_is_not_there_is_not_found_and_a_draft_may_be_deleted_by_whoever_may_propose(
    bench: Bench, admin: Person
) -> None:
    for name in ("gone", "", "x" * 400, "\x00", "\ud800"):
        assert admin.post("/lti/kits/one", id=name.encode("utf-8", "surrogatepass")).status_code == 404, name
    assert admin.post("/lti/kits/settle", id="gone", act="live").status_code == 404
    instructor = Person(bench, builders.INSTRUCTOR)
    id_ = sent(instructor)
    assert "A case of it" in plain(instructor.post("/lti/kits/one", id=id_))
    assert "A case of it" in plain(instructor.post("/lti/kits/settle", id=id_, act="look"))
    assert "A shop for outdoor goods" in plain(instructor.post("/lti/kits"))
    assert "Deleted for good" in plain(instructor.post("/lti/kits/settle", id=id_, act="delete"))
    assert held(bench) == []
    other = builders.launched(bench, roles=[ADMINISTRATOR], custom={"catalog": "oulad"})
    found = re.search(r'name="bearer" value="([^"]+)"', other.text)
    assert found
    assert bench.client().post("/lti/kits", data={"bearer": unescape(found[1])}).status_code == 400


def test_a_kit_of_rare_orders_is_refused_after_de_identifying(bench: Bench, admin: Person) -> None:
    head, *_ = kits.files()["orders.csv"].decode().split("\r\n")
    lines = [f"R-{at},2026-05-04,BT-20,1,{'AT' if at < 2 else 'DE'},17.90,0,2.70,4.00,0,0" for at in range(20)]
    page = plain(admin.post("/lti/kits/send", **files(orders="\n".join([head, *lines]).encode())))
    assert "Too few orders are left" in page
    assert held(bench) == []
    refused = plain(admin.post("/lti/kits/send", zip=(io.BytesIO(b"text"), "kit.zip"), **kits.FIELDS))
    assert "unpacked safely" in refused


def test_a_case_that_lost_its_kit_is_named_and_its_proposal_is_gone(bench: Bench, admin: Person) -> None:
    instructor = Person(bench, builders.INSTRUCTOR)
    id_ = sent(instructor)
    instructor.post("/lti/kits/settle", id=id_, act="live", agreed="yes")
    (proposal,) = re.findall(r'name="approve" value="([^"]+)"', admin.post("/lti/owncases").text)
    admin.post("/lti/kits/settle", id=id_, act="delete")
    assert "not there any more" in plain(admin.post("/lti/owncases/settle", approve=proposal))

    id_ = sent(admin)
    admin.post("/lti/kits/settle", id=id_, act="live", agreed="yes")
    holdings.drop(bench.storage, "cbec", id_)
    admin.tool.shelf.read.clear()
    assert "do not fit any more" in plain(admin.post("/lti/owncases"))


def test_a_learner_in_the_middle_of_a_case_whose_kit_goes_is_told_so(bench: Bench, admin: Person) -> None:
    id_ = sent(admin)
    admin.post("/lti/kits/settle", id=id_, act="live", agreed="yes")
    admin.tool.shelf.read.clear()
    link = {"catalog": "cbec", "activity": "case", "case": own.kinds(admin.tool.catalog("cbec"))[0].id}
    page = builders.launched(bench, roles=[builders.LEARNER], custom=link)
    admin.post("/lti/kits/settle", id=id_, act="delete")
    admin.tool.shelf.read.clear()
    answer = bench.client().post("/lti/practice", data={**hidden(page), "act": "answer", "answer": "1"})
    assert answer.status_code == 400
