"""Health, readiness and figures over HTTP."""

import re

import pytest

from storage import connect
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import basic, statement
from xapi_collector import keyring, progress, settings
from xapi_collector.door import auth
from xapi_collector.forwarding import forwarders


def figures(lrs):
    return lrs.client.get("/metrics", headers=lrs.headers)


def value(text, line):
    return float(re.search(rf"^entrepot_lrs_{re.escape(line)} (\S+)$", text, re.MULTILINE)[1])


def test_a_new_store_and_a_used_one_are_ready(lrs):
    before = lrs.client.get("/ready")
    lrs.post(statement())

    assert (before.status_code, before.json) == (200, {"status": "ready"})
    assert lrs.client.get("/ready").status_code == 200


def test_without_its_store_it_is_alive_and_not_ready(quick):
    quick.storage.close()
    answer = quick.client.get("/ready")

    assert quick.client.get("/health").status_code == 200
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "unready", "reasons": ["the store does not answer"]},
    )


def test_with_another_institutions_keyring_it_is_not_ready(quick, tmp_path):
    quick.post(statement())
    (tmp_path / "other").mkdir()
    keyring.create(tmp_path / "other" / "keyring.json")
    other = builders.make(f"sqlite:///{tmp_path}/store", tmp_path / "other")
    answer = other.client.get("/ready")

    assert (answer.status_code, answer.json["reasons"]) == (
        503,
        ["the keyring is not the one that this store was written with"],
    )
    other.storage.close()


@pytest.mark.parametrize(
    ("job", "facts", "reason"),
    [
        (progress.RESTORE, {"records": "x"}, "a restore has not ended"),
        (progress.REINDEX, {"revision": 0}, "the index is"),
    ],
)
def test_a_store_that_does_not_find_all_that_it_holds_is_not_ready(lrs, job, facts, reason):
    progress.write(lrs.storage, job, **facts)
    answer = lrs.client.get("/ready")

    assert answer.status_code == 503
    assert answer.json["reasons"][0].startswith(reason)


def test_figures_show_requests_statements_and_the_store(quick):
    quick.post([statement(), statement()])
    quick.post([statement(verb=None)])
    text = figures(quick).text

    assert value(text, 'requests_total{route="/xapi/statements",method="POST",status="200"}') == 1
    assert value(text, 'refused_total{kind="Invalid statement"}') == 1
    assert value(text, "last_seq") == 2
    assert value(text, "store_bytes") > value(text, "store_log_bytes") > 0
    assert value(text, "disk_free_bytes") > 0


def test_figures_count_the_statements_that_were_acknowledged(quick):
    quick.post([statement(), statement()])
    quick.put(statement())

    assert value(figures(quick).text, "statements_total") == 3


def test_figures_show_how_far_each_forwarder_is(quick):
    quick.post(statement())
    secret = forwarders.seal_secret(quick.keys, "region", "x", bytes)
    forwarders.add(quick.storage, forwarders.Forwarder("region", "https://r.example/xapi", "1.0.3", "k", secret))
    text = figures(quick).text

    assert value(text, 'forward_behind{forwarder="region"}') == 1
    assert value(text, 'forward_dead_letters{forwarder="region"}') == 0
    assert value(text, 'forward_lag_seconds{forwarder="region"}') >= 0


def test_figures_of_a_store_on_a_server_have_no_files(lrs):
    answer = figures(lrs)

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert ("store_bytes" in answer.text) == (type(lrs.storage).__name__ == "Sqlite")


@pytest.mark.parametrize(
    ("granted", "status"),
    [(["metrics"], 200), (["all"], 200), (["all/read"], 403), (["statements/read"], 403), (["statements/write"], 403)],
)
def test_figures_are_for_who_has_the_scope(quick, granted, status):
    key, secret = auth.create_credential(quick.storage, quick.keys, "watchman", granted=granted)

    assert quick.client.get("/metrics", headers=basic(key, secret)).status_code == status


def test_figures_are_not_for_everybody(quick):
    assert quick.client.get("/metrics").status_code == 401


def test_a_credential_for_the_figures_reads_no_statement(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "watchman", granted=["metrics"])

    assert quick.client.get("/xapi/statements", headers=quick.headers | basic(key, secret)).status_code == 403


def test_a_refused_request_is_counted(quick):
    quick.client.get("/xapi/statements", headers=quick.headers | {"Authorization": "Basic " + "eA=="})

    assert value(figures(quick).text, "credentials_refused_total") == 1


def test_a_store_that_was_closed_in_between_is_ready_again(tmp_path):
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    made.post(statement())
    made.storage.close()
    again = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)

    assert again.client.get("/ready").status_code == 200
    assert connect.connect(f"sqlite:///{tmp_path}/store", *settings.COLLECTIONS).close() is None
    again.storage.close()
