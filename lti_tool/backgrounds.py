"""What a learner says of themselves: each field optional, given for one purpose, changed and withdrawn at any time.

Floor 3. Kept by pseudonym at the institution, in no round of a federation and on no page but the learner's own. It
moves where the path begins while there are few answers; no level and no score depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lti_tool.settings import BACKGROUNDS
from storage.port import Storage

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "experience": ("none", "tried", "year", "years"),
        "major": ("trade", "business", "computing", "languages", "design", "else"),
        "education": ("vocational", "bachelor", "master", "working"),
        "age": ("under-20", "20-24", "25-34", "35-up"),
    }
)
"""Fields with one answer, and the answers there are. Age is a band, never a date."""
LANGUAGES = ("zh", "en", "es", "fr", "de", "ja", "ko", "ru", "ar", "pt", "id", "vi", "th")
"""Languages in which a learner may say that they can sell: markets, not how well they speak."""
ROLE = "role"
"""The role aimed at is kept as the goal of the course; here it is only read from there."""


@dataclass(frozen=True)
class Background:
    """What a learner said.

    Attributes:
        said: Value by field; blanks part several values. Without what was left open.
        at: When they last said so, seconds since the epoch; 0: never.
    """

    said: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    at: int = 0


NOTHING = Background()


def find(storage: Storage, pseudonym: str) -> Background:
    """What a learner said; `NOTHING` if they said nothing."""
    document = storage.get(BACKGROUNDS, (pseudonym,))
    return NOTHING if document is None else _background(document)


def of_all(storage: Storage, pseudonyms: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """What each of these learners said, by pseudonym; without those who said nothing."""
    found = storage.get_many(BACKGROUNDS, [(pseudonym,) for pseudonym in pseudonyms])
    return {key[0]: _background(document).said for key, document in found.items()}


def keep(storage: Storage, pseudonym: str, said: Mapping[str, str], now: float) -> Background:
    """Keep what a learner says in place of what they said before; nothing said is nothing kept.

    Args:
        storage: The institution's store.
        pseudonym: Of the learner.
        said: As `from_form` gives it.
        now: Seconds since the epoch.
    """
    while True:
        present = storage.get(BACKGROUNDS, (pseudonym,))
        if not said:
            withdraw(storage, pseudonym)
            return NOTHING
        document = {"learner": pseudonym, "said": dict(said), "at": int(now)}
        if storage.replace(BACKGROUNDS, document, expected=present):
            return _background(document)


def withdraw(storage: Storage, pseudonym: str) -> bool:
    """Forget what a learner said; whether there was anything."""
    return storage.delete(BACKGROUNDS, (pseudonym,))


def from_form(
    single: Mapping[str, str], several: Mapping[str, Iterable[str]], areas: Collection[str]
) -> dict[str, str]:
    """What a form says; what it cannot say is as if it had been left open.

    Args:
        single: Fields with one answer.
        several: "languages" and "courses", each with all that was ticked.
        areas: Ids of the areas of the catalog, of which a learner may have had a course.
    """
    said = {name: single.get(name, "") for name, values in CHOICES.items() if single.get(name, "") in values}
    for name, there in (("languages", LANGUAGES), ("courses", tuple(areas))):
        ticked = set(several.get(name, ()))
        if kept := [one for one in there if one in ticked]:
            said[name] = " ".join(kept)
    return said


def _background(document: Mapping[str, object]) -> Background:
    said = document["said"]
    at = document["at"]
    if not isinstance(said, Mapping) or not isinstance(at, int):  # nobody but us writes it
        return NOTHING
    return Background(MappingProxyType({str(name): str(value) for name, value in said.items()}), at)
