"""What the sandbox signs: the message hint of a launch, and its id_token. Floor 4.

LTI 1.3 core, section 5; the claims are those that a real platform sends, the learner's name among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.sandbox.config import Config, Course, Institution, Person

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LIFETIME = 300
HINT_LIFETIME = 3600
HINT_AUDIENCE = "lti_message_hint"


@dataclass(frozen=True)
class Signer:
    """The platform's loaded key and its id."""

    private: rsa.RSAPrivateKey
    kid: str


@dataclass(frozen=True)
class Hint:
    """What the platform remembers of a begun launch, by a signed hint that comes back to it."""

    institution: str
    course: str
    person: str
    language: str


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
    body = {"i": hint.institution, "c": hint.course, "p": hint.person, "l": hint.language}
    return sign(signer, {**body, "aud": HINT_AUDIENCE, "exp": int(now) + HINT_LIFETIME})


def read_hint(signer: Signer, text: str) -> Hint | None:
    """The hint, or None if it is not ours or too old."""
    try:
        body = jwt.decode(text, signer.private.public_key(), algorithms=["RS256"], audience=HINT_AUDIENCE)
    except jwt.PyJWTError:
        return None
    return Hint(body["i"], body["c"], body["p"], body["l"])


def launch_claims(
    config: Config, institution: Institution, course: Course, person: Person, *, nonce: str, language: str, now: float
) -> dict[str, Any]:
    """The claims of a resource link launch (LTI 1.3 core, section 5.3 and 5.4)."""
    role = "Instructor" if person.instructor else "Learner"
    return {
        "iss": config.issuer,
        "aud": institution.tool.client_id,
        "azp": institution.tool.client_id,
        "sub": person.id,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "nonce": nonce,
        "name": person.name[language],
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": institution.tool.deployment_id,
        LTI + "target_link_uri": institution.tool.launch_url,
        LTI + "roles": [MEMBERSHIP + role],
        LTI + "resource_link": {"id": f"{institution.id}-{course.id}-link", "title": course.title[language]},
        LTI + "context": {
            "id": f"{institution.id}-{course.id}",
            "label": course.id,
            "title": course.title[language],
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        },
        LTI + "custom": dict(course.custom),
        LTI + "launch_presentation": {
            "document_target": "iframe",
            "locale": {"en": "en", "zh": "zh-CN"}[language],
            "return_url": f"{config.issuer}/{institution.id}/courses/{course.id}",
        },
        LTI + "tool_platform": {"guid": config.issuer, "name": "Entrepôt sandbox", "product_family_code": "entrepot"},
    }
