"""`entrepot taught`: versions at a terminal, and files brought in by a job, once."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from curriculum import editing
from curriculum.editing import Edit
from entrepot import cli, premises
from lti_tool import editions, proposals
from storage import connect
from storage.port import Storage
from tests.entrepot import terminal


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    return terminal.set_variables(monkeypatch, tmp_path)


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    found = connect.connect(url, *premises.COLLECTIONS)
    yield found
    found.close()


def test_versions_are_listed(
    storage: Storage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = Edit("e", "skill.retire", "log.reverse", {})
    editions.enter(storage, "cbec", [edit], kind=editions.GRAPH, why="", by="x", id_="c", now=1_790_000_000.0)

    assert cli.main(["taught", "show"]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert first.split()[0] == "1"
    assert first.endswith("1 changes")
    assert last.split()[:3] == ["0", "as", "shipped"]

    plain = editing.apply(catalogs.plain("cbec"), [edit])
    monkeypatch.setattr(catalogs, "plain", lambda name: plain)
    assert cli.main(["taught", "show"]) == 0
    assert "left out: skill.retire log.reverse: There is no skill" in capsys.readouterr().out


def test_news_come_in_once(tmp_path: Path, storage: Storage, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "news.json"
    file.write_text(json.dumps([{"text": "EU: EUR 5 from 1 May 2027"}]), encoding="utf-8")

    for _ in range(2):
        assert cli.main(["taught", "news", str(file)]) == 0

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1", "0"]
    assert len(proposals.waiting(storage, "cbec")) == 1


def test_postings_come_in_from_the_standard_input(
    storage: Storage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = catalogs.load("cbec").skills["cus.duty"].name["zh"]
    data = json.dumps([{"text": name, "role": "marketing"}] * 40).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    assert cli.main(["taught", "postings", "-"]) == 0

    assert "1 roles would move, 1 of these are new" in capsys.readouterr().out
    assert proposals.waiting(storage, "cbec")[0].why == "40 job postings: marketing"


@pytest.mark.parametrize(("step", "text"), [("news", "a,b\n1,2\n"), ("postings", "a,b\n1,2\n"), ("news", None)])
def test_a_file_that_cannot_be_taken_in_says_why(
    tmp_path: Path, url: str, step: str, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.csv"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    assert cli.main(["taught", step, str(file)]) != 0

    assert "FILE:" in capsys.readouterr().err
