"""What names a link's line item in every course: the same for the same activity, in a copy too. Floor 3.

AGS 2.0, "Tool resource identifier resourceId" and "Tag". A course copy makes new links and new line items; what the
link opens stays in its custom parameters, so the identifier is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from lti_tool import learner as learners

TAG = "entrepot"
ASKED = frozenset({*learners.OPENS, "activity", "catalog", "role", "grade", "tries", "timed"})


def asked(target: str) -> dict[str, str]:
    """What the address of a launch says that it opens: custom parameters that an importer of cartridges loses.

    Moodle takes of an imported link its address alone. The address comes signed in the launch, as custom parameters do,
    and those win where both say something.

    >>> asked("https://tool.example/lti/launch?activity=module&module=fnd&x=1")
    {'activity': 'module', 'module': 'fnd'}
    """
    return {name: value for name, value in parse_qsl(urlsplit(target).query) if name in ASKED}


def id_of(opens: Mapping[str, str]) -> str:
    """The resourceId of a link.

    Args:
        opens: Its custom parameters: `activity`, `catalog`, `role`, and one named like the activity (`courses.Link`).

    >>> id_of({"activity": "path", "catalog": "cbec", "role": "operations"})
    'path:cbec:operations'
    >>> id_of({})
    'path:cbec'
    """
    activity = opens.get("activity") or learners.OPENS[0]
    subject = opens.get(activity) or opens.get("role") or ""
    return ":".join(filter(None, (activity, opens.get("catalog") or learners.CATALOG, subject)))[:255]
