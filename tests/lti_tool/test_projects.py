"""Works as they are kept: versions, two at once, and what erasure, export and a new pseudonym key make of them."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lti_tool import app as tool_app
from lti_tool import cli, outside, projects, reviews
from lti_tool.enclosures import Enclosure
from lti_tool.learner import Learner
from lti_tool.projects import Handin, Version
from lti_tool.reviews import Allotment, Opinion, Round
from lti_tool.vault import Vault
from lti_tool.works import ALLOTMENTS, COLLECTIONS, ENCLOSURES, HANDINS, OUTSIDE, VERDICTS
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from xapi_collector import agents, envelope, errors
from xapi_collector.collector import Collector
from xapi_collector.upkeep import dossier, erasure, rotation

SHELF = "operations.shelf"
SAID = Opinion((3, 3, 3, 3), ("It says so here.",) * 4, "A whole word.")


def person(sub: str) -> Learner:
    return Learner(
        "https://lms.example", "c", "1", sub, ("learner",), "", "course", "link", "cbec", "", "project", SHELF, ""
    )


def names(bench: Bench, sub: str) -> tuple[str, ...]:
    account = {"account": {"homePage": "https://lms.example", "name": sub}}
    return agents.pseudonyms(account, bench.keyring.pseudonym_keys)


def vault(bench: Bench) -> Vault:
    return Vault(bench.storage, bench.keyring, os.urandom)


def hand_in(
    bench: Bench, sub: str, text: str = "text", content: bytes = b"", *, due: float = 0.0, now: float = 1.0
) -> Handin:
    enclosure = Enclosure(text, kind="csv" if content else "", content=content)
    return projects.hand_in(
        vault(bench),
        person(sub),
        names(bench, sub),
        SHELF,
        enclosure,
        outside=True,
        due=due,
        now=now,
        id_=uuid.uuid4().hex,
    )


def collector(bench: Bench) -> Collector:
    keys = envelope.DataKeys(bench.storage, bench.keyring.sealing_key, os.urandom)
    clock = lambda: int(1e6 * bench.clock())  # noqa: E731 - a clock
    return Collector(bench.storage, bench.keyring, keys, clock, os.urandom, lambda: str(uuid.uuid4()))


def erase(bench: Bench, sub: str) -> None:
    request = erasure.Request(collector(bench), tool_app.COLLECTIONS, "https://lrs.example", lambda _: None)
    erasure.erase(request, names(bench, sub))


def reviewed(bench: Bench) -> tuple[Handin, Handin]:
    """Ada and Bo handed in and reviewed each other."""
    works = hand_in(bench, "ada", "adas text", b"adas,table\r\n"), hand_in(bench, "bo", "bos text")
    setting = projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, reviews=1))
    reviews.give_out(vault(bench), Round(setting, works), np.random.default_rng(1), 2.0)
    for sub, work in (("ada", works[1]), ("bo", works[0])):
        (one,) = reviews.mine(bench.storage, names(bench, sub), "course", SHELF)
        assert one.work == work.key
        assert reviews.review(vault(bench), one, work, replace(SAID, comment=f"said by {sub}"), 3.0)
    return works


def test_a_version_is_read_as_it_was_handed_in(bench: Bench) -> None:
    work = hand_in(bench, "ada", "Größe", b"a,b\r\n")
    (version,) = work.versions

    assert projects.read(vault(bench), work, version) == Enclosure("Größe", kind="csv")
    assert projects.file(vault(bench), work, version) == b"a,b\r\n"
    assert projects.person(vault(bench), work) == person("ada")
    assert projects.file(vault(bench), work, replace(version, kind="")) is None
    assert projects.read(vault(bench), work, replace(version, id="none")) is None


def test_of_many_versions_the_newest_are_kept_and_the_one_that_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "VERSIONS", 3)
    for now in range(1, 8):
        work = hand_in(bench, "ada", str(now), due=2.5, now=float(now))

    assert [one.at for one in work.versions] == [2.0, 6.0, 7.0]
    counted = projects.counted(work, 2.5)
    assert counted is not None
    assert counted.at == 2.0
    assert len(bench.storage.find(ENCLOSURES, {"work": work.key})) == 3


def test_two_versions_at_once_are_both_kept(bench: Bench) -> None:
    threads = [threading.Thread(target=hand_in, args=(bench, "ada", str(one))) for one in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    (work,) = projects.of_project(bench.storage, "course", SHELF)

    texts = {projects.read(vault(bench), work, one).text for one in work.versions}  # type: ignore[union-attr]  # all are there
    assert texts == {"0", "1", "2", "3"}


def test_one_learner_has_one_work_in_a_project_and_its_name_says_nothing(bench: Bench) -> None:
    first, second = hand_in(bench, "ada"), hand_in(bench, "ada")

    assert first.key == second.key != hand_in(bench, "bo").key
    assert names(bench, "ada")[0][:8] not in first.key
    assert projects.counts(bench.storage, "course") == {SHELF: 2}


def test_erasing_the_author_leaves_nothing_of_the_work_nor_of_what_was_said_of_it(bench: Bench) -> None:
    ada, bo = reviewed(bench)
    erase(bench, "ada")

    assert projects.get(bench.storage, ada.key) is None
    assert bench.storage.find(ENCLOSURES, {"work": ada.key}) == []
    assert bench.storage.find(VERDICTS, {"work": ada.key}) == []
    assert [one.opinion.comment for one in reviews.of_work(vault(bench), bo)] == ["said by ada"]
    assert {
        kept["learner"] for one in (HANDINS, ENCLOSURES, ALLOTMENTS, VERDICTS) for kept in bench.storage.find(one, {})
    } == set(names(bench, "bo"))


def test_what_an_erased_learner_sealed_opens_for_nobody(bench: Bench) -> None:
    work = hand_in(bench, "ada")
    kept = bench.storage.find(ENCLOSURES, {"work": work.key})[0]
    erase(bench, "ada")

    assert vault(bench).open(kept["learner"], kept["key"], kept["blob"]) is None
    assert projects.person(vault(bench), work) is None
    hand_in(bench, "ada", "back again")
    with pytest.raises(errors.EnvelopeError, match="does not open"):
        vault(bench).open(kept["learner"], kept["key"], kept["blob"])


def test_an_open_review_of_an_erased_author_is_asked_of_nobody(bench: Bench) -> None:
    works = [hand_in(bench, sub) for sub in ("ada", "bo", "cy")]
    setting = projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, reviews=2))
    reviews.give_out(vault(bench), Round(setting, works), np.random.default_rng(1), 2.0)
    erase(bench, "ada")

    assert len(reviews.mine(bench.storage, names(bench, "bo"), "course", SHELF)) == 1


def test_a_learner_gets_a_copy_of_all_of_theirs_opened_and_of_nobody_else(bench: Bench, tmp_path: Path) -> None:
    reviewed(bench)
    request = dossier.Request(
        collector(bench), tool_app.COLLECTIONS, names(bench, "ada"), "https://lrs.example/", lambda _: None
    )
    dossier.write(request, tmp_path / "copy")
    found = "\n".join(one.read_text() for one in sorted((tmp_path / "copy" / "documents").iterdir()))

    assert "adas text" in found
    assert "YWRhcyx0YWJsZQ0K" in found, "the bytes of the table, as base64"
    assert "said by ada" in found
    assert "said by bo" in found
    assert names(bench, "bo")[0] not in found
    assert "bos text" not in found
    for line in (tmp_path / "copy" / "documents" / "lti_handins.jsonl").read_text().splitlines():
        assert json.loads(line)["content"]["sub"] == "ada"


def test_a_new_pseudonym_key_loses_no_work_and_no_review(bench: Bench) -> None:
    builders.stored(bench, [_statement(sub) for sub in ("ada", "bo")])
    ada, _ = reviewed(bench)
    before = names(bench, "ada")[0]
    rotation.run(
        rotation.Rotation(collector(bench), tool_app.COLLECTIONS, lambda _: bench.keyring.look(), lambda _: None)
    )
    work = projects.find(bench.storage, names(bench, "ada"), "course", SHELF)

    assert names(bench, "ada")[0] != before
    assert work is not None
    assert (work.key, work.learner) == (ada.key, names(bench, "ada")[0])
    assert projects.file(vault(bench), work, work.versions[0]) == b"adas,table\r\n"
    assert projects.person(vault(bench), work) == person("ada")
    assert [one.opinion.comment for one in reviews.of_work(vault(bench), work)] == ["said by bo"]
    (mine,) = reviews.mine(bench.storage, names(bench, "ada"), "course", SHELF)
    own = reviews.written(vault(bench), mine)
    assert own is not None
    assert own.comment == "said by ada"
    assert hand_in(bench, "ada", "anew").key == ada.key


def _statement(sub: str) -> dict[str, object]:
    return {
        "actor": {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": sub}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/launched"},
        "object": {"objectType": "Activity", "id": "https://lms.example/1"},
    }


def test_a_review_that_was_taken_back_meanwhile_is_not_kept(bench: Bench) -> None:
    works = hand_in(bench, "ada"), hand_in(bench, "bo")
    setting = projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, reviews=1))
    reviews.give_out(vault(bench), Round(setting, works), np.random.default_rng(1), 2.0)
    (one,) = reviews.mine(bench.storage, names(bench, "ada"), "course", SHELF)
    reviews.withdraw(bench.storage, works[1])

    assert not reviews.review(vault(bench), one, works[1], SAID, 3.0)
    assert bench.storage.find(VERDICTS, {}) == []


def test_a_review_from_two_windows_is_kept_once(bench: Bench) -> None:
    works = reviewed(bench)
    (one,) = reviews.mine(bench.storage, names(bench, "ada"), "course", SHELF)
    stale: Allotment = replace(one, state=reviews.OPEN, done=0.0, sealed="")

    assert reviews.review(vault(bench), stale, works[1], replace(SAID, comment="later"), 4.0)
    assert [one.opinion.comment for one in reviews.of_work(vault(bench), works[1])] == ["later"]


def test_a_review_of_a_work_that_came_anew_is_given_to_others(bench: Bench) -> None:
    """What was said of a withdrawn work is gone: its reviewer has done their part, and does not get it again."""
    works = [hand_in(bench, sub) for sub in ("ada", "bo", "cy")]
    setting = projects.change(bench.storage, "course", SHELF, lambda kept: replace(kept, reviews=1))
    reviews.give_out(vault(bench), Round(setting, works), np.random.default_rng(1), 2.0)
    (first,) = [one for one in reviews.of_project(bench.storage, "course", SHELF) if one.work == works[0].key]
    reviews.review(vault(bench), first, works[0], SAID, 3.0)
    reviews.withdraw(bench.storage, projects.withdraw(bench.storage, works[0], 4.0))
    hand_in(bench, "ada", "anew", now=5.0)
    found = reviews.give_out(
        vault(bench), Round(setting, projects.of_project(bench.storage, "course", SHELF)), np.random.default_rng(1), 6.0
    )

    assert found is not None
    assert [work for _, work in found.pairs] == [works[0].key]
    assert found.pairs[0][0] not in {first.learner, works[0].learner}


def test_a_removed_platform_leaves_nothing(bench: Bench) -> None:
    reviewed(bench)
    projects.log(bench.storage, "course", SHELF, projects.GIVEN, by="i", now=1.0, id_="x")
    outside.make(
        bench.storage, bench.keyring, "course", SHELF, "Lamp Ltd", days=7, now=1.0, new_token=lambda: uuid.uuid4().hex
    )
    for module in (projects, reviews, outside):
        module.remove(bench.storage, "course")  # type: ignore[attr-defined]  # each has it

    assert [bench.storage.find(one, {}) for one in COLLECTIONS] == [[]] * len(COLLECTIONS)
    assert {projects.__name__, reviews.__name__, outside.__name__} <= {
        module.__name__ for module in vars(cli).values() if hasattr(module, "__name__")
    }
    assert OUTSIDE in COLLECTIONS


def test_the_version_that_counts_of_nothing_is_none() -> None:
    assert projects.counted(Handin("w", "l", "c", "p"), 1.0) is None
    assert not projects.late(Version("v", 5.0), 0.0)


def test_lines_of_the_log_come_newest_first(bench: Bench) -> None:
    acts: Sequence[str] = (projects.SETTINGS, projects.GIVEN, projects.SCORED)
    for now, act in enumerate(acts):
        projects.log(bench.storage, "course", SHELF, act, by="i", now=float(now), id_=f"{now}")

    assert [one.act for one in projects.lines(bench.storage, "course", SHELF)] == list(reversed(acts))
