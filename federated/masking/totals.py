"""The coordinator's part of a masked round: who answered, and their sum. Pure; floor 3.

It learns the sum over the survivors and nothing else: of those the own masks are undone, of the others the masks that the
survivors share with them. Shares that were put together are checked against what the member offered; one wrong share
among more than the threshold is found and left out.
"""

from collections.abc import Mapping, Sequence

from federated.masking.keys import Roster
from federated.masking.streams import Form
from federated.masking.turns import Words


def answered(
    roster: Roster, number: int, form: Form, masked: Mapping[str, bytes]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return who answered well in a round, sorted, and of all others why not.

    Args:
        roster: who takes part.
        number: of the masked round, from 1.
        form: of the vectors.
        masked: name -> message of `turns.mask`.

    Raises:
        SurvivorsError: fewer than the threshold: the round ends, and nobody is asked to reveal anything.
    """
    raise NotImplementedError


def unmask(
    roster: Roster,
    number: int,
    form: Form,
    masked: Mapping[str, bytes],
    survivors: Sequence[str],
    reveals: Mapping[str, bytes],
) -> dict[str, Words]:
    """Return the sum of the survivors' vectors, modulo 2^32 or 2^64: name -> words.

    Args:
        roster: who takes part.
        number: of the masked round.
        form: of the vectors.
        masked: name -> message of `turns.mask`, of the survivors at least.
        survivors: as the members were told.
        reveals: name -> message of `turns.reveal`.

    Raises:
        SurvivorsError: fewer good messages than the threshold.
        MaskError: a secret that the shares make up is not what its member offered; a survivor's vector is not what it
            signed.
    """
    raise NotImplementedError
