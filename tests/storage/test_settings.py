"""Settings from the environment."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage import errors, settings


def _meta(name):
    return {"env": name, "doc": f"what {name} is for"}


@dataclass(frozen=True)
class Sample:
    """One field of each type."""

    place: str = field(metadata=_meta("ENTREPOT_PLACE"))
    port: int = field(metadata=_meta("ENTREPOT_PORT"), default=80)
    share: float = field(metadata=_meta("ENTREPOT_SHARE"), default=0.5)
    path: Path | None = field(metadata=_meta("ENTREPOT_PATH"), default=None)
    quiet: bool = field(metadata=_meta("ENTREPOT_QUIET"), default=False)
    names: list[str] = field(metadata=_meta("ENTREPOT_NAMES"), default_factory=list)


def test_given_values_are_read_by_their_type():
    environ = {"ENTREPOT_PLACE": "here", "ENTREPOT_PORT": "9001", "ENTREPOT_SHARE": "0.2", "ENTREPOT_PATH": "a/b"}

    sample = settings.from_environ(Sample, environ | {"ENTREPOT_QUIET": "TRUE", "OTHER": "x"})

    assert sample == Sample("here", 9001, 0.2, Path("a/b"), True)


def test_what_is_not_given_has_its_default():
    assert settings.from_environ(Sample, {"ENTREPOT_PLACE": "here", "ENTREPOT_PORT": ""}) == Sample("here")


@pytest.mark.parametrize("environ", [{}, {"ENTREPOT_PLACE": ""}])
def test_a_missing_variable_is_one_line_that_says_what_to_set(environ):
    with pytest.raises(errors.SettingsError) as caught:
        settings.from_environ(Sample, environ)

    assert str(caught.value) == "Set ENTREPOT_PLACE: what ENTREPOT_PLACE is for"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [("PORT", "many", "a whole number"), ("SHARE", "half", "a number"), ("QUIET", "maybe", "true or false")],
)
def test_a_value_of_another_type_says_what_is_right(name, value, wanted):
    with pytest.raises(errors.SettingsError, match=f"ENTREPOT_{name} is '{value}', and must be {wanted}"):
        settings.from_environ(Sample, {"ENTREPOT_PLACE": "here", f"ENTREPOT_{name}": value})


def test_the_names_of_the_variables_are_listed_with_their_text():
    assert settings.names(Sample)["ENTREPOT_PORT"] == "what ENTREPOT_PORT is for"
