import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import errors, ledger, register
from federated.register import Terms, Transfer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TERMS = Terms(
    institution="hangzhou",
    legal_entity="Example University Hangzhou",
    jurisdiction="CN",
    consortium="Cross-border commerce",
    recipient="Example University Leeds",
    recipient_jurisdiction="GB",
    policy="source-noise",
    charter="c0ffee" * 10,
)
SENT = Transfer("2026-11-26T10:00:00+00:00", "17", 1, "counts", 20_480, "ab" * 32, 0.0125)
REFUSED = Transfer("2027-01-05T08:00:00+00:00", "18", 2, "sums", refused="budget")


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "register.jsonl"
    register.note(found, TERMS, SENT, KEY)
    register.note(found, replace(TERMS, policy="secagg", charter="beef" * 16), replace(SENT, run="18"), KEY)
    register.note(found, TERMS, REFUSED, KEY)
    return found


def test_what_left_and_what_was_refused_is_noted_and_signed(path):
    assert ledger.verify(path, public=KEY.public_key().public_bytes_raw()) == 3
    assert [line.body["kind"] for line in ledger.read(path)] == ["sent", "sent", "refused"]
    assert register.entries(ledger.read(path))[2] == (TERMS, REFUSED)


def test_a_register_that_cannot_be_written_stops_the_answer(tmp_path):
    path = tmp_path / "register.jsonl"
    path.mkdir()

    with pytest.raises(errors.LedgerError):
        register.note(path, TERMS, SENT, KEY)


def test_the_filed_register_says_who_what_when_and_how_much(path):
    text = register.render(ledger.read(path))

    assert text.startswith("# Register of transfers: hangzhou\n")
    assert (
        "| Example University Hangzhou (hangzhou) | CN | Cross-border commerce | Example University Leeds | GB |"
        in text
    )
    assert "| 2026 | Example University Leeds | source-noise | 1 | 20,480 | 0 |" in text
    assert "| 2027 | Example University Leeds | source-noise | 0 | 0 | 1 |" in text
    assert "| 2026-11-26T10:00:00+00:00 | 17 | 1 | counts | 20,480 | 0.0125 | abababababababab |" in text
    assert "| 2027-01-05T08:00:00+00:00 | 18 | 2 | sums | budget |" in text
    assert ledger.last(path) in text


@pytest.mark.parametrize("language", register.LANGUAGES)
def test_every_provision_has_an_entry_or_an_open_place(path, language):
    text = register.render(ledger.read(path), language)

    named = ("30", "44", "49", "38", "39", "40", "56") if language == "en" else ("30", "44", "49", "三十八", "五十六")
    assert all(one in text for one in named)
    assert text.count({"en": "to be completed by the officer", "zh": "由个人信息保护负责人填写"}[language]) == 4


def test_what_the_officer_declared_takes_the_open_places(path):
    declared = replace(TERMS, legal_basis="GDPR Art. 6(1)(e)", retention="three years")
    register.note(path, declared, SENT, KEY)

    text = register.render(ledger.read(path))

    assert text.count("GDPR Art. 6(1)(e)") == 2
    assert "| Art. 30(1)(f), erasure | three years |" in text


@pytest.mark.parametrize("language", register.LANGUAGES)
def test_each_policy_that_was_used_is_described(path, language):
    text = register.render(ledger.read(path), language)

    assert "**source-noise" in text
    assert "**secagg" in text
    assert "**exact" not in text


def test_where_no_noise_is_added_nothing_is_said_to_be_bounded_by_epsilon(tmp_path):
    register.note(tmp_path / "r", replace(TERMS, policy="exact"), SENT)

    text = register.render(ledger.read(tmp_path / "r"))

    assert "epsilon" not in text
    assert "personal data may be inferred" in text


def test_a_policy_that_nobody_described_is_left_to_the_officer(tmp_path):
    register.note(tmp_path / "r", replace(TERMS, policy="later"), SENT)

    assert "no description of this policy" in register.render(ledger.read(tmp_path / "r"))


def test_a_jurisdiction_that_nobody_declared_says_so(tmp_path):
    register.note(tmp_path / "r", replace(TERMS, recipient_jurisdiction=""), SENT)

    assert "| Example University Leeds | not declared |" in register.render(ledger.read(tmp_path / "r"))


def test_where_all_was_refused_nothing_is_listed_as_sent(tmp_path):
    register.note(tmp_path / "r", TERMS, REFUSED)

    assert "## 6. Each answer\n\nNone." in register.render(ledger.read(tmp_path / "r"))


def test_where_nothing_was_refused_it_says_so(tmp_path):
    register.note(tmp_path / "r", TERMS, replace(SENT, mu_squared=0.0))

    text = register.render(ledger.read(tmp_path / "r"))

    assert "## 7. Refused questions\n\nNone." in text
    assert "| 20,480 | – |" in text


@pytest.mark.parametrize("language", register.LANGUAGES)
def test_an_empty_register_says_that_nothing_left(language):
    assert register._texts(language)["empty"] in register.render([], language)


def test_a_declared_name_cannot_become_markup(tmp_path):
    evil = "A | B\n# <script>[x](javascript:1)"
    register.note(tmp_path / "r", replace(TERMS, recipient=evil, consortium=evil), SENT)

    text = register.render(ledger.read(tmp_path / "r"))

    assert r"A \| B # \<script\>\[x\](javascript:1)" in text
    assert "\n# <" not in text


def test_a_line_about_the_file_itself_is_no_transfer(path):
    path.write_bytes(path.read_bytes()[:-4])
    register.note(path, TERMS, REFUSED, KEY)

    assert [transfer for _, transfer in register.entries(ledger.read(path))][-1] == REFUSED
    assert len(register.entries(ledger.read(path))) == 3


def test_both_languages_say_the_same_things():
    english, chinese = (register._texts(language) for language in register.LANGUAGES)

    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert text.count("|") == chinese[name].count("|")
        assert text.count("{") == chinese[name].count("{")


def test_no_line_holds_more_than_the_declared_facts(path):
    body = ledger.read(path)[0].body

    assert set(body) == {"kind", "terms", "transfer"}
    assert "learner" not in json.dumps(body)
