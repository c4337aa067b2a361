import json
from dataclasses import replace

import pytest

from federated import errors, evidence, ledger, pki, register, settings
from federated.messages import Packet
from tests.federated import builders
from tests.federated.hall import Hall

BASIS = "public task (GDPR Art. 6(1)(e)), notice of October 2026"


@pytest.fixture
def south(tmp_path, apart):
    """A member whose officer declared a basis and a time, under a charter in force; it refuses counts."""
    for path in apart.values():
        settings.save(path, replace(settings.load_member(path), legal_basis=BASIS, retention="three years"))
    noisy = {"policy": "source-noise", "epsilon": 4.0, "delta": 1e-5, "cohort": 20}
    builders.consortium(tmp_path / "consortium", apart, **noisy)
    hall = Hall(apart)
    answer = hall.answer("south", Packet("counts", {}, {"round": 1, "exchange": 1}, {"run": "7"}))

    assert (answer.packet, errors.reason(answer.code)) == (None, "policy")
    return hall.members["south"]


def test_what_an_officer_declared_stands_in_the_register(south):
    key = pki.signing_key(south.signing_key).public_key().public_bytes_raw()
    ((terms, _transfer),) = register.entries(ledger.read(south.state / evidence.REGISTER, public=key))

    assert (terms.legal_basis, terms.retention) == (BASIS, "three years")


def test_a_refusal_is_shown_at_once(south):
    consortium = south.models / "consortium"
    shown = json.loads((consortium / "oulad.json").read_text("utf-8"))

    assert [(one["run"], one["kind"], one["reason"]) for one in shown["refusals"]] == [("7", "counts", "policy")]
    assert shown["totals"]["answers"] == 0
    assert "notice of October 2026" in (consortium / "oulad" / "register.en.md").read_text("utf-8")
