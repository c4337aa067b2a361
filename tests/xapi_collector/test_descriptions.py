"""Two descriptions of one thing become one."""

import pytest
from hypothesis import given, strategies

from xapi_collector import descriptions

_CHOICE = {"interactionType": "choice", "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}]}
_tags = strategies.sampled_from(["en", "zh-Hans", "fr"])
_maps = strategies.dictionaries(_tags, strategies.text(max_size=3), max_size=3)
_definitions = strategies.fixed_dictionaries(
    {}, optional={"name": _maps, "description": _maps, "type": strategies.sampled_from(["https://t/1", "https://t/2"])}
)


@pytest.mark.parametrize(
    ("old", "new", "united"),
    [
        ({"name": {"en": "a"}}, {"name": {"zh": "b"}}, {"name": {"en": "a", "zh": "b"}}),
        ({"name": {"en": "a"}}, {"name": {"en": "b"}}, {"name": {"en": "b"}}),
        ({"type": "https://t/1"}, {"moreInfo": "https://m"}, {"type": "https://t/1", "moreInfo": "https://m"}),
        ({"type": "https://t/1"}, {"type": "https://t/2"}, {"type": "https://t/2"}),
        ({"extensions": {"x:1": {"a": 1}}}, {"extensions": {"x:2": 2}}, {"extensions": {"x:1": {"a": 1}, "x:2": 2}}),
        ({"extensions": {"x:1": {"a": 1}}}, {"extensions": {"x:1": {"b": 1}}}, {"extensions": {"x:1": {"b": 1}}}),
        (_CHOICE, {"name": {"en": "a"}}, _CHOICE | {"name": {"en": "a"}}),
        (
            _CHOICE,
            {"interactionType": "choice", "choices": [{"id": "a", "description": {"zh": "甲"}}, {"id": "c"}]},
            {
                "interactionType": "choice",
                "choices": [{"id": "a", "description": {"en": "A", "zh": "甲"}}, {"id": "c"}],
            },
        ),
        (_CHOICE | {"correctResponsesPattern": ["a"]}, {"interactionType": "other"}, {"interactionType": "other"}),
    ],
)
def test_newer_values_win_and_language_maps_are_united(old, new, united):
    assert descriptions.unite_definitions(old, new) == united


@given(old=_definitions, new=_definitions)
def test_uniting_again_changes_nothing_and_loses_no_language(old, new):
    united = descriptions.unite_definitions(old, new)

    assert descriptions.unite_definitions(united, new) == united
    assert united.keys() == old.keys() | new.keys()
    for name in ("name", "description"):
        assert united.get(name, {}).keys() == old.get(name, {}).keys() | new.get(name, {}).keys()
