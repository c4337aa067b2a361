import dataclasses
import io
import json
import re

import numpy as np
import pytest

from recommender import artifact, errors, features, tracing
from tests.recommender import builders

CATALOG = builders.tiny(0.75)
MODEL = dataclasses.replace(
    tracing.start(features.Space(CATALOG)),
    weights=np.random.default_rng(0).normal(size=features.Space(CATALOG).dimension),
)


@pytest.fixture
def published(tmp_path):
    artifact.save(tmp_path / "tiny", MODEL, {"created": "2026-11-23T12:00:00Z", "round": 4})
    return tmp_path / "tiny"


def weights_of(directory):
    return directory / artifact.read_manifest(directory)["file"]


def rewrite(directory, **changes):
    facts = {**artifact.read_manifest(directory), **changes}
    (directory / artifact.MANIFEST).write_text(json.dumps(facts))


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

    assert (facts["created"], facts["round"], facts["schema"]) == ("2026-11-23T12:00:00Z", 4, 1)


def test_the_facts_given_cannot_overrule_what_the_file_is(tmp_path):
    artifact.save(tmp_path, MODEL, {"fingerprint": "mine", "schema": 99})

    assert np.array_equal(artifact.load(tmp_path, CATALOG).weights, MODEL.weights)


def test_a_new_model_replaces_the_former(published):
    artifact.save(published, dataclasses.replace(MODEL, weights=MODEL.weights + 1), {})

    assert np.array_equal(artifact.load(published, CATALOG).weights, MODEL.weights + 1)


def test_only_the_former_weights_are_kept_beside_the_new(published):
    for step in range(1, 4):
        artifact.save(published, dataclasses.replace(MODEL, weights=MODEL.weights + step), {})

    assert len(list(published.iterdir())) == 3


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

    refused(published, "needed the weights that the manifest names")


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_a_damaged_manifest_is_refused(published, text):
    (published / artifact.MANIFEST).write_text(text)

    refused(published, "needed a manifest in JSON")


@pytest.mark.parametrize("document", ["[]", "{}", '{"schema": 0}'])
def test_another_schema_is_refused(published, document):
    (published / artifact.MANIFEST).write_text(document)

    refused(published, "needed schema 1")


def test_a_model_of_another_catalog_is_refused_naming_both(published):
    refused(published, f"found fingerprint '{CATALOG.fingerprint}'; needed fingerprint", builders.tiny())


@pytest.mark.parametrize(("key", "value"), [("catalog", "law"), ("space", "0"), ("weights", 3)])
def test_a_model_of_another_kind_is_refused_naming_both(published, key, value):
    refused_text = f"found {key} {value!r}; needed {key}"
    rewrite(published, **{key: value})

    refused(published, refused_text)


def publish_bytes(directory, arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    digest = artifact.hashlib.sha256(buffer.getvalue()).hexdigest()
    weights_of(directory).write_bytes(buffer.getvalue())
    rewrite(directory, sha256=digest)


@pytest.mark.parametrize(
    "weights",
    [MODEL.weights[:-1], MODEL.weights.astype(np.float32), np.full_like(MODEL.weights, np.nan)],
    ids=["short", "float32", "nan"],
)
def test_wrong_weights_with_a_right_checksum_are_refused(published, weights):
    publish_bytes(published, {"weights": weights})

    refused(published, "finite float64")


def test_pickled_weights_are_refused(published):
    publish_bytes(published, {"weights": np.array([{"a": 1}], dtype=object)})

    refused(published, "needed an npz file with the array `weights`")


def test_other_arrays_are_refused(published):
    publish_bytes(published, {"other": MODEL.weights})

    refused(published, "not the weights (KeyError)")


def test_a_manifest_cannot_point_out_of_its_directory(published):
    secret = published.parent / "secret.npz"
    secret.write_bytes(weights_of(published).read_bytes())
    rewrite(published, file="../secret.npz")

    refused(published, str(published / "secret.npz"))
