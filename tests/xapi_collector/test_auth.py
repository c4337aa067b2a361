"""Who is let in."""

import base64
import logging

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import basic, statement
from xapi_collector import auth, settings


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
