"""What the words of a catalog say of how hard things are: a ridge regression on TF-IDF. Floor 2.

Words and pieces of words of every language count, so Chinese needs no segmentation. The regression works on all terms,
not on a few singular vectors of them: where to cut those can hang on the last bit of a machine, a ridge has one answer.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import linalg
from sklearn.feature_extraction.text import TfidfVectorizer

from curriculum.catalog import Catalog

Floats = npt.NDArray[np.float64]

PULLS = (0.5, 4.0)  # ridge strengths, in answers' worth of information; what each is worth is for the caller to weigh
FOLDS = 5
TERMS = 4096  # most terms of each kind
_PIECES = (2, 4)  # letters of a piece of a word


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a catalog as sparse rows of unit length.

    Attributes:
        items: float64 CSR [items, terms], of names of items; no columns where too few items have a name.
        skills: float64 CSR [skills, terms], of names of skills and of their areas.
    """

    items: sparse.csr_array
    skills: sparse.csr_array


@functools.lru_cache(maxsize=16)
def of(catalog: Catalog) -> Words:
    """Read the names of a catalog; the last few are kept."""
    areas = catalog.areas
    return Words(
        items=terms([_text(item.name) for item in catalog.items.values()]),
        skills=terms([f"{_text(one.name)} {_text(areas[one.area].name)}" for one in catalog.skills.values()]),
    )


def _text(names: Mapping[str, str] | None) -> str:
    return " ".join(dict.fromkeys(names.values())) if names else ""


def terms(texts: Sequence[str]) -> sparse.csr_array:
    """TF-IDF of words and of pieces of words, each row of length 1; texts without a letter say nothing.

    Args:
        texts: In any language, n of them.

    Returns:
        float64 CSR [n, terms]; no columns if fewer than two texts hold a letter or no term stands in two of them.
    """
    read = [text if any(letter.isalpha() for letter in text) else "" for text in texts]
    kinds: tuple[Mapping[str, object], ...] = (
        {"analyzer": "word", "token_pattern": r"(?u)\b\w+\b"},
        {"analyzer": "char_wb", "ngram_range": _PIECES},
    )
    found = []
    if sum(map(bool, read)) > 1:
        for kind in kinds:
            maker = TfidfVectorizer(**kind, min_df=2, max_features=TERMS, sublinear_tf=True)
            try:
                found.append(maker.fit_transform(read) * np.sqrt(0.5))
            except ValueError:  # how it says that no term stands in two texts
                continue
    if not found:
        return sparse.csr_array((len(texts), 0), dtype=np.float64)
    return sparse.csr_array(sparse.hstack(found, format="csr"), dtype=np.float64)


def guesses(words: sparse.csr_array, values: Floats, weights: Floats) -> Floats:
    """What its words say of each text, from the other texts: nothing of a text goes into its own guess.

    Args:
        words: float64 CSR [n, terms].
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


def _ridge(words: sparse.csr_array, values: Floats, weights: Floats, pull: float) -> Floats:
    """Weighted ridge regression without an intercept, by conjugate gradients."""
    back = sparse.csr_array(words.T)

    def times(term: Floats) -> Floats:
        return np.asarray(back @ (weights * (words @ term)) + pull * term)

    width = words.shape[1]
    operator = linalg.LinearOperator((width, width), matvec=times, dtype=np.float64)
    solution, _ = linalg.cg(operator, back @ (weights * values), rtol=1e-9, maxiter=200)
    return np.asarray(solution, np.float64)
