"""What the words of a catalog say of how hard things are: ridge regressions on readings of its texts. Floor 2.

A reading turns texts into rows: TF-IDF of words and of pieces of words, so that Chinese needs no segmentation, and,
where who calls has one, the meaning of a sentence in any language, by an embedder that is handed in. The regression
works on all terms: a ridge shrinks what is said seldom, where cutting it off (a truncated SVD) lost most of it.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg

from curriculum.catalog import Catalog
from recommender import errors

Floats = npt.NDArray[np.float64]
Reading: TypeAlias = sparse.csr_array | Floats
Embed: TypeAlias = Callable[
    [Sequence[str]], npt.NDArray[np.floating[Any]]
]  # n texts to [n, width]; near where they mean the same

PULLS = (
    0.1,
    0.5,
    4.0,
)  # ridge strengths, in answers' worth of information; what each is worth is for the caller to weigh
FOLDS = 5
TERMS = 4096  # most terms of each kind
_PIECES = (2, 4)  # letters of a piece of a word
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a catalog, read in one or more ways.

    Attributes:
        items: Readings of the names of items, float64 [items, width] each; no columns where too few have a name.
        skills: Readings of the names of skills and of their areas, float64 [skills, width] each.
    """

    items: tuple[Reading, ...]
    skills: tuple[Reading, ...]


@functools.lru_cache(maxsize=16)
def of(catalog: Catalog, embed: Embed | None = None) -> Words:
    """Read the names of a catalog; the last few are kept.

    Args:
        catalog: The catalog.
        embed: Turns texts into their meaning, see `meanings`; None: words alone are read.

    Raises:
        errors.MismatchError: The embedder did not answer with one finite row for each text.
    """
    areas = catalog.areas
    items = [_text(item.name) for item in catalog.items.values()]
    skills = [f"{_text(one.name)} {_text(areas[one.area].name)}" for one in catalog.skills.values()]
    return Words(items=_read(items, embed), skills=_read(skills, embed))


def _read(texts: Sequence[str], embed: Embed | None) -> tuple[Reading, ...]:
    words = terms(texts)
    return (words,) if embed is None else (words, meanings(texts, embed))


def _text(names: Mapping[str, str] | None) -> str:
    return " ".join(dict.fromkeys(names.values())) if names else ""


def terms(texts: Sequence[str]) -> sparse.csr_array:
    """TF-IDF of words and of pieces of words, each row of length 1; texts without a letter say nothing.

    Args:
        texts: In any language, n of them.

    Returns:
        float64 CSR [n, terms]; no columns if fewer than two texts hold a letter or no term stands in two of them.
    """
    read = [text.lower() if _says(text) else "" for text in texts]
    found = [_weighted([Counter(kind(text)) for text in read]) for kind in (_WORD.findall, _pieces)]
    return sparse.csr_array(sparse.hstack(found, format="csr") * np.sqrt(0.5), dtype=np.float64)


def _pieces(text: str) -> Iterator[str]:
    """Pieces of its words, each word with the gaps around it."""
    for word in text.split():
        padded = f" {word} "
        for size in range(_PIECES[0], min(_PIECES[1], len(padded)) + 1):
            yield from (padded[start : start + size] for start in range(len(padded) - size + 1))


def _weighted(counts: Sequence[Mapping[str, int]]) -> sparse.csr_array:
    """TF-IDF of terms that stand in two texts, at most the `TERMS` most used, each row of length 1, float64 CSR.

    The weights of scikit-learn's `TfidfVectorizer` (sublinear_tf, smooth_idf), which would cost every process that
    reads a model most of a second to import: tests/recommender/test_wording.py holds one beside the other.
    """
    texts = Counter(term for one in counts for term in one)
    used: Counter[str] = Counter()
    for one in counts:
        used.update(one)
    shared = sorted((term for term, count in texts.items() if count > 1), key=lambda term: (-used[term], term))
    terms = sorted(shared[:TERMS])
    place = {term: number for number, term in enumerate(terms)}
    rare = 1.0 + np.log((1 + len(counts)) / np.array([1.0 + texts[term] for term in terms]))
    cells = [
        (row, place[term], count) for row, one in enumerate(counts) for term, count in one.items() if term in place
    ]
    row, column, count = np.array(cells, np.int64).reshape(-1, 3).T
    weights = (1.0 + np.log(count)) * rare[column]
    length = np.sqrt(np.bincount(row, weights**2, minlength=len(counts)))
    return sparse.csr_array((weights / length[row], (row, column)), shape=(len(counts), len(terms)))


def _says(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def meanings(texts: Sequence[str], embed: Embed) -> Floats:
    """What texts mean, whatever their language, as rows of length 1 around their middle.

    Args:
        texts: In any language, n of them; those without a letter say nothing and are not asked about.
        embed: float [m, width] of m texts.

    Returns:
        float64 [n, width]; no columns if fewer than two texts hold a letter.

    Raises:
        errors.MismatchError: The embedder did not answer with one finite row for each text.
    """
    asked = [number for number, text in enumerate(texts) if _says(text)]
    if len(asked) < 2:
        return np.zeros((len(texts), 0))
    told = np.asarray(embed([texts[number] for number in asked]), np.float64)
    if told.ndim != 2 or len(told) != len(asked) or not np.isfinite(told).all():
        finite = "finite" if np.isfinite(told).all() else "not all finite"
        raise errors.MismatchError("embedder", f"shape {told.shape}, {finite}", f"{len(asked)} rows of finite numbers")
    # All sentences share a direction, which would stand for nothing but that they are sentences.
    told -= told.mean(axis=0)
    length = np.linalg.norm(told, axis=1, keepdims=True)
    found = np.zeros((len(texts), told.shape[1]))
    found[asked] = np.divide(told, length, out=np.zeros_like(told), where=length > 0)
    return found


def guesses(words: Reading, values: Floats, weights: Floats) -> Floats:
    """What a reading says of each text, from the other texts: nothing of a text goes into its own guess.

    Args:
        words: float64 CSR or array [n, width].
        values: float64 [n], what is known of each text.
        weights: float64 [n], information in each value, >= 0; 0 where nothing is known.

    Returns:
        float64 [n, pulls], one column for each of `PULLS`; [n, 0] where there are no words.
    """
    count, width = words.shape
    if not width or not weights.any():
        return np.zeros((count, 0))
    found = np.zeros((count, len(PULLS)))
    # Neighbours in a course share words, so folds are taken one by one, not in blocks.
    fold = np.arange(count) % FOLDS
    for number in range(FOLDS):
        mine = fold == number
        rest = words[~mine]
        for column, pull in enumerate(PULLS):
            found[mine, column] = words[mine] @ _ridge(rest, values[~mine], weights[~mine], pull)
    return found


def heard(words: sparse.csr_array, weights: Floats) -> Floats:
    """How much of each text stands in texts of which something is known, float64 [n] in 0..1.

    A word in a language in which nobody has answered yet does not: a guess that is 0 for want of words is no guess.

    Args:
        words: float64 CSR [n, terms].
        weights: As for `guesses`.
    """
    squares = sparse.csr_array(words.multiply(words))
    known = squares.T @ weights
    length = np.asarray(squares.sum(axis=1), np.float64)
    part = np.asarray(squares @ (known / (known + 1.0)), np.float64)
    return np.divide(part, length, out=np.zeros(len(part)), where=length > 0)


def _ridge(words: Reading, values: Floats, weights: Floats, pull: float) -> Floats:
    """Weighted ridge regression without an intercept, by conjugate gradients."""
    back = sparse.csr_array(words.T) if sparse.issparse(words) else words.T

    def times(term: Floats) -> Floats:
        return np.asarray(back @ (weights * (words @ term)) + pull * term)

    width = words.shape[1]
    operator = linalg.LinearOperator((width, width), matvec=times, dtype=np.float64)
    solution, _ = linalg.cg(operator, back @ (weights * values), rtol=1e-9, maxiter=200)
    return np.asarray(solution, np.float64)
