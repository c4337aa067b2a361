"""Interactions from a file, with a catalog made from what stands in it. Floor 2.

A row is an answer: `user,item,skills,correct` and, where the file has them, time, score, seconds, hints, attempt,
institution, group and a split. The catalog holds the file's skills (without prerequisites) and items, so that a file
runs through the same code as an institution's own records.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum.catalog import Area, Catalog, Item, Skill
from recommender import errors
from recommender.interactions import Interactions

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# What each column may be called, in lower case without spaces; the first name is the one to use in a new file.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "user": ("user", "user_id", "userid", "learner", "learner_id", "uid", "student", "student_id", "anon_student_id"),
        "item": ("item", "item_id", "problem", "problem_id", "question", "question_id", "questions", "exercise", "qid"),
        "skills": (
            "skills", "skill", "skill_id", "skill_ids", "skill_name", "concept", "concepts", "kc", "kcs", "kc_id",
            "kc_ids", "kc(default)", "tags",
        ),
        "correct": ("correct", "correctness", "response", "responses", "outcome", "label", "y", "y_true", "is_correct"),
        "when": ("timestamp", "time", "when", "start_time", "timestamps", "date", "datetime", "created_at"),
        "order": ("order_id", "log_id", "row_id", "answer_id", "interaction_id"),
        "score": ("score", "scaled_score"),
        "seconds": ("seconds", "duration", "elapsed_seconds", "time_taken"),
        "hints": ("hints", "hint_count", "hint_total_used"),
        "attempt": ("attempt", "attempt_number"),
        "institution": ("institution", "school", "school_id", "university"),
        "split": ("split", "fold", "set"),
        "text": ("text", "item_text", "question_text"),
    }
)  # fmt: skip
NEEDED = ("user", "correct")
GROUPS = ("group", "gender", "sex", "region", "age_band", "age_group", "disability", "education")
WRONG_RIGHT = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}
# Folds of a learner besides 0, 1, ...: never held out.
TRAINING = -1


@dataclass(frozen=True, eq=False)
class DataSet:
    """A file of interactions, ready for a model.

    Attributes:
        name: Of the file, without its ending.
        catalog: Skills and items of the file, in the order in which they first stand there.
        interactions: n rows of m learners; `when` is 0 in all of them where the file has no time.
        institution: Name of each learner's institution, m of them; empty where the file has no such column. A learner
            of two institutions is two learners.
        groups: Column name to the value of each learner, m of them: what fairness is measured between.
        fold: int64 [m], which fold holds the learner out, `TRAINING` for never; None where the file has no split.
        merged: Rows that said the same answer again for another skill of the same item, and were made one.
        problems: Bad rows that were left out, by what was wrong; empty unless they were to be skipped.
    """

    name: str
    catalog: Catalog
    interactions: Interactions
    institution: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    fold: Ints | None
    merged: int
    problems: tuple[str, ...]


def read(data: bytes, name: str = "data", *, skip: bool = False) -> DataSet:
    """Read a file of interactions.

    Args:
        data: CSV with commas, semicolons or tabs, UTF-8, plain or packed by gzip. Names of columns as in `NAMES`.
            Several skills are separated by spaces, `;`, `~`, `|`, or by `_` between numbers. Rows stand in the order of
            time inside a learner unless there is a column of time.
        name: What to call it in messages.
        skip: Leave bad rows out and name them in `problems`, instead of refusing the file.

    Raises:
        errors.DatasetError: It is no such table, or some rows are bad: all of them are named by line.
    """
    raise NotImplementedError
