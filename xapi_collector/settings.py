"""The collector's settings and the collections that it keeps. Floor 1."""

from dataclasses import dataclass, field
from pathlib import Path

from storage.collection import Collection


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says; read once, in `app.application`."""

    storage: str = field(
        metadata={
            "env": "ENTREPOT_STORAGE",
            "doc": "where records are kept: sqlite:///directory or mongodb://host/database",
        }
    )
    keyring: str = field(
        metadata={"env": "ENTREPOT_KEYRING", "doc": "the path of the institution's keyring, made by `entrepot init`"}
    )
    institution: str = field(
        metadata={"env": "ENTREPOT_INSTITUTION", "doc": "the institution's short id, such as scotland"}
    )
    xapi_url: str = field(
        metadata={
            "env": "ENTREPOT_XAPI_URL",
            "doc": "the public address of the collector, such as https://lrs.example/xapi",
        }
    )
    oidc_issuer: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_XAPI_OIDC_ISSUER",
            "doc": "whose bearer tokens are taken too, such as https://login.example (default: nobody's)",
        },
    )
    oidc_audience: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_XAPI_OIDC_AUDIENCE",
            "doc": "the audience that a token must be for; needed with an issuer",
        },
    )
    oidc_jwks_url: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_XAPI_OIDC_JWKS_URL",
            "doc": "where the issuer's keys are (default: where its discovery document says)",
        },
    )
    cors_origins: str = field(
        default="",
        metadata={
            "env": "ENTREPOT_XAPI_CORS_ORIGINS",
            "doc": "exact origins of pages that may talk to the collector from a browser, with commas between"
            " (default: none)",
        },
    )
    rate: int = field(
        default=500,
        metadata={
            "env": "ENTREPOT_XAPI_RATE",
            "doc": "requests a second that one credential may send while others send as well; 0 for no limit"
            " (default 500)",
        },
    )
    canvas: str = field(
        default="https://canvas.instructure.com",
        metadata={
            "env": "ENTREPOT_XAPI_CANVAS",
            "doc": "the issuer of LTI launches from the Canvas that sends Caliper events, the homePage of its people"
            " (default https://canvas.instructure.com)",
        },
    )
    workers: int = field(
        default=1,
        metadata={
            "env": "ENTREPOT_XAPI_WORKERS",
            "doc": "the number of worker processes that share that rate (default 1; `entrepot collector` sets it)",
        },
    )
    metrics: Path | None = field(
        default=None,
        metadata={
            "env": "ENTREPOT_XAPI_METRICS",
            "doc": "the directory in which the workers of a collector count; `entrepot collector` makes and sets it",
        },
    )


_RESIDENCY = "the institution's own store, on its own machines"
_BASIS = "public task or contract of the institution (GDPR Article 6(1)(e) or (b)); the institution declares which"

STATEMENTS = Collection(
    "statements",
    ("id",),
    hot=True,
    purpose="evidence of what a learner did: the learner's path, and the institution's part in the shared model",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="as the rules of `entrepot lrs retention` say: by age, and by how long a learner has been away",
    export="part of `entrepot lrs export-person`: every statement as it was sent, with the data of attachments",
    erase="by `entrepot lrs erase`: the learner's data key first, so unreadable in backups too, then rows and words; "
    "in statements of others an anonymous account stands for them",
)

DATA_KEYS = Collection(
    "data_keys",
    ("actor",),
    purpose="the key that seals one actor's statements, itself wrapped by the keyring",
    person="actor",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="as long as the actor's statements",
    export="not exported: a key says nothing about a person",
    erase="deleted first when an actor is erased",
)

CREDENTIALS = Collection(
    "credentials",
    ("key",),
    ("name",),
    purpose="which system may send to and read from the collector",
    legal_basis="legitimate interest in keeping others out (GDPR Article 6(1)(f)); systems, not persons",
    residency=_RESIDENCY,
    retention="until the credential is withdrawn",
    export="not exported: it names a system, and its secret is kept as a digest only",
    erase="deleted when the credential is withdrawn",
)

CONSENTS = Collection(
    "consents",
    ("person", "purpose"),
    ("choice",),
    person="person",
    purpose="what a person allows their statements to be used for, so that every later reader can honour it",
    legal_basis="legal obligation to prove consent (GDPR Article 6(1)(c) with Article 7(1))",
    residency=_RESIDENCY,
    retention="as long as the person's statements, each earlier choice with its time",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)

CONSENT_DEFAULTS = Collection(
    "consent_defaults",
    ("purpose",),
    purpose="what holds for a purpose where a person said nothing, and the legal basis that the institution states",
    legal_basis="no personal data",
    residency=_RESIDENCY,
    retention="as long as the store, each earlier declaration with its time",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)

PROGRESS = Collection(
    "progress",
    ("job",),
    purpose="how far a long job of the operator is, so that it goes on where it was killed; and what it did last",
    legal_basis="no personal data: places in the order of storing, counts and times",
    residency=_RESIDENCY,
    retention="until the job runs again",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)

RENAMES = Collection(
    "renames",
    ("old",),
    ("new",),
    person="old",
    purpose="which new pseudonym stands for which old one, while pseudonyms are rotated",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="until the rotation ends",
    export="not exported: it says nothing about a person",
    erase="deleted when the rotation ends; nobody is erased while it runs",
)

TOMBSTONES = Collection(
    "tombstones",
    ("id",),
    purpose="that somebody was erased, when, and how much of what kind: the proof, without saying who",
    legal_basis="legal obligation to show compliance (GDPR Article 6(1)(c) with Article 5(2)); no personal data",
    residency=_RESIDENCY,
    retention="as long as the store",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)

DEFINITIONS = Collection(
    "definitions",
    ("key",),
    ("owner",),
    person="owner",
    purpose="what statements say of activities and verbs, merged: the full description that a reader may ask for",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="as long as the data key of the actor whose statement first gave it; learned again from statements",
    export="part of `entrepot lrs export-person` for the person whose statement first gave it",
    erase="deleted with that person, and sealed under their data key; learned again from what others sent",
)

AGENT_DOCUMENTS = Collection(
    "agent_documents",
    ("key",),
    ("agent",),
    ("contexts",),
    person="agent",
    purpose="states and agent profiles: what content keeps about a learner, such as the page that they left at",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="until the content deletes it or the learner's data key is deleted",
    export="part of `entrepot lrs export-person`; GET /xapi/activities/state and /xapi/agents/profile",
    erase="deleted with the person, and sealed under their data key, so unreadable in backups too",
)

ACTIVITY_PROFILES = Collection(
    "activity_profiles",
    ("key",),
    (),
    ("contexts",),
    purpose="activity profiles: what content keeps about an activity, for all its learners",
    legal_basis="legitimate interest in content that works (GDPR Article 6(1)(f)); about activities, not persons",
    residency=_RESIDENCY,
    retention="until the content deletes it",
    export="not exported for a person; GET /xapi/activities/profile",
    erase="deleted by the content that wrote it; sealed under a key of the institution",
)

FORWARDERS = Collection(
    "forwarders",
    ("name",),
    purpose="which other record stores get statements, by which filter, and how far each is",
    legal_basis="no personal data: addresses of systems, a sealed credential, a place in the order of storing",
    residency=_RESIDENCY,
    retention="until the forwarder is removed",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)

FORWARD_AGENTS = Collection(
    "forward_agents",
    ("forwarder", "agent"),
    person="agent",
    purpose="whose statements a forwarder sends, where it does not send everybody's",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="until the forwarder is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`; the forwarder then sends nothing of theirs",
)

DEAD_LETTERS = Collection(
    "dead_letters",
    ("forwarder", "statement"),
    ("actor",),
    person="actor",
    purpose="which statements another record store refused and why, until an operator sends or drops them",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="until it is sent or dropped, or the forwarder removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)

COLLECTIONS = (
    STATEMENTS,
    DATA_KEYS,
    CREDENTIALS,
    CONSENTS,
    CONSENT_DEFAULTS,
    PROGRESS,
    RENAMES,
    TOMBSTONES,
    DEFINITIONS,
    AGENT_DOCUMENTS,
    ACTIVITY_PROFILES,
    FORWARDERS,
    FORWARD_AGENTS,
    DEAD_LETTERS,
)
