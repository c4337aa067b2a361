"""`entrepot lrs` as an operator calls it."""

import pytest

from entrepot import cli, premises, variables
from storage import connect
from tests.xapi_collector.lrs import basic, statement
from xapi_collector import app, keyring, settings


class Site:
    """An institution's directory and the command within its environment."""

    def __init__(self, directory, capsys):
        self.made = premises.establish(
            directory, "wales", xapi_url="https://learn.example/xapi", lti_url="https://learn.example"
        )
        self._capsys = capsys

    def run(self, *words):
        """The exit code, what it said, and what it said of its progress or trouble."""
        code = cli.main(["lrs", *(str(word) for word in words)])
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def status(self, key, secret, method="GET", **options):
        """What the collector answers to a request with a credential."""
        storage = connect.connect(self.made.environment["ENTREPOT_STORAGE"], *settings.COLLECTIONS)
        its = settings.Settings(
            storage=self.made.environment["ENTREPOT_STORAGE"],
            keyring=self.made.environment["ENTREPOT_KEYRING"],
            institution="wales",
            xapi_url="https://learn.example/xapi",
        )
        client = app.create_app(its, storage, keyring.load(its.keyring)).test_client()
        headers = {"X-Experience-API-Version": "1.0.3"} | basic(key, secret)
        try:
            return client.open("/xapi/statements", method=method, headers=headers, **options).status_code
        finally:
            storage.close()


@pytest.fixture
def site(tmp_path, capsys, monkeypatch):
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)
    made = Site(tmp_path / "wales", capsys)
    for name, value in made.made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def pair(out):
    """The key and the secret that a command showed."""
    return tuple(line.split()[1] for line in out.splitlines() if line.startswith(("key ", "secret ")))


def test_a_new_credential_may_send_and_read_its_own_statements(site):
    code, out, _ = site.run("credentials", "create", "--name", "moodle")
    key, secret = pair(out)

    assert code == 0
    assert site.status(key, secret, "POST", json=statement()) == 200
    assert f"{key}  statements/read/mine,statements/write  used " in site.run("credentials", "list")[1]


def test_a_credential_with_one_scope_may_do_nothing_else(site):
    key, secret = pair(site.run("credentials", "create", "--name", "m", "--scopes", "statements/write")[1])

    assert site.status(key, secret) == 403
    assert f"{key}  statements/write  " in site.run("credentials", "list")[1]


def test_an_unknown_scope_is_refused_with_those_that_there_are(site):
    code, _, err = site.run("credentials", "create", "--name", "m", "--scopes", "statements/write,everything")

    assert code == 1
    assert "everything" in err
    assert "statements/read/mine" in err


def test_a_rotated_credential_has_two_secrets_for_a_while(site):
    key, secret = pair(site.run("credentials", "create", "--name", "m", "--scopes", "all")[1])
    (new,) = pair(site.run("credentials", "rotate", key)[1])

    assert new != secret
    assert [site.status(key, each) for each in (secret, new)] == [200, 200]
    assert "old secret until" in site.run("credentials", "list")[1]


def test_a_rotation_without_overlap_ends_the_old_secret_at_once(site):
    key, secret = pair(site.run("credentials", "create", "--name", "m", "--scopes", "all")[1])
    (new,) = pair(site.run("credentials", "rotate", key, "--overlap", "0")[1])

    assert [site.status(key, each) for each in (secret, new)] == [401, 200]


def test_a_revoked_credential_is_refused_and_gone_from_the_list(site):
    key, secret = pair(site.run("credentials", "create", "--name", "m", "--scopes", "all")[1])

    assert site.run("credentials", "revoke", key)[0] == 0
    assert site.status(key, secret) == 401
    assert key not in site.run("credentials", "list")[1]


@pytest.mark.parametrize("action", ["rotate", "revoke"])
def test_an_unknown_key_is_one_line_that_says_where_the_keys_are(site, action):
    code, out, err = site.run("credentials", action, "nobody")

    assert (code, out) == (1, "")
    assert err == "entrepot: No credential has this key; `entrepot lrs credentials list` shows them.\n"


def test_without_variables_it_says_what_to_set(capsys, monkeypatch):
    for name in variables.known():
        monkeypatch.delenv(name, raising=False)

    assert cli.main(["lrs", "credentials", "list"]) == 1
    assert capsys.readouterr().err.startswith("entrepot: Set ENTREPOT_STORAGE: ")


def test_the_help_of_the_house_imports_no_room():
    import subprocess
    import sys

    script = (
        "import sys; from entrepot import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: print([name for name in sys.modules if name.startswith(('xapi_collector', 'lti_tool'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")
    assert "lrs" in done.stdout
