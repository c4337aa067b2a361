"""The one way by which numbers about learners leave an institution: clipped, summed, noised, on a grid. Pure. Floor 3.

A learner is one row. A row is clipped in L2, so that adding or removing a learner moves the sum by at most the clip;
the sum is one of whole numbers, so that it is exact in any order and fits masked sums modulo 2^32; the noise is
discrete Gaussian. Privacy rests on this module alone: whatever computes the rows, or asks for them, spends no more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from federated.privacy import noise

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BITS = 12
GRID = 2**BITS  # steps in a clip, of every release: both sides know it
WORD = 32  # bits of the words that masked sums are taken in, signed values in two's complement
# Even if all were at the clip in one coordinate, with noise of any admissible size, their sum stays within a word.
MOST_LEARNERS = 2 ** (WORD - 2 - BITS)


@dataclass(frozen=True)
class Release:
    """Something that is said about learners, and its price.

    Attributes:
        name: as both sides call it.
        size: how many numbers.
        clip: L2 norm that a learner's row is cut to, > 0.
        share: of the privacy budget of the run, > 0; those of a run add up to 1.
    """

    name: str
    size: int
    clip: float
    share: float

    @property
    def step(self) -> float:
        """What one step of the grid is worth."""
        return float(self.clip / GRID)

    def multiplier(self, sigma: float) -> float:
        """Noise multiplier of this release in a run of noise multiplier `sigma`."""
        return sigma / math.sqrt(self.share)

    def deviation(self, sigma: float, part: float = 1.0) -> float:
        """Standard deviation of each number's noise, in the unit of the rows; arguments as `protect`."""
        return self.multiplier(sigma) * self.clip * math.sqrt(part)


def protect(
    contributions: Floats | sparse.csr_array, release: Release, sigma: float, part: float, draw: noise.Draw
) -> Ints:
    """Return the protected sum over learners, in steps of the grid, int64 [size].

    Args:
        contributions: float64 [learners, size], one row a learner; dense or sparse. A row that is not finite counts as
            zeros.
        release: what it is, with its clip and its share of the budget.
        sigma: noise multiplier of the whole run (`accountant.sigma`), > 0.
        part: share of the noise's variance that is added here: 1, or 1/t where t shares are sure to be added up.
        draw: a secure generator, `os.urandom`.

    Raises:
        ValueError: the rows are not of the release's size, more learners than a word can sum, or no positive noise.
    """
    rows = sparse.csr_array(contributions, dtype=np.float64, copy=True)
    if rows.ndim != 2 or rows.shape[1] != release.size or rows.shape[0] > MOST_LEARNERS:
        text = f"{release.name}: rows of shape {rows.shape}, needed at most {MOST_LEARNERS} of {release.size} numbers"
        raise ValueError(text)
    if not (0.0 < part <= 1.0 and 0.0 < release.share <= 1.0 and sigma > 0.0):
        text = f"{release.name}: sigma {sigma}, part {part}, share {release.share}: all above 0, the last two at most 1"
        raise ValueError(text)
    total = np.zeros(release.size, np.int64)
    rows.sum_duplicates()
    np.add.at(total, rows.indices, clipped(rows, release))
    return total + noise.gaussian(release.deviation(sigma, part) / release.step, release.size, draw)


def clipped(rows: sparse.csr_array, release: Release) -> Ints:
    """Return the stored values of rows after clipping, in steps of the grid, int64; each row's L2 norm is at most GRID.

    Rounding moves each number by at most half a step, so rows are cut to a little less than the clip.
    """
    number = np.diff(rows.indptr)
    row = np.repeat(np.arange(rows.shape[0]), number)
    room = np.maximum(GRID - 0.5 * np.sqrt(number) - 1e-6, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        greatest = np.zeros(rows.shape[0])
        np.maximum.at(greatest, row, np.abs(rows.data))
        unit = np.where(greatest > 0.0, greatest, 1.0)  # so that no square overflows
        norm = unit * np.sqrt(np.bincount(row, (rows.data / unit[row]) ** 2, minlength=rows.shape[0]))
        fits = room * release.step / np.where(norm > 0.0, norm, 1.0)
        scale = np.where(np.isfinite(norm), np.minimum(1.0, fits), 0.0)
    values = np.where(scale[row] > 0.0, rows.data, 0.0)
    return np.asarray(np.rint(values * scale[row] / release.step), np.int64)


def read(total: npt.NDArray[np.integer], release: Release) -> Floats:
    """Return a sum of protected sums in the unit of the rows, float64 [size].

    Args:
        total: integers [size], in steps of the grid; words of masked sums (uint32) are read as signed.
        release: what it is.
    """
    signed = total.view(np.int32) if total.dtype == np.uint32 else total
    return np.asarray(signed, np.float64) * release.step


def words(protected: Ints) -> npt.NDArray[np.uint32]:
    """Return a protected sum as words for a masked sum modulo 2^32."""
    return np.asarray(protected & (2**WORD - 1), np.uint32)
