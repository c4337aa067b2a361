import base64
import stat

import pytest

from entrepot import cli, premises, variables
from lti_tool import platforms
from storage import connect
from xapi_collector import keyring
from xapi_collector.door import auth


def run(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def no_variables(monkeypatch):
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def made(tmp_path, no_variables):
    return premises.establish(
        tmp_path / "wales", "wales", xapi_url="https://learn.example.org/xapi", lti_url="https://learn.example.org"
    )


def within(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_init_makes_an_institution_whose_secrets_only_its_owner_may_read(tmp_path, capsys, no_variables):
    code, _out, _err = run(
        capsys,
        "init",
        "--directory",
        tmp_path / "wales",
        "--institution",
        "wales",
        "--url",
        "https://learn.example.org/",
    )

    assert code == 0
    secret = ("institution.env", "keyring.json", "tool-key.pem", "supernode.key")
    assert [stat.S_IMODE((tmp_path / "wales" / name).stat().st_mode) for name in secret] == [0o600] * 4
    assert stat.S_IMODE((tmp_path / "wales").stat().st_mode) == 0o700
    assert "ENTREPOT_XAPI_URL=https://learn.example.org/xapi\n" in (tmp_path / "wales/institution.env").read_text()


def test_init_refuses_a_directory_that_holds_an_institution(made, capsys):
    code, _out, err = run(
        capsys, "init", "--directory", made.directory, "--institution", "wales", "--url", "https://learn.example.org"
    )

    assert code == 1
    assert err == (
        f"entrepot: {made.directory} holds an institution already: choose another --directory, or remove that one\n"
    )


def test_init_with_a_wrong_storage_leaves_no_key_behind(tmp_path, capsys, no_variables):
    code, _out, err = run(
        capsys, "init", "--directory", tmp_path / "wales", "--institution", "wales", "--url", "https://x.test",
        "--storage", "oracle://x",
    )  # fmt: skip

    assert code == 1
    assert "use sqlite:///directory or mongodb://host/database" in err
    assert list((tmp_path / "wales").glob("*.json")) == []


def test_a_directory_that_cannot_be_made_is_named_with_what_to_do(tmp_path, capsys, no_variables):
    (tmp_path / "file").write_text("")

    code, _out, err = run(
        capsys, "init", "--directory", tmp_path / "file" / "wales", "--institution", "wales", "--url", "https://x.test"
    )

    assert code == 1
    assert err.startswith(f"entrepot: cannot write in {tmp_path / 'file' / 'wales'}")
    assert "make it writable, or choose another with --directory" in err


def test_a_credential_is_shown_once_and_opens_the_collector(made, capsys, monkeypatch):
    within(monkeypatch, made.environment)

    code, out, _err = run(capsys, "credential", "--name", "moodle")
    key, secret = (line.split()[1] for line in out.splitlines()[:2])

    assert code == 0
    storage = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
    try:
        secrets = keyring.load(made.environment["ENTREPOT_KEYRING"])
        header = f"Basic {base64.b64encode(f'{key}:{secret}'.encode()).decode()}"
        assert auth.authenticate(storage, secrets, header, "https://learn.example.org/xapi", 0).key == key
    finally:
        storage.close()


def test_a_registered_platform_is_found_by_the_tool(made, capsys, monkeypatch):
    within(monkeypatch, made.environment)

    words = "--iss https://lms.test --client-id c1 --deployment 1 --deployment 2 --auth-url https://lms.test/a"
    urls = "--token-url https://lms.test/t --jwks-url https://lms.test/j"
    code, _out, _err = run(capsys, "platform", "add", *words.split(), *urls.split())

    assert code == 0
    storage = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
    try:
        assert platforms.find(storage, "https://lms.test", "c1").deployments == ("1", "2")
    finally:
        storage.close()


def test_a_missing_variable_is_one_line_that_says_what_to_set(capsys, no_variables):
    code, _out, err = run(capsys, "credential", "--name", "moodle")

    assert code == 1
    assert err.startswith("entrepot: Set ENTREPOT_STORAGE: ")
    assert err.count("\n") == 1


def test_an_unknown_variable_is_refused_with_the_nearest_known_one(capsys, monkeypatch, no_variables):
    monkeypatch.setenv("ENTREPOT_STROAGE", "sqlite:///x")

    code, _out, err = run(capsys, "variables")

    assert (code, err) == (1, "entrepot: unknown variable ENTREPOT_STROAGE: did you mean ENTREPOT_STORAGE?\n")


def test_an_unknown_variable_like_no_other_says_where_the_known_ones_are(capsys, monkeypatch, no_variables):
    monkeypatch.setenv("ENTREPOT_QQQQQ", "1")

    assert "listed by `entrepot variables`" in run(capsys, "variables")[2]


def test_every_variable_is_listed_with_what_it_is(capsys, no_variables):
    _code, out, _err = run(capsys, "variables")

    assert all(f"{name}\n    {text}\n" in out for name, text in variables.known().items())


@pytest.mark.parametrize("server", ["collector", "tool", "sandbox"])
def test_a_server_on_a_port_in_use_says_what_to_do(server, listener, capsys, no_variables):
    code, _out, err = run(capsys, server, "--port", listener)

    assert (code, err) == (
        1,
        f"entrepot: port {listener} is in use: stop the program that uses it, or choose another with --port\n",
    )


def test_a_member_without_settings_is_one_line(tmp_path, capsys, no_variables):
    code, _out, err = run(capsys, "member", "--settings", tmp_path / "member.toml")

    assert code == 1
    assert err == f"entrepot: {tmp_path / 'member.toml'}: No such file or directory; expected a settings file\n"


def test_a_coordinator_without_a_consortium_is_one_line(tmp_path, capsys, no_variables):
    code, _out, err = run(capsys, "coordinator", "--directory", tmp_path)

    expected = f"entrepot: {tmp_path} holds no consortium; make one by `entrepot federation init`\n"
    assert (code, err) == (1, expected)


@pytest.mark.usefixtures("no_variables")
@pytest.mark.parametrize(("count", "policy", "least"), [(2, "exact", 3), (12, "exact", 3), (1, "source-noise", 2)])
def test_the_demo_refuses_what_a_policy_or_the_regions_cannot_give(count, policy, least, tmp_path, capsys):
    code, _out, err = run(capsys, "demo", "--institutions", count, "--policy", policy, "--directory", tmp_path / "demo")

    expected = f"OULAD has 11 regions, choose {least} to 11 under the policy {policy}"
    assert (code, err) == (1, f"entrepot: --institutions {count}: {expected}\n")


def test_a_demo_of_too_few_learners_is_refused(capsys, tmp_path):
    code, _out, err = run(capsys, "demo", "--learners", 20, "--directory", tmp_path / "demo")

    assert (code, err) == (1, "entrepot: --learners 20: too few to learn from; use 100 or more, or 0 for all\n")
    assert not (tmp_path / "demo").exists()


def test_the_demo_does_not_touch_a_directory_with_other_files(tmp_path, unused_port, capsys, no_variables):
    (tmp_path / "thesis.txt").write_text("years of work")

    code, _out, err = run(capsys, "demo", "--institutions", 3, "--port", unused_port, "--directory", tmp_path, "--once")

    assert code == 1
    assert "holds files that are not the demo's: choose an empty --directory" in err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_demo_on_a_port_in_use_says_what_to_do(listener, tmp_path, capsys, no_variables):
    code, _out, err = run(capsys, "demo", "--port", listener, "--directory", tmp_path / "demo")

    assert code == 1
    assert f"port {listener} is in use" in err
    assert not (tmp_path / "demo").exists()
