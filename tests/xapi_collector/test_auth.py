"""Who is let in."""

import base64
import logging
import statistics
import time

import pytest

from storage import connect
from storage import errors as storage_errors
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import basic, statement
from xapi_collector import errors, settings
from xapi_collector.door import auth


def _encoded(text):
    return base64.b64encode(text).decode()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !",
        "Basic " + _encoded(b"nocolon"),
        "Basic " + _encoded(b":secret"),
        "Basic " + _encoded(b"key:\xff"),
        "Basic " + _encoded(b"a\x1fb:secret"),
        "Basic " + _encoded(b"unknown:secret"),
        "Bearer " + _encoded(b"unknown:secret"),
    ],
)
def test_without_a_known_credential_nothing_is_served(quick, method, header):
    headers = {"X-Experience-API-Version": "1.0.3"} | ({} if header is None else {"Authorization": header})
    answer = quick.client.open("/xapi/statements", method=method, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="xAPI", charset="UTF-8"'


def test_a_wrong_secret_is_refused(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")

    for wrong in (secret[:-1], secret + "x", secret.swapcase(), ""):
        assert quick.client.get("/xapi/statements", headers=quick.headers | basic(key, wrong)).status_code == 401
    assert quick.client.get("/xapi/statements", headers=quick.headers | basic(key, secret)).status_code == 200


def test_a_withdrawn_credential_is_refused_at_once(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")
    quick.client.get("/xapi/statements", headers=quick.headers | basic(key, secret))
    quick.storage.delete(settings.CREDENTIALS, (key,))

    assert quick.client.get("/xapi/statements", headers=quick.headers | basic(key, secret)).status_code == 401


def test_a_secret_has_256_bits_and_is_kept_as_a_digest(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")
    kept = quick.storage.get(settings.CREDENTIALS, (key,))

    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert secret not in repr(kept)
    assert kept["name"] == "other"


def test_a_credential_is_worth_nothing_at_another_institution(quick, tmp_path):
    (tmp_path / "other").mkdir()
    other = builders.make(f"sqlite:///{tmp_path}/other/store", tmp_path / "other")

    assert other.client.get("/xapi/statements", headers=quick.headers).status_code == 401
    other.storage.close()


def test_a_continuation_of_another_institution_is_refused(quick, tmp_path):
    (tmp_path / "other").mkdir()
    other = builders.make(f"sqlite:///{tmp_path}/other/store", tmp_path / "other")
    quick.post([statement(), statement()])
    more = quick.get(limit="1").json["more"]

    assert other.client.get(more, headers=other.headers).status_code == 400
    other.storage.close()


def test_the_authority_names_the_credential_that_sent(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")
    one = statement()
    headers = quick.headers | basic(key, secret)
    quick.client.post("/xapi/statements", json=one, headers=headers)

    authority = quick.get(statementId=one["id"]).json["authority"]
    assert authority == {"objectType": "Agent", "account": {"homePage": "https://lrs.example/xapi", "name": key}}


def test_no_secret_name_or_statement_is_logged(quick, caplog):
    caplog.set_level(logging.DEBUG)
    quick.post(statement(actor={"mbox": "mailto:canary@example.org"}))
    quick.post(statement(actor={"mbox": "canary"}))
    quick.get(agent={"mbox": "mailto:canary@example.org"})

    secret = base64.b64decode(quick.headers["Authorization"][6:]).decode().partition(":")[2]
    assert "canary" not in caplog.text
    assert secret not in caplog.text


DAY = auth.DAY


def _enter(lrs, key, secret, now=0):
    return auth.authenticate(lrs.storage, lrs.keys, basic(key, secret)["Authorization"], "https://lrs.example", now)


def _refused(lrs, key, secret, now=0):
    with pytest.raises(errors.UnauthorizedError):
        _enter(lrs, key, secret, now)
    return True


def test_a_rotated_secret_works_beside_the_new_one_until_the_overlap_ends(lrs):
    key, old = auth.create_credential(lrs.storage, lrs.keys, "other")
    new = auth.rotate_credential(lrs.storage, lrs.keys, key, until=DAY)

    assert _enter(lrs, key, old, DAY - 1).key == _enter(lrs, key, new, DAY - 1).key == key
    assert _refused(lrs, key, old, DAY)
    assert _enter(lrs, key, new, DAY).name == "other"


def test_a_second_rotation_ends_the_first_secret(lrs):
    key, first = auth.create_credential(lrs.storage, lrs.keys, "other")
    second = auth.rotate_credential(lrs.storage, lrs.keys, key, until=DAY)
    auth.rotate_credential(lrs.storage, lrs.keys, key, until=DAY)

    assert _refused(lrs, key, first)
    assert _enter(lrs, key, second)


def test_a_rotation_keeps_the_scopes(quick):
    key, _ = auth.create_credential(quick.storage, quick.keys, "other", granted=["state"])
    new = auth.rotate_credential(quick.storage, quick.keys, key, until=0)

    assert _enter(quick, key, new).scopes == {"state"}


def test_what_is_not_there_cannot_be_rotated_or_withdrawn(quick):
    with pytest.raises(errors.CredentialError, match="No credential"):
        auth.rotate_credential(quick.storage, quick.keys, "unknown", until=0)
    assert not auth.revoke_credential(quick.storage, "unknown")


def test_a_withdrawn_credential_is_refused_by_every_worker_at_once(quick, tmp_path):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")
    worker = connect.connect(f"sqlite:///{tmp_path}/store", *settings.COLLECTIONS)
    header = basic(key, secret)["Authorization"]
    auth.authenticate(worker, quick.keys, header, "https://lrs.example", 0)
    auth.revoke_credential(quick.storage, key)

    with pytest.raises(errors.UnauthorizedError):
        auth.authenticate(worker, quick.keys, header, "https://lrs.example", 0)
    worker.close()


@pytest.mark.parametrize("granted", [[], ["everything"], ["all", "statements"]])
def test_a_credential_has_scopes_that_are_known(quick, granted):
    with pytest.raises(errors.CredentialError, match="statements/write"):
        auth.create_credential(quick.storage, quick.keys, "other", granted=granted)


def test_a_list_shows_scopes_the_day_of_the_last_use_and_the_overlap_but_no_secret(quick):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other", granted=["state", "define"])
    unused = {each.key: each for each in auth.list_credentials(quick.storage)}[key]
    _enter(quick, key, secret, 20_000 * DAY + 5)
    auth.rotate_credential(quick.storage, quick.keys, key, until=7)
    used = {each.key: each for each in auth.list_credentials(quick.storage)}[key]

    assert unused == auth.Listed(key, "other", ("define", "state"), None, None)
    assert used == auth.Listed(key, "other", ("define", "state"), 20_000, 7)


def test_the_use_of_a_day_is_written_once(quick, monkeypatch):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")
    _enter(quick, key, secret, DAY)
    before = quick.storage.get(settings.CREDENTIALS, (key,))
    monkeypatch.setattr(type(quick.storage), "replace", lambda *_, **__: pytest.fail("written again"))
    _enter(quick, key, secret, 2 * DAY - 1)

    assert quick.storage.get(settings.CREDENTIALS, (key,)) == before


def test_a_full_disk_keeps_nobody_out(quick, monkeypatch):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other")

    def full(*_, **__):
        raise storage_errors.FullError("full")

    monkeypatch.setattr(type(quick.storage), "replace", full)

    assert _enter(quick, key, secret, DAY).key == key


def test_an_unknown_key_takes_as_long_as_a_wrong_secret(quick):
    known, _ = auth.create_credential(quick.storage, quick.keys, "other")
    headers = {kind: basic(key, "x" * 43)["Authorization"] for kind, key in (("wrong", known), ("unknown", "0" * 24))}
    times = {kind: [] for kind in headers}
    for _ in range(2_000):
        for kind, header in headers.items():
            start = time.perf_counter_ns()
            with pytest.raises(errors.UnauthorizedError):
                auth.authenticate(quick.storage, quick.keys, header, "https://lrs.example", 0)
            times[kind].append(time.perf_counter_ns() - start)
    wrong, unknown = (statistics.median(each) for each in times.values())

    assert 0.8 < unknown / wrong < 1.25
