"""Every sentence is there in both languages, with the same facts."""

import re

import pytest

from curriculum import telling

HOLE = re.compile(r"{([a-z]+)}")


@pytest.mark.parametrize("key", sorted(telling.words()))
def test_a_sentence_has_both_languages_and_the_same_facts(key):
    text = telling.words()[key]

    assert set(text) == {"en", "zh"}
    assert all(text.values())
    assert set(HOLE.findall(text["en"])) == set(HOLE.findall(text["zh"]))


def test_a_fact_may_differ_by_language():
    one = telling.sentence("edit.name", language={"en": "English", "zh": "英文"})

    assert telling.say(one, "en") == "The name in English is missing. Both languages are needed."
    assert telling.say(one, "zh") == "缺少英文名称。两种语言都要填写。"


def test_a_sentence_without_words_is_a_slip_of_ours():
    with pytest.raises(KeyError):
        telling.say(telling.sentence("no.such"), "en")
