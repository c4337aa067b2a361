import dataclasses

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from curriculum.catalog import Item
from recommender import errors, wording
from tests.recommender import builders

CATALOG = builders.tiny()
WORDS = ("percentage", "customs tariff", "return policy", "warehouse", "关税税率", "退货政策")


def named(count):
    """The small catalog with items that have names."""
    items = {
        f"x{number}": Item(f"x{number}", f"urn:x{number}", ("root",), None, {"en": WORDS[number % 6]}, 1, True)
        for number in range(count)
    }
    return dataclasses.replace(CATALOG, items=items)


def two(texts):
    """Stands in for an embedder: what all texts share, and whether it is about customs in either language."""
    return np.array([[7.0, 1.0 if "customs" in text or "关税" in text else -1.0] for text in texts], np.float32)


def test_words_are_pieces_in_both_languages():
    rows = wording.terms(["customs tariff", "customs duty", "关税税率", "关税计算", ""])

    near = (rows @ rows.T).toarray()
    assert near[0, 1] > 0.2 < near[2, 3]
    assert near[0, 2] == 0
    assert np.allclose(np.diag(near)[:4], 1.0, atol=0.5)
    assert near[4].tolist() == [0.0] * 5


def told_by_scikit_learn(texts):
    """The same terms, by the library that most readers know."""
    found = []
    for kind in ({"token_pattern": r"(?u)\b\w+\b"}, {"analyzer": "char_wb", "ngram_range": (2, 4)}):
        maker = TfidfVectorizer(**kind, min_df=2, max_features=wording.TERMS, sublinear_tf=True)
        found.append(maker.fit_transform(texts) * np.sqrt(0.5))
    return sparse.hstack(found)


@pytest.mark.parametrize(
    "texts",
    [
        ["Customs  tariff", "customs Duty; duty", "a I b", "a\tb", "", "关税税率 customs", "关税计算", "İstanbul, İ"],
        [f"{WORDS[number % 6]} exercise {number % 4}" for number in range(40)],
    ],
)
def test_terms_are_weighted_as_scikit_learn_weights_them(texts):
    own, known = wording.terms(texts), told_by_scikit_learn(texts)

    assert own.nnz == known.nnz > 0
    np.testing.assert_allclose(own.toarray(), known.toarray(), atol=1e-12)


def test_of_too_many_terms_the_most_used_are_kept(monkeypatch):
    monkeypatch.setattr(wording, "TERMS", 3)
    texts = ["ab ab cd ef", "ab cd", "ef gh", "gh cd"]

    np.testing.assert_allclose(wording.terms(texts).toarray()[:, :3], told_by_scikit_learn(texts).toarray()[:, :3])


@pytest.mark.parametrize("texts", [[], ["", ""], ["12", "13"], ["one", "zwei"], ["only one", ""]])
def test_texts_that_share_no_word_say_nothing(texts):
    rows = wording.terms(texts)

    assert rows.shape == (len(texts), 0)
    assert wording.guesses(rows, np.ones(len(texts)), np.ones(len(texts))).shape == (len(texts), 0)


def test_a_text_goes_not_into_its_own_guess():
    rows = wording.terms([f"{WORDS[number % 6]} exercise" for number in range(60)])
    values, weights = np.random.default_rng(9).normal(size=60), np.ones(60)
    turned = values.copy()
    turned[7] += 5.0

    before, after = (wording.guesses(rows, one, weights) for one in (values, turned))

    assert before[7].tolist() == after[7].tolist()
    assert not np.array_equal(before, after)


def test_names_of_items_are_read_once():
    catalog = named(20)

    assert wording.of(catalog) is wording.of(catalog)
    assert wording.of(catalog, two) is wording.of(catalog, two)
    assert len(wording.of(catalog, two).items) == len(wording.of(catalog).items) + 1


def test_without_names_no_reading_of_items_has_a_column():
    found = wording.of(CATALOG, two).items

    assert [one.shape for one in found] == [(len(CATALOG.items), 0)] * 2


def test_words_that_nobody_answered_to_are_not_heard():
    rows = wording.terms(["tariff one", "tariff two", "关税一号", "关税二号", ""])

    found = wording.heard(rows, np.array([50.0, 50.0, 0.0, 0.0, 0.0]))

    assert found[:2].min() > 0.8
    assert found[2:].tolist() == [0.0] * 3


def test_meanings_meet_across_languages_whatever_all_texts_share():
    texts = ["customs one", "关税 eine.", "shop for two", "", "12"]

    found = wording.meanings(texts, two)

    assert found[0] @ found[1] > 0.9
    assert found[0] @ found[2] < 0.0
    assert not found[3:].any()
    assert np.allclose(np.linalg.norm(found[:3], axis=1), 1.0)


def test_a_text_like_the_mean_of_all_means_nothing():
    same = wording.meanings(["a", "b"], lambda texts: np.ones((len(texts), 3)))

    assert same.tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda texts: np.ones((1, 3)), r"shape \(1, 3\), finite"),
        (lambda texts: np.ones(len(texts)), r"shape \(2,\)"),
        (lambda texts: np.full((len(texts), 2), np.nan), "not all finite"),
    ],
)
def test_an_embedder_that_answers_amiss_is_named_with_what_is_right(answer, said):
    with pytest.raises(errors.MismatchError, match=f"embedder: found .*{said}.*needed 2 rows of finite"):
        wording.meanings(["a word", "another"], answer)


def test_dense_and_sparse_readings_of_the_same_rows_say_the_same():
    rows = wording.terms([f"{WORDS[number % 6]} exercise {WORDS[number % 4]}" for number in range(40)])
    rng = np.random.default_rng(3)
    values, weights = rng.normal(size=40), rng.random(40)

    sparse, dense = wording.guesses(rows, values, weights), wording.guesses(rows.toarray(), values, weights)

    assert np.allclose(sparse, dense, atol=1e-7)
