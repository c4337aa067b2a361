"""A model in the columns of a catalog with skills more or less keeps every number that both have."""

import math

import numpy as np
import pytest

from curriculum import catalog as catalogs
from recommender import errors, features, mastery, predicting, space, training, widening
from tests.curriculum import builders as curricula
from tests.recommender import builders

CATALOG = builders.tiny()
MODEL = training.fit([builders.interactions(CATALOG, learners=80, rows=20)], space.of(CATALOG))


def edited(**changes):
    mapping = curricula.tiny(
        meta=curricula.tiny()["meta"],
        items=[
            {"id": "test", "activity": "urn:tiny:test", "skills": ["left"], "order": 7},
            {"id": "exam", "activity": "urn:tiny:exam", "skills": ["top", "left"], "order": 8},
        ],
    )
    return catalogs.parse({**mapping, **changes})


MORE = edited(skills=[*curricula.tiny()["skills"], curricula.skill("local", "left")])
LESS = edited(
    skills=[
        curricula.skill("left"),
        *[curricula.skill(one["id"], *[n for n in one["prerequisites"] if n != "root"], area=one["area"])
          for one in curricula.tiny()["skills"] if one["id"] not in {"root", "left"}],
    ],
    roles=[],
)  # fmt: skip
ANSWERS = (("practice:left", 1), ("practice:right", 0), ("test", 1), ("practice:left", 1), ("exam", 0))


def levels(catalog, model):
    running = mastery.start(catalog, model)
    mastery.observe(running, builders.history(catalog, *ANSWERS))
    return dict(zip(catalog.skills, mastery.estimates(running), strict=True))


def test_beside_a_new_skill_every_other_one_keeps_its_level_to_the_bit():
    made = widening.widen(MODEL, space.of(CATALOG), space.of(MORE))

    before, after = levels(CATALOG, MODEL), levels(MORE, made)
    assert {name: after[name] for name in before} == before


def test_without_a_skill_the_others_move_by_what_its_answers_told_of_everybody():
    made = widening.widen(MODEL, space.of(CATALOG), space.of(LESS))

    before, after = levels(CATALOG, MODEL), levels(LESS, made)
    assert len(after) == 5
    assert max(abs(after[name] - before[name]) for name in after) < 0.02


def test_a_new_skill_begins_with_a_chance_as_a_new_item_does():
    made = widening.widen(MODEL, space.of(CATALOG), space.of(MORE))

    found = levels(MORE, made)["local"]
    assert 0.05 < found < 0.95
    assert not math.isclose(found, 0.5)


def test_a_model_that_is_widened_and_narrowed_again_is_what_it_was():
    there = widening.widen(MODEL, space.of(CATALOG), space.of(MORE))
    back = widening.widen(there, space.of(MORE), space.of(CATALOG))

    for name, array in MODEL.arrays().items():
        assert np.array_equal(back.arrays()[name], array), name
    assert back.fingerprint == MODEL.fingerprint


def test_the_widened_model_is_one_of_its_columns():
    made = widening.widen(MODEL, space.of(CATALOG), space.of(MORE))

    assert made.fingerprint == MORE.fingerprint
    assert len(made.weights) == features.dimension(space.of(MORE))
    assert predicting.name(made) != predicting.name(MODEL)


def test_a_model_of_another_catalog_is_refused():
    with pytest.raises(errors.MismatchError, match="a model's catalog"):
        widening.widen(MODEL, space.of(MORE), space.of(CATALOG))


def test_a_catalog_with_other_scores_is_refused():
    with pytest.raises(errors.MismatchError, match="catalogs of one model"):
        widening.widen(MODEL, space.of(CATALOG), space.of(builders.tiny(0.75)))
