from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from federated import errors, pki, signing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOSTS = ["coordinator.example", "127.0.0.1"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return pki.ensure(tmp_path_factory.mktemp("pki") / "pki", HOSTS, NOW)


def load(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_certificate_is_issued_by_the_ca(authority):
    load(authority.certificate).verify_directly_issued_by(load(authority.ca))


def test_the_certificate_names_every_host(authority):
    names = load(authority.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["coordinator.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_the_certificate_cannot_issue_others(authority):
    constraints = load(authority.certificate).extensions.get_extension_for_class(x509.BasicConstraints).value

    assert not constraints.ca


def test_keys_are_on_p384(authority):
    for path in (authority.ca_key, authority.key):
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key.curve, ec.SECP384R1)


def test_private_keys_are_read_by_their_owner_only(authority):
    assert [path.stat().st_mode & 0o077 for path in (authority.ca_key, authority.key, authority.directory)] == [0, 0, 0]


def test_the_certificate_holds_from_now_for_thirteen_months(authority):
    certificate = load(authority.certificate)

    assert certificate.not_valid_before_utc <= NOW <= certificate.not_valid_after_utc == NOW + timedelta(days=397)


def test_a_second_call_changes_nothing(authority):
    before = authority.certificate.read_bytes()
    pki.ensure(authority.directory, HOSTS, NOW)

    assert authority.certificate.read_bytes() == before


def test_a_certificate_taken_away_is_issued_anew_by_the_same_ca(tmp_path):
    one = pki.ensure(tmp_path / "pki", HOSTS, NOW)
    one.certificate.unlink()
    one.key.unlink()
    pki.ensure(tmp_path / "pki", HOSTS, NOW)

    load(one.certificate).verify_directly_issued_by(load(one.ca))


def test_without_the_ca_key_nothing_is_issued(tmp_path):
    one = pki.ensure(tmp_path / "pki", HOSTS, NOW)
    one.certificate.unlink()
    one.ca_key.unlink()

    with pytest.raises(errors.PkiError, match=r"ca\.key: missing"):
        pki.ensure(tmp_path / "pki", HOSTS, NOW)


def test_a_ca_key_that_is_no_elliptic_one_is_refused(tmp_path):
    one = pki.ensure(tmp_path / "pki", HOSTS, NOW)
    one.certificate.unlink()
    other = ed25519.Ed25519PrivateKey.generate()
    one.ca_key.write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

    with pytest.raises(errors.PkiError, match="not a key on an elliptic curve"):
        pki.ensure(tmp_path / "pki", HOSTS, NOW)


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "occupied").write_text("")

    with pytest.raises(errors.PkiError, match="occupied"):
        pki.ensure(tmp_path / "occupied" / "pki", HOSTS, NOW)


def test_a_node_key_is_in_openssh_form_with_its_public_half_beside_it(tmp_path):
    public = pki.create_node_key(tmp_path / "node.key")

    private = serialization.load_ssh_private_key((tmp_path / "node.key").read_bytes(), None)
    assert isinstance(private.curve, ec.SECP384R1)
    assert pki.public_bytes(public).startswith(b"-----BEGIN PUBLIC KEY-----")
    assert (tmp_path / "node.key").stat().st_mode & 0o077 == 0


def test_a_node_key_is_never_overwritten(tmp_path):
    pki.create_node_key(tmp_path / "node.key")

    with pytest.raises(errors.PkiError, match="there is a key already"):
        pki.create_node_key(tmp_path / "node.key")


def test_a_node_key_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "occupied").write_text("")

    with pytest.raises(errors.PkiError, match="occupied"):
        pki.create_node_key(tmp_path / "occupied" / "node.key")


def test_a_public_key_that_is_missing_is_named(tmp_path):
    with pytest.raises(errors.PkiError, match=r"node\.key\.pub"):
        pki.public_bytes(tmp_path / "node.key.pub")


def test_what_is_no_public_key_is_refused(tmp_path):
    (tmp_path / "node.key.pub").write_text("hello")

    with pytest.raises(errors.PkiError, match="not a public key in OpenSSH form"):
        pki.public_bytes(tmp_path / "node.key.pub")


def test_a_key_on_another_curve_is_refused(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    path = tmp_path / "node.key.pub"
    path.write_bytes(key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH))

    with pytest.raises(errors.PkiError, match="P-384"):
        pki.public_bytes(path)


def test_a_key_for_signatures_is_read_as_it_was_made(tmp_path):
    public = pki.create_signing_key(tmp_path / "signing.key")

    assert public == tmp_path / "signing.key.pub"
    assert public.read_text() == signing.public(pki.signing_key(tmp_path / "signing.key"))
    assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0


def test_a_key_for_signatures_is_never_overwritten(tmp_path):
    pki.create_signing_key(tmp_path / "signing.key")

    with pytest.raises(errors.PkiError, match="there is a key already"):
        pki.create_signing_key(tmp_path / "signing.key")


def test_a_key_for_signatures_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.PkiError, match=r"signing\.key: No such file"):
        pki.signing_key(tmp_path / "signing.key")


def test_what_is_no_key_for_signatures_is_refused(tmp_path, authority):
    (tmp_path / "signing.key").write_text("nonsense")

    with pytest.raises(errors.PkiError, match="not a private key in PEM form"):
        pki.signing_key(tmp_path / "signing.key")
    with pytest.raises(errors.PkiError, match="must be of type Ed25519"):
        pki.signing_key(authority.key)


def test_a_node_key_is_given_without_its_comment(tmp_path):
    public = pki.create_node_key(tmp_path / "supernode.key")
    text = public.read_text()
    public.write_text(f"{text} somebody@example.org\n")

    assert pki.node_key(public) == text.strip()
    assert public == pki.public_half(tmp_path / "supernode.key")


def test_a_certificate_says_when_it_ends_and_for_whom_it_is(authority):
    assert pki.ends(authority.certificate) == NOW + timedelta(days=397)
    assert set(pki.names(authority.certificate)) == set(HOSTS)


def test_what_is_no_certificate_is_named(tmp_path):
    with pytest.raises(errors.PkiError, match=r"none\.pem: cannot be read; expected a certificate"):
        pki.ends(tmp_path / "none.pem")
