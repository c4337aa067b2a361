from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from federated import errors, messages, private
from federated.register import Terms
from federated.summary import Fellow
from lti_tool import keys, texts
from lti_tool.pages import consortium
from lti_tool.tool import Tool
from recommender import artifact, training
from recommender.space import Space
from tests.lti_tool import builders, consorted
from tests.lti_tool.builders import Bench
from xapi_collector import consent

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
HERE = {"custom": {"catalog": "cbec", "activity": "consortium"}}


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        yield found


@pytest.fixture
def models(bench: Bench) -> Path:
    tool: Tool = bench.app.extensions["lti_tool"]
    return Path(tool.settings.models)


@pytest.fixture
def opened(bench: Bench) -> Callable[..., TestResponse]:
    """The page as a link of an instructor's course opens it."""

    def opened(role: str = builders.INSTRUCTOR, locale: str = "en") -> TestResponse:
        presentation = {"locale": locale}
        return builders.launched(bench, roles=[role], **HERE, **{builders.LTI + "launch_presentation": presentation})

    return opened


def post(bench: Bench, page: TestResponse, where: str = "/lti/consortium", **fields: str) -> TestResponse:
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found
    return bench.client().post(where, data={"bearer": unescape(found[1]), **fields})


def plain(page: TestResponse) -> str:
    """What a reader sees, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\N{NO-BREAK SPACE}", " ").split())


def test_an_institution_in_no_consortium_is_told_so(opened: Callable[..., TestResponse]) -> None:
    page = opened()

    assert page.status_code == 200
    assert builders.heading(page) == "This institution trains with nobody"
    assert "entrepot federation join" in page.text


def test_an_instructor_sees_what_left_and_what_it_cost(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models)

    text = plain(opened())

    assert "61 kB of numbers left this institution, and no record" in text
    assert "Commerce · 2 institutions · in 2 jurisdictions" in text
    assert "26 November 2026, 10:02 UTC Round 2, run 17 counts by item 20 kB" in text
    assert "ε 1.30 of 2.00" in text
    assert "at δ = 1e-5." in text
    assert "leeds this institution Example University GB" in text
    assert "Round 0, run 18 sums of a training step the privacy budget is spent" in text


def test_the_account_is_drawn_as_a_share_of_the_limit(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models)

    assert '<rect class="fill" width="50.0%"' in opened().text


def test_without_noise_the_page_names_no_epsilon(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models, accounts={}, limit=None)

    text = plain(opened())

    assert "This policy adds no noise" in text
    assert "ε" not in text


def test_a_policy_of_a_later_version_is_named_without_words(opened: Callable[..., TestResponse], models: Path) -> None:
    terms = Terms("leeds", "", "", "Commerce", "", "", "later", "c0" * 32)
    consorted.publish(models, terms=terms, fellows=(Fellow("leeds", "", ""),))

    text = plain(opened())

    assert "later This version of the tool has no words for this policy" in text
    assert "leeds this institution – –" in text


def test_before_the_first_round_nothing_has_left(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models, transfers=0, refused=0)

    text = plain(opened())

    assert "Nothing has left this institution yet" in text
    assert "No shared model has arrived yet." in text
    assert "Refused questions" not in text


def test_a_long_history_is_cut(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models, transfers=25)

    assert "5 earlier rounds stand in the register." in plain(opened())


@pytest.mark.parametrize(("taken", "word"), [(True, "was taken up"), (False, "was not taken up")])
def test_what_was_measured_here_and_what_came_of_it_stand_beside_the_models(
    opened: Callable[..., TestResponse], models: Path, *, taken: bool, word: str
) -> None:
    consorted.publish(models)
    consorted.measure(models, gate={"taken": taken})
    start = training.start(Space(catalogs.load("cbec")))
    artifact.save(models / "cbec", start, {"round": 4, "created": "2026-11-26T12:00:00+00:00"})

    text = plain(opened())

    assert f"The last shared model {word}" in text
    assert "Shared, fitted to this institution 0.744" in text
    assert f"Model of round 4 in use 26 November 2026, 12:00 UTC {artifact.identity(start)}" in text


@pytest.mark.parametrize("created", ["", "yesterday", "2026-11-26T12:00:00"])
def test_a_model_that_does_not_say_when_is_listed_all_the_same(
    opened: Callable[..., TestResponse], models: Path, created: str
) -> None:
    consorted.publish(models)
    artifact.save(models / "cbec", training.start(Space(catalogs.load("cbec"))), {"created": created})

    assert "Model of this institution in use" in plain(opened())


@pytest.mark.parametrize("content", ["{", '{"format": 9}'])
def test_a_summary_that_cannot_be_read_is_named_with_what_to_do(
    opened: Callable[..., TestResponse], models: Path, content: str
) -> None:
    (models / "consortium").mkdir(parents=True)
    (models / "consortium" / "cbec.json").write_text(content)

    page = opened()

    assert page.status_code == 200
    assert builders.heading(page).startswith("The summary")
    assert 'name="file"' not in page.text


def test_a_declared_name_is_text_and_no_markup(opened: Callable[..., TestResponse], models: Path) -> None:
    evil = '<img src=x onerror="alert(1)">'
    consorted.publish(models, fellows=(Fellow(evil, evil, evil),))

    page = opened()

    assert "<img" not in page.text
    assert evil in unescape(page.text)


@pytest.mark.parametrize("role", [builders.INSTRUCTOR, ADMINISTRATOR])
def test_who_may_see_it_takes_the_register_and_the_ledger_along(
    bench: Bench, opened: Callable[..., TestResponse], models: Path, role: str
) -> None:
    consorted.publish(models)
    page = opened(role)

    names = re.findall(r'name="file" value="([^"]+)"', page.text)
    taken = {name: post(bench, page, "/lti/consortium/file", file=name) for name in names}

    assert names == ["register-en", "register-zh", "register", "ledger"]
    assert {answer.status_code for answer in taken.values()} == {200}
    assert taken["register-en"].headers["Content-Disposition"] == 'attachment; filename="cbec-register.en.md"'
    assert taken["register-en"].headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in taken["ledger"].headers["Content-Security-Policy"]
    assert taken["ledger"].data == (models.parent / "ledger.jsonl").read_bytes()


def test_a_size_takes_the_unit_that_it_is_rounded_to() -> None:
    sizes = [consortium.size(count).replace("\N{NO-BREAK SPACE}", " ") for count in (0, 999, 1000, 999_499, 999_500)]

    assert sizes == ["0 B", "999 B", "1 kB", "999 kB", "1.0 MB"]


@pytest.mark.parametrize("name", ["", "other", "../ledger", "register.jsonl"])
def test_no_other_file_is_given(bench: Bench, opened: Callable[..., TestResponse], models: Path, name: str) -> None:
    consorted.publish(models)

    assert post(bench, opened(), "/lti/consortium/file", file=name).status_code == 404


def test_a_file_that_is_not_there_is_not_given(bench: Bench, opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models)
    page = opened()
    (models / "consortium" / "cbec" / "ledger.jsonl").unlink()

    assert post(bench, page, "/lti/consortium/file", file="ledger").status_code == 404
    assert 'value="ledger"' not in post(bench, page).text


def test_a_learner_gets_no_page_of_the_consortium(opened: Callable[..., TestResponse], models: Path) -> None:
    consorted.publish(models)

    page = opened(builders.LEARNER)

    assert page.status_code == 403
    assert "Commerce" not in page.text


def test_a_link_to_a_catalog_that_does_not_exist_is_refused(bench: Bench) -> None:
    page = builders.launched(
        bench, roles=[builders.INSTRUCTOR], custom={"catalog": "nothing", "activity": "consortium"}
    )

    assert "catalog_unknown" in page.text


def test_the_page_speaks_chinese_and_changes_its_language(
    bench: Bench, opened: Callable[..., TestResponse], models: Path
) -> None:
    consorted.publish(models)
    consorted.measure(models)

    chinese = post(bench, opened(), language="zh")

    assert "本机构共发出 61 kB 的数值" in plain(chinese)
    assert "2026-11-26 10:02 UTC" in plain(chinese)
    assert "by item" not in chinese.text


def test_every_kind_and_reason_that_the_member_may_write_has_a_word() -> None:
    known = texts.catalogue("en")
    told = set(errors.REASONS.values()) - {"unavailable", "timeout", "refused"}  # said by the coordinator alone

    assert {one for one in (*messages.KINDS, *private.KINDS) if f"consortium.kind.{one}" not in known} == set()
    assert {one for one in told if f"consortium.reason.{one}" not in known} == set()


# What of a learner takes part ------------------------------------------------------------------------------------


def told(bench: Bench, language: str = "en") -> str:
    tool: Tool = bench.app.extensions["lti_tool"]
    return " ".join(consortium.taking_part(tool, "somebody", "cbec", language)).replace("\N{NO-BREAK SPACE}", " ")


def clock() -> int:
    return 1_790_000_000_000_000


def test_where_nobody_said_anything_no_statement_takes_part(bench: Bench) -> None:
    assert told(bench) == (
        "Your statements take part in training: no. Neither you nor your institution said that they may. "
        "Your institution trains with nobody else, so nothing leaves it."
    )


@pytest.mark.parametrize(("choice", "word"), [(consent.ALLOW, "yes"), (consent.DENY, "no")])
def test_a_learner_reads_what_their_institution_declared(bench: Bench, choice: str, word: str) -> None:
    consent.declare(bench.storage, consent.TRAINING, choice, "a study", clock)

    text = told(bench)

    assert f"take part in training: {word}" in text
    assert "a study" in text
    assert "21 September 2026" in text


@pytest.mark.parametrize(("choice", "word"), [(consent.ALLOW, "yes"), (consent.DENY, "no")])
def test_a_learners_own_word_goes_before(bench: Bench, models: Path, choice: str, word: str) -> None:
    consorted.publish(models)
    consent.declare(bench.storage, consent.TRAINING, consent.ALLOW, "a study", clock)
    consent.say(bench.storage, {"somebody": "sealed"}, consent.TRAINING, choice, clock)

    text = told(bench)

    assert f"take part in training: {word}, by your own choice of 21 September 2026" in text
    assert "a study" not in text
    assert "in Commerce: 2 institutions in all." in text
    assert "A change counts from the next round on." in text


def test_what_leaves_is_said_by_policy_and_a_later_one_by_the_charter(bench: Bench, models: Path) -> None:
    consorted.publish(models, terms=Terms("leeds", "", "", "Commerce", "", "", "later", "c0" * 32))

    assert "set down in the charter" in told(bench)


def test_the_profile_tells_the_learner(bench: Bench, models: Path) -> None:
    consorted.publish(models)
    page = builders.launched(bench, custom={"catalog": "cbec", "role": "operations"})

    profile = post(bench, page, "/lti/profile")

    assert "Training with other institutions" in profile.text
    assert "Your statements take part in training: no." in profile.text
