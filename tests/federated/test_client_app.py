import logging

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict

from federated import client_app, errors, institution, messages, records, server_app
from federated.app.entrepot_app import client_app as bundled_client
from federated.app.entrepot_app import server_app as bundled_server
from recommender import tracing
from tests.federated import builders

pytestmark = pytest.mark.usefixtures("identity")

CANARY = "canary alice@uni.example"


def ask(path, packet):
    message = Message(records.content(packet), 10, f"query.{packet.kind}", group_id="1")
    message.metadata.__dict__["_message_id"] = "question"
    context = Context(
        run_id=2, node_id=10, node_config={"settings": str(path)}, state=RecordDict(), run_config={}, series_id=1
    )
    return client_app.app(message, context)


@pytest.fixture
def question(space, policy):
    return messages.question(messages.SUMS, tracing.start(space), policy, 1)


def test_a_question_for_sums_is_answered_with_declared_arrays(three, question, form):
    reply = ask(three["north"], question)

    packet = records.packet(reply.content, messages.SUMS)
    assert {name: (str(array.dtype), len(array)) for name, array in packet.arrays.items()} == form.arrays


def test_publishing_is_answered_with_nothing_but_the_round(tmp_path, space, policy):
    path = builders.institution(tmp_path, "north", builders.answers(10, 1))
    reply = ask(path, messages.question(messages.PUBLISH, tracing.start(space), policy, 3))

    packet = records.packet(reply.content, messages.PUBLISH)
    assert (packet.arrays, packet.numbers) == ({}, {"round": 3})
    assert (tmp_path / "models" / "oulad" / "manifest.json").exists()


def test_the_bundle_names_the_two_apps_and_holds_nothing_else():
    assert bundled_client.app is client_app.app
    assert bundled_server.app is server_app.app


def test_missing_settings_leave_as_a_code(tmp_path, question):
    reply = ask(tmp_path / "missing.toml", question)

    assert (reply.error.code, reply.error.reason) == (errors.SETTINGS, "")


def test_another_policy_leaves_as_a_code(tmp_path, question):
    path = builders.institution(tmp_path, "north", [], legal_entity="Another University")

    assert ask(path, question).error.code == errors.POLICY


def test_an_institution_without_learners_leaves_a_code(tmp_path, question):
    path = builders.institution(tmp_path, "north", [])

    assert ask(path, question).error.code == errors.EMPTY


def test_poisoned_weights_are_not_worked_on(three, question):
    question.arrays["weights"][0] = np.nan

    assert ask(three["north"], question).error.code == errors.MESSAGE


def test_the_text_of_an_unforeseen_exception_neither_leaves_nor_is_logged(three, question, monkeypatch, caplog):
    def explode(*_arguments):
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(institution.task, "local_sums", explode)
    with caplog.at_level(logging.DEBUG):
        reply = ask(three["north"], question)

    assert (reply.error.code, reply.error.reason) == (errors.INTERNAL, "")
    assert CANARY not in caplog.text
    assert "ZeroDivisionError at test_client_app.py" in caplog.text
