"""An entity of Caliper: an object, or only its id. Floor 1, pure. Caliper 1.2, section 2.2 (coercion to IRIs)."""

from typing import Any

Entity = Any


def identity(entity: Entity) -> str | None:
    """The id of an entity, which may be sent in its place."""
    found = entity.get("id") if isinstance(entity, dict) else entity
    return found if isinstance(found, str) and found else None


def kind(entity: Entity) -> str:
    """The type of an entity; an empty text where only an id was sent."""
    found = entity.get("type") if isinstance(entity, dict) else None
    return found if isinstance(found, str) else ""


def part(entity: Entity, name: str) -> Entity:
    """A property of an entity that is an entity, or None."""
    found = entity.get(name) if isinstance(entity, dict) else None
    return found if identity(found) is not None else None
