"""What a copied course can take over, as the page of sessions offers it, and the day that its form names. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lti_tool import copies, events, permissions
from lti_tool.copies import Former
from lti_tool.pages.teaching import Desk
from lti_tool.permissions import Permission


@dataclass(frozen=True)
class Offer:
    """What a page offers to take over: from which course, how many sessions and projects, and from which day on."""

    title: str
    sessions: int
    projects: int
    begins: str


def offer(desk: Desk) -> Offer | None:
    """What the class of a desk can take over; None where there is nothing, or who looks may not."""
    if Permission.HOLD not in permissions.of(desk.guest.person.roles):
        return None
    former = copies.find(desk.tool.storage, desk.course.course)
    if former is None:
        return None
    return Offer(former.course.title, len(former.sessions), len(former.settings), _suggested(desk, former))


def _suggested(desk: Desk, former: Former) -> str:
    """The first day on the same weekday from today on."""
    day = copies.first(former, events.zone(desk.tool.settings.zone))
    if day is None:
        return ""
    today = datetime.fromtimestamp(desk.tool.now(), UTC).date()
    return (today + timedelta(days=(day - today).days % 7)).isoformat()


def day(form: Mapping[str, str], today: date) -> date | None:
    """The day that a form names, from today on; None where it names none."""
    try:
        found = date.fromisoformat(form.get("begins", ""))
    except ValueError:
        return None
    return found if today <= found <= today + timedelta(days=events.AHEAD) else None
