"""`python -m curriculum.bank.check FILE ...`: is a file of questions sound, and can each be drawn? Floor 1."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import yaml

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.bank import draw, shelf
from curriculum.bank.entry import Bank, Entry
from curriculum.catalog import Catalog
from curriculum.practice import answers, grading
from curriculum.practice.task import NUMBER, Step

DRAWS = 60
FEWEST = 3
TRIED = date(2026, 9, 1)
"""The day for which an entry without dates is tried."""


def main(arguments: Sequence[str]) -> int:
    """Print every problem of some files, or how many questions they have.

    Args:
        arguments: Paths of files.

    Returns:
        0 if all are sound, else 1.
    """
    catalog, found = catalogs.load(shelf.CATALOG), 0
    for name in arguments:
        path = Path(name)
        others = [_read(file) for file in sorted(path.parent.glob("*.yaml")) if file.name != path.name]
        try:
            bank = shelf.parse_text(path.read_text(encoding="utf-8"), where=name, among=shelf.known(catalog, others))
        except errors.InvalidBank as error:
            sys.stdout.write(f"{error}\n")
            found += len(error.problems)
            continue
        wrong = [*problems(bank, catalog)]
        sys.stdout.writelines(f"{line}\n" for line in [*(f"{name}: {line}" for line in wrong), _told(name, bank)])
        found += len(wrong)
    return int(found > 0)


def problems(bank: Bank, catalog: Catalog, draws: int = DRAWS) -> Iterator[str]:
    """What trial draws of every entry find.

    Args:
        bank: Sound by `sound.problems`.
        catalog: What it belongs to.
        draws: Of each number question.
    """
    for entry in bank.entries.values():
        rule = catalog.rules.get(entry.rule)
        on = rule.valid_from if rule else entry.valid_from or TRIED
        for seed in range(draws if entry.form == NUMBER else 2):
            try:
                step = draw.question(bank, entry, catalog, seed, on).step
            except errors.NoCase:
                yield f"{entry.id}: no draw keeps its wrong methods apart from the right answer; widen the ranges"
                break
            except (KeyError, ValueError, IndexError) as error:
                yield f"{entry.id}: a placeholder cannot be filled: {error}"
                break
            wrong = [*_graded(step, entry)]
            yield from wrong
            if wrong:
                break


def _graded(step: Step, entry: Entry) -> Iterator[str]:
    """Each answer must be graded as what it is."""
    if grading.grade(step, answers.sent(step.right, step)).state != "right":
        yield f"{entry.id}: its own right answer {answers.kept(step.right)!r} is not graded as right"
    for wrong in step.wrong:
        verdict = grading.grade(step, answers.sent(answers.mistaken(wrong.value, step), step))
        if verdict.cause != wrong.cause:
            given = answers.kept(wrong.value)
            yield f"{entry.id}: the wrong answer {given!r} is named {verdict.cause!r}, not {wrong.cause!r}"


def _read(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        return None


def _told(name: str, bank: Bank) -> str:
    forms = Counter(entry.form for entry in bank.entries.values())
    skills = Counter(entry.skill for entry in bank.entries.values())
    few = [skill for skill, count in skills.items() if count < FEWEST]
    listed = ", ".join(f"{count} {form}" for form, count in forms.most_common())
    lacking = f"; fewer than {FEWEST} on {', '.join(few)}" if few else ""
    causes = len(bank.misconceptions)
    return f"{name}: {len(bank.entries)} questions ({listed}) on {len(skills)} skills, {causes} misconceptions{lacking}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
