"""Made-up learners whose ways of learning have planted effects, so that a profile can be held against them."""

from __future__ import annotations

import numpy as np

from recommender import activities, verbs
from recommender.interactions import Interactions
from tests.recommender import builders

QUIZ = verbs.MODES.index("quiz")


def learner(catalog, gains, rng, *, skills=10, rounds=14, seconds=300.0, start=0.25):
    """History and activities of one learner: on each skill activities of random ways, and a quiz after each.

    Args:
        catalog: One item a skill is used.
        gains: By way, what an activity adds to the chance of a right answer; "quiz" for the answers themselves.
        rng: Draws.
        skills: Skills that are practised.
        rounds: Activities, and answers, on each.
        seconds: Of every activity.
        start: Chance before the first activity.
    """
    others = [mode for mode in gains if mode != "quiz"]
    names = list(catalog.skills)[:skills]
    items = [next(n for n, i in enumerate(catalog.items.values()) if i.skills[0] == name) for name in names]
    rows, answers, chance = [], [], np.full(skills, start)
    when = int(builders.NOW.timestamp() * 1e6) - skills * rounds * 3 * 3600 * 10**6
    for _ in range(rounds):
        for number in rng.permutation(skills).tolist():
            for mode in rng.choice(others, rng.integers(3)).tolist() if others else ():
                when += 1800 * 10**6
                rows.append((when, len(rows), verbs.SOURCES.index("content"), verbs.MODES.index(mode), number))
                chance[number] = min(0.95, chance[number] + gains[mode])
            when += 1800 * 10**6
            right = float(rng.random() < chance[number])
            answers.append((when, len(rows), items[number], right))
            rows.append((when, len(rows), verbs.SOURCES.index("answers"), QUIZ, number))
            chance[number] = min(0.95, chance[number] + gains.get("quiz", 0.0))
    whens, seqs, sources, modes, skill = (np.array(column) for column in zip(*rows, strict=True))
    done = activities.Activities(
        ("one",),
        np.zeros(len(rows), np.int32),
        whens.astype(np.int64),
        seqs.astype(np.int64),
        sources.astype(np.int8),
        modes.astype(np.int8),
        np.array([catalog.skill_index[names[number]] for number in skill.tolist()], np.int32),
        np.full(len(rows), seconds, np.float32),
    )
    when, seq, item, right = (np.array(column) for column in zip(*answers, strict=True))
    history = Interactions(
        learners=("one",),
        learner=np.zeros(len(answers), np.int32),
        item=item.astype(np.int32),
        correct=right.astype(np.float32),
        score=np.full(len(answers), np.nan, np.float32),
        when=when.astype(np.int64),
        seq=seq.astype(np.int64),
        seconds=np.full(len(answers), seconds, np.float32),
    )
    return history, done
