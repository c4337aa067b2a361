"""What names a link's line item in every course: the same for the same activity, in a copy too. Floor 3.

AGS 2.0, "Tool resource identifier resourceId" and "Tag". A course copy makes new links and new line items; what the
link opens stays in its custom parameters, so the identifier is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool import learner as learners

TAG = "entrepot"


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
