"""Real records for the demo: assessment results of the Open University Learning Analytics Dataset (OULAD), by region.

The regions of one university stand for the institutions of a consortium. `entrepot/data/README.md` holds the
attribution (CC BY 4.0) and how the compact file was made from the published tables by `python -m entrepot.oulad`.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

DATASET = "https://analyse.kmi.open.ac.uk/open_dataset"
SCORED = "http://adlnet.gov/expapi/verbs/scored"
FIELDS = ("region", "learner", "presentation", "item", "day", "score")
_STARTS = {"B": (2, 1), "J": (10, 1)}  # presentations start in February or October: Kuzilek et al. 2017
_NAMESPACE = uuid.UUID("8f0f0c52-3f65-5d0c-9c43-2d1f0a5f8a11")


@dataclass(frozen=True, slots=True)
class Result:
    """One graded assessment of one learner.

    Attributes:
        learner: the data set's number of the learner.
        presentation: module and presentation, such as "AAA.2013J".
        item: the catalog's item id, such as "AAA.TMA.1".
        day: days since the presentation began (may be negative).
        score: points from 0 to 100.
    """

    learner: str
    presentation: str
    item: str
    day: int
    score: float


def regions() -> dict[str, list[Result]]:
    """Read the shipped records: region -> results, learners together and in time order, regions by name."""
    found: dict[str, list[Result]] = {}
    packed = resources.files("entrepot").joinpath("data/oulad.csv.gz").read_bytes()
    for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode())):
        result = Result(row["learner"], row["presentation"], row["item"], int(row["day"]), float(row["score"]))
        found.setdefault(row["region"], []).append(result)
    return dict(sorted(found.items()))


def begins(presentation: str) -> datetime:
    """Give the first day of a presentation such as "AAA.2013J"."""
    term = presentation.rpartition(".")[2]
    month, day = _STARTS[term[4]]
    return datetime(int(term[:4]), month, day, 12, tzinfo=UTC)


def statement(result: Result, issuer: str) -> dict[str, Any]:
    """Say one result as an xAPI statement, about the learner as the LMS at `issuer` knows them.

    The id is derived (UUID version 5) from learner, presentation and item, so that sending twice stores once.
    """
    scaled = round(result.score / 100, 4)
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{issuer} {result.learner} {result.presentation} {result.item}")),
        "actor": {"objectType": "Agent", "account": {"homePage": issuer, "name": result.learner}},
        "verb": {"id": SCORED, "display": {"en": "scored"}},
        "object": {"objectType": "Activity", "id": f"{DATASET}#{result.item}"},
        "result": {"score": {"scaled": scaled, "raw": result.score, "min": 0, "max": 100}},
        "context": {"contextActivities": {"grouping": [{"id": f"{DATASET}#{result.presentation}"}]}},
        "timestamp": (begins(result.presentation) + timedelta(days=result.day)).isoformat(),
    }


def items(assessments: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Name every assessment of the published table: module, type, rank of its due date among those of its type.

    Args:
        assessments: rows of assessments.csv. Missing dates rank last; equal dates by assessment number.

    Returns:
        id_assessment -> item id, the same id in every presentation of a module.
    """

    def due(row: Mapping[str, str]) -> tuple[float, int]:
        return (float(row["date"]) if row["date"] not in {"", "?"} else float("inf"), int(row["id_assessment"]))

    ranks: dict[tuple[str, str, str], int] = {}
    named: dict[str, str] = {}
    for row in sorted(assessments, key=due):
        place = (row["code_module"], row["code_presentation"], row["assessment_type"])
        ranks[place] = ranks.get(place, 0) + 1
        named[row["id_assessment"]] = f"{place[0]}.{place[2]}.{ranks[place]}"
    return named


def compact(source: Path) -> bytes:
    """Make the shipped file from the published tables in `source` (`*.csv` or `*.csv.gz`), the same bytes each time.

    Results carried over from an earlier presentation (is_banked) and results without a score are left out.
    """
    assessments = list(_table(source, "assessments"))
    named = items(assessments)
    held = {row["id_assessment"]: f"{row['code_module']}.{row['code_presentation']}" for row in assessments}
    region = {row["id_student"]: row["region"] for row in _table(source, "studentInfo")}
    rows = [
        (
            region[row["id_student"]],
            int(row["id_student"]),
            held[key],
            named[key],
            int(row["date_submitted"]),
            row["score"],
        )
        for row in _table(source, "studentAssessment")
        if (key := row["id_assessment"]) in named and row["is_banked"] == "0" and row["score"] not in {"", "?"}
    ]
    rows.sort(key=lambda row: (row[0], row[1], begins(row[2]) + timedelta(days=row[4]), row[3]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows((*row[:5], f"{float(row[5]):g}") for row in rows)
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def _table(source: Path, name: str) -> Iterator[Mapping[str, str]]:
    plain, packed = source / f"{name}.csv", source / f"{name}.csv.gz"
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    yield from csv.DictReader(io.StringIO(data.decode()))


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(compact(Path(sys.argv[1])))
