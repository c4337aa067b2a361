import dataclasses
import math

import pytest

from recommender import explain, features, online, space, training
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
SPACE = space.of(CATALOG)
MODEL = online.prepare(training.fit([builders.interactions(CATALOG, learners=90)], SPACE), SPACE)
ANSWERS = [("practice:root", 1, 0.9), ("practice:left", 0, 0.5), ("practice:left", 1)]


@pytest.mark.parametrize("history", [[], ANSWERS[:1], ANSWERS, ANSWERS * 9])
@pytest.mark.parametrize("item", range(len(CATALOG.items)))
def test_the_parts_add_up_to_the_logit(history, item):
    state = online.state_of(builders.history(CATALOG, *history), MODEL)
    later = state.when + 9 * builders.DAY

    parts = explain.by_model(state, MODEL, item, when=later)

    assert tuple(part.name for part in parts) == explain.MODEL_GROUPS
    assert explain.total(parts) == pytest.approx(online.score(state, MODEL, item, when=later), abs=1e-9)


@pytest.mark.parametrize("name", [name for name in features.weight_names(SPACE) if not name.startswith("expected")])
def test_a_weight_moves_the_part_of_its_group_alone(name):
    place = features.weight_names(SPACE).index(name)
    item = CATALOG.item_index["practice:left"]
    if " of " in name and not name.endswith(("of item practice:left", "of skill left")):
        name = ""
    weights = MODEL.parameters.weights.copy()
    weights[place] += 1.0
    moved = online.prepare(_with(weights), SPACE)
    state = online.state_of(builders.history(CATALOG, *ANSWERS), MODEL)

    before, after = (explain.by_model(state, one, item) for one in (MODEL, moved))

    changed = {one.name for one, other in zip(before, after, strict=True) if not math.isclose(one.value, other.value)}
    assert changed <= ({explain.group(name)} if name else set())


def test_what_the_filter_expects_is_told_as_the_item_and_the_ability():
    place = features.weight_names(SPACE).index("expected")
    weights = 0.0 * MODEL.parameters.weights
    weights[place] = 1.0
    model, item = online.prepare(_with(weights), SPACE), CATALOG.item_index["practice:left"]
    state = online.state_of(builders.history(CATALOG, *ANSWERS), model)

    parts = {part.name: part.value for part in explain.by_model(state, model, item)}

    assert {name for name, value in parts.items() if value} == {"item", "ability"}
    assert math.fsum(parts.values()) == pytest.approx(online.score(state, model, item), abs=1e-9)


def _with(weights):
    return dataclasses.replace(MODEL.parameters, weights=weights)


def test_a_catalog_without_scores_has_no_part_of_them():
    plain = builders.tiny()
    model = online.prepare(training.fit([builders.interactions(plain)], space.of(plain)), space.of(plain))

    parts = explain.by_model(online.State(), model, 0)

    assert tuple(part.name for part in parts) == explain.MODEL_GROUPS[:-1]


def test_a_group_comes_with_the_facts_behind_it():
    state = online.state_of(builders.history(CATALOG, *ANSWERS), MODEL)
    item = CATALOG.item_index["practice:left"]

    facts = {part.name: dict(part.data) for part in explain.by_model(state, MODEL, item)}

    counts = MODEL.parameters.tables.of("item")
    assert facts["item"] == {"peers": counts.tries[counts.keys == item][0], "share": MODEL.share[item]}
    assert facts["practice"] == {"skill": "left", "answers": 2, "right": 1, "tries": 2}
    assert facts["scores"] == {"number": 2, "mean": pytest.approx(0.7)}
    assert facts["ability"]["answers"] == 3


def test_an_item_that_nobody_answered_has_no_peers():
    empty = online.prepare(training.start(SPACE), SPACE)

    facts = {part.name: dict(part.data) for part in explain.by_model(online.State(), empty, 0)}

    assert facts["item"]["peers"] == 0


def test_a_cold_start_adds_up():
    parts = explain.by_graph(0.4, 0.3, 0.6, {"difficulty": 4.0, "answers": 2})

    assert explain.total(parts) == pytest.approx(explain.logit(0.6), abs=1e-12)
