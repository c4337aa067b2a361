import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from federated import signing
from tests.federated import founding

KEY = founding.key(7)
PUBLIC = signing.public(KEY)
BODY = {"b": 1, "a": "é"}


def openssh(key):
    form = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode()


def test_the_order_of_members_does_not_matter():
    assert signing.canonical(BODY) == '{"a":"é","b":1}'.encode()


def test_a_number_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        signing.canonical({"a": float("nan")})


def test_a_signature_holds_for_its_key_kind_and_body_alone():
    signature = signing.sign(KEY, "charter", BODY)

    assert signing.holds(PUBLIC, "charter", BODY, signature)
    assert not signing.holds(signing.public(founding.key(8)), "charter", BODY, signature)
    assert not signing.holds(PUBLIC, "invitation", BODY, signature)
    assert not signing.holds(PUBLIC, "charter", {**BODY, "b": 2}, signature)


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA", "é"])
def test_what_is_no_signature_does_not_hold(signature):
    assert not signing.holds(PUBLIC, "charter", BODY, signature)


@pytest.mark.parametrize("public", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "nonsense nonsense", founding.node(1)])
def test_under_what_is_no_key_nothing_holds(public):
    assert not signing.holds(public, "charter", BODY, signing.sign(KEY, "charter", BODY))


def test_the_raw_key_is_the_one_that_signs():
    ed25519.Ed25519PublicKey.from_public_bytes(signing.raw(PUBLIC)).verify(KEY.sign(b"x"), b"x")


@pytest.mark.parametrize(
    "text",
    [
        PUBLIC,
        "ssh-foo AAAA",
        "ssh-dss AAAAB3NzaC1kc3M=",
        "",
        openssh(ec.generate_private_key(ec.SECP256R1())),
        openssh(rsa.generate_private_key(65537, 2048)),
    ],
)
def test_a_key_of_a_supernode_is_on_p384(text):
    with pytest.raises(ValueError, match="not a public key of that kind"):
        signing.node(text)


def test_a_key_of_a_supernode_is_registered_as_pem():
    assert signing.node(founding.node(1)).startswith("-----BEGIN PUBLIC KEY-----\n")


def test_a_key_of_another_kind_signs_nothing():
    with pytest.raises(ValueError, match="not a public key of that kind"):
        signing.raw(founding.node(1))


def test_what_is_no_key_has_no_fingerprint():
    for text in ("", "one", "ssh-ed25519 ???"):
        with pytest.raises(ValueError, match="not a public key of that kind"):
            signing.fingerprint(text)


def test_fingerprints_are_those_that_ssh_keygen_prints():
    assert signing.fingerprint(PUBLIC) == "SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE"
    assert signing.fingerprint(founding.node(1)) == "SHA256:iTrxf94/SAuDwW9u2xArso6Yj8cFcqnDMQfKAqGxkpE"
