import io
import json
import sys

import pytest

from entrepot import cli
from federated import charter as charters
from federated import conduct, desk, ledger, pki
from tests.federated import papering

NAMES = ("north", "south", "west")
CLOSED = "127.0.0.1:9"


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return papering.stores(tmp_path_factory.mktemp("stores"), NAMES)


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    """Call `entrepot federation ...` in a directory of its own; give the code, what it said and what went wrong."""
    monkeypatch.chdir(tmp_path)

    def run(*words, said=None):
        if said is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO(said))
        code = cli.main(["federation", *map(str, words)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def founded(call):
    assert call(*INIT)[0] == 0
    return call


INIT = (
    *("init", "c", "--name", "Learning together", "--policy", "source-noise", "--epsilon", "1", "--cohort", "30"),
    *("--catalog", "oulad", "--address", "127.0.0.1:8443", "--legal-entity", "University of north"),
    *("--jurisdiction", "DE"),
)


def join(call, name, store):
    assert call("invite", "c", name)[0] == 0
    words = ("--directory", name, "--legal-entity", f"University of {name}", "--jurisdiction", "DE")
    return call("join", f"{name}-invitation.json", *words, "--storage", store)


def admitted(call, name, store):
    join(call, name, store)
    assert call("admit", "c", f"{name}-application.json", "--superlink", CLOSED)[0] == 0


@pytest.fixture
def whole(founded, stores):
    for name in ("north", "south"):
        admitted(founded, name, stores[name])
    for name in ("north", "south"):
        assert founded("sign", "c/charter.json", "--member", f"{name}/member.toml", "--yes")[0] == 0
        assert founded("admit", "c", f"{name}-signature.json", "--superlink", CLOSED)[0] == 0
    return founded


def test_a_founder_is_told_what_to_do_next(call):
    code, said, _ = call(*INIT)

    assert code == 0
    assert "Founded Learning together in c." in said
    assert "entrepot federation invite c NAME" in said


def test_exact_takes_the_entity_and_the_place_of_the_coordinator(call):
    words = [word for word in INIT if word not in {"--epsilon", "1"}]
    words[words.index("source-noise")] = "exact"
    assert call(*words)[0] == 0

    rules = desk.load(papering.Path("c")).policy
    assert (rules.name, rules.legal_entity, rules.jurisdiction, rules.delta) == (
        "exact",
        "University of north",
        "DE",
        0,
    )


def test_an_invitation_is_for_its_reader_alone(founded, tmp_path):
    code, said, _ = founded("invite", "c", "north", "--to", "sub/north.json", "--days", "3")

    assert code == 0
    assert "for one application" in said
    assert (tmp_path / "sub" / "north.json").stat().st_mode & 0o077 == 0


def test_who_joins_is_told_what_it_takes_part_in(founded, stores):
    code, said, _ = join(founded, "north", stores["north"])

    assert code == 0
    assert "24 learners agree to training; the application says 20." in said
    assert "Beware: it trains only with 30 or more, so north waits until then." in said
    assert pki.signing_key(papering.Path("c/signing.key"))


def test_what_is_wrong_is_one_line_and_code_1(founded, stores):
    code, said, wrong = founded("join", "none.json", "--directory", "n", "--legal-entity", "x", "--jurisdiction", "DE")

    assert (code, said) == (1, "")
    assert wrong.startswith("entrepot: none.json: No such file")
    assert wrong.count("\n") == 1


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 1), ("", 1), ("YES\n", 1)])
def test_nothing_is_signed_without_a_yes(founded, stores, tmp_path, answer, code):
    admitted(founded, "north", stores["north"])
    found, said, wrong = founded("sign", "c/charter.json", "--member", "north/member.toml", said=answer)

    assert found == code
    assert "Learning together, charter version 2" in said
    assert (tmp_path / "north-signature.json").exists() == (tmp_path / "north" / "charter.json").exists() == (code == 0)
    assert ("nothing was signed" in wrong) == (code == 1)


def test_who_admits_is_told_who_has_not_signed(founded, stores):
    admitted(founded, "north", stores["north"])
    join(founded, "south", stores["south"])
    _, said, _ = founded("admit", "c", "south-application.json", "--superlink", CLOSED)

    assert "not signed yet: north, south" in said
    assert f"No SuperLink listens on {CLOSED}" in said


def test_a_charter_that_all_signed_verifies(whole):
    code, said, _ = whole("verify", "c/charter.json")

    assert code == 0
    assert "version 3 of Learning together holds" in said


def test_who_signs_again_keeps_the_signatures_of_all(whole, tmp_path):
    assert charters.unsigned(charters.load(tmp_path / "north" / "charter.json")) == ("south",)
    code, said, _ = whole("sign", "c/charter.json", "--member", "north/member.toml", "--yes")

    assert code == 0
    assert "The charter is in force. Next: entrepot member --settings north/member.toml" in said
    charters.verify(charters.load(tmp_path / "north" / "charter.json"))


def test_a_changed_letter_is_named(whole, tmp_path):
    path = tmp_path / "c" / "charter.json"
    path.write_text(path.read_text().replace('"epsilon": 1.0', '"epsilon": 2.0'))
    code, _, wrong = whole("verify", "c/charter.json")

    assert code == 1
    assert "seal does not hold" in wrong


def test_a_ledger_is_verified_with_its_head_and_its_signer(whole, tmp_path):
    book, key = tmp_path / "book.jsonl", pki.signing_key(tmp_path / "north" / "signing.key")
    for number in range(3):
        head = ledger.append(book, {"number": number}, key)
    charter = ("--charter", "c/charter.json")

    assert "3 lines follow from each other; signatures were not checked" in whole("verify", book)[1]
    assert (
        "its signatures hold; it ends as noted" in whole("verify", book, "--head", head, *charter, "--of", "north")[1]
    )
    assert whole("verify", book, "--head", "0" * 64)[0] == 1
    assert whole("verify", book, *charter)[0] == 1  # not the coordinator's
    assert whole("verify", book, *charter, "--of", "south")[0] == 1
    assert whole("verify", book, *charter, "--of", "nobody")[0] == 1
    book.write_text(book.read_text().replace('"number":1', '"number":7'))
    assert "line 2" in whole("verify", book)[2]


def test_another_epsilon_is_a_new_version(whole):
    code, said, _ = whole("change", "c", "--epsilon", "0.5")

    assert code == 0
    assert "charter version 4" in said
    assert "not signed yet: north, south" in said
    assert desk.load(papering.Path("c")).policy.cohort == 30


def test_a_change_to_exact_and_back_takes_noise_away_and_asks_for_it_again(founded):
    assert founded("change", "c", "--policy", "exact")[0] == 0
    assert desk.load(papering.Path("c")).policy.epsilon == 0
    code, _, wrong = founded("change", "c", "--policy", "secagg")
    assert (code, "epsilon is 0" in wrong) == (1, True)
    assert founded("change", "c", "--policy", "secagg", "--epsilon", "2", "--address", "other.example:443")[0] == 0

    now = desk.load(papering.Path("c"))
    assert (now.policy.epsilon, now.policy.delta, now.policy.legal_entity, now.address) == (
        2.0,
        1e-5,
        "",
        "other.example:443",
    )


def test_a_run_before_all_have_signed_is_refused(founded, stores):
    admitted(founded, "north", stores["north"])
    code, _, wrong = founded("run", "c", "--superlink", CLOSED)

    assert code == 1
    assert "members; source-noise needs 2 at least" in wrong


def test_a_run_is_followed_and_its_members_named(whole, monkeypatch):
    asked = {}

    def lead(directory, address, numbers, tell):
        asked.update(directory=str(directory), address=address, numbers=dict(numbers))
        tell("round 1")
        return {"members": ["north", "south"]}

    monkeypatch.setattr(conduct, "run", lead)
    code, said, _ = whole("run", "c", "--superlink", CLOSED, "--round-seconds", "5")

    assert (code, said) == (0, "round 1\nDone: 2 institutions took up the model: north, south.\n")
    assert asked == {"directory": "c", "address": CLOSED, "numbers": {"round-seconds": 5.0}}


def test_the_coordinator_sees_how_things_are_and_changes_nothing(whole, tmp_path):
    before = (tmp_path / "c" / "charter.json").read_bytes()
    code, said, _ = whole("status", "c", "--superlink", CLOSED)

    assert code == 0
    assert "start `entrepot coordinator`" in said
    assert "once more, for they keep the signatures. Next: entrepot federation run c" in said
    assert (tmp_path / "c" / "charter.json").read_bytes() == before


def test_a_member_sees_what_it_signed(whole):
    code, said, _ = whole("status", "north/member.toml")

    assert code == 0
    assert "charter version 3" in said
    assert "Own ledger: 0 lines" in said


def test_a_member_leaves_and_the_coordinator_takes_it_out(whole, tmp_path):
    code, said, _ = whole("leave", "north/member.toml")
    assert code == 0
    assert "its node key is destroyed" in said
    assert whole("admit", "c", "north-withdrawal.json", "--superlink", CLOSED)[0] == 0

    assert [seat.name for seat in desk.load(tmp_path / "c").members] == ["south"]
    assert not (tmp_path / "north" / "charter.json").exists()


def test_the_coordinator_shuts_a_member_out(whole, tmp_path):
    code, said, _ = whole("leave", "c", "south", "--superlink", CLOSED)

    assert code == 0
    assert "Next: invite more institutions; source-noise needs 2, there are 1." in said
    assert whole("leave", "c", "--superlink", CLOSED)[2].startswith("entrepot: leave: c; name the member")
    assert [seat.name for seat in desk.load(tmp_path / "c").members] == ["north"]


def test_a_plan_is_made_of_sizes_or_of_the_members(whole):
    code, said, _ = whole("plan", "--sizes", "1200, 900,40", "--epsilon", "2")
    assert code == 0
    assert said.startswith("3 institutions, 2140 learners")
    assert "Beware: institution 3 has 40 learners" in said
    assert whole("plan", "c")[1].startswith("2 institutions, 40 learners")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--sizes", "many"), "use numbers with commas between"),
        ((), "name the coordinator's directory, or --sizes"),
        (("--sizes", "100,200", "--epsilon", "9"), "epsilon 9"),
    ],
)
def test_a_plan_of_nothing_is_refused(call, words, text):
    code, _, wrong = call("plan", *words)

    assert code == 1
    assert text in wrong


def test_the_papers_hold_no_path_of_a_machine(whole, tmp_path):
    for path in (*tmp_path.glob("*.json"), tmp_path / "c" / "charter.json"):
        assert str(tmp_path) not in path.read_text()
    assert charters.load(tmp_path / "c" / "charter.json").members
    assert json.loads((tmp_path / "c" / "invitations.json").read_text()) == {}


def test_help_of_every_command_is_there(call, capsys):
    with pytest.raises(SystemExit, match="0"):
        call("--help")

    shown = capsys.readouterr().out
    for name in ("plan", "init", "change", "invite", "join", "admit", "sign", "run", "status", "leave", "verify"):
        assert f"\n    {name} " in shown
