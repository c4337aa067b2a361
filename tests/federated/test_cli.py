from dataclasses import asdict, replace
from pathlib import Path

import pytest

from federated import charter as charters
from federated import cli, commands, desk, errors, papers, pki, settings
from federated.commands import Address
from federated.pki import Authority
from tests.federated import builders, founding, papering

ADDRESS = Address("127.0.0.1", 8000)


@pytest.fixture
def become(monkeypatch):
    """What the process would turn into, instead of turning into it."""
    seen = []
    monkeypatch.setattr(cli.os, "execve", lambda program, command, environ: seen.append((command, environ)))
    return seen


def agreed(**changes):
    """A charter for what is installed, which all have signed."""
    return founding.signed(founding.draft(**{**asdict(papers.installed("oulad")), **changes}))


@pytest.fixture
def member(tmp_path):
    one = settings.Member("north", "sqlite:///store", Path("models"), builders.ENTITY, superlink="c.example:443")
    settings.save(tmp_path / "member.toml", one)
    (tmp_path / "consortium-ca.pem").write_text("ca")
    (tmp_path / "charter.json").write_text(charters.dump(agreed()))
    pki.create_node_key(tmp_path / "supernode.key")
    return tmp_path / "member.toml"


def test_a_coordinator_becomes_a_superlink_with_tls_and_registered_keys(tmp_path, become):
    desk.found(tmp_path, papering.terms(address="learn.example.org:443"), papering.NOW)
    cli.coordinator(tmp_path, "0.0.0.0", 8000)  # an address is only passed on here

    ((command, environ),) = become
    assert command[1:5] == ["-m", "federated.superlink", "0.0.0.0:8000", str(tmp_path / "pki" / "ca.pem")]
    assert {"--enable-supernode-auth", "--ssl-certfile", "--disable-runtime-dependency-installation"} <= set(command)
    assert str(tmp_path / "superlink.db") in command
    assert environ["ENTREPOT_COORDINATOR"] == str(tmp_path)
    assert (tmp_path / "pki" / "ca.pem").exists()


def test_a_directory_without_a_coordinator_is_named(tmp_path, become):
    with pytest.raises(errors.CharterError, match="holds no consortium; make one by `entrepot federation init`"):
        cli.coordinator(tmp_path)
    assert become == []


def test_a_certificate_taken_away_is_issued_for_the_address_of_the_charter(tmp_path, become):
    desk.found(tmp_path, papering.terms(address="learn.example.org:443"), papering.NOW)
    for name in ("server.pem", "server.key"):
        (tmp_path / "pki" / name).unlink()
    cli.coordinator(tmp_path, "127.0.0.1", 8000, names=["more.example.org"])

    names = pki.names(tmp_path / "pki" / "server.pem")
    assert names == ("learn.example.org", "more.example.org", "localhost", "127.0.0.1")


@pytest.mark.parametrize(
    ("charter", "text"),
    [
        (founding.signed(founding.draft(), "south"), "no valid signature of north, west"),
        (founding.draft(members=founding.SEATS[1:]), "north is no member"),
        (replace(agreed(), seal=""), "the coordinator's seal does not hold"),
        (agreed(bundle="0" * 64), "the consortium runs the bundle '000000000000'"),
    ],
)
def test_a_member_runs_under_a_charter_that_it_signed(member, become, charter, text):
    (member.parent / "charter.json").write_text(charters.dump(charter))

    with pytest.raises(errors.FederatedError, match=text):
        cli.member(member)
    assert become == []


def test_a_member_without_a_charter_does_not_run(member, become):
    (member.parent / "charter.json").unlink()

    with pytest.raises(errors.CharterError, match=r"charter\.json: cannot be read"):
        cli.member(member)
    assert become == []


def test_a_member_becomes_an_executor_with_its_supernode(member, become):
    cli.member(member)

    ((command, environ),) = become
    assert command[1:4] == ["-m", "federated.executor", "c.example:443"]
    assert command[-2:] == [str(member), "3.0"]
    assert environ["FLWR_HOME"] == str(member.parent / "supernode")


def test_a_member_without_a_coordinator_is_told_so(member, become):
    settings.save(member, replace(settings.load_member(member), superlink=""))

    with pytest.raises(errors.SettingsError, match="superlink is missing"):
        cli.member(member)


@pytest.mark.parametrize(("name", "what"), [("consortium-ca.pem", "CA certificate"), ("supernode.key", "node key")])
def test_a_missing_key_or_certificate_is_named(member, become, name, what):
    (member.parent / name).unlink()

    with pytest.raises(errors.SettingsError, match=f"{name}: missing; .*{what}"):
        cli.member(member)


def test_no_secret_of_the_environment_is_passed_on():
    environ = commands.environment(
        {"ENTREPOT_LTI_XAPI_SECRET": "s", "HTTPS_PROXY": "p", "PATH": "/bin", "LANG": "C"}, Path("home")
    )

    assert "ENTREPOT_LTI_XAPI_SECRET" not in environ
    assert environ["LANG"] == "C"
    assert environ["PATH"].endswith(":/bin")


def test_loopback_is_never_asked_for_by_way_of_a_proxy():
    environ = commands.environment({"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": ".example"}, Path("home"))

    assert environ["HTTPS_PROXY"] == "http://proxy.example"
    assert environ["NO_PROXY"] == environ["no_proxy"] == ".example,127.0.0.1,localhost"


def test_nothing_phones_home():
    environ = commands.environment({}, Path("home"))

    assert environ["FLWR_TELEMETRY_ENABLED"] == "0"
    assert environ["FLWR_DISABLE_UPDATE_CHECK"] == "1"


def test_no_program_runs_without_tls(tmp_path):
    one = settings.Member("north", "sqlite:///store", Path("models"))
    link = commands.superlink(Authority(tmp_path), ADDRESS, None)
    node = commands.supernode("c.example:443", one, 9000, tmp_path / "member.toml", secret=tmp_path / "secret")

    assert "--insecure" not in [*link, *node]
    assert "--database" not in link


def test_a_supernode_is_told_where_its_settings_are_and_nothing_of_its_data(tmp_path):
    one = settings.Member("north", "sqlite:///store", Path("models"))
    node = commands.supernode("c.example:443", one, 9000, tmp_path / "member.toml", secret=tmp_path / "secret")

    assert node[node.index("--node-config") + 1] == f'settings="{tmp_path / "member.toml"}"'
    assert "sqlite" not in " ".join(node)


def test_an_address_of_ipv6_stands_in_brackets():
    assert [str(Address(host, 8000)) for host in ("::", "127.0.0.1")] == ["[::]:8000", "127.0.0.1:8000"]
