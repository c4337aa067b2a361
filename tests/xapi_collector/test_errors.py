"""Errors: the tree in the docstring is the tree of classes, and a failing store is answered as such."""

import inspect
import logging
import re

import pytest

from storage import errors as storage_errors
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import statement
from xapi_collector import errors, settings, statements


@pytest.mark.parametrize("module", [errors, storage_errors])
def test_the_tree_in_the_docstring_is_the_tree_of_classes(module):
    classes = {name for name, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__}

    assert set(re.findall(r"^    [│├└─\s]*([A-Z]\w+)", module.__doc__, re.MULTILINE)) == classes


def test_a_failing_store_is_503_and_the_reason_is_in_the_log_alone(quick, caplog):
    caplog.set_level(logging.ERROR)
    quick.storage.close()
    answer = quick.get()

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "entrepot.db" not in answer.text
    assert "entrepot.db" in caplog.text


def test_an_envelope_that_does_not_open_is_500_and_no_statement(quick):
    quick.post(statement())
    with quick.storage._connection.writing() as connection:
        connection.execute("UPDATE envelopes SET body = CAST(substr(body, 1, 60) || x'00' AS BLOB)")

    assert quick.get().status_code == 500


def test_a_statement_whose_data_key_is_gone_is_not_there(quick, tmp_path):
    """Between the deletion of an erased person's key and that of their rows, others read on."""
    gone = statement()
    quick.post(gone)
    for each in quick.storage.find(settings.DATA_KEYS):
        quick.storage.delete(settings.DATA_KEYS, (each["actor"],))
    again = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)

    assert again.get().json == {"statements": [], "more": ""}
    assert again.get(statementId=gone["id"]).status_code == 404
    again.storage.close()


def test_the_answer_names_no_inner_detail(quick, monkeypatch):
    monkeypatch.setattr(statements, "search", lambda *_: 1 // 0)
    quick.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    answer = quick.get()

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "ZeroDivision" not in answer.text
