"""What a person is given is all that is held of them, and nothing of anybody else."""

import base64
import hashlib
import json
import zipfile

import pytest

from tests.storage import stores
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, errors
from xapi_collector.upkeep import dossier

URL = "https://lrs.example/xapi"
CONTENT = b"\x00certificate\xff"


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


def _write(lrs, path, name="Ada"):
    pseudonyms = agents.pseudonyms(agent(name), lrs.keys.pseudonym_keys)
    request = dossier.Request(persons.collector(lrs), persons.COLLECTIONS, pseudonyms, f"{URL}/", lambda _: None)
    return dossier.write(request, path)


def _attached(lrs):
    """A statement of Ada with data attached."""
    name = hashlib.sha256(CONTENT).hexdigest()
    attachment = {"usageType": "https://u.example", "display": {"en": "c"}, "contentType": "text/plain"}
    one = statement(actor=agent("Ada"), attachments=[attachment | {"length": len(CONTENT), "sha2": name}])
    parts = [
        b"Content-Type: application/json\r\n\r\n" + json.dumps(one).encode(),
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: "
        + name.encode() + b"\r\n\r\n" + CONTENT,
    ]  # fmt: skip
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
    assert lrs.post(body, **{"Content-Type": "multipart/mixed; boundary=b"}).status_code == 200
    return one


def _fill(lrs):
    hers = [statement(actor=agent("Ada"), timestamp=None if number else "2026-01-01T00:00:00Z") for number in range(5)]
    void = statement(
        actor=agent("Bob"),
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
        object={"objectType": "StatementRef", "id": hers[0]["id"]},
        context=None,
    )
    about = statement(actor=agent("Bob") | {"name": "Bob B."}, context={"instructor": agent("Ada"), "team": {
        "objectType": "Group", "member": [agent("Ada"), agent("Bob")]}})  # fmt: skip
    exact = lrs.post([*hers, about, statement(actor=agent("Bob"))])
    assert exact.status_code == 200
    texts = {one["id"]: lrs.get(statementId=one["id"]).json for one in hers}
    assert lrs.post(void).status_code == 200
    attached = _attached(lrs)
    texts[attached["id"]] = lrs.get(statementId=attached["id"]).json
    persons.keep_documents(lrs, "Ada")
    persons.keep_documents(lrs, "Bob")
    return texts, hers[0]["id"], about["id"]


def _lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_all_that_is_held_of_a_person_is_given_as_it_was_sent(lrs, tmp_path):
    texts, void, about = _fill(lrs)
    manifest = _write(lrs, tmp_path / "ada")
    read = {path.relative_to(tmp_path / "ada").as_posix(): path for path in (tmp_path / "ada").rglob("*.*")}

    assert {one["id"]: one for one in _lines(read["statements.jsonl"])} == texts
    assert manifest["void"] == [void]
    assert [one["id"] for one in _lines(read["mentioned.jsonl"])] == [about]
    assert (tmp_path / "ada" / "attachments" / hashlib.sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
    (state,) = _lines(read["documents/agent_documents.jsonl"])
    assert base64.b64decode(state["content_base64"]) == b'{"page":"Ada"}'
    assert (state["agent"], state["id"], state["activity"]) == (agent("Ada"), "page", "https://course.example/unit/1")
    (choice,) = _lines(read["documents/consents.jsonl"])
    assert (choice["choice"], choice["agent"], choice["notice"]) == ("allow", agent("Ada"), "1")
    (goal,) = _lines(read["documents/goals.jsonl"])
    assert goal["role"] == "broker"
    assert len(_lines(read["documents/filters.jsonl"])) == 1


def test_of_others_only_what_names_the_person_is_given_and_they_are_anonymous(lrs, tmp_path):
    _fill(lrs)
    _write(lrs, tmp_path / "ada")
    (about,) = _lines(tmp_path / "ada" / "mentioned.jsonl")

    assert about["context"]["instructor"] == about["context"]["team"]["member"][0] == agent("Ada")
    assert about["actor"] == about["context"]["team"]["member"][1]
    assert about["actor"]["account"]["name"] == "another person"
    assert b"Bob" not in b"".join(
        path.read_bytes() for path in (tmp_path / "ada").rglob("*") if path.is_file() and path.name != "filters.jsonl"
    )


def test_the_manifest_counts_and_digests_every_file(lrs, tmp_path):
    _fill(lrs)
    manifest = _write(lrs, tmp_path / "ada")
    files = {
        path.relative_to(tmp_path / "ada").as_posix(): path for path in (tmp_path / "ada").rglob("*") if path.is_file()
    }

    assert json.loads(files.pop("manifest.json").read_bytes()) == manifest
    assert set(files) == set(manifest["files"])
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest["files"][name]["sha256"]
        assert path.stat().st_size == manifest["files"][name]["bytes"]
    assert manifest["files"]["statements.jsonl"]["count"] == 6


def test_a_zip_holds_the_same_files(quick, tmp_path):
    lrs = persons.make(f"sqlite:///{tmp_path}/other", tmp_path)
    _fill(lrs)
    manifest = _write(lrs, tmp_path / "ada.zip")
    _write(lrs, tmp_path / "ada")
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}

    assert set(found) == {*manifest["files"], "manifest.json"}
    assert found["statements.jsonl"] == (tmp_path / "ada" / "statements.jsonl").read_bytes()
    lrs.storage.close()


@pytest.mark.parametrize("name", ["ada", "ada.zip"])
def test_only_its_owner_may_read_it_and_nothing_is_overwritten(lrs, tmp_path, name):
    _write(lrs, tmp_path / name)

    assert all(path.stat().st_mode & 0o077 == 0 for path in [tmp_path / name, *(tmp_path / name).rglob("*")])
    with pytest.raises(errors.JobError, match="exists already"):
        _write(lrs, tmp_path / name)


def test_of_a_person_that_nothing_is_known_of_the_manifest_says_so(lrs, tmp_path):
    manifest = _write(lrs, tmp_path / "nobody", "nobody")

    assert {name: each["count"] for name, each in manifest["files"].items()} == {
        "statements.jsonl": 0,
        "mentioned.jsonl": 0,
    }


def test_a_place_that_cannot_be_written_says_so(quick, tmp_path):
    request = dossier.Request(persons.collector(quick), (), ["p" * 32], URL, lambda _: None)

    with pytest.raises(errors.JobError, match="choose another place"):
        dossier.write(request, tmp_path / "no" / "where")


def test_what_they_said_of_activities_is_given_opened(lrs, tmp_path):
    lrs.post(statement(actor=agent("Ada"), object={"id": "https://a.example", "definition": {"name": {"en": "One"}}}))
    _write(lrs, tmp_path / "ada")
    found = [line["content"] for line in _lines(tmp_path / "ada" / "documents" / "definitions.jsonl")]

    assert {"id": "https://a.example", "given": {"name": {"en": "One"}}} in found
