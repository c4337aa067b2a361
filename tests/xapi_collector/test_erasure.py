"""A person erased: nothing of theirs is left, and everything of others."""

import base64
import json

import pytest

from tests.storage import stores
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, consent, documents, errors, place, progress, settings, statements
from xapi_collector.grammar import jsontext
from xapi_collector.upkeep import erasure

URL = "https://lrs.example/xapi"
NAMES = ("Ada", "Bob")
TEAM = {"objectType": "Group", "member": [agent("Ada") | {"name": "canary-in-a-team"}, agent("Bob")]}


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


def _erase(lrs, name, told=None):
    request = erasure.Request(
        persons.collector(lrs), persons.COLLECTIONS, f"{URL}/", ([] if told is None else told).append
    )
    return erasure.erase(request, agents.pseudonyms(agent(name), lrs.keys.pseudonym_keys))


def _mentions():
    """Statements of Bob that name Ada, everywhere that a statement can name somebody."""
    ada = agent("Ada") | {"name": "canary-of-ada"}
    inner = {"actor": ada, "verb": statement()["verb"], "object": statement()["object"]}
    contexts = [{"instructor": ada}, {"team": TEAM}]
    objects = [{"objectType": "Agent"} | ada, TEAM, {"objectType": "SubStatement"} | inner]
    return [statement(actor=agent("Bob"), context=context) for context in contexts] + [
        statement(actor=agent("Bob"), object=each, context=None) for each in objects
    ]


def test_of_the_erased_nothing_is_found_and_of_others_everything(lrs):
    hers = [statement(actor=agent("Ada")) for _ in range(4)]
    his = [statement(actor=agent("Bob")) for _ in range(3)]
    about = _mentions()
    lrs.post(hers + his + about)
    for name in NAMES:
        persons.keep_documents(lrs, name)
    found = _erase(lrs, "Ada")

    assert (found.statements, found.mentions) == (4, len(about))
    assert found.documents["agent_documents"] == found.documents["goals"] == found.documents["consents"] == 1
    assert [lrs.get(statementId=one["id"]).status_code for one in hers] == [404] * 4
    assert lrs.ids(agent=agent("Ada"), related_agents="true") == []
    assert sorted(lrs.ids(agent=agent("Bob"))) == sorted(one["id"] for one in his + about)
    assert [lrs.get(statementId=one["id"]).json["actor"] for one in his] == [agent("Bob")] * 3


def test_in_statements_of_others_an_anonymous_account_stands_for_them(lrs):
    about = _mentions()
    lrs.post(about)
    _erase(lrs, "Ada")
    erased = erasure.anonymous(URL)
    instructor, team, object_, group, inner = (lrs.get(statementId=one["id"]).json for one in about)

    assert instructor["context"]["instructor"] == erased
    assert team["context"]["team"]["member"] == group["object"]["member"] == [erased, agent("Bob")]
    assert object_["object"] == {"objectType": "Agent"} | erased
    assert inner["object"]["actor"] == erased
    assert instructor["timestamp"] == about[0]["timestamp"]
    assert sorted(lrs.ids(agent=erased, related_agents="true")) == sorted(one["id"] for one in about)


def test_what_others_keep_is_theirs_still(lrs):
    for name in NAMES:
        lrs.post(statement(actor=agent(name)))
        persons.keep_documents(lrs, name)
    _erase(lrs, "Ada")
    bob = persons.person(lrs, "Bob")

    assert [found[1].id for found in documents.held(persons.collector(lrs), bob)] == ["page"]
    assert set(consent.said(lrs.storage, bob)) == {"training"}
    assert lrs.storage.get(persons.GOALS, (bob, "c")) is not None
    assert [each["persons"] for each in lrs.storage.find(persons.FILTERS)] == [
        [persons.person(lrs, "other")],
        sorted([bob, persons.person(lrs, "other")]),
    ]


def test_statements_that_refer_to_erased_ones_stay(lrs):
    hers = statement(actor=agent("Ada"))
    reference = {"objectType": "StatementRef", "id": hers["id"]}
    about = statement(actor=agent("Bob"), object=reference, context=None)
    void = statement(
        actor=agent("Bob"), object=reference, context=None, verb={"id": "http://adlnet.gov/expapi/verbs/voided"}
    )
    lrs.post([hers, about, void])
    _erase(lrs, "Ada")

    assert sorted(lrs.ids()) == sorted([about["id"], void["id"]])
    assert lrs.get(voidedStatementId=hers["id"]).status_code == 404


def test_a_tombstone_says_how_much_and_not_who(lrs):
    lrs.post([statement(actor=agent("Ada")), *_mentions()])
    _erase(lrs, "Ada")
    (tombstone,) = lrs.storage.find(settings.TOMBSTONES)

    assert set(tombstone) == {"id", "time", "statements", "mentions", "documents"}
    assert (tombstone["statements"], tombstone["mentions"], tombstone["time"]) == (1, 5, 1_790_000_000_000_000)


CANARIES = {
    "name": "canary-name-\u4e2d",
    "mail": "canary@mail.example",
    "account": "canary-account",
    "answer": "canary-answer",
    "activity": "https://canary.example/activity",
    "other": "https://canary.example/other",
    "registration": "ca4a4100-0000-4000-8000-00000000ca4a",
    "state": "canary-state",
}


def _plant(lrs, who):
    """Every canary in every place that takes it."""
    activity = {"id": CANARIES["activity"], "definition": {"name": {"en": CANARIES["answer"]}}}
    one = statement(
        actor=who | {"name": CANARIES["name"]},
        object=activity,
        result={"response": CANARIES["answer"]},
        context={
            "registration": CANARIES["registration"],
            "contextActivities": {"other": [{"id": CANARIES["other"]}], "parent": [{"id": CANARIES["other"] + "/p"}]},
            "team": {"objectType": "Group", "member": [who]},
        },
    )
    others = [
        statement(actor=agent("Bob"), context={"instructor": who | {"name": CANARIES["name"]}}),
        statement(actor={"objectType": "Group", "member": [who, agent("Bob")]}),
    ]
    assert lrs.post([one, *others, *(statement(actor=agent(f"n{number}")) for number in range(300))]).status_code == 200
    where = {"activityId": CANARIES["activity"], "agent": json.dumps(who), "stateId": CANARIES["state"]}
    for path, extra in (("activities/state", {}), ("agents/profile", {"profileId": CANARIES["state"]})):
        query = {name: value for name, value in (where | extra).items() if path.endswith("state") or name != "stateId"}
        if path == "agents/profile":
            query.pop("activityId")
        answer = lrs.client.put(
            f"/xapi/{path}",
            query_string=query,
            data=CANARIES["answer"],
            headers=lrs.headers | {"Content-Type": "text/plain", "If-None-Match": "*"},
        )
        assert answer.status_code == 204, answer.data
    its = persons.collector(lrs)
    consent.say(lrs.storage, consent.names(who, lrs.keys, its.keys, its.random), "training", "deny", its.clock)


@pytest.mark.parametrize(
    "who",
    [
        {"mbox": f"mailto:{CANARIES['mail']}"},
        {"account": {"homePage": "https://canary.example", "name": CANARIES["account"]}},
    ],
    ids=["mail", "account"],
)
def test_after_an_erasure_no_byte_of_a_canary_is_in_any_file(tmp_path, who):
    lrs = persons.make(f"sqlite:///{tmp_path}/store", tmp_path)
    _plant(lrs, who)
    pseudonym = agents.pseudonym(who, lrs.keys.pseudonym_key)
    before = persons.raw_bytes(tmp_path)
    told: list[str] = []
    request = erasure.Request(persons.collector(lrs), persons.COLLECTIONS, URL, told.append)
    erasure.erase(request, [pseudonym])
    after = persons.raw_bytes(tmp_path) + "".join(told).encode()
    lrs.storage.close()
    in_the_clear = [pseudonym.encode(), base64.urlsafe_b64decode(pseudonym), CANARIES["registration"].encode()]
    in_the_clear += [CANARIES[each].encode() for each in ("activity", "other")]
    sealed = [value.encode() for name, value in CANARIES.items() if name not in ("activity", "other", "registration")]

    assert [canary for canary in in_the_clear if canary not in before] == []
    assert [canary for canary in sealed if canary in before] == []
    assert [canary for canary in in_the_clear + sealed if canary in after] == []
    assert [canary for canary in in_the_clear + sealed if canary in persons.raw_bytes(tmp_path)] == []


def test_a_person_who_comes_back_after_an_erasure_is_a_new_one(lrs):
    lrs.post(statement(actor=agent("Ada")))
    _erase(lrs, "Ada")
    again = statement(actor=agent("Ada"))

    assert lrs.post(again).status_code == 200
    assert lrs.ids(agent=agent("Ada")) == [again["id"]]
    assert [each.id for each in statements.labels(lrs.storage, purpose="service")] == [again["id"]]


def test_a_program_that_remembers_the_erased_data_key_seals_nothing_under_it(lrs):
    late = persons.collector(lrs)
    late.keys.of([persons.person(lrs, "Ada")], create=True)
    lrs.post(statement(actor=agent("Ada")))
    _erase(lrs, "Ada")
    again = statement(actor=agent("Ada"))
    statements.ingest(late, jsontext.parse(json.dumps(again).encode(), 1), '{"mbox":"mailto:a@b.example"}')

    assert [one["id"] for one in lrs.get(agent=agent("Ada")).json["statements"]] == [again["id"]]
    assert lrs.get(statementId=again["id"]).json["actor"] == agent("Ada")


def test_a_program_that_remembers_the_erased_data_key_reads_what_came_since(lrs):
    persons.keep_documents(lrs, "Ada")
    late = persons.collector(lrs)
    where = place.Place(place.STATE, "https://course.example/unit/1", agent("Ada"))
    assert documents.get(late, where, "page") is not None
    _erase(lrs, "Ada")
    assert documents.get(late, where, "page") is None
    lrs.storage.delete(persons.FILTERS, ("of Ada",))
    persons.keep_documents(lrs, "Ada")

    assert documents.get(late, where, "page").content == b'{"page":"Ada"}'


@pytest.mark.parametrize("step", ["_erase_rows", "_take_out", "bury"])
def test_an_erasure_that_was_killed_is_done_by_the_next_one(lrs, step, monkeypatch):
    class Killed(BaseException):
        pass

    lrs.post([*(statement(actor=agent("Ada")) for _ in range(3)), *_mentions()])
    persons.keep_documents(lrs, "Ada")
    real = getattr(erasure, step)

    def kill(*arguments):
        raise Killed

    monkeypatch.setattr(erasure, step, kill)
    with pytest.raises(Killed):
        _erase(lrs, "Ada")
    monkeypatch.setattr(erasure, step, real)
    _erase(lrs, "Ada")

    assert lrs.ids(agent=agent("Ada"), related_agents="true") == []
    assert len(lrs.ids()) == len(_mentions())
    assert lrs.storage.find(persons.GOALS) == []


def test_nobody_is_erased_while_pseudonyms_are_rotated(quick):
    progress.write(quick.storage, progress.ROTATION, phase="walking")
    request = erasure.Request(persons.collector(quick), settings.COLLECTIONS, URL, lambda _: None)

    with pytest.raises(errors.JobError, match="has to wait: the job 'rotation'"):
        erasure.erase(request, ["p" * 32])
