"""Question banks in QTI 3.0: a package or a single item in, a package out. Floor 1.

1EdTech Question and Test Interoperability 3.0, ASI and packaging. One question is one item a language, for a learner
reads one language and an LMS shows an item whole: blocks of two languages in one item would both be on the page. The
two items of a question share their catalog entry in the manifest, and that makes one question of them again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum.bank.entry import Bank
from curriculum.catalog import Catalog


@dataclass(frozen=True)
class Taken:
    """What was read.

    Attributes:
        document: A file of the bank as plain data, with `misconceptions` and `questions`, for the checks of the bank.
        notes: What the file did not say, such as the texts of the other language; one sentence each.
    """

    document: Mapping[str, Any]
    notes: tuple[str, ...]


def read(data: bytes, where: str, *, skill: str = "", known: Collection[str] = ()) -> Taken:
    """Read a package or a single item.

    Args:
        data: A zip with imsmanifest.xml, or the XML of one item.
        where: Its name, for messages.
        skill: Id of the skill of questions that name none.
        known: Ids of the misconceptions that are known already.

    Raises:
        errors.ExchangeRefused: Anything in it cannot be taken in; then nothing is.
    """
    raise NotImplementedError


def write(bank: Bank, catalog: Catalog, skills: Collection[str], *, seed: int, on: date) -> bytes:
    """Write the questions of some skills as a package.

    Args:
        bank: The questions.
        catalog: What the skills are called.
        skills: Ids of the skills; all if empty.
        seed: What figures are drawn from, where a question draws them: an item holds one draw.
        on: The day: questions that are not asked on it are left out.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
    """
    raise NotImplementedError
