import logging
from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict

from federated import (
    answers,
    charter,
    client_app,
    errors,
    evidence,
    guard,
    ledger,
    messages,
    private,
    records,
    register,
    server_app,
    task,
)
from federated.app.entrepot_app import client_app as bundled_client
from federated.app.entrepot_app import server_app as bundled_server
from federated.messages import Place
from tests.federated import asking, builders

pytestmark = pytest.mark.usefixtures("identity")

CANARY = "canary alice@uni.example"
NOISY = {"policy": "source-noise", "epsilon": 4.0, "delta": 1e-5, "cohort": 20}


def ask(path, packet):
    message = Message(records.content(packet), 10, f"query.{records.action(packet.kind)}", group_id="1")
    message.metadata.__dict__["_message_id"] = "question"
    context = Context(
        run_id=2, node_id=10, node_config={"settings": str(path)}, state=RecordDict(), run_config={}, series_id=1
    )
    return client_app.app(message, context)


@pytest.fixture
def place(tmp_path, apart):
    """The four under a charter that adds noise."""
    builders.consortium(tmp_path / "consortium", apart, **NOISY)
    return Place(charter.load(tmp_path / "consortium" / "charter.json"), "1")


@pytest.fixture
def question(space, place):
    return asking.question(space, place, private.LEVELS, arrays=messages.state(private.asked(private.begin(space))))


def noted(path):
    found = register.entries(ledger.read(path.parent / "supernode" / evidence.REGISTER))
    return [one.refused for _, one in found]


def test_a_question_is_answered_with_what_the_guard_passes_and_noted(apart, space, question):
    packet = records.packet(ask(apart["north"], question).content, question.kind)

    (release,) = private.steps(space)[0].releases
    guard.answer(packet, question, {release.name: ("int64", release.size)})
    assert noted(apart["north"]) == [""]


def test_publishing_is_answered_with_nothing(apart, space, place):
    reply = ask(apart["north"], asking.question(space, place, messages.PUBLISH, task.start(space), round=3))

    packet = records.packet(reply.content, messages.PUBLISH)
    assert (packet.arrays, packet.numbers) == ({}, {"round": 3, "exchange": 1})
    assert (apart["north"].parent / "models" / "oulad" / "manifest.json").exists()


@pytest.mark.parametrize("kind", answers.ANSWERS)
def test_every_kind_of_question_has_a_handler(apart, place, space, kind):
    """A question without numbers or a model is refused by a code of ours: it came to a handler."""
    reply = ask(apart["north"], replace(asking.question(space, place, kind, turn=1, turns=1, rows=1, keys=1, more=1)))

    assert reply.error.code in {errors.POLICY, errors.MESSAGE}
    assert reply.error.reason == ""


def test_the_bundle_names_the_two_apps_and_holds_nothing_else():
    assert bundled_client.app is client_app.app
    assert bundled_server.app is server_app.app


def test_missing_settings_leave_as_a_code(tmp_path, question):
    reply = ask(tmp_path / "missing.toml", question)

    assert (reply.error.code, reply.error.reason) == (errors.SETTINGS, "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"charter": "0"}, errors.POLICY),
        ({"policy": "0"}, errors.POLICY),
        ({"catalog": "0"}, errors.CATALOG),
        ({"run": "a/b"}, errors.MESSAGE),
        ({"attempt": "x"}, errors.MESSAGE),
    ],
)
def test_a_refusal_leaves_as_a_code_and_is_noted(apart, question, change, code):
    reply = ask(apart["north"], replace(question, names={**question.names, **change}))

    assert (reply.error.code, reply.error.reason) == (code, "")
    assert noted(apart["north"]) == [errors.reason(code)]


def test_poisoned_weights_are_not_worked_on(apart, question):
    (name,) = [one for one in question.arrays if one.endswith("weights")]
    poisoned = {**question.arrays, name: question.arrays[name] * np.nan}

    assert ask(apart["north"], replace(question, arrays=poisoned)).error.code == errors.MESSAGE
    assert noted(apart["north"]) == ["message"]


@pytest.mark.parametrize("module", ["private.contributions", "evidence.sent", "evidence.refused"])
def test_the_text_of_an_unforeseen_exception_neither_leaves_nor_is_logged(apart, question, monkeypatch, caplog, module):
    def explode(*_arguments):
        raise ZeroDivisionError(CANARY)

    where, name = module.split(".")
    monkeypatch.setattr(getattr(answers, where), name, explode)
    asked = question if name != "refused" else replace(question, names={**question.names, "charter": "0"})
    with caplog.at_level(logging.DEBUG):
        reply = ask(apart["north"], asked)

    assert (reply.error.code, reply.error.reason) == (errors.INTERNAL, "")
    assert CANARY not in caplog.text
    assert "ZeroDivisionError at test_client_app.py" in caplog.text
