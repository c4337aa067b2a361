"""The experiment that an institution may run: which arm a learner is in, and how a statement says so. Floor 3.

Off unless the institution names one. An arm is a hash of the name and the pseudonym, so nothing is kept; whoever is not
a learner takes part in none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lti_tool import errors
from recommender import arms, policy, verbs
from recommender.policy import Arm

ARMS = (arms.PLAIN, arms.COHERENCE)
"""Of every experiment, in the order that decides the assignment: another order would be another experiment."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Part:
    """What part somebody takes in an experiment.

    Attributes:
        experiment: Its name; empty: there is none, or they take no part in it.
        arm: By which their path is ordered.
    """

    experiment: str = ""
    arm: Arm = policy.PLAIN


NONE = Part()


def check(name: str) -> str:
    """The name of an experiment, if it can be one; empty: there is none.

    Raises:
        errors.ConfigurationError: It cannot be in an address.
    """
    if name and not _NAME.fullmatch(name):
        form = "write small letters, digits and hyphens, 40 at most, such as path-2026"
        message = f"ENTREPOT_LTI_EXPERIMENT is {name!r}: {form}"
        raise errors.ConfigurationError(message)
    return name


def part(name: str, pseudonym: str) -> Part:
    """What part a learner takes.

    Args:
        name: Of the experiment; empty: there is none.
        pseudonym: Of the learner.
    """
    return Part(name, policy.ARMS[arms.assign(pseudonym, name, ARMS)]) if name else NONE


def extensions(taken: Part) -> dict[str, str]:
    """What a statement's context says of a part; nothing where there is none."""
    if not taken.experiment:
        return {}
    return {verbs.EXTENSION_EXPERIMENT: taken.experiment, verbs.EXTENSION_ARM: taken.arm.name}


def grouping(taken: Part, base: str) -> dict[str, list[dict[str, Any]]]:
    """The same as an activity that groups the statement, for whoever reads labels alone; nothing where there is none.

    Args:
        taken: The part.
        base: The tool's public address.
    """
    if not taken.experiment:
        return {}
    iri = f"{base}{verbs.EXPERIMENT_IN_IRI}{taken.experiment}/{taken.arm.name}"
    return {"grouping": [{"objectType": "Activity", "id": iri}]}
