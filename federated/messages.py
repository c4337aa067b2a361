"""What is said in a round, as declared names and arrays. Pure; `records` turns it into Flower's records. Floor 3.

The coordinator asks with the current model, of which only those arrays travel that changed since its last question; an
institution answers with sums. The gradient travels as float64, the Hessian as float32: that changes how fast Newton
converges, not where it ends. Of the cross block only the entries that the catalog allows are sent (an item meets the
columns of its own skills and the dense ones), so which ones are there says nothing about an institution.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from federated.policy import Policy
from recommender import artifact
from recommender.features import Space
from recommender.parameters import Parameters
from recommender.tracing import Sums

SUMS = "sums"
PUBLISH = "publish"

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Packet:
    """One message, free of Flower.

    Attributes:
        kind: `SUMS` or `PUBLISH`; an answer has the kind of its question.
        arrays: by declared name.
        numbers: by declared name, finite.
        names: what both sides must agree on letter by letter, see `names`; an answer repeats those of its question.
    """

    kind: str
    arrays: Mapping[str, Array] = field(default_factory=dict)
    numbers: Mapping[str, int | float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Shape:
    """What the arrays of a catalog look like.

    Attributes:
        items: I, the number of item columns.
        shared: r, the number of shared columns.
        support: int64 [k], flat places in the cross block [I, r] that can differ from 0.
    """

    items: int
    shared: int
    support: npt.NDArray[np.int64]

    @property
    def arrays(self) -> dict[str, tuple[str, int]]:
        """Name -> (dtype, length) of each array of an answer with sums; all are flat."""
        return {
            "gradient": ("float64", self.items + self.shared),
            "diagonal": ("float32", self.items),
            "cross": ("float32", len(self.support)),
            "dense": ("float32", self.shared * (self.shared + 1) // 2),
        }


def shape(space: Space) -> Shape:
    """Return what the arrays of `space` look like; the same on both sides, from the catalog alone."""
    mask = np.zeros((space.items, space.shared), dtype=np.bool_)
    mask[:, space.sparse :] = True
    for item, skills in enumerate(space.item_skills):
        for block in range(len(space.blocks)):
            mask[item, [block * space.skills + skill for skill in skills]] = True
    return Shape(space.items, space.shared, np.flatnonzero(mask))


def question(kind: str, parameters: Parameters, policy: Policy, number: int, base: Parameters | None = None) -> Packet:
    """Return what the coordinator sends in round `number`: the current model.

    Args:
        kind: of the round.
        parameters: the current model.
        policy: the declared policy.
        number: of the round.
        base: a model that every institution asked has already; only arrays that differ from its are sent. None: all.
    """
    known = {} if base is None else artifact.arrays_of(base)
    changed = {
        name: array
        for name, array in artifact.arrays_of(parameters).items()
        if name not in known or not np.array_equal(array, known[name])
    }
    return Packet(kind, changed, {"round": number}, names(parameters, policy, base))


def sums_answer(summed: Sums, asked: Packet, form: Shape) -> Packet:
    """Return what an institution answers to the question `asked`: its sums, packed."""
    upper = np.triu_indices(form.shared)
    return Packet(
        SUMS,
        {
            "gradient": summed.gradient,
            "diagonal": summed.diagonal.astype(np.float32),
            "cross": summed.cross.ravel()[form.support].astype(np.float32),
            "dense": summed.dense[upper].astype(np.float32),
        },
        {"round": asked.numbers["round"], "loss": summed.loss, "rows": summed.rows, "learners": summed.learners},
        asked.names,
    )


def publish_answer(asked: Packet) -> Packet:
    """Return what an institution says once it has published: nothing but that it has."""
    return Packet(PUBLISH, {}, {"round": asked.numbers["round"]}, asked.names)


def unpack(packet: Packet, form: Shape) -> Sums:
    """Return the sums in an answer that the guard has passed, in float64."""
    cross = np.zeros(form.items * form.shared)
    cross[form.support] = packet.arrays["cross"]
    dense = np.zeros((form.shared, form.shared))
    dense[np.triu_indices(form.shared)] = packet.arrays["dense"]
    return Sums(
        gradient=np.asarray(packet.arrays["gradient"], dtype=np.float64),
        diagonal=packet.arrays["diagonal"].astype(np.float64),
        cross=cross.reshape(form.items, form.shared),
        dense=dense + np.triu(dense, 1).T,
        loss=float(packet.numbers["loss"]),
        rows=int(packet.numbers["rows"]),
        learners=int(packet.numbers["learners"]),
    )


def names(parameters: Parameters, policy: Policy, base: Parameters | None = None) -> dict[str, str]:
    """Return what both sides must agree on, letter by letter.

    The catalog's fingerprint, the version of the columns, the policy; and by their digests the model that the question
    is about, and the one that its arrays are added to (empty: to none).
    """
    return {
        "catalog": parameters.fingerprint,
        "space": parameters.version,
        "policy": policy.name,
        "legal-entity": policy.legal_entity,
        "least-learners": str(policy.least_learners),
        "model": artifact.digest(parameters),
        "base": artifact.digest(base) if base is not None else "",
    }
