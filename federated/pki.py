"""The consortium's private CA, the coordinator's certificate and one key per institution. Floor 3.

All keys are on P-384. A SuperNode's key is in OpenSSH form, the only one that Flower reads; the CA lets the
institutions check the coordinator, and the registered public keys let the coordinator check the institutions.
"""

import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from federated import errors, signing

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397
_SLACK = dt.timedelta(minutes=5)  # clocks of institutions differ a little


@dataclass(frozen=True)
class Authority:
    """Where the CA and the coordinator's certificate lie; `ca` is the only file that a member gets."""

    directory: Path

    @property
    def ca(self) -> Path:
        """The CA's certificate (PEM)."""
        return self.directory / "ca.pem"

    @property
    def ca_key(self) -> Path:
        """The CA's private key (PEM, 0600)."""
        return self.directory / "ca.key"

    @property
    def certificate(self) -> Path:
        """The coordinator's certificate (PEM)."""
        return self.directory / "server.pem"

    @property
    def key(self) -> Path:
        """The coordinator's private key (PEM, 0600)."""
        return self.directory / "server.key"


def ensure(directory: Path, hosts: Sequence[str], now: dt.datetime) -> Authority:
    """Return the authority in `directory`, made first where it is missing.

    Args:
        directory: where the four files lie; made with mode 0700.
        hosts: names and IP addresses by which members reach the coordinator.
        now: the time of issue, with a time zone.

    Raises:
        PkiError: the directory cannot be written, or holds a CA without its key.
    """
    authority = Authority(directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not authority.ca.exists():
            _create_ca(authority, now)
        if not authority.certificate.exists():
            _issue(authority, hosts, now)
    except OSError as error:
        text = f"{directory}: {error.strerror}; choose a directory that this user may write"
        raise errors.PkiError(text) from error
    return authority


def create_node_key(path: Path) -> Path:
    """Make an institution's private key at `path` (0600), its public half at `path`.pub, and return that one.

    Raises:
        PkiError: `path` exists (a key is never overwritten) or cannot be written.
    """
    key = ec.generate_private_key(ec.SECP384R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    form = serialization.PublicFormat.OpenSSH
    return _keep(path, private, key.public_key().public_bytes(serialization.Encoding.OpenSSH, form))


def public_bytes(path: Path) -> bytes:
    """Return the public key in the OpenSSH file `path` as PEM SubjectPublicKeyInfo, the form that is registered.

    Raises:
        PkiError: it cannot be read, or is no key on P-384.
    """
    try:
        key = serialization.load_ssh_public_key(path.read_bytes())
    except OSError as error:
        text = f"{path}: {error.strerror}; expected the institution's public key (OpenSSH)"
        raise errors.PkiError(text) from error
    except ValueError as error:
        text = f"{path}: not a public key in OpenSSH form"
        raise errors.PkiError(text) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        text = f"{path}: the key must be on the curve P-384 (ecdsa-sha2-nistp384)"
        raise errors.PkiError(text)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def create_signing_key(path: Path) -> Path:
    """Make a key for signatures (Ed25519, PEM, 0600) at `path`, its public half (OpenSSH) at `path`.pub; return that.

    Raises:
        PkiError: as `create_node_key`.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _keep(path, private, signing.public(key).encode())


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the key for signatures in the PEM file at `path`.

    Raises:
        PkiError: it cannot be read, or is no Ed25519 key.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        text = f"{path}: {error.strerror}; expected the key for signatures that `entrepot federation` made"
        raise errors.PkiError(text) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        text = f"{path}: not a private key in PEM form"
        raise errors.PkiError(text) from error
    if not isinstance(key, Ed25519PrivateKey):
        text = f"{path}: the key must be of type Ed25519"
        raise errors.PkiError(text)
    return key


def public_half(key: Path) -> Path:
    """Return where the public half of the key at a path lies."""
    return key.with_name(key.name + ".pub")


def node_key(path: Path) -> str:
    """Return the public key in the OpenSSH file `path` as text without a comment; raises as `public_bytes`."""
    public_bytes(path)
    return " ".join(path.read_text(encoding="ascii").split()[:2])


def names(certificate: Path) -> tuple[str, ...]:
    """Return the hosts and addresses that the certificate (PEM) at a path is for; raises PkiError as `ends`."""
    found = _certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = found.get_values_for_type(x509.IPAddress)
    return (*found.get_values_for_type(x509.DNSName), *map(str, addresses))


def ends(certificate: Path) -> dt.datetime:
    """Return when the certificate (PEM) at a path ends; raises PkiError when it cannot be read."""
    return _certificate(certificate).not_valid_after_utc


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        text = f"{path}: cannot be read; expected a certificate in PEM form"
        raise errors.PkiError(text) from error


def _create_ca(authority: Authority, now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Entrepot consortium CA")])
    usage = _usage(certificates=True)
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA384())
    )
    _write_secret(authority.ca_key, _pem(key))
    authority.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _issue(authority: Authority, hosts: Sequence[str], now: dt.datetime) -> None:
    try:
        issuer_key = serialization.load_pem_private_key(authority.ca_key.read_bytes(), password=None)
    except FileNotFoundError as error:
        text = f"{authority.ca_key}: missing beside {authority.ca.name}; only the holder of the CA key can issue"
        raise errors.PkiError(text) from error
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        text = f"{authority.ca_key}: not a key on an elliptic curve"
        raise errors.PkiError(text)
    issuer = x509.load_pem_x509_certificate(authority.ca.read_bytes())
    key = ec.generate_private_key(ec.SECP384R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    issuer_identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(name, issuer.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_identifier), critical=False
        )
        .sign(issuer_key, hashes.SHA384())
    )
    _write_secret(authority.key, _pem(key))
    authority.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _keep(path: Path, private: bytes, public: bytes) -> Path:
    """Write both halves of a new key, and return the path of the public one."""
    beside = public_half(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_secret(path, private)
        beside.write_bytes(public)
    except FileExistsError as error:
        text = f"{path}: there is a key already; keep it, or move it away first"
        raise errors.PkiError(text) from error
    except OSError as error:
        text = f"{path}: {error.strerror}; choose a path that this user may write"
        raise errors.PkiError(text) from error
    return beside


def _write_secret(path: Path, content: bytes) -> None:
    """Write `content` to a new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
