"""Import and export: what goes in comes out, whatever the lines between are, and whenever it is killed."""

import gzip
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest

from tests.xapi_collector import offices
from tests.xapi_collector.lrs import agent, new_id, statement
from xapi_collector import errors
from xapi_collector.upkeep import importing

FIXTURE = Path(__file__).parents[1] / "data" / "fun-video-statements.jsonl.gz"
LINES = [json.loads(line) for line in gzip.decompress(FIXTURE.read_bytes()).splitlines()]
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def put(path, *values):
    """A file of JSON lines; bytes are a line as they are."""
    path.write_bytes(
        b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in values)
    )
    return path


def lines_of(path):
    content = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()]


def exported(lrs, path, *words):
    assert offices.run(lrs, "export", path, *words) == 0
    return lines_of(path)


def without(values, *names):
    return [{name: each for name, each in value.items() if name not in names} for value in values]


def test_real_statements_go_in_and_come_out_as_they_were(lrs, tmp_path):
    assert offices.run(lrs, "import", FIXTURE) == 0
    found = exported(lrs, tmp_path / "out.jsonl.gz")

    assert [{name: each[name] for name in line} for line, each in zip(LINES, found, strict=True)] == LINES
    assert {each["authority"]["account"]["name"] for each in found} == {"import"}


def test_what_was_exported_goes_in_again_as_it_is(lrs, tmp_path):
    sent = [statement(), statement(timestamp=None), statement(version="2.0.0", context={"contextAgents": [
        {"objectType": "contextAgent", "agent": {"objectType": "Agent", **agent()}}]})]  # fmt: skip
    put(tmp_path / "in.jsonl", *sent)
    offices.run(lrs, "import", tmp_path / "in.jsonl")
    first = exported(lrs, tmp_path / "first.jsonl")
    code = offices.run(lrs, "import", tmp_path / "first.jsonl")

    assert code == 0
    assert exported(lrs, tmp_path / "second.jsonl") == first
    assert len(first) == 3


def test_numbers_come_out_as_they_were_written(quick, tmp_path):
    text = json.dumps(statement(result={"score": {"raw": 1}})).replace('"raw": 1', '"raw":1.50')
    put(tmp_path / "in.jsonl", text.encode())
    offices.run(quick, "import", tmp_path / "in.jsonl")
    offices.run(quick, "export", tmp_path / "out.jsonl")

    assert b'"raw":1.50}' in (tmp_path / "out.jsonl").read_bytes()


def test_bad_lines_are_noted_and_the_others_go_in(lrs, tmp_path, capsys):
    taken = statement()
    good = [statement(), statement(), statement()]
    lrs.post(taken)
    path = put(
        tmp_path / "in.jsonl",
        good[0],
        b"{no json",
        statement(verb={"id": "no iri"}),
        b"",
        good[1],
        [statement()],
        b'{"id":"a","id":"b"}',
        taken | {"verb": {"id": "https://v.example/other"}},
        good[0],
        b"\xff\xfe",
        good[2],
    )
    code = offices.run(lrs, "import", path)
    notes = lines_of(tmp_path / "in.jsonl.rejected.jsonl")

    assert code == 1
    assert [(each["line"], each.get("path"), each.get("rule")) for each in notes] == [
        (2, "$", "XAPI-00014"),
        (3, "$.verb.id", "XAPI-00044"),
        (6, "$", None),
        (7, "$", "XAPI-00021"),
        (8, "$.id", "XAPI-00142"),
        (9, "$.id", "Communication 2.1.2"),
        (10, "$", "XAPI-00014"),
    ]
    assert set(lrs.ids()) == {each["id"] for each in (taken, *good)}
    assert "11 lines: 3 stored or there already, 7 not taken" in capsys.readouterr().out
    assert (tmp_path / "in.jsonl.rejected.jsonl").stat().st_mode & 0o077 == 0


def test_a_file_without_bad_lines_leaves_no_notes(quick, tmp_path):
    offices.run(quick, "import", put(tmp_path / "in.jsonl", statement()))

    assert [each.name for each in tmp_path.iterdir() if "rejected" in each.name] == []


class Killed(Exception):
    """The process is gone."""


def test_an_import_that_was_killed_goes_on_where_it_was(lrs, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    values = [statement(id=None) for _ in range(3)] + [{"bad": 1}] + [statement(id=None) for _ in range(3)]
    path = put(tmp_path / "in.jsonl", *values)
    take, taken = importing.take, []

    def take_twice(collector, batch, source):
        if len(taken) == 3:
            raise Killed
        taken.append([line.number for line in batch])
        return take(collector, batch, source)

    monkeypatch.setattr(importing, "take", take_twice)
    with pytest.raises(Killed):
        offices.run(lrs, "import", path)
    monkeypatch.setattr(
        importing, "take", lambda *words: (taken.append([line.number for line in words[1]]), take(*words))[1]
    )
    code = offices.run(lrs, "import", path)

    assert code == 1
    assert taken == [[1, 2], [3, 4], [5, 6], [7]]
    assert [each["line"] for each in lines_of(tmp_path / "in.jsonl.rejected.jsonl")] == [4]
    assert len(lrs.ids()) == 6


def test_a_batch_that_is_read_twice_is_stored_once(lrs, tmp_path):
    path = put(tmp_path / "in.jsonl", statement(id=None), statement())
    offices.run(lrs, "import", path)
    code = offices.run(lrs, "import", path, "--again")

    assert code == 0
    assert len(lrs.ids()) == 2


def test_a_file_that_was_read_whole_is_not_read_again(quick, tmp_path, capsys):
    path = put(tmp_path / "in.jsonl", statement())
    offices.run(quick, "import", path)
    offices.run(quick, "import", path)

    assert "goes on after line 1" in capsys.readouterr().err


def test_standard_input_is_read_and_standard_output_written(quick, tmp_path, monkeypatch, capfdbinary):
    sent = statement()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(json.dumps(sent).encode()))))
    )
    offices.run(quick, "import", "-", "--authority", json.dumps({"mbox": "mailto:old@lrs.example"}))
    capfdbinary.readouterr()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False))))
    offices.run(quick, "export", "-")
    (found,) = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    assert found["id"] == sent["id"]
    assert found["authority"] == {"mbox": "mailto:old@lrs.example"}


def test_a_line_that_is_too_long_is_passed_over(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST", 2000)
    last = statement()
    path = put(tmp_path / "in.jsonl", b"x" * 5000, b"y" * 2000, b"z" * 4001, last)
    offices.run(quick, "import", path)

    assert [each["line"] for each in lines_of(tmp_path / "in.jsonl.rejected.jsonl")] == [1, 2, 3]
    assert quick.ids() == [last["id"]]


def test_a_long_way_is_told(quick, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importing, "BATCH", 1)
    offices.run(quick, "import", put(tmp_path / "in.jsonl", *(statement() for _ in range(10))))

    assert "10 lines, 10 stored, 0 not taken" in capsys.readouterr().err


def test_a_file_that_ends_early_says_so_and_keeps_what_came_before(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    values = [json.dumps(statement(result={"response": new_id() * 2000})).encode() + b"\n" for _ in range(9)]
    (tmp_path / "in.jsonl.gz").write_bytes(b"".join(gzip.compress(value) for value in values)[:-20])

    with pytest.raises(errors.TransferError, match="ends early"):
        offices.run(quick, "import", tmp_path / "in.jsonl.gz")
    assert len(quick.ids()) == 8


def test_attachments_go_out_to_a_directory_and_come_in_from_it(lrs, tmp_path):
    content = b"a certificate"
    sha2 = hashlib.sha256(content).hexdigest()
    attached = {"usageType": "https://usage.example/certificate", "display": {"en": "it"}, "contentType": "text/plain",
                "length": len(content), "sha2": sha2}  # fmt: skip
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / sha2).write_bytes(content)
    sent = [
        statement(),
        statement(attachments=[attached]),
        statement(attachments=[attached | {"sha2": "ab" * 32}]),
        statement(attachments=[attached | {"sha2": "../x"}]),
        statement(attachments=[attached | {"contentType": 5}]),
        statement(attachments=5),
    ]
    code = offices.run(lrs, "import", put(tmp_path / "in.jsonl", *sent), "--attachments", tmp_path / "files")
    found = exported(lrs, tmp_path / "out.jsonl", "--attachments", tmp_path / "out")

    assert code == 1
    assert [each["line"] for each in lines_of(tmp_path / "in.jsonl.rejected.jsonl")] == [3, 4, 5, 6]
    assert [each["id"] for each in found] == [each["id"] for each in sent[:2]]
    assert {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()} == {sha2: content}


@pytest.fixture
def filled(lrs):
    """Four statements, stored one by one, the second void."""
    sent = [
        statement(actor=agent("a"), verb={"id": "https://v.example/1"}),
        statement(actor=agent("a"), verb={"id": "https://v.example/2"}),
        statement(actor=agent("b"), verb={"id": "https://v.example/1"}, object={"id": "https://course.example/unit/2"}),
    ]
    sent.append(statement(actor=agent("b"), verb={"id": VOIDED}, context=None,
                          object={"objectType": "StatementRef", "id": sent[1]["id"]}))  # fmt: skip
    for each in sent:
        assert lrs.post(each).status_code == 200
    return lrs, sent


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [0, 1, 2, 3]),
        (["--without-void"], [0, 2, 3]),
        (["--agent", json.dumps(agent("a"))], [0, 1]),
        (["--verb", "https://v.example/1"], [0, 2]),
        (["--agent", json.dumps(agent("b")), "--verb", "https://v.example/1"], [2]),
        (["--activity", "https://course.example/unit/2"], [2]),
        (["--activity", "https://course.example/none"], []),
    ],
)
def test_an_export_holds_what_was_asked_for(filled, tmp_path, words, expected):
    lrs, sent = filled
    found = exported(lrs, tmp_path / "out.jsonl", *words)

    assert [each["id"] for each in found] == [sent[index]["id"] for index in expected]


def test_an_export_holds_what_was_stored_between_two_times(filled, tmp_path):
    lrs, sent = filled
    times = [each["stored"] for each in exported(lrs, tmp_path / "all.jsonl")]
    found = exported(lrs, tmp_path / "some.jsonl", "--since", times[0], "--until", times[2])

    assert [each["id"] for each in found] == [sent[1]["id"], sent[2]["id"]]


def test_a_void_statement_of_the_last_moment_before_is_left_out(filled, tmp_path):
    lrs, sent = filled
    times = [each["stored"] for each in exported(lrs, tmp_path / "all.jsonl")]
    found = exported(lrs, tmp_path / "some.jsonl", "--since", times[1])

    assert [each["id"] for each in found] == [sent[2]["id"], sent[3]["id"]]
    assert len(exported(lrs, tmp_path / "whole.jsonl", "--since", "2000-01-01T00:00:00Z")) == 4


def test_an_export_may_hold_ids_alone(quick, tmp_path):
    sent = statement(verb={"id": "https://v.example/did", "display": {"en": "did"}})
    quick.post(sent)
    (found,) = exported(quick, tmp_path / "out.jsonl", "--format", "ids")

    assert found["verb"] == {"id": "https://v.example/did"}


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_export_that_was_killed_goes_on_where_it_was(lrs, tmp_path, monkeypatch, name):
    from xapi_collector.upkeep import exporting

    monkeypatch.setattr(exporting, "PAGE", 2)
    sent = [statement() for _ in range(7)]
    lrs.post(sent)
    pages = exporting.pages

    def some(*words, **more):
        for number, page in enumerate(pages(*words, **more)):
            if number == 2:
                raise Killed
            yield page

    monkeypatch.setattr(exporting, "pages", some)
    with pytest.raises(Killed):
        offices.run(lrs, "export", tmp_path / name)
    with (tmp_path / name).open("ab") as file:
        file.write(b"half a li" * 10_000)
    with pytest.raises(errors.TransferError, match="other words"):
        offices.run(lrs, "export", tmp_path / name, "--without-void")
    monkeypatch.setattr(exporting, "pages", pages)

    assert [each["id"] for each in exported(lrs, tmp_path / name)] == [each["id"] for each in sent]
    assert not (tmp_path / f"{name}.position").exists()


def test_a_long_export_is_told(quick, tmp_path, monkeypatch, capsys):
    from xapi_collector.upkeep import exporting

    monkeypatch.setattr(exporting, "PAGE", 1)
    quick.post([statement() for _ in range(10)])
    exported(quick, tmp_path / "out.jsonl")

    assert "10 statements\n" in capsys.readouterr().err


def test_a_file_is_not_written_over(quick, tmp_path):
    (tmp_path / "out.jsonl").write_text("mine")

    with pytest.raises(errors.TransferError, match="not written over"):
        offices.run(quick, "export", tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["import", "none.jsonl"], "There is no file"),
        (["import", "in.jsonl", "--authority", "{}"], "--authority is no Agent"),
        (["import", "in.jsonl", "--rejected", "none/notes"], "cannot be written"),
        (["export", "out.jsonl", "--agent", "x"], "--agent is no Agent"),
        (["export", "out.jsonl", "--since", "yesterday"], "--since is no time"),
        (["export", "none/out.jsonl"], "cannot be written"),
    ],
)
def test_words_that_do_not_do_are_refused(quick, tmp_path, monkeypatch, words, text):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "in.jsonl", statement())

    with pytest.raises(errors.TransferError, match=text):
        offices.run(quick, *words)


def test_a_file_that_may_not_be_read_is_refused(quick, monkeypatch):
    def refuse(*_words):
        raise PermissionError

    monkeypatch.setattr(io, "FileIO", refuse)

    with pytest.raises(errors.TransferError, match="may not be read"):
        offices.run(quick, "import", "in.jsonl")


def test_what_an_erased_actor_did_is_not_exported(quick, tmp_path):
    from xapi_collector import agents, settings

    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    quick.storage.delete(settings.DATA_KEYS, (agents.pseudonym(agent("a"), quick.keys.pseudonym_key),))

    assert [each["actor"] for each in exported(quick, tmp_path / "out.jsonl")] == [agent("b")]


def test_progress_names_nobody(quick, tmp_path, capsys):
    put(
        tmp_path / "in.jsonl",
        statement(actor={"name": "A Name", "mbox": "mailto:somebody@example.org"}),
        {"bad": "A Name"},
    )
    offices.run(quick, "import", tmp_path / "in.jsonl")
    notes = (tmp_path / "in.jsonl.rejected.jsonl").read_text()
    told = capsys.readouterr()

    assert "A Name" not in told.out + told.err + notes
