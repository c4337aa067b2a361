"""The pseudonym key replaced: everything is found under the new name, nothing bears the old one."""

import base64
import hashlib
import json

import pytest

from storage.port import Query
from tests.storage import stores
from tests.xapi_collector import offices, persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, consent, documents, errors, extract, keyring, place, progress, settings, statements
from xapi_collector.forwarding import forward
from xapi_collector.grammar import jsontext
from xapi_collector.upkeep import rotation

PEOPLE = ("Ada", "Bob", "Eve")
TEAM = {"objectType": "Group", "member": [agent("Ada"), agent("Eve")]}


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


def _rotation(lrs, told=None):
    collector = persons.collector(lrs)
    return rotation.Rotation(
        collector, persons.COLLECTIONS, lambda _: lrs.keys.look(), ([] if told is None else told).append
    )


def _fill(lrs):
    """Statements of several forms and documents of three persons; answer the statements."""
    batch = [statement(actor=agent(name)) for name in PEOPLE for _ in range(3)]
    batch += [
        statement(actor=agent("other")),
        statement(actor=TEAM),
        statement(actor=agent("Bob"), context={"instructor": agent("Eve"), "team": TEAM}),
        statement(actor=agent("Bob"), object={"objectType": "Agent"} | agent("Ada"), context=None),
    ]
    assert lrs.post(batch).status_code == 200
    for name in PEOPLE:
        persons.keep_documents(lrs, name)
    return batch


def test_every_statement_is_found_and_read_under_its_new_name(lrs):
    batch = _fill(lrs)
    found = {who: sorted(lrs.ids(agent=agent(who), related_agents="true")) for who in PEOPLE}
    exact = {one["id"]: lrs.get(statementId=one["id"]).json for one in batch}
    old = lrs.keys.pseudonym_key
    rotation.run(_rotation(lrs))

    assert lrs.keys.pseudonym_keys == (lrs.keys.pseudonym_key,) != (old,)
    assert {who: sorted(lrs.ids(agent=agent(who), related_agents="true")) for who in PEOPLE} == found
    assert {one["id"]: lrs.get(statementId=one["id"]).json for one in batch} == exact
    assert {each.actor for each in statements.labels(lrs.storage, purpose="service")} == {
        *(persons.person(lrs, who) for who in (*PEOPLE, "other")),
        agents.pseudonym(TEAM, lrs.keys.pseudonym_key),
    }


def test_documents_of_every_room_come_along(lrs):
    _fill(lrs)
    rotation.run(_rotation(lrs))
    collector = persons.collector(lrs)
    where = place.Place(place.STATE, "https://course.example/unit/1", agent("Ada"))
    ada = persons.person(lrs, "Ada")

    assert documents.get(collector, where, "page").content == b'{"page":"Ada"}'
    assert [found[1].id for found in documents.held(collector, ada)] == ["page"]
    assert lrs.storage.get(persons.GOALS, (ada, "c"))["role"] == "broker"
    assert ada in lrs.storage.get(persons.FILTERS, ("of Ada",))["persons"]
    assert ada in consent.allowed(lrs.storage, "training")
    assert consent.said(lrs.storage, ada)["training"]["notice"] == "1"
    assert len(lrs.storage.find(settings.CONSENTS)) == len(PEOPLE)


def test_nothing_bears_an_old_name_and_the_rotation_leaves_nothing_behind(tmp_path):
    lrs = persons.make(f"sqlite:///{tmp_path}/store", tmp_path)
    _fill(lrs)
    old = [persons.person(lrs, who) for who in PEOPLE] + [agents.pseudonym(TEAM, lrs.keys.pseudonym_key)]
    key = base64.b64encode(lrs.keys.pseudonym_key)
    assert rotation.run(_rotation(lrs)) == 0
    lrs.storage.close()
    everything = persons.raw_bytes(tmp_path)

    assert [name for name in old if name.encode() in everything] == []
    assert [name for name in old if base64.urlsafe_b64decode(name) in everything] == []
    assert key not in everything
    assert rotation.status(persons.collector(persons.make(f"sqlite:///{tmp_path}/store", tmp_path))) is None


def test_an_attachment_is_still_read(lrs):
    content = b"certificate"
    part = {"usageType": "https://u.example", "display": {"en": "c"}, "contentType": "text/plain", "length": 11}
    name = hashlib.sha256(content).hexdigest()
    one = statement(actor=agent("Ada"), attachments=[part | {"sha2": name}])
    head = b"--b\r\nContent-Type: application/json\r\n\r\n" + json.dumps(one).encode() + b"\r\n--b\r\n"
    head += b"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: "
    body = head + name.encode() + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
    assert lrs.post(body, **{"Content-Type": "multipart/mixed; boundary=b"}).status_code == 200
    rotation.run(_rotation(lrs))

    assert content in lrs.get(statementId=one["id"], attachments="true").data


def test_a_statement_made_under_the_old_key_is_made_again_once_the_new_one_is_active(lrs):
    lrs.post(statement(actor=agent("Ada")))
    late = persons.collector(lrs)
    late.keys.of([persons.person(lrs, "Ada")])
    its = _rotation(lrs)
    found = rotation._announce(its)
    rotation._activate(its)
    one = statement(actor=agent("Ada"))
    statements.ingest(late, jsontext.parse(json.dumps(one).encode(), 1), '{"mbox":"mailto:a@b.example"}')
    new = agents.pseudonym(agent("Ada"), lrs.keys.pseudonym_key)

    assert found["phase"] == rotation.ANNOUNCED
    assert [row.id.hex() for row in lrs.storage.statements.rows(term=(new, extract.AGENT))] == [
        one["id"].replace("-", "")
    ]


def test_while_it_runs_a_person_is_found_under_both_names(lrs):
    first, second = statement(actor=agent("Ada")), statement(actor=agent("Ada"))
    lrs.post(first)
    its = _rotation(lrs)
    rotation._announce(its)
    rotation._activate(its)
    lrs.keys.look()
    lrs.post(second)

    assert len(lrs.storage.statements.query(Query(limit=9)).rows) == 2
    assert lrs.ids(agent=agent("Ada")) == [second["id"], first["id"]]


@pytest.mark.parametrize("place_", ["_announce", "_activate", "_walk", "_finish"])
def test_a_rotation_that_was_killed_goes_on_where_it_was(lrs, place_, monkeypatch):
    class Killed(BaseException):
        pass

    batch = _fill(lrs)
    real = getattr(rotation, place_)

    def kill(*arguments):
        real(*arguments)
        raise Killed

    monkeypatch.setattr(rotation, place_, kill)
    with pytest.raises(Killed):
        rotation.run(_rotation(lrs))
    monkeypatch.setattr(rotation, place_, real)
    old = lrs.keys.pseudonym_keys
    rotation.run(_rotation(lrs))

    assert len(old) == 2
    assert len(lrs.keys.pseudonym_keys) == 1
    assert sorted(lrs.ids()) == sorted(one["id"] for one in batch)
    assert lrs.storage.find(settings.RENAMES) == []


def test_what_nobody_can_find_again_is_removed_and_counted(lrs):
    lrs.post(statement(actor=agent("Ada")))
    lrs.storage.insert(persons.GOALS, {"learner": "x" * 32, "context": "c", "role": "broker"})

    assert rotation.run(_rotation(lrs)) == 1
    assert lrs.storage.find(persons.GOALS) == []


def test_another_keyring_in_the_place_of_the_rotated_one_is_refused(quick, tmp_path):
    its = rotation.Rotation(persons.collector(quick), settings.COLLECTIONS, lambda _: None, lambda _: None)
    rotation._announce(its)
    keyring.change(quick.keys.path, (quick.keys.states[0],))

    with pytest.raises(errors.JobError, match="begun with another keyring"):
        rotation.run(its)


def test_a_forwarder_of_some_agents_waits_until_they_have_one_name(quick, tmp_path):
    (tmp_path / "secret").write_text("s\n")
    words = ["--url", "http://127.0.0.1:9", "--key", "k", "--secret-file", tmp_path / "secret"]
    offices.run(quick, "forward", "add", "some", *words, "--agent", json.dumps(agent("Ada")))
    offices.run(quick, "forward", "add", "all", *words)
    progress.write(quick.storage, progress.ROTATION, phase=rotation.WALKING)
    steps = [forward.step(persons.collector(quick), name, "https://lrs.example", None) for name in ("some", "all")]

    assert steps == [forward.WAITING, forward.IDLE]


def test_a_keyring_amid_a_rotation_that_the_store_knows_nothing_of_is_refused(quick):
    keyring.change(quick.keys.path, (*quick.keys.states, keyring.PseudonymKey(b"r" * 32, keyring.RETIRING)))
    its = rotation.Rotation(persons.collector(quick), settings.COLLECTIONS, lambda _: None, lambda _: None)

    with pytest.raises(errors.JobError, match="knows nothing of"):
        rotation.run(its)


def test_what_an_erasure_that_was_killed_left_behind_goes_with_the_old_names(lrs):
    lrs.post([statement(actor=agent("Ada")), statement(actor=agent("Bob"))])
    old = persons.person(lrs, "Ada")
    lrs.storage.delete(settings.DATA_KEYS, (old,))
    rotation.run(_rotation(lrs))

    assert [row.seq for row in lrs.storage.statements.rows()] == [2]


def test_who_has_documents_only_gets_a_new_name_from_those(lrs):
    persons.keep_documents(lrs, "Ada")
    lrs.storage.delete(settings.CONSENTS, (persons.person(lrs, "Ada"), "training"))
    lrs.storage.delete(persons.FILTERS, ("of Ada",))

    assert rotation.run(_rotation(lrs)) == 0
    ada = persons.person(lrs, "Ada")
    assert [found[1].id for found in documents.held(persons.collector(lrs), ada)] == ["page"]
    assert lrs.storage.get(persons.GOALS, (ada, "c")) is not None


def test_two_who_run_one_rotation_do_no_harm(quick):
    quick.post(statement(actor=agent("Ada")))
    one, other = (
        rotation.Rotation(persons.collector(quick), settings.COLLECTIONS, lambda _: quick.keys.look(), lambda _: None)
        for _ in range(2)
    )
    rotation._announce(one)
    rotation.run(other)

    with pytest.raises(errors.JobError, match="one at a time"):
        rotation._activate(one)
    assert len(quick.ids(agent=agent("Ada"))) == 1


def test_hundreds_of_persons_are_renamed_page_by_page(quick, monkeypatch):
    monkeypatch.setattr("xapi_collector.upkeep.holdings.PAGE", 3)
    quick.post([statement(actor=agent(f"p{number}")) for number in range(10)])
    its = rotation.Rotation(persons.collector(quick), settings.COLLECTIONS, lambda _: quick.keys.look(), lambda _: None)
    rotation.run(its)

    assert [len(quick.ids(agent=agent(f"p{number}"))) for number in range(10)] == [1] * 10
