"""What persons allow, and what a reader that names its purpose then gets."""

import os
import random
import threading

import pytest

from tests.storage.stores import Clock
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, consent, envelope, errors, settings, statements
from xapi_collector.consent import ALLOW, DENY, PURPOSES

NOW = Clock()


def _person(lrs, name):
    return agents.pseudonym(agent(name), lrs.keys.pseudonym_key)


def _names(lrs, name):
    keys = envelope.DataKeys(lrs.storage, lrs.keys.sealing_key, os.urandom)
    return consent.names(agent(name), lrs.keys, keys, os.urandom)


def _say(lrs, name, purpose, choice, clock):
    return consent.say(lrs.storage, _names(lrs, name), purpose, choice, clock)


def _labels(lrs, purpose, **options):
    return [each.actor for each in statements.labels(lrs.storage, purpose=purpose, **options)]


@pytest.mark.parametrize(
    ("purpose", "choice"), [("service", True), ("analytics", True), ("training", False), ("employer", False)]
)
def test_where_nothing_was_said_or_declared_records_stay_in_teaching(lrs, purpose, choice):
    lrs.post(statement(actor=agent("a")))

    assert _labels(lrs, purpose) == [_person(lrs, "a")] * choice


def test_a_declaration_holds_for_all_who_said_nothing(lrs):
    lrs.post([statement(actor=agent(name)) for name in "abc"])
    _say(lrs, "b", "training", DENY, NOW)
    consent.declare(lrs.storage, "training", ALLOW, "research in the public interest, Article 89", NOW)

    assert _labels(lrs, "training") == [_person(lrs, "a"), _person(lrs, "c")]


def test_who_allows_is_read_where_silence_is_denial(lrs):
    lrs.post([statement(actor=agent(name)) for name in "abc"])
    _say(lrs, "b", "employer", ALLOW, NOW)

    assert _labels(lrs, "employer") == [_person(lrs, "b")]
    assert _labels(lrs, "employer", actor=_person(lrs, "a")) == []
    assert _labels(lrs, "employer", actor=_person(lrs, "b")) == [_person(lrs, "b")]


def test_a_choice_for_one_purpose_says_nothing_about_another(lrs):
    lrs.post(statement(actor=agent("a")))
    _say(lrs, "a", "analytics", DENY, NOW)

    assert [len(_labels(lrs, purpose)) for purpose in PURPOSES] == [1, 0, 0, 0]


def test_each_choice_stays_with_its_version_and_time(quick):
    clock = Clock(5)
    for choice in (ALLOW, DENY, ALLOW):
        consent.say(quick.storage, {"p" * 32: ""}, "training", choice, clock, notice="2026-09")
        clock.now += 1
    kept = consent.said(quick.storage, "p" * 32)["training"]

    assert (kept["choice"], kept["version"], kept["time"], kept["notice"]) == (ALLOW, 3, 7, "2026-09")
    assert [(each["choice"], each["version"], each["time"]) for each in kept["history"]] == [
        (ALLOW, 1, 5),
        (DENY, 2, 6),
        (ALLOW, 3, 7),
    ]


def test_a_declaration_keeps_those_before_it(quick):
    consent.declare(quick.storage, "employer", ALLOW, "contract", Clock(1))
    consent.declare(quick.storage, "employer", DENY, "the contract ended", Clock(2))
    kept = consent.declared(quick.storage, "employer")

    assert (kept["choice"], kept["basis"], kept["version"]) == (DENY, "the contract ended", 2)
    assert [each["basis"] for each in kept["history"]] == ["contract", "the contract ended"]


@pytest.mark.parametrize("basis", ["", "  "])
def test_no_declaration_goes_without_its_basis(quick, basis):
    with pytest.raises(errors.PurposeError, match="legal basis"):
        consent.declare(quick.storage, "training", ALLOW, basis, NOW)


def test_what_is_no_purpose_or_choice_is_refused_by_name(quick):
    with pytest.raises(errors.PurposeError, match="'marketing': name one of service"):
        _labels(quick, "marketing")
    with pytest.raises(errors.PurposeError, match="'maybe': say allow or deny"):
        _say(quick, "a", "training", "maybe", NOW)


def test_two_who_speak_at_once_are_both_kept(lrs):
    def speak():
        for _ in range(5):
            consent.say(lrs.storage, {"p" * 32: ""}, "training", DENY, NOW)

    threads = [threading.Thread(target=speak) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each["version"] for each in consent.said(lrs.storage, "p" * 32)["training"]["history"]] == [*range(1, 16)]


def test_a_thousand_random_toggles_match_an_oracle(quick):
    rng = random.Random(3)
    names = [f"n{number}" for number in range(25)]
    quick.post([statement(actor=agent(name)) for name in names])
    said = {}
    declared = {purpose: choice == ALLOW for purpose, choice in consent.UNDECLARED.items()}
    for step in range(1000):
        purpose, choice = rng.choice(PURPOSES), rng.choice((ALLOW, DENY))
        if rng.random() < 0.02:
            consent.declare(quick.storage, purpose, choice, "as the test says", NOW)
            declared[purpose] = choice == ALLOW
        else:
            name = rng.choice(names)
            _say(quick, name, purpose, choice, NOW)
            said[name, purpose] = choice == ALLOW
        purpose = rng.choice(PURPOSES)
        expected = [name for name in names if said.get((name, purpose), declared[purpose])]
        if step % 5 == 0:
            assert _labels(quick, purpose) == [_person(quick, name) for name in expected]
        else:
            allowed = consent.allowed(quick.storage, purpose)
            assert [name for name in names if _person(quick, name) in allowed] == expected


def test_consents_are_found_by_their_person():
    assert settings.CONSENTS.person == "person"


def test_the_agent_of_a_choice_is_kept_sealed(lrs):
    _say(lrs, "Ada Lovelace", "training", DENY, NOW)
    (kept,) = lrs.storage.find(settings.CONSENTS)
    keys = envelope.DataKeys(lrs.storage, lrs.keys.sealing_key, os.urandom)

    assert "Lovelace" not in repr(kept)
    assert consent.agent_of(kept, keys) == agent("Ada Lovelace")
    lrs.storage.delete(settings.DATA_KEYS, (kept["person"],))
    assert consent.agent_of(kept, envelope.DataKeys(lrs.storage, lrs.keys.sealing_key, os.urandom)) is None
