from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.pages import bar
from recommender import explain
from recommender.explain import Contribution
from recommender.recommend import PARTS


def parts(*values: float) -> tuple[Contribution, ...]:
    names = ("level", "item", "ability", "practice", "recency")
    return tuple(Contribution(name, value, {}) for name, value in zip(names, values, strict=False))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_the_rows_of_a_bar_add_up_to_its_total_as_shown(values: list[float]) -> None:
    drawn = bar.of_parts(parts(*values), bar.reach([parts(*values)]))

    assert sum(hundredths(row.value) for row in drawn.rows) == hundredths(drawn.total)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_no_piece_of_a_bar_leaves_it(values: list[float]) -> None:
    drawn = bar.of_parts(parts(*values), bar.reach([parts(*values)]))

    spans = [(float(piece.x[:-1]), float(piece.width[:-1])) for piece in drawn.pieces]
    assert all(x >= -0.01 and x + width <= 100.01 for x, width in spans)


def test_pieces_for_and_against_lie_on_their_side_of_zero() -> None:
    drawn = bar.of_parts(parts(-1.0, 0.0, 3.0), (1.0, 3.0))

    assert drawn.zero == "25.0%"
    assert [(piece.kind, piece.x) for piece in drawn.pieces] == [(1, "0.00%"), (3, "25.00%")]


def test_parts_that_are_all_nothing_are_drawn_as_nothing() -> None:
    assert bar.of_parts(parts(0.0, 0.0), bar.reach([parts(0.0, 0.0)])).pieces == ()


def hundredths(text: str) -> int:
    return 0 if text == bar.NOTHING else round(100 * float(text.replace("−", "-")))


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_the_parts_of_a_weight_add_up_to_it_as_shown(values: list[float]) -> None:
    drawn = bar.stripe(list(zip(PARTS, values, strict=True)), max(1.0, sum(values)))

    assert sum(hundredths(row.value) for row in drawn.rows) == hundredths(drawn.total)
    spans = [(float(piece.x[:-1]), float(piece.width[:-1])) for piece in drawn.pieces]
    assert all(x >= 0 and x + width <= 100.01 for x, width in spans)
    assert len(drawn.pieces) == sum(value > 0 for value in values)


def test_every_part_of_a_chance_has_its_colour() -> None:
    assert set(bar.KINDS) == {*explain.MODEL_GROUPS, *explain.GRAPH_GROUPS}


def test_amber_is_for_a_rule_alone() -> None:
    assert [name for name, kind in bar.WEIGHTS.items() if kind == 2] == ["refresh"]


def test_a_weight_that_is_nothing_is_drawn_as_nothing() -> None:
    assert bar.stripe([("gap", 0.0), ("opens", 0.0)], 0.0).pieces == ()
