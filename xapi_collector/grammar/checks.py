"""Checks of which a validator is made: one table a kind of object, property -> check. Floor 1, pure.

An unknown property, a null or an empty object is refused wherever no extension allows it. Each level of an object adds
its step to the path of the error on its way out, so a valid statement pays nothing for paths. Every check, and every
check that is made here, raises errors.InvalidStatementError or does nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from xapi_collector import errors
from xapi_collector.grammar import formats

Check = Callable[[Any], None]
Table = Mapping[str, Check]


def refuse(detail: str, rule: str, expected: str, path: str = "") -> NoReturn:
    """Raise the error of a broken rule."""
    raise errors.InvalidStatementError(detail, path=path, rule=rule, expected=expected)


def fields(value: Any, table: Table, rule: str, unknown: str = "XAPI-00010") -> None:
    """Refuse an object with a property that is not in the table, or whose check refuses it."""
    if not isinstance(value, dict):
        refuse("The value is not an object.", rule, "an object")
    if not value:
        refuse("The object is empty.", "XAPI-00001", "at least one property, or no such object")
    for name, inner in value.items():
        check = table.get(name)
        if check is None:
            known = next((each for each in table if each.lower() == name.lower()), None)
            expected = f"{known!r}, in this case of letters" if known else f"one of {', '.join(table)}"
            refuse("The property is not known.", "XAPI-00008" if known else unknown, expected, step(name))
        try:
            check(inner)
        except errors.InvalidStatementError as error:
            error.path = step(name) + error.path
            if inner is None:
                error.detail, error.rule, error.args = "The value is null.", "XAPI-00001", ("The value is null.",)
            raise


def step(name: str) -> str:
    """One step of a JSON path."""
    return f".{name}" if name.isidentifier() else f"[{name[:200]!r}]"


def required(value: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Refuse an object that lacks one of these properties; each names the rule that it breaks."""
    for name, rule in names.items():
        if name not in value:
            refuse(f"The property {name!r} is missing.", rule, f"the property {name!r}")


def each(value: Any, check: Check, rule: str) -> None:
    """Refuse what is no array, or holds an element that the check refuses."""
    if not isinstance(value, list):
        refuse("The value is not an array.", rule, "an array")
    for index, inner in enumerate(value):
        try:
            check(inner)
        except errors.InvalidStatementError as error:
            error.path = f"[{index}]{error.path}"
            raise


def string(rule: str) -> Check:
    """A check for any string."""

    def check(value: Any) -> None:
        if not isinstance(value, str):
            refuse("The value is not a string.", rule, "a string")

    return check


def form(holds: Callable[[str], bool], rule: str, expected: str) -> Check:
    """A check for a string of a format."""

    def check(value: Any) -> None:
        if not isinstance(value, str) or not holds(value):
            refuse("The value does not have its format.", rule, expected)

    return check


def boolean(rule: str) -> Check:
    """A check for true and false."""

    def check(value: Any) -> None:
        if value is not True and value is not False:
            refuse("The value is not a boolean.", rule, "true or false")

    return check


def one_of(values: Iterable[str], rule: str) -> Check:
    """A check for one of a few strings."""
    known = tuple(values)

    def check(value: Any) -> None:
        if value not in known:
            refuse("The value is not one of those allowed.", rule, f"one of {', '.join(known)}")

    return check


def array(check: Check, rule: str) -> Check:
    """A check for an array of what another check allows."""
    return lambda value: each(value, check, rule)


def language_map(rule: str) -> Check:
    """A check for a language map (Data 4.2)."""

    def check(value: Any) -> None:
        if not isinstance(value, dict):
            refuse("The value is not a language map.", rule, "an object of language tags and strings")
        for tag, text in value.items():
            if not formats.is_language(tag):
                refuse(
                    "The key is no language tag.", "XAPI-00013", "a tag of RFC 5646, such as en or zh-Hans", step(tag)
                )
            if not isinstance(text, str):
                refuse("The value is not a string.", rule, "a string", step(tag))

    return check


def extensions(value: Any) -> None:
    """Refuse what is no extensions object: its keys are IRIs, its values anything (Data 4.1)."""
    if not isinstance(value, dict):
        refuse("The extensions are not an object.", "XAPI-00120", "an object whose keys are IRIs")
    for name in value:
        if not formats.is_iri(name):
            refuse("The key of an extension is not an IRI.", "XAPI-00118", "an absolute IRI", step(name))


def number(value: Any) -> None:
    """Refuse what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse("The value is not a number.", "XAPI-00006", "a number")
