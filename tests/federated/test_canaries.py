"""Learners' names, mails, ids and pseudonyms are in nothing that leaves an institution, nor in what a run writes."""

import logging

import numpy as np
import pytest

from bench import canaries
from bench.canaries import Heard
from federated import answers, ledger, localgrid, server_app
from tests.federated import builders


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return canaries.plant(tmp_path_factory.mktemp("planted"), 200)


def test_they_are_in_the_stores_and_of_each_kind(planted):
    assert len(planted.needles) == len(set(planted.needles)) == 5 * 200
    content = b"".join(path.read_bytes() for path in planted.members["east"].parent.rglob("*") if path.is_file())

    # The search finds what is there: pseudonyms, in the clear beside what is sealed.
    assert canaries.found(planted.needles, Heard([("store", content)]))


@pytest.mark.parametrize("policy", canaries.POLICIES)
def test_not_one_is_in_what_a_run_leaves(planted, tmp_path, policy):
    heard = canaries.run(planted, tmp_path, policy)

    where = {one for one, _ in heard.parts}
    assert canaries.found(planted.needles, heard) == []
    assert {
        "checkpoint.npz",
        "consortium/ledger.jsonl",
        "east/supernode/register.jsonl",
        "question query.publish",
    } <= where
    assert ("east/supernode/budget.jsonl" in where) == (policy != "exact")
    lines = ledger.read(tmp_path / "consortium" / "ledger.jsonl")
    assert lines[-1].body["kind"] == "publish"
    assert lines[-1].body["members"] == list(canaries.NAMES)


def test_not_one_is_in_what_is_said_of_an_error(planted, tmp_path, monkeypatch):
    """An answer that fails in the middle, with all canaries in the error's text: a code leaves, a place is logged."""

    def explode(*_arguments):
        raise ValueError(" ".join(planted.needles))

    monkeypatch.setattr(answers.private, "contributions", explode)
    members = builders.apart(tmp_path, planted.members)
    builders.consortium(tmp_path / "consortium", members, **canaries.POLICIES["source-noise"])
    heard, directory = Heard(), tmp_path / "consortium"
    grid = canaries.Recorder(members, heard)
    with canaries._logged(heard), localgrid.identity(2), pytest.raises(server_app.errors.RoundError) as raised:
        server_app.lead(grid, directory, directory / "runs" / "7", canaries.NUMBERS)
    heard.add("error", repr(raised.getrepr(style="short")))

    assert canaries.found(planted.needles, heard) == []
    assert any("ValueError at test_canaries.py" in content.decode() for where, content in heard.parts if "log" in where)


@pytest.mark.parametrize("place", range(9))
@pytest.mark.parametrize(
    "write",
    [
        str.encode,
        lambda text: text.encode()[::-1],
        lambda text: text.encode().hex().encode(),
        lambda text: text.encode("utf-16"),
        lambda text: np.frombuffer(text.encode(), np.uint8).tobytes(),
        lambda text: canaries.base64.b64encode(b"x" + text.encode() + b"y"),
        lambda text: canaries.base64.b64encode(b"xx" + text.encode() + b"yy"),
        lambda text: canaries.base64.b64encode(text.encode()),
    ],
)
def test_the_search_finds_one_at_every_place_and_in_every_spelling(write, place, monkeypatch):
    monkeypatch.setattr(canaries, "_BLOCK", 64)
    needle = "mail.0123456789abcdef@uni.example"
    content = bytes(range(50, 50 + 57 + place)) + write(needle) + b"after"

    assert canaries.found([needle, "Name nobody Canary"], Heard([("here", content)])) == [("here", needle)]
    assert canaries.found(["another.one@uni.example"], Heard([("here", content)])) == []


def test_a_pseudonym_is_found_as_bytes():
    needle = "00112233445566778899aabbccddeeff"

    assert canaries.found([needle], Heard([("here", b"x" + bytes.fromhex(needle))])) == [("here", needle)]


def test_what_is_logged_is_kept_with_its_traceback():
    heard = Heard()
    with canaries._logged(heard):
        try:
            raise KeyError("mail.of@somebody")
        except KeyError:
            logging.getLogger("somewhere").debug("failed", exc_info=True)

    assert canaries.found(["mail.of@somebody"], heard) == [("log somewhere", "mail.of@somebody")]
