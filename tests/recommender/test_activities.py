import random
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from recommender import activities, interactions, rhythm, verbs
from tests.curriculum import builders as curricula
from tests.recommender import builders

TINY = builders.tiny()
VIDEO = "https://w3id.org/xapi/video/verbs/"
CONTENT = {"urn:page": activities.Content(("right",), "example")}


def read(*labels, content=CONTENT):
    return activities.from_labels(labels, TINY, content)


def said(made, row=0):
    mode = int(made.mode[row])
    return verbs.SOURCES[made.source[row]], verbs.MODES[mode] if mode >= 0 else None


@pytest.mark.parametrize(
    ("changes", "source", "mode"),
    [
        ({"verb": VIDEO + "played", "activity": "urn:v"}, "content", "video"),
        ({"verb": VIDEO + "paused", "activity": "urn:v"}, "time", "video"),
        ({"verb": "http://adlnet.gov/expapi/verbs/experienced", "activity": "urn:v"}, "pages", "reading"),
        ({"verb": "http://adlnet.gov/expapi/verbs/asked", "activity": "urn:v"}, "questions", "discussion"),
        ({"verb": "http://adlnet.gov/expapi/verbs/attended", "activity": "urn:v"}, "content", "event"),
        ({"verb": "http://adlnet.gov/expapi/verbs/progressed", "activity": "urn:v"}, "progress", None),
        ({"verb": "http://risc-inc.com/annotator/verbs/annotated", "activity": "urn:v"}, "notes", None),
        ({}, "answers", "quiz"),
        ({"grouping": ("https://t.example/lti/practice/case/freight",)}, "answers", "simulation"),
        ({"grouping": ("https://t.example/lti/practice/exam/full",)}, "answers", "exam"),
        ({"parent": ("urn:page",)}, "answers", "example"),
        ({"activity": "urn:page"}, "answers", "example"),
    ],
)
def test_a_statement_is_of_a_source_and_a_way(changes, source, mode):
    assert said(read(builders.label(1, **changes))) == (source, mode)


def test_the_skill_is_that_of_the_item_else_of_the_content_else_of_what_it_belongs_to():
    labels = [
        builders.label(1, activity="urn:tiny:left"),
        builders.label(2, activity="urn:page"),
        builders.label(3, activity="urn:unknown", parent=("urn:tiny:root",)),
        builders.label(4, activity="urn:unknown"),
    ]

    index = TINY.skill_index
    assert read(*labels).skill.tolist() == [index["left"], index["right"], index["root"], -1]


def test_items_and_resources_of_the_catalog_say_their_way_and_their_skill():
    items = [{"id": "plan", "activity": "urn:plan", "skills": ["top"], "mode": "project"}]
    talk = {
        "id": "talk",
        "activity": "urn:talk",
        "skills": ["tail"],
        "mode": "discussion",
        "name": curricula.names("Talk"),
    }
    known = catalogs.parse(curricula.tiny(items=items, resources=[talk]))
    labels = [
        builders.label(1, activity="urn:plan"),
        builders.label(2, activity="urn:talk", verb="http://adlnet.gov/expapi/verbs/experienced"),
    ]

    made = activities.from_labels(labels, known)

    assert [said(made, row) for row in (0, 1)] == [("answers", "project"), ("pages", "discussion")]
    assert made.skill.tolist() == [known.skill_index["top"], known.skill_index["tail"]]
    assert rhythm.events(interactions.from_labels(labels, known), None, known).mode.tolist() == [
        verbs.MODES.index("project")
    ]


def test_what_is_left_out_is_counted():
    placed = builders.label(4, activity=f"https://t.example{verbs.PLACED_IN_IRI}tiny/practice:left")
    made = read(builders.label(1, actor=""), builders.label(2, verb="urn:other"), builders.label(3), placed)

    assert dict(made.skipped) == {"no learner": 1, "other verb": 1, "placement": 1}
    assert len(made.when) == 1


def test_no_label_makes_no_row():
    made, nothing = read(), activities.empty()

    assert made.learners == nothing.learners == ()
    assert all(getattr(made, name).dtype == getattr(nothing, name).dtype for name in activities.ROWS)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4)), max_size=8), st.randoms())
def test_order_and_repetition_do_not_matter(rows, rng: random.Random):
    labels = [builders.label(n, actor=a, timestamp=t) for n, (a, t) in enumerate(rows, start=1)]
    again = labels + labels[: len(labels) // 2]
    rng.shuffle(again)
    one, other = read(*labels), read(*again)

    assert one.learners == other.learners
    assert all(np.array_equal(getattr(one, n), getattr(other, n), equal_nan=True) for n in activities.ROWS)


def test_what_is_later_is_left_out():
    made = read(builders.label(1, timestamp=5), builders.label(2, timestamp=builders.DAY))

    assert activities.until(made, datetime(1970, 1, 1, 12, tzinfo=UTC)).seq.tolist() == [1]
    assert activities.until(made, builders.NOW) is made


def test_the_verbs_of_every_source_and_way_are_known():
    assert set(verbs.SOURCE_OF.values()) == set(verbs.SOURCES)
    assert set(verbs.MODE_OF.values()) | {mode for _, mode in verbs.MODE_IN_IRI} <= set(verbs.MODES)
    assert set(verbs.SOURCE_OF) >= verbs.GRADED
