"""An institution's exact sums as words that can be masked, and the sums of all as what Newton needs. Pure; floor 3.

Under `exact` nobody sees what one institution adds: counts by item and set of skills travel as they are, counts by
situation as a table whose cells come apart only when all are summed (`masking.sparse`), sums of columns and of a Newton
step on a grid (`masking.fixed`). The bounds of the grids follow from the number of rows, which the first round counts:
standardised columns have squares that add up to it, and no entry of a Hessian exceeds a quarter of that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from federated import errors
from federated.masking import fixed, sparse
from federated.masking.fixed import Grid, Words
from recommender import cells, features
from recommender.cells import Counts
from recommender.parameters import Parameters
from recommender.space import Space
from recommender.tracing import Sums
from recommender.training import Moments

Floats = npt.NDArray[np.float64]

_TABLES = (*cells.CELLS, cells.SKIPS)
_WIDEST = 64.0  # no column on its own scale is wider; what is, is refused and not wrapped
_LOSS = 64.0  # nats an answer, more than any logit that a fit reaches costs
_SLACK = 1.01
_SPARE = 1.15  # situations are counted roughly before the abilities of all institutions together are known
_FEWEST_BUCKETS, _MOST_BUCKETS = 2**12, 2**18
MOST_KEYS = 2**24  # of a table of situations: some 700 MB, more than anybody should be made to set aside


@dataclass(frozen=True)
class Facts:
    """What both sides must know alike to read words.

    Attributes:
        members: institutions on the roster: at most so many addends.
        rows: answers of all institutions together; 0 before they are counted.
        keys: cells that the table of situations is made for; 0 before that round.
        seed: spreads the cells of that table; differs from round to round.
    """

    members: int
    rows: int = 0
    keys: int = 0
    seed: bytes = b""


def base(
    counted: Mapping[str, Counts], situations: Mapping[str, Counts], rows: int, space: Space, facts: Facts
) -> dict[str, Words]:
    """Return counts by item and set of skills, the number of rows, and a sketch of which situations there are.

    Args:
        counted: the tables `cells.BASE`.
        situations: tables by situation, counted roughly: only which cells there are is told, and that by hash.
        rows: answers.
        space: the catalog by column.
        facts: of the round.
    """
    found = {}
    for name in cells.BASE:
        tries, wins = np.zeros((2, _size(name, space)), np.int64)
        tries[counted[name].keys], wins[counted[name].keys] = counted[name].tries, counted[name].wins
        found[f"{name}.tries"] = fixed.count(tries, 32, facts.members)
        found[f"{name}.wins"] = fixed.count(wins, 32, facts.members)
    buckets = _buckets(space)
    place = sparse.mix(_joined(situations)[0].astype(np.uint64)) % np.uint64(buckets)
    sketch = np.minimum(np.bincount(place.astype(np.int64), minlength=buckets), 1)
    return {
        **found,
        "rows": fixed.count(np.array([rows], np.int64), 64, facts.members),
        "sketch": fixed.count(sketch.astype(np.int64), 32, facts.members),
    }


def base_form(space: Space) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of `base`."""
    tables = {f"{name}.{part}": ("uint32", _size(name, space)) for name in cells.BASE for part in ("tries", "wins")}
    return {**tables, "rows": ("uint64", 1), "sketch": ("uint32", _buckets(space))}


def read_base(total: Mapping[str, Words], space: Space) -> tuple[dict[str, Counts], int, int]:
    """Return the tables in a sum of `base`, the number of rows, and for how many cells situations need a table.

    Raises:
        GuardError: the sum is not one of counts.
    """
    found = {}
    (rows,) = fixed.counted(total["rows"])
    for name in cells.BASE:
        tries, wins = (fixed.counted(total[f"{name}.{part}"]) for part in ("tries", "wins"))
        if (wins < 0).any() or (wins > tries).any() or tries.sum() > rows:
            text = f"table {name} of all institutions has more right answers than answers, or more answers than rows"
            raise errors.GuardError(text)
        there = np.flatnonzero(tries)
        found[name] = Counts(there.astype(np.int64), tries[there], wins[there])
    del space  # both know the form by now
    return found, int(rows), _cells(fixed.counted(total["sketch"]))


def situations(counted: Mapping[str, Counts], facts: Facts) -> dict[str, Words]:
    """Return counts by situation as one table that comes apart only when all are summed.

    Raises:
        MaskError: there are more cells than the table was made for.
    """
    keys, tries, wins = _joined(counted)
    return sparse.encode(keys, (tries, wins), shape(facts))


def shape(facts: Facts) -> sparse.Shape:
    """Return the shape of the table of situations in a round."""
    return sparse.Shape(keys=facts.keys, members=facts.members, columns=2, seed=facts.seed)


def situations_form(facts: Facts) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of `situations`."""
    return sparse.form(shape(facts))


def read_situations(total: Mapping[str, Words], facts: Facts) -> dict[str, Counts]:
    """Return the tables in a sum of `situations`.

    Raises:
        MaskError: it does not come apart: there are more cells than the table was made for.
        GuardError: what came apart are not tables of counts.
    """
    keys, (tries, wins) = sparse.decode(total, shape(facts))
    if (wins < 0).any() or (wins > tries).any():
        raise errors.GuardError("a situation of all institutions has more right answers than answers")
    found = {}
    for number, name in enumerate(_TABLES):
        own = keys % len(_TABLES) == number
        found[name] = Counts(keys[own] // len(_TABLES), tries[own], wins[own])
    return found


def first(seen: Moments, summed: Sums, parameters: Parameters, space: Space, facts: Facts) -> dict[str, Words]:
    """Return sums of columns on their own scale, and those of a Newton step on that scale; all in 64 bits.

    Args:
        seen: sums of columns and of their squares.
        summed: at `parameters`, whose columns are on their own scale.
        parameters: with all tables.
        space: the catalog by column.
        facts: of the round.

    Raises:
        MaskError: a number is not finite, or too large for any answers.
    """
    grid = _wide(facts)
    return {
        "total": fixed.encode(seen.total, grid),
        "squares": fixed.encode(seen.squares, grid),
        **{name: fixed.encode(values, grid) for name, values in _flat(summed, parameters, space).items()},
        "loss": fixed.encode(np.array([summed.loss]), grid),
    }


def first_form(parameters: Parameters, space: Space) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of `first`."""
    r = len(features.names(space))
    lengths = {"total": r, "squares": r, **_lengths(parameters, space), "loss": 1}
    return {name: ("uint64", length) for name, length in lengths.items()}


def read_first(total: Mapping[str, Words], parameters: Parameters, space: Space, facts: Facts) -> tuple[Moments, Sums]:
    """Return the moments and the sums in a sum of `first`; raises GuardError where no answers can add up to them."""
    values = {name: fixed.decode(words, _wide(facts)) for name, words in total.items()}
    seen = Moments(facts.rows, values["total"], values["squares"])
    if (seen.total * seen.total > facts.rows * seen.squares * (1 + 1e-9) + 1e-3).any():
        text = f"columns of {facts.rows} rows with these sums and sums of squares cannot be"
        raise errors.GuardError(text)
    return seen, _sums(values, parameters, space, facts, _wide(facts))


def step(summed: Sums, parameters: Parameters, space: Space, facts: Facts) -> dict[str, Words]:
    """Return the sums of a Newton step: the gradient in 64 bits, the Hessian in 32; arguments as `first`.

    Rounding of the Hessian changes how fast Newton converges, not where it ends.
    """
    flat = _flat(summed, parameters, space)
    return {
        "gradient": fixed.encode(flat.pop("gradient"), _narrow(facts, 64, 1.0)),
        **{name: fixed.encode(values, _narrow(facts, 32, 0.25)) for name, values in flat.items()},
        "loss": fixed.encode(np.array([summed.loss]), _narrow(facts, 64, _LOSS)),
    }


def step_form(parameters: Parameters, space: Space) -> dict[str, tuple[str, int]]:
    """Return name -> (dtype, length) of the vectors of `step`."""
    lengths = _lengths(parameters, space)
    wide = {"gradient": ("uint64", lengths.pop("gradient")), "loss": ("uint64", 1)}
    return {**wide, **{name: ("uint32", length) for name, length in lengths.items()}}


def read_step(total: Mapping[str, Words], parameters: Parameters, space: Space, facts: Facts) -> Sums:
    """Return the sums in a sum of `step`; raises GuardError where no answers can add up to them."""
    grids = {"gradient": _narrow(facts, 64, 1.0), "loss": _narrow(facts, 64, _LOSS)}
    values = {name: fixed.decode(words, grids.get(name, _narrow(facts, 32, 0.25))) for name, words in total.items()}
    return _sums(values, parameters, space, facts, _narrow(facts, 32, 0.25))


def _size(name: str, space: Space) -> int:
    return space.items if name == "item" else len(space.combos)


def _buckets(space: Space) -> int:
    """How many buckets the sketch has, a power of two: some 64 situations an item are told apart well."""
    wanted = 64 * space.items
    return min(max(1 << wanted.bit_length(), _FEWEST_BUCKETS), _MOST_BUCKETS)


def _cells(sketch: npt.NDArray[np.int64]) -> int:
    """How many cells a table needs for all that fell into the buckets (linear counting; Whang et al. 1990)."""
    empty = max(float((sketch == 0).mean()), 0.5 / len(sketch))
    return int(_SPARE * -len(sketch) * np.log(empty)) + 64


def _joined(counted: Mapping[str, Counts]) -> tuple[npt.NDArray[np.int64], ...]:
    """All tables as one: which table a cell is of is in its key."""
    parts = [(counted[name], number) for number, name in enumerate(_TABLES)]
    keys = np.concatenate([part.keys * len(_TABLES) + number for part, number in parts])
    return keys, np.concatenate([part.tries for part, _ in parts]), np.concatenate([part.wins for part, _ in parts])


def _there(parameters: Parameters) -> npt.NDArray[np.int64]:
    """The items that anybody has answers to, as the first round counted them."""
    return parameters.tables.of("item").keys


def _lengths(parameters: Parameters, space: Space) -> dict[str, int]:
    m, k, r = len(features.of_item(space)), len(features.of_skill(space)), len(features.names(space))
    there = len(_there(parameters))
    return {
        "gradient": there * m + space.skills * k + r,
        "items": there * m * r,
        "skills": space.skills * k * r,
        "dense": r * (r + 1) // 2,
    }


def _flat(summed: Sums, parameters: Parameters, space: Space) -> dict[str, Floats]:
    m, r = len(features.of_item(space)), len(features.names(space))
    there = _there(parameters)
    own = summed.gradient[: space.items * m].reshape(-1, m)[there]
    return {
        "gradient": np.concatenate([own.ravel(), summed.gradient[space.items * m :]]),
        "items": summed.items[there].ravel(),
        "skills": summed.skills.ravel(),
        "dense": summed.dense[np.triu_indices(r)],
    }


def _sums(values: Mapping[str, Floats], parameters: Parameters, space: Space, facts: Facts, grid: Grid) -> Sums:
    m, k, r = len(features.of_item(space)), len(features.of_skill(space)), len(features.names(space))
    there = _there(parameters)
    gradient = np.zeros(features.dimension(space))
    gradient[: space.items * m].reshape(-1, m)[there] = values["gradient"][: len(there) * m].reshape(-1, m)
    gradient[space.items * m :] = values["gradient"][len(there) * m :]
    items = np.zeros((space.items, m, r))
    items[there] = values["items"].reshape(-1, m, r)
    dense = np.zeros((r, r))
    dense[np.triu_indices(r)] = values["dense"]
    dense = dense + np.triu(dense, 1).T
    skills = values["skills"].reshape(-1, k, r)
    # So far may rounding, at each member, and sums of floats before it, have moved an entry.
    off = facts.members * fixed.step(grid) + 1e-9 * facts.rows
    for name, blocks, columns in (("items", items, features.of_item), ("skills", skills, features.of_skill)):
        own = blocks[:, np.arange(blocks.shape[1]), features.places(space, columns(space))]
        if text := _implausible(blocks, own, np.diag(dense), facts.rows, off):
            text = f"{name}: {text}"
            raise errors.GuardError(text)
    return Sums(gradient, items, skills, dense, loss=float(values["loss"][0]), rows=facts.rows, learners=0)


def _implausible(blocks: Floats, own: Floats, diagonal: Floats, rows: int, off: float) -> str:
    """Say why no answers can add up to blocks of a Hessian; empty where some can: honest sums are never refused.

    Args:
        blocks: [n, columns, r].
        own: [n, columns], their diagonals.
        diagonal: [r], of the dense block.
        rows: answers.
        off: the most by which an entry is off.
    """
    # One item a row and p (1 - p) <= 1/4: the levels add up to a quarter of the answers, and so does the intercept.
    most = _SLACK * rows / 4 + len(own) * off
    if (own < -off).any() or (diagonal < -off).any() or own[:, 0].sum() > most or diagonal[-1] > most:
        return f"the Hessian's diagonal must be between 0 and a quarter of the {rows} rows"
    # No entry outweighs the lengths of its row and column (Cauchy and Schwarz): a sign of sums that were made up.
    lengths = np.sqrt(np.maximum(own, 0.0) + off)[:, :, None] * np.sqrt(np.maximum(diagonal, 0.0) + off)
    if (np.abs(blocks) > _SLACK * lengths + off).any():
        return "the Hessian's blocks outweigh its diagonal"
    return ""


def _wide(facts: Facts) -> Grid:
    return Grid(64, facts.members, max(facts.rows, 1) * _WIDEST**2)


def _narrow(facts: Facts, bits: int, most: float) -> Grid:
    return Grid(bits, facts.members, max(facts.rows, 1) * most * _SLACK + 1.0)
