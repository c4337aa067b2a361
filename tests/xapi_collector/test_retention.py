"""What is old enough is removed, and nothing else."""

import json

import pytest

from tests.storage import stores
from tests.storage.stores import Clock
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors, progress, settings, statements
from xapi_collector.grammar import jsontext
from xapi_collector.upkeep import erasure, retention
from xapi_collector.upkeep.retention import DAY, Rule

NOW = 1_000 * DAY
UNIT, COURSE = "https://course.example/unit/1", "https://course.example"


@pytest.fixture(params=stores.STORES)
def lrs(request, tmp_path):
    made = persons.make(stores.url(request.param, tmp_path / "store"), tmp_path)
    yield made
    made.storage.close()


def _store(lrs, day, *batch):
    """Store statements as on a day; answer their ids."""
    collector = persons.collector(lrs, Clock(day * DAY))
    body = json.dumps(batch).encode()
    statements.ingest(collector, jsontext.parse(body, 500), '{"mbox":"mailto:a@b.example"}')
    return [each["id"] for each in batch]


def _request(lrs, told=None):
    tell = ([] if told is None else told).append
    return erasure.Request(persons.collector(lrs, Clock(NOW)), persons.COLLECTIONS, "https://lrs.example/xapi", tell)


def _left(lrs):
    return sorted(lrs.ids())


def test_statements_go_by_the_time_of_storing(lrs):
    old = _store(lrs, 269, *(statement() for _ in range(3)))
    young = _store(lrs, 271, statement(timestamp="2001-01-01T00:00:00Z"))
    removed = retention.run(_request(lrs), Rule(older_than=730), dry=False)

    assert removed.statements == {"http://adlnet.gov/expapi/verbs/scored": len(old)}
    assert _left(lrs) == young


def test_a_dry_run_counts_the_same_and_touches_nothing(lrs):
    _store(lrs, 1, statement(), statement(verb={"id": "https://v.example/did"}), statement(actor=agent("b")))
    _store(lrs, 900, statement())
    persons.keep_documents(lrs, "b")
    rule = Rule(older_than=400, inactive=400)
    before = list(lrs.storage.statements.rows()), lrs.storage.find(settings.AGENT_DOCUMENTS)
    dry = retention.run(_request(lrs), Rule(inactive=400), dry=True)
    both = retention.run(_request(lrs), rule, dry=True)

    assert (list(lrs.storage.statements.rows()), lrs.storage.find(settings.AGENT_DOCUMENTS)) == before
    assert (dry.persons, dry.their_statements, dry.statements) == (1, 1, {})
    assert both.statements == {"http://adlnet.gov/expapi/verbs/scored": 2, "https://v.example/did": 1}
    assert retention.run(_request(lrs), Rule(inactive=400), dry=False) == dry


@pytest.mark.parametrize("dry", [True, False])
def test_an_activity_limits_an_age_to_what_was_done_there(lrs, dry):
    inside = {"contextActivities": {"parent": [{"id": UNIT}]}}
    elsewhere = {"id": "https://x.example"}
    here = [statement(context=None), statement(object=elsewhere, context=inside), statement(context=inside)]
    _store(lrs, 1, *here)
    there = _store(lrs, 1, statement(object=elsewhere))
    young = _store(lrs, 999, statement())
    removed = retention.run(_request(lrs), Rule(older_than=400, activity=UNIT), dry=dry)

    assert sum(removed.statements.values()) == 3
    assert len(_left(lrs)) == 5 if dry else _left(lrs) == sorted(there + young)


def test_who_has_been_away_is_erased_with_all_that_is_kept_of_them(lrs):
    _store(lrs, 1, statement(actor=agent("a")), statement(actor=agent("b")))
    stayed = _store(
        lrs, 700, statement(actor=agent("b")), statement(actor=agent("c"), context={"instructor": agent("a")})
    )
    persons.keep_documents(lrs, "a")
    removed = retention.run(_request(lrs), Rule(inactive=400), dry=False)

    assert (removed.persons, removed.their_statements) == (1, 1)
    assert len(_left(lrs)) == 3
    assert set(stayed) < set(_left(lrs))
    assert lrs.ids(agent=agent("a"), related_agents="true") == []
    assert lrs.storage.find(persons.GOALS) == []
    assert persons.person(lrs, "a") not in {each["actor"] for each in lrs.storage.find(settings.DATA_KEYS)}


def test_who_has_void_statements_only_is_away_all_the_same(lrs):
    (hers,) = _store(lrs, 1, statement(actor=agent("a")))
    reference = {"objectType": "StatementRef", "id": hers}
    void = {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": reference, "context": None}
    _store(lrs, 900, statement(actor=agent("b"), **void))

    assert retention.run(_request(lrs), Rule(inactive=400), dry=False).persons == 1
    assert lrs.get(voidedStatementId=hers).status_code == 404


def test_words_of_removed_statements_are_gone_from_the_files(tmp_path):
    lrs = persons.make(f"sqlite:///{tmp_path}/store", tmp_path)
    other = {"contextActivities": {"other": [{"id": "https://canary.example"}]}}
    _store(lrs, 1, statement(actor=agent("a"), context=other))
    _store(lrs, 999, statement(actor=agent("a")))
    retention.run(_request(lrs), Rule(older_than=400), dry=False)

    assert b"canary" not in persons.raw_bytes(tmp_path / "store")
    lrs.storage.close()


def test_rules_are_kept_and_run_as_they_were_said(quick):
    rules = [Rule(older_than=730), Rule(older_than=30, activity=UNIT), Rule(inactive=400)]
    retention.keep(quick.storage, rules)

    assert retention.kept(quick.storage) == rules


@pytest.mark.parametrize(
    "rule", [Rule(), Rule(activity=UNIT), Rule(older_than=0), Rule(inactive=-1), Rule(inactive=9, activity=UNIT)]
)
def test_a_rule_that_says_no_age_is_refused(quick, rule):
    with pytest.raises(errors.JobError):
        retention.keep(quick.storage, [rule])

    assert retention.kept(quick.storage) == []


def test_nothing_is_removed_while_pseudonyms_are_rotated(quick):
    progress.write(quick.storage, progress.ROTATION, phase="walking")

    with pytest.raises(errors.JobError, match="has to wait"):
        retention.run(_request(quick), Rule(older_than=1), dry=True)


@pytest.mark.parametrize("now", [399, 400, 401, 402])
def test_of_expired_statements_none_is_found_and_of_others_none_is_lost(quick, now):
    for day in range(5):
        _store(quick, day, statement())
    request = erasure.Request(
        persons.collector(quick, Clock(now * DAY)), settings.COLLECTIONS, "https://lrs.example", lambda _: None
    )
    retention.run(request, Rule(older_than=400), dry=False)

    assert len(_left(quick)) == 5 - max(0, now - 400)


def test_words_are_forgotten_in_steps(quick, monkeypatch):
    monkeypatch.setattr(retention, "_WORDS", 2)
    _store(quick, 1, *(statement(actor=agent(f"p{number}")) for number in range(3)))
    epoch = quick.storage.statements.epoch()
    request = erasure.Request(
        persons.collector(quick, Clock(NOW)), settings.COLLECTIONS, "https://x.example", lambda _: None
    )
    retention.run(request, Rule(older_than=400), dry=False)

    assert _left(quick) == []
    assert quick.storage.statements.epoch() > epoch
