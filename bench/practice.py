"""The practice cases: can each error be told apart, is a guess left alone, and what do a case and a grade cost.

Every kind of case, so many seeds over all of them, each wrong method of each step answered as a learner would.
Controls: the first draw of each seed, without the selection that tells errors apart; a cause named already where an
answer is within the step's tolerance of what a wrong method gives.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bench import report
from curriculum import bank, practice
from curriculum import catalog as catalogs
from curriculum.bank import draw
from curriculum.practice import answers, deck, draft, figures
from curriculum.practice.dice import Dice
from curriculum.practice.task import NUMBER, Step

ON = date(2026, 11, 25)
CASES = 10_000
GUESSES = 3
TARGETS = {
    "undiagnosable_share": "<= 0",
    "missed_share": "<= 0",
    "misnamed_share": "<= 0.001",
    "right_refused_share": "<= 0",
    "false_cause_share": "<= 0.001",
    "grade_step_ms": "<= 1",
    "make_case_ms": "<= 50",
}


def guesses(step: Step, mark: str) -> Iterator[Decimal]:
    """Numbers at random, up to twice the largest known one."""
    if not isinstance(step.right, Decimal):
        return
    known = [step.right, *(wrong.value for wrong in step.wrong if isinstance(wrong.value, Decimal))]
    top = figures.rounded(max(Decimal(50), 2 * max(known)))
    dice = Dice(f"{mark}{step.id}")
    yield from (dice.cents(f"{number}", Decimal("0.01"), top) for number in range(GUESSES))


def judged(found: Counter[str], step: Step, mark: str) -> None:
    """Count what came of every answer to a step."""
    for wrong in step.wrong:
        verdict = practice.grade(step, answers.sent(answers.mistaken(wrong.value, step), step))
        found["probes"] += 1
        found["undiagnosable"] += verdict.state == "right"
        found["missed"] += verdict.cause == "unknown"
        found["misnamed"] += verdict.cause not in {wrong.cause, "unknown", ""}
    found["rights"] += 1
    found["refused"] += practice.grade(step, answers.sent(step.right, step)).state != "right"
    for guess in guesses(step, mark):
        verdict = practice.grade(step, answers.sent(guess, step))
        if verdict.state != "other":
            continue
        found["guesses"] += 1
        found["told"] += verdict.cause != "unknown"
        near = (abs(guess - one.value) <= step.tolerance for one in step.wrong if isinstance(one.value, Decimal))
        found["near"] += any(near)


def clashing(kind: str, seed: int) -> tuple[int, int]:
    """Of the first draw of a seed: wrong methods whose answer is the right one or another method's; and all of them."""
    made = deck.MAKERS[kind][0](Dice(f"{kind}/{seed}/0"), ON)
    count = clashes = 0
    for step in made.steps:
        for cause, value in step.wrong:
            others = [("", step.right), *((other, one) for other, one in step.wrong if other != cause)]
            count += 1
            clashes += not all(
                draft.separated(draft.Draft({}, (), (draft.Sum(step.id, value, (other,), tolerance=step.tolerance),)))
                if isinstance(value, Decimal)
                else value != other[1]
                for other in others
            )
    return clashes, count


def simulator(cases: int) -> list[dict[str, object]]:
    """The rows of the cases.

    Args:
        cases: How many over all kinds.
    """
    kinds = [kind.id for kind in practice.kinds()]
    found: Counter[str] = Counter()
    making, steps = [], 0
    control = [0, 0]
    for number in range(cases):
        kind, seed = kinds[number % len(kinds)], number // len(kinds)
        begun = time.process_time()
        case = practice.case(kind, seed, ON)
        making.append(1000 * (time.process_time() - begun))
        steps += len(case.steps)
        for step in case.steps:
            judged(found, step, case.mark)
        if number < cases // 10:
            control = [one + more for one, more in zip(control, clashing(kind, seed), strict=True)]
    grading = 1000 * graded([practice.case(kind, 1, ON).steps for kind in kinds])
    probes = found["probes"]
    values = {
        "undiagnosable_share": found["undiagnosable"] / probes,
        "missed_share": found["missed"] / probes,
        "misnamed_share": found["misnamed"] / probes,
        "right_refused_share": found["refused"] / found["rights"],
        "false_cause_share": found["told"] / found["guesses"],
        "grade_step_ms": grading,
        # The first cases read the data; the mean counts them.
        "make_case_ms": sum(making) / len(making),
    }
    controls = {
        "undiagnosable_share": [control[0] / control[1]],
        "false_cause_share": [found["near"] / found["guesses"]],
    }
    counts = {"cases": float(cases), "steps": float(steps), "probes": float(probes), "guesses": float(found["guesses"])}
    command = f"make bench-practice ARGS='--cases {cases}'"
    return [
        *(
            report.row(
                name,
                [value],
                "ms of CPU" if name.endswith("_ms") else "share",
                target=TARGETS[name],
                controls=controls.get(name, ()),
                command=command,
            )
            for name, value in values.items()
        ),
        *(report.row(name, [value], "count", command=command) for name, value in counts.items()),
    ]


def graded(cases: list[tuple[Step, ...]]) -> float:
    """Seconds of CPU to grade a step, over every step and each of its wrong answers."""
    sent = [
        (step, answers.sent(answers.mistaken(wrong.value, step), step))
        for steps in cases
        for step in steps
        for wrong in step.wrong
    ]
    begun = time.process_time()
    for _ in range(20):
        for step, text in sent:
            practice.grade(step, text)
    return (time.process_time() - begun) / (20 * len(sent))


def questions() -> list[dict[str, object]]:
    """The item bank: how many, on how many skills, and whether each is answered, explained and has its causes."""
    catalog, kept = catalogs.load("cbec"), bank.load()
    skills = Counter(entry.skill for entry in kept.entries.values())
    found = Counter()
    for entry in kept.entries.values():
        rule = catalog.rules.get(entry.rule)
        day = rule.valid_from if rule else entry.valid_from or ON
        step = draw.question(kept, entry, catalog, 1, day).step
        found["caused"] += bool(step.wrong) and all(wrong.cause for wrong in step.wrong)
        found["known"] += sum(wrong.cause != "unknown" for wrong in step.wrong)
        found["wrong"] += len(step.wrong)
        texts = (step.question, step.explanation, *(wrong.words for wrong in step.wrong))
        found["told"] += all(text[language] for text in texts for language in ("en", "zh"))
        found["drawn"] += step.form == NUMBER
    count = len(kept.entries)
    return [
        report.row("items", [count], "questions", target=">= 430"),
        report.row("items_least_a_skill", [min(skills[skill] for skill in catalog.skills)], "questions", target=">= 3"),
        report.row("items_drawn_anew", [found["drawn"]], "questions with figures"),
        report.row("items_with_cause_share", [found["caused"] / count], "of items", target=">= 1"),
        report.row("items_in_both_languages_share", [found["told"] / count], "of items", target=">= 1"),
        report.row("wrong_answers_named_share", [found["known"] / found["wrong"]], "of wrong answers; else unknown"),
    ]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="how many over all kinds")
    asked = parser.parse_args()
    report.write("practice", [*questions(), *simulator(asked.cases)])


if __name__ == "__main__":
    main()
