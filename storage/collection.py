"""The declaration of a collection: its key, its indexed fields and its privacy facts. Floor 0.

No document is kept outside a declared collection, and no declaration is accepted without its privacy facts (the
record of processing of GDPR Article 30 is read from here).
"""

import re
from dataclasses import KW_ONLY, dataclass, fields

from storage import errors

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
PRIVACY_FACTS = ("purpose", "legal_basis", "residency", "retention", "export", "erase")


@dataclass(frozen=True, slots=True)
class Collection:
    """A declared collection of documents (JSON objects).

    Attributes:
        name: Lower case letters, digits and underscores.
        key: The fields whose values (strings) together name one document.
        fields: Further fields that `find` may ask for by equality (a string, number, boolean or null each).
        multi: Fields that hold a list of such values; `find` asks whether the list contains the value.
        person: The field that holds a person's pseudonym, "" if none does; it must be among `key`, `fields` or `multi`.
            What is kept of a person is found, exported, erased and renamed by it.
        hot: The one collection of statements; it is reached by `Storage.statements`, not by the general verbs.
        purpose: Why the documents are kept.
        legal_basis: What allows it.
        residency: Where they lie.
        retention: How long they stay.
        export: How a person gets a copy of theirs.
        erase: How they are erased on request.

    Raises:
        errors.UndeclaredError: A name is malformed, the key is empty, a field is named twice, a privacy fact is empty.
    """

    name: str
    key: tuple[str, ...]
    fields: tuple[str, ...] = ()
    multi: tuple[str, ...] = ()
    _: KW_ONLY
    person: str = ""
    hot: bool = False
    purpose: str
    legal_basis: str
    residency: str
    retention: str
    export: str
    erase: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"Collection name {self.name!r}: use up to 48 lower case letters, digits, underscores."
            raise errors.UndeclaredError(msg)
        indexed = (*self.key, *self.fields, *self.multi)
        if not self.key or len(set(indexed)) != len(indexed) or not all(indexed):
            msg = f"Collection {self.name}: name at least one key field, and each field once, not {indexed!r}."
            raise errors.UndeclaredError(msg)
        if self.person and self.person not in indexed and not self.hot:
            msg = f"Collection {self.name}: the person's field {self.person!r} is not indexed; add it to `fields`."
            raise errors.UndeclaredError(msg)
        empty = [fact for fact in PRIVACY_FACTS if not str(getattr(self, fact)).strip()]
        if empty:
            msg = f"Collection {self.name} lacks its privacy facts {', '.join(empty)}: say each in a sentence."
            raise errors.UndeclaredError(msg)

    def facts(self) -> dict[str, str]:
        """The privacy facts by name, in the order of PRIVACY_FACTS."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name in PRIVACY_FACTS}
