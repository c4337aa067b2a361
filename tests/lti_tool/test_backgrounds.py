from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_tool import backgrounds
from lti_tool.settings import BACKGROUNDS, COLLECTIONS
from recommender import background
from storage import connect
from storage.port import Storage

AREAS = ("fnd", "cus")
NOW = 1_795_000_000.0


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(f"sqlite:///{tmp_path / 'store'}", *COLLECTIONS)
    yield opened
    opened.close()


def test_what_was_said_is_kept_by_pseudonym_until_something_else_is_said(storage: Storage) -> None:
    backgrounds.keep(storage, "p", {"experience": "tried"}, NOW)
    backgrounds.keep(storage, "p", {"experience": "years", "languages": "zh en"}, NOW + 5)

    kept = backgrounds.find(storage, "p")
    assert (dict(kept.said), kept.at) == ({"experience": "years", "languages": "zh en"}, int(NOW) + 5)
    assert backgrounds.of_all(storage, ["p", "q"]) == {"p": kept.said}
    assert backgrounds.find(storage, "q") == backgrounds.NOTHING


def test_what_is_withdrawn_is_gone(storage: Storage) -> None:
    backgrounds.keep(storage, "p", {"experience": "tried"}, NOW)

    assert backgrounds.withdraw(storage, "p")
    assert not backgrounds.withdraw(storage, "p")
    assert storage.find(BACKGROUNDS, {}, limit=9) == []


def test_nothing_said_is_nothing_kept(storage: Storage) -> None:
    backgrounds.keep(storage, "p", {"experience": "tried"}, NOW)

    assert backgrounds.keep(storage, "p", {}, NOW) == backgrounds.NOTHING
    assert storage.find(BACKGROUNDS, {}, limit=9) == []


def test_a_form_says_what_it_can_say_and_nothing_else() -> None:
    single = {"experience": "year", "age": "42", "major": "", "education": "<b>", "shoe size": "42"}
    several = {"languages": ["en", "zh", "tlh"], "courses": ["cus", "cus", "nothing"]}

    said = backgrounds.from_form(single, several, AREAS)

    assert said == {"experience": "year", "languages": "zh en", "courses": "cus"}
    assert backgrounds.from_form({}, {}, AREAS) == {}


def test_every_field_of_the_form_is_one_that_can_mean_something() -> None:
    assert {*backgrounds.CHOICES, "languages", "courses", backgrounds.ROLE} == set(background.FIELDS)


def test_no_value_has_a_blank_in_it() -> None:
    values = [*backgrounds.LANGUAGES, *(one for listed in backgrounds.CHOICES.values() for one in listed)]

    assert [one for one in values if one.split() != [one]] == []


def test_what_nobody_here_wrote_is_as_if_nothing_was_said(storage: Storage) -> None:
    storage.insert(BACKGROUNDS, {"learner": "p", "said": "years", "at": 1})

    assert backgrounds.find(storage, "p") == backgrounds.NOTHING


def test_of_two_changes_at_once_the_later_holds(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, raced = storage.replace, []

    def racing(*given: Any, **named: Any) -> bool:
        if not raced:
            raced.append(True)
            storage.insert(BACKGROUNDS, {"learner": "p", "said": {"experience": "none"}, "at": 1})
        return replace(*given, **named)

    monkeypatch.setattr(storage, "replace", racing)
    backgrounds.keep(storage, "p", {"experience": "years"}, NOW)

    assert backgrounds.find(storage, "p").said == {"experience": "years"}
