import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federated import errors, forms


@dataclass(frozen=True)
class Part:
    name: str
    size: float


@dataclass(frozen=True)
class Whole:
    text: str
    number: int
    part: Part
    parts: tuple[Part, ...]
    words: Mapping[str, str]


WHOLE = Whole("é", 3, Part("a", 0.5), (Part("b", 1.0), Part("c", 2.0)), {"x": "y"})
JSON = json.loads(forms.write(WHOLE, "whole"))


def read(document):
    text = document if isinstance(document, str) else json.dumps(document)
    return forms.read(Whole, text, "whole", errors.CharterError, "here")


def test_what_was_written_is_read():
    assert read(forms.write(WHOLE, "whole")) == WHOLE


def test_a_whole_number_will_do_for_a_real_one():
    assert read({**JSON, "part": {"name": "a", "size": 1}}).part == Part("a", 1.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": 1},
        {"text": None},
        {"number": 1.5},
        {"number": True},
        {"number": "3"},
        {"part": {"name": "a"}},
        {"part": {"name": "a", "size": 1, "more": 1}},
        {"part": {"name": "a", "size": "1"}},
        {"part": {"name": "a", "size": False}},
        {"part": []},
        {"parts": {}},
        {"parts": [1]},
        {"words": {"x": 1}},
        {"words": []},
        {"more": 1},
        {"text": "x" * (forms.LONGEST + 1)},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(errors.CharterError, match=r"^here: .*; it was altered, or another version"):
        read({**JSON, **changes})


def test_a_missing_member_is_refused():
    with pytest.raises(errors.CharterError, match="must hold text, number, part, parts, words and nothing else"):
        read({name: value for name, value in JSON.items() if name != "text"})


@pytest.mark.parametrize("text", ["", "[]", "1", "null", "{", '{"kind": "whole"}', "[" * 100_000, "\ufeff{}"])
def test_what_is_no_form_is_refused(text):
    with pytest.raises(errors.CharterError, match=r"^here: not a file that `entrepot federation` wrote; expected its"):
        read(text)


def test_another_kind_is_refused_by_its_name():
    with pytest.raises(errors.CharterError, match="here: it is of kind 'part'; expected whole"):
        read({**JSON, "kind": "part"})


def test_another_format_is_refused_by_its_number():
    with pytest.raises(errors.CharterError, match="here: its format is 2; this version of Entrepôt reads 1"):
        read({**JSON, "format": 2})


def test_a_foreign_text_is_shown_without_what_a_terminal_would_obey():
    with pytest.raises(errors.CharterError) as caught:
        read({**JSON, "kind": "\x1b[2J\u202e" + "x" * 1000})

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


def test_the_kind_of_a_form_is_read():
    assert forms.kind(forms.write(WHOLE, "whole")) == "whole"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": 1}', "[" * 100_000])
def test_what_is_no_form_has_no_kind(text):
    assert forms.kind(text) == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_read_or_refused(value):
    with pytest.raises(errors.CharterError):
        read({**JSON, "parts": value, "more": value})
