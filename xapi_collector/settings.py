"""The collector's settings and the collections that it keeps. Floor 1."""

from dataclasses import dataclass, field

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


_RESIDENCY = "the institution's own store, on its own machines"
_BASIS = "public task or contract of the institution (GDPR Article 6(1)(e) or (b)); the institution declares which"

STATEMENTS = Collection(
    "statements",
    ("id",),
    hot=True,
    purpose="evidence of what a learner did: the learner's path, and the institution's part in the shared model",
    legal_basis=_BASIS,
    residency=_RESIDENCY,
    retention="until the institution's retention period ends or the learner's data key is deleted",
    export="GET /xapi/statements with the learner's agent gives back every statement as it was sent",
    erase="deleting the learner's data key makes every envelope unreadable, in backups too; labels go with it",
)

DATA_KEYS = Collection(
    "data_keys",
    ("actor",),
    purpose="the key that seals one actor's statements, itself wrapped by the keyring",
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

COLLECTIONS = (STATEMENTS, DATA_KEYS, CREDENTIALS)
