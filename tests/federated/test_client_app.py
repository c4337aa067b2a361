import logging
from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict

from federated import client_app, errors, guard, institution, messages, records, server_app, task
from federated.app.entrepot_app import client_app as bundled_client
from federated.app.entrepot_app import server_app as bundled_server
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
    return messages.question(messages.COUNTS, task.start(space), policy, 1)


@pytest.fixture
def begin(three):
    """Where Newton begins for one institution, as its coordinator would know it."""
    found = institution.interactions(institution.load(three["north"]))
    return builders.begin(task.training(found, institution.held_out(found)))


def test_every_kind_of_question_is_answered_with_what_the_guard_passes(three, space, policy, begin):
    for number, kind in enumerate(messages.KINDS[:-1], start=1):
        question = messages.question(kind, begin, policy, number)
        packet = records.packet(ask(three["north"], question).content, kind)

        guard.answer(packet, space, question.names, kind, number)
        assert packet.arrays


def test_publishing_is_answered_with_nothing_but_the_round(tmp_path, space, policy):
    path = builders.institution(tmp_path, "north", builders.answers(10, 1))
    reply = ask(path, messages.question(messages.PUBLISH, task.start(space), policy, 3))

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
    poisoned = {**question.arrays, "weights": question.arrays["weights"] * np.nan}

    assert ask(three["north"], replace(question, arrays=poisoned)).error.code == errors.MESSAGE


def test_the_text_of_an_unforeseen_exception_neither_leaves_nor_is_logged(three, question, monkeypatch, caplog):
    def explode(*_arguments):
        raise ZeroDivisionError(CANARY)

    monkeypatch.setattr(institution.task, "local_counts", explode)
    with caplog.at_level(logging.DEBUG):
        reply = ask(three["north"], question)

    assert (reply.error.code, reply.error.reason) == (errors.INTERNAL, "")
    assert CANARY not in caplog.text
    assert "ZeroDivisionError at test_client_app.py" in caplog.text
