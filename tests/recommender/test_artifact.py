import dataclasses
import io
import re

import numpy as np
import pytest

from recommender import artifact, errors, features, space, training
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
MODEL = dataclasses.replace(
    training.start(space.of(CATALOG)),
    weights=np.random.default_rng(0).normal(size=features.dimension(space.of(CATALOG))),
)


@pytest.fixture
def published(tmp_path):
    artifact.save(tmp_path / "tiny", MODEL, {"created": "2026-11-23T12:00:00Z", "round": 4})
    return tmp_path / "tiny"


def weights_of(directory):
    return directory / artifact.read_manifest(directory)["file"]


def rewrite(directory, **changes):
    """Write another manifest that is whole: whoever lies in it has the checksum right too."""
    facts = {**artifact.read_manifest(directory), **changes}
    facts = {name: value for name, value in facts.items() if value is not None}
    (directory / artifact.MANIFEST).write_bytes(artifact._checked(facts))


def changed(step):
    return dataclasses.replace(MODEL, weights=MODEL.weights + step)


def publish(directory, *steps, **how):
    """Publish a model a step; return their ids, in order."""
    for step in steps:
        artifact.save(directory, changed(step), {"round": step}, **how)
    return [artifact.identity(changed(step)) for step in steps]


def damage(directory, name):
    path = directory / f"parameters-{name}.npz"
    path.write_bytes(path.read_bytes()[:-20])


def refused(directory, text, catalog=CATALOG):
    with pytest.raises(errors.ArtifactError, match=re.escape(text)) as caught:
        artifact.load(directory, catalog)
    assert str(directory) in str(caught.value)


def test_a_published_model_comes_back_bit_by_bit(published):
    loaded = artifact.load(published, CATALOG)

    assert loaded.weights.tobytes() == MODEL.weights.tobytes()
    assert (loaded.catalog, loaded.fingerprint, loaded.version) == ("tiny", CATALOG.fingerprint, features.VERSION)


def test_the_manifest_keeps_the_facts_given_to_it(published):
    facts = artifact.read_manifest(published)

    assert (facts["created"], facts["round"], facts["schema"]) == ("2026-11-23T12:00:00Z", 4, 2)


def test_the_facts_given_cannot_overrule_what_the_file_is(tmp_path):
    artifact.save(tmp_path, MODEL, {"fingerprint": "mine", "schema": 99})

    assert np.array_equal(artifact.load(tmp_path, CATALOG).weights, MODEL.weights)


def test_a_new_model_replaces_the_former(published):
    artifact.save(published, dataclasses.replace(MODEL, weights=MODEL.weights + 1), {})

    assert np.array_equal(artifact.load(published, CATALOG).weights, MODEL.weights + 1)


def test_the_last_models_are_kept_and_no_more(published):
    ids = publish(published, *range(1, 9))

    assert [entry.id for entry in artifact.entries(published)] == ids[:-6:-1]
    assert [entry.serving for entry in artifact.entries(published)] == [True, False, False, False, False]
    assert len(list(published.iterdir())) == 2 * artifact.KEPT + 1


def test_the_former_model_stays_even_where_one_is_kept(published):
    ids = publish(published, 1, 2, kept=1)

    assert [entry.id for entry in artifact.entries(published)] == [ids[1], ids[0]]


def test_the_same_model_again_is_one_model_with_the_newer_facts(published):
    publish(published, 1)
    artifact.save(published, changed(1), {"round": 77})

    newest, first = artifact.entries(published)
    assert (newest.facts["round"], newest.sequence, newest.serving) == (77, 3, True)
    assert first.id == artifact.identity(MODEL)


def test_a_damaged_manifest_of_an_earlier_model_hides_that_model_alone(published):
    first, second = publish(published, 1, 2)
    (published / f"model-{first}.json").write_text("{")

    assert [entry.id for entry in artifact.entries(published)] == [second, artifact.identity(MODEL)]


def test_nothing_is_kept_where_nothing_was_published(tmp_path):
    assert artifact.entries(tmp_path / "none") == ()


def test_a_writer_that_died_half_way_leaves_the_former_model(published):
    (published / "parameters-0000000000000000.npz").write_bytes(b"half")
    (published / "manifest.json.draft").write_bytes(b"{")

    assert np.array_equal(artifact.load(published, CATALOG).weights, MODEL.weights)


def test_no_model_is_an_error(tmp_path):
    refused(tmp_path, "found no such file; needed a published model")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_truncated_weights_are_refused(published, share):
    data = weights_of(published).read_bytes()
    weights_of(published).write_bytes(data[: int(len(data) * share)])

    refused(published, "found sha256")


@pytest.mark.parametrize("place", [0, 200, -1])
def test_a_flipped_bit_is_refused(published, place):
    data = bytearray(weights_of(published).read_bytes())
    data[place] ^= 1
    weights_of(published).write_bytes(data)

    refused(published, "needed sha256")


def test_missing_weights_are_refused(published):
    weights_of(published).unlink()

    refused(published, "needed the arrays that the manifest names")


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_a_damaged_manifest_is_refused(published, text):
    (published / artifact.MANIFEST).write_text(text)

    refused(published, "needed a manifest in JSON")


@pytest.mark.parametrize("document", ["[]", "{}", '{"schema": 1}', '{"schema": 3}'])
def test_another_schema_is_refused(published, document):
    (published / artifact.MANIFEST).write_text(document)

    refused(published, "needed schema 2")


def test_a_model_of_another_catalog_is_refused_naming_both(published):
    refused(published, f"found fingerprint '{CATALOG.fingerprint}'; needed fingerprint", builders.tiny())


@pytest.mark.parametrize(("key", "value"), [("catalog", "law"), ("space", "0")])
def test_a_model_of_another_kind_is_refused_naming_both(published, key, value):
    refused_text = f"found {key} {value!r}; needed {key}"
    rewrite(published, **{key: value})

    refused(published, refused_text)


def publish_bytes(directory, arrays, declared=None):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    digest = artifact.hashlib.sha256(buffer.getvalue()).hexdigest()
    weights_of(directory).write_bytes(buffer.getvalue())
    form = {name: [array.dtype.name, list(array.shape)] for name, array in (declared or arrays).items()}
    rewrite(directory, sha256=digest, arrays=form)


@pytest.mark.parametrize(
    "weights", [MODEL.weights[:-1], MODEL.weights.astype(np.float32), MODEL.weights[None]],
    ids=["short", "float32", "another shape"],
)  # fmt: skip
def test_wrong_weights_with_right_checksums_are_refused(published, weights):
    publish_bytes(published, {"weights": weights})

    refused(published, "'float64'")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(published, value):
    weights = MODEL.weights.copy()
    weights[2] = value
    publish_bytes(published, {"weights": weights})

    refused(published, "found array weights with 1 values that are not finite; needed finite values")


def test_arrays_that_the_manifest_does_not_declare_are_refused(published):
    publish_bytes(published, {"weights": MODEL.weights, "more": MODEL.weights}, {"weights": MODEL.weights})

    refused(published, "'more'")


def test_pickled_weights_are_refused(published):
    publish_bytes(published, {"weights": np.array([{"a": 1}], dtype=object)})

    refused(published, "needed an npz file without pickle")


def test_bytes_that_are_no_arrays_are_refused(published):
    weights_of(published).write_bytes(b"no zip")
    rewrite(published, sha256=artifact.hashlib.sha256(b"no zip").hexdigest())

    refused(published, "not arrays")


def test_text_is_no_part_of_a_model(published):
    publish_bytes(published, {"weights": np.array(["alice"])})

    refused(published, "found array weights of str")


def test_other_arrays_are_refused(published):
    publish_bytes(published, {"other": MODEL.weights})

    refused(published, "other nothing")


FITTED = training.fit([builders.interactions(CATALOG, learners=20)], space.of(CATALOG), steps=1)
TABLES = artifact.arrays_of(FITTED)


def test_tables_come_back_as_they_were_counted(tmp_path):
    artifact.save(tmp_path / "tiny", FITTED, {})

    found = artifact.arrays_of(artifact.load(tmp_path / "tiny", CATALOG))
    assert found.keys() == TABLES.keys() > artifact.arrays_of(MODEL).keys()
    assert all(np.array_equal(found[name], array) for name, array in TABLES.items())


def with_first(name, value):
    array = TABLES[name].copy()
    array.flat[0] = value
    return {name: array}


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (with_first("item.keys", 10**9), "needed ascending keys under"),
        (with_first("skips.keys", -1), "keys, not ascending or out of range"),
        (with_first("item.tries", 0), "needed 0 <= wins <= tries, 1 <= tries"),
        (with_first("item.wins", -1), "needed 0 <= wins <= tries, 1 <= tries"),
        (with_first("item.wins", 10**6), "needed 0 <= wins <= tries, 1 <= tries"),
        ({"item.tries": TABLES["item.tries"][:-1]}, "item.tries"),
        ({"item.wins": TABLES["item.wins"].astype(np.float64)}, "item.wins"),
        (with_first("spread", 0.0), "needed spread > 0, 0 < prior < 1"),
        (with_first("prior", 0.0), "needed spread > 0, 0 < prior < 1"),
        (with_first("prior", 1.0), "needed spread > 0, 0 < prior < 1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_arrays_that_nobody_can_have_counted_are_refused(tmp_path, wrong, text):
    artifact.save(tmp_path / "tiny", FITTED, {})
    publish_bytes(tmp_path / "tiny", {**TABLES, **wrong})

    refused(tmp_path / "tiny", text)


def test_a_table_without_its_keys_is_refused(tmp_path):
    artifact.save(tmp_path / "tiny", FITTED, {})
    publish_bytes(tmp_path / "tiny", {name: array for name, array in TABLES.items() if name != "item.keys"})

    refused(tmp_path / "tiny", "item.keys missing")


@pytest.mark.parametrize("name", ["arrays", "file", "model", "sequence", "sha256"])
def test_a_manifest_that_lacks_a_fact_is_refused(published, name):
    rewrite(published, **{name: None})

    refused(published, f"found a manifest without {name}")


def test_a_flipped_bit_of_the_manifest_is_refused(published):
    path = published / artifact.MANIFEST
    data = path.read_bytes()
    for place in range(0, len(data), 5):
        flipped = bytearray(data)
        flipped[place] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(errors.ArtifactError):
            artifact.load(published, CATALOG)


def test_a_model_that_is_not_finite_is_not_written(tmp_path):
    with pytest.raises(errors.ArtifactError, match="not finite"):
        artifact.save(tmp_path / "new", changed(np.nan), {})

    assert not (tmp_path / "new").exists()


def test_a_manifest_cannot_point_out_of_its_directory(published):
    secret = published.parent / "secret.npz"
    secret.write_bytes(weights_of(published).read_bytes())
    rewrite(published, file="../secret.npz")

    refused(published, str(published / "secret.npz"))


def test_the_digest_tells_models_apart_and_not_how_they_are_stored():
    little, big = (dataclasses.replace(MODEL, weights=MODEL.weights.astype(order)) for order in ("<f8", ">f8"))

    assert artifact.digest(little) == artifact.digest(big)
    assert artifact.digest(changed(1)) != artifact.digest(MODEL)
    assert artifact.digest(dataclasses.replace(MODEL, fingerprint="0")) != artifact.digest(MODEL)
    assert artifact.digest(MODEL).startswith(artifact.identity(MODEL))


def test_a_rollback_serves_the_former_model_bit_by_bit(published):
    before = weights_of(published).read_bytes(), (published / artifact.MANIFEST).read_bytes()
    publish(published, 1)

    entry = artifact.rollback(published, CATALOG)

    assert (weights_of(published).read_bytes(), (published / artifact.MANIFEST).read_bytes()) == before
    assert artifact.load(published, CATALOG).weights.tobytes() == MODEL.weights.tobytes()
    assert (entry.id, entry.sequence, entry.serving) == (artifact.identity(MODEL), 1, True)


def test_rollbacks_go_back_one_by_one_until_none_is_left(published):
    publish(published, 1, 2)
    artifact.rollback(published, CATALOG)
    artifact.rollback(published, CATALOG)

    assert np.array_equal(artifact.load(published, CATALOG).weights, MODEL.weights)
    with pytest.raises(errors.ArtifactError, match="none before the served one"):
        artifact.rollback(published, CATALOG)


def test_a_rollback_goes_to_the_model_that_is_named_and_back(published):
    first, second = publish(published, 1, 2)

    artifact.rollback(published, CATALOG, first[:6])
    assert [entry.withdrawn for entry in artifact.entries(published)] == [True, False, False]
    artifact.rollback(published, CATALOG, second)

    assert np.array_equal(artifact.load(published, CATALOG).weights, changed(2).weights)
    assert not any(entry.withdrawn for entry in artifact.entries(published))


@pytest.mark.parametrize("to", ["nothing", ""])
def test_a_rollback_to_nowhere_changes_nothing_and_names_what_there_is(published, to):
    before = (published / artifact.MANIFEST).read_bytes()

    with pytest.raises(errors.ArtifactError, match=r"needed (one of: [0-9a-f]{16}|an earlier model)"):
        artifact.rollback(published, CATALOG, to)
    assert (published / artifact.MANIFEST).read_bytes() == before


def test_a_rollback_to_one_of_two_needs_more_of_its_id(published):
    with pytest.raises(errors.ArtifactError, match="found 0 kept models"):
        artifact.rollback(published, CATALOG, "z")
    ids = [artifact.identity(MODEL), *publish(published, *range(1, 5))]
    shared = {one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1}

    for digit in shared:
        with pytest.raises(errors.ArtifactError, match="kept models whose id begins"):
            artifact.rollback(published, CATALOG, digit)


def test_a_rollback_to_a_damaged_model_is_refused_and_the_served_one_stays(published):
    publish(published, 1)
    damage(published, artifact.identity(MODEL))

    with pytest.raises(errors.ArtifactError, match="found sha256"):
        artifact.rollback(published, CATALOG)
    assert np.array_equal(artifact.load(published, CATALOG).weights, changed(1).weights)


def test_a_model_published_after_a_rollback_is_served_and_the_withdrawn_one_stays_known(published):
    publish(published, 1)
    artifact.rollback(published, CATALOG)
    publish(published, 2)

    assert [(entry.facts["round"], entry.withdrawn) for entry in artifact.entries(published)] == [
        (2, False),
        (1, True),
        (4, False),
    ]


def test_the_served_model_stands_where_it_is_whole(published):
    found = artifact.standing(published, CATALOG)

    assert np.array_equal(found.parameters.weights, MODEL.weights)
    assert (found.facts["round"], found.refused) == (4, ())


def test_the_last_good_model_stands_where_the_served_one_is_damaged(published):
    first, second = publish(published, 1, 2)
    damage(published, second)
    damage(published, first)

    found = artifact.standing(published, CATALOG)

    assert np.array_equal(found.parameters.weights, MODEL.weights)
    assert len(found.refused) == 2
    assert all("found sha256" in text for text in found.refused)


def test_the_last_good_model_stands_where_the_manifest_is_damaged(published):
    publish(published, 1)
    (published / artifact.MANIFEST).write_text("{")

    assert np.array_equal(artifact.standing(published, CATALOG).parameters.weights, changed(1).weights)


def test_what_a_rollback_withdrew_does_not_come_back_by_damage(published):
    ids = publish(published, 1, 2)
    artifact.rollback(published, CATALOG)
    damage(published, ids[0])

    assert np.array_equal(artifact.standing(published, CATALOG).parameters.weights, MODEL.weights)


def test_where_no_model_can_be_used_each_is_named_with_its_reason(published):
    publish(published, 1)
    for entry in artifact.entries(published):
        damage(published, entry.id)

    with pytest.raises(errors.ArtifactError, match=r"parameters-\w+\.npz.*; .*parameters-\w+\.npz"):
        artifact.standing(published, CATALOG)


def test_a_model_of_another_catalog_does_not_stand(published):
    with pytest.raises(errors.ArtifactError, match="fingerprint"):
        artifact.standing(published, builders.tiny())
