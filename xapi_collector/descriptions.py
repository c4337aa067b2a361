"""How two descriptions of one thing become one: newer values win, language maps are united. Floor 1, pure.

xAPI 1.0.3, Data 2.4.4.1 (Activity Definition) and 4.2 (language maps).
"""

from collections.abc import Mapping, Sequence
from typing import Any

_MAPS = ("name", "description", "extensions")
_COMPONENTS = ("choices", "scale", "source", "target", "steps")
_INTERACTION = ("correctResponsesPattern", *_COMPONENTS)


def unite_maps(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """All entries of both; of those in both, the new one.

    >>> unite_maps({"en": "a", "zh": "b"}, {"en": "c"})
    {'en': 'c', 'zh': 'b'}
    """
    return {**old, **new}


def unite_definitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The definition of an activity after a newer one came.

    The parts of an interaction belong together: where its type changes, none of the old parts stays.
    """
    united = {**old, **new}
    for name in _MAPS:
        if name in old and name in new:
            united[name] = unite_maps(old[name], new[name])
    if "interactionType" in new and new["interactionType"] != old.get("interactionType"):
        return {name: each for name, each in united.items() if name in new or name not in _INTERACTION}
    for name in _COMPONENTS:
        if name in old and name in new:
            united[name] = _unite_components(old[name], new[name])
    return united


def _unite_components(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {component["id"]: component.get("description", {}) for component in old}
    united = []
    for component in new:
        description = unite_maps(known.get(component["id"], {}), component.get("description", {}))
        united.append({**component, **({"description": description} if description else {})})
    return united
