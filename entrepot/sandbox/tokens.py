"""What the sandbox signs with: its keys, which may be rotated, and the hint of a launch that begins. Floor 4."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
HINT_LIFETIME = 3600
HINT_AUDIENCE = "lti_message_hint"


@dataclass(frozen=True)
class Signer:
    """The platform's loaded key and its id."""

    private: rsa.RSAPrivateKey
    kid: str


@dataclass(frozen=True)
class Hint:
    """What the platform remembers of a begun launch, by a signed hint that comes back to it.

    Attributes:
        institution: Its id.
        course: Its id.
        person: The id of whoever launches.
        language: Of the course page.
        link: The id of the link; empty for the course's first one, or for deep linking.
        message: "" for a resource link, or "deep_linking".
        client_id: Of the tool to be launched; empty for the institution's first one.
    """

    institution: str
    course: str
    person: str
    language: str
    link: str = ""
    message: str = ""
    client_id: str = ""


def new_signer(kid: str = "sandbox-1") -> Signer:
    """Make a new RSA key of 2048 bits."""
    return Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048), kid)


def jwk(signer: Signer) -> dict[str, Any]:
    """The public key as a JWK."""
    public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(signer.private.public_key(), as_dict=True)
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": signer.kid, "alg": "RS256", "use": "sig"}


def sign(signer: Signer, claims: dict[str, Any], **header: Any) -> str:
    """Sign claims with RS256; `header` adds to or replaces members of the header, None takes one out."""
    members = {name: value for name, value in {"kid": signer.kid, **header}.items() if value is not None}
    return jwt.encode(claims, signer.private, algorithm="RS256", headers=members)


def write_hint(signer: Signer, hint: Hint, now: float) -> str:
    """The signed hint of a launch that begins now."""
    return sign(signer, {"hint": list(astuple(hint)), "aud": HINT_AUDIENCE, "exp": int(now) + HINT_LIFETIME})


def read_hint(signer: Signer, text: str) -> Hint | None:
    """The hint, or None if it is not ours or too old."""
    try:
        body = jwt.decode(text, signer.private.public_key(), algorithms=["RS256"], audience=HINT_AUDIENCE)
    except jwt.PyJWTError:
        return None
    return Hint(*body["hint"])


class Ring:
    """The keys of a platform: one that signs, those that are published, and one that only hints are signed with."""

    def __init__(self, signer: Signer) -> None:
        self.hints = signer
        self.signer = signer
        self.published: tuple[Signer, ...] = (signer,)
        self._made = 1

    def rotate(self, *, keep: bool = True, publish: bool = True) -> Signer:
        """Sign with a new key from now on.

        Args:
            keep: The old ones stay in the key set; otherwise they are withdrawn at once.
            publish: The new one is in the key set at once; otherwise `publish` puts it there.
        """
        self._made += 1
        self.signer = new_signer(f"{self.hints.kid}-{self._made}")
        self.published = (*(self.published if keep else ()), *((self.signer,) if publish else ()))
        return self.signer

    def publish(self) -> None:
        """Put the key that signs into the key set."""
        if self.signer not in self.published:
            self.published = (*self.published, self.signer)
