"""How alike texts are: TF-IDF over words and over pieces of words, in plain Python. Floor 1.

Words find the same term, pieces of three to five letters find its relatives ("import", "importation"), and Chinese,
which has no blanks, is cut into ones, twos and threes. Weights: 1 + log of the count, times the smoothed inverse
document frequency; likeness is the cosine (Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008,
6.2 to 6.4).
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Split = Callable[[str], Counter[str]]

_LATIN = re.compile(r"[a-z][a-z'’-]*[a-z]|\d+(?:[.,]\d+)*")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SHORTEST, _LONGEST = 3, 5
_STEM = 4
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        the a an of to in on at by for from and or with without is are be been was were will would shall may that this
        these those it its as not no than into per any all each both other such which who whom whose if then when where
        while up under over after before since until only also more most less least can could should must have has had
        do does did between within about against through their them they he she his her our your you we new one two
        """,
    )
)


@dataclass(frozen=True, eq=False)
class Index:
    """Documents by id, ready to be compared with.

    Attributes:
        split: How a text becomes terms.
        rarity: Weight of each term that some document has.
        places: By term, the documents that have it, each with its share of the unit vector.
        ids: In their order.
    """

    split: Split
    rarity: Mapping[str, float]
    places: Mapping[str, tuple[tuple[str, float], ...]]
    ids: tuple[str, ...]


def words(text: str) -> Counter[str]:
    """Words of a text, without common ones and plural endings; Chinese in ones, twos and threes.

    >>> sorted(words("Import duties on parcels 关税"))
    ['duty', 'import', 'parcel', '关税']
    """
    found: Counter[str] = Counter()
    for word in _LATIN.findall(text.lower()):
        if word not in _COMMON:
            found[_singular(word)] += 1
    found.update(_han(text, 2, 3))
    return found


def pieces(text: str) -> Counter[str]:
    """Pieces of three to five letters of each word, its ends marked; Chinese in ones and twos."""
    found: Counter[str] = Counter()
    for word, many in Counter(_LATIN.findall(text.lower())).items():
        if word not in _COMMON:
            for piece in _cut(word):
                found[piece] += many
    found.update(_han(text, 1, 2))
    return found


@functools.lru_cache(maxsize=20_000)
def _cut(word: str) -> tuple[str, ...]:
    marked = f"_{word}_"
    return tuple(
        marked[start : start + size]
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(max(len(marked) - size + 1, 0))
    )


def index(documents: Mapping[str, str], split: Split) -> Index:
    """Prepare documents.

    Args:
        documents: Text by id.
        split: `words` or `pieces`.
    """
    counted = {name: split(text) for name, text in documents.items()}
    number: Counter[str] = Counter()
    for counts in counted.values():
        number.update(counts.keys())
    rarity = {term: math.log((1 + len(counted)) / (1 + many)) + 1.0 for term, many in number.items()}
    places: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for name, counts in counted.items():
        for term, weight in _unit(counts, rarity).items():
            places[term].append((name, weight))
    return Index(split, rarity, {term: tuple(there) for term, there in places.items()}, tuple(counted))


def likeness(known: Index, text: str) -> dict[str, float]:
    """Cosine of a text with each document, 0..1, in the order of the documents.

    Args:
        known: The documents.
        text: What to compare with them.
    """
    found = dict.fromkeys(known.ids, 0.0)
    for term, weight in _unit(known.split(text), known.rarity).items():
        for name, share in known.places[term]:
            found[name] += weight * share
    return found


def fuse(*told: Mapping[str, float]) -> dict[str, float]:
    """Add several tables of likeness up, each on the scale of its own best; the best first, equals in their order.

    Args:
        told: Likeness by id; an id that one does not have counts 0 there.
    """
    total: dict[str, float] = {}
    for one in told:
        most = max(one.values(), default=0.0)
        for name, value in one.items():
            total[name] = total.get(name, 0.0) + (value / most if most else 0.0)
    return dict(sorted(total.items(), key=lambda pair: -pair[1]))


def _unit(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {term: (1.0 + math.log(many)) * rarity[term] for term, many in counts.items() if term in rarity}
    length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def _han(text: str, shortest: int, longest: int) -> Iterable[str]:
    for run in _HAN.findall(text):
        for size in range(shortest, longest + 1):
            yield from (run[start : start + size] for start in range(len(run) - size + 1))


def _singular(word: str) -> str:
    if len(word) > _STEM and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) >= _STEM and word.endswith("s") and not word.endswith("ss") else word
