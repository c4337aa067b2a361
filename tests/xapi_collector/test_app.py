"""The application as the environment describes it."""

import logging

import pytest

from storage import errors as storage_errors
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import statement
from xapi_collector import app, errors, keyring


@pytest.fixture
def environ(monkeypatch, tmp_path):
    keyring.create(tmp_path / "keys")
    monkeypatch.setenv("ENTREPOT_STORAGE", f"sqlite:///{tmp_path}/store")
    monkeypatch.setenv("ENTREPOT_KEYRING", str(tmp_path / "keys"))
    monkeypatch.setenv("ENTREPOT_INSTITUTION", "scotland")
    monkeypatch.setenv("ENTREPOT_XAPI_URL", "https://lrs.example/xapi")
    handlers = logging.getLogger().handlers[:]
    yield monkeypatch
    logging.getLogger().handlers[:] = handlers


def test_the_application_is_made_from_the_environment(environ):
    answer = app.application().test_client().get("/xapi/about")

    assert answer.json == {"version": ["2.0.0", "1.0.3", "1.0.2", "1.0.1", "1.0.0"]}


@pytest.mark.parametrize("name", ["STORAGE", "KEYRING", "INSTITUTION", "XAPI_URL"])
def test_a_missing_variable_says_what_to_set(environ, name):
    environ.delenv(f"ENTREPOT_{name}")

    with pytest.raises(storage_errors.SettingsError, match=f"Set ENTREPOT_{name}"):
        app.application()


def test_a_missing_keyring_says_what_to_do(environ, tmp_path):
    (tmp_path / "keys").unlink()

    with pytest.raises(errors.KeyringError, match="entrepot init"):
        app.application()


def test_health_says_ok_while_the_process_lives(quick):
    quick.storage.close()

    assert quick.client.get("/health").json == {"status": "ok"}


def test_a_statement_is_stored_at_the_time_of_the_clock_that_is_given(tmp_path):
    fixed = builders.new_id()
    made = builders.make(f"sqlite:///{tmp_path}/s", tmp_path, clock=lambda: 1_000_000, new_id=lambda: fixed)
    (statement_id,) = made.post(statement(id=None)).json

    assert statement_id == fixed
    assert made.get(statementId=statement_id).json["stored"] == "1970-01-01T00:00:01.000000Z"
    made.storage.close()
