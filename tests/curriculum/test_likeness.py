"""Texts that share rare words are alike."""

import math

from curriculum import likeness

KNOWN = {"duty": "customs duties on imports 关税计算", "label": "labels of parcels 面单打印", "empty": ""}


def test_a_text_is_most_like_the_one_that_shares_its_words():
    for split in (likeness.words, likeness.pieces):
        index = likeness.index(KNOWN, split)
        for text in ("an import duty", "计算关税"):
            found = likeness.likeness(index, text)
            assert max(found, key=found.get) == "duty"
            assert found["empty"] == 0.0


def test_a_document_is_like_itself_by_one():
    index = likeness.index(KNOWN, likeness.words)

    assert math.isclose(likeness.likeness(index, KNOWN["label"])["label"], 1.0)


def test_what_nobody_says_is_like_nothing():
    index = likeness.index(KNOWN, likeness.words)

    assert set(likeness.likeness(index, "zebra 斑马").values()) == {0.0}


def test_common_words_and_plurals_do_not_count():
    assert likeness.words("The duties of the parcels") == likeness.words("duty parcel")
    assert "class" in likeness.words("class")


def test_tables_are_added_on_their_own_scales():
    found = likeness.fuse({"a": 0.2, "b": 0.1}, {"b": 4.0, "c": 2.0}, {"a": 0.0})

    assert list(found.items()) == [("b", 1.5), ("a", 1.0), ("c", 0.5)]
