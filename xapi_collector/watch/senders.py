"""How senders name people in what they sent of late: a slip there keeps launches and statements apart. Floor 1.

Moodle's logstore_xapi names an actor by {its address, user id}, as LTI launches do, unless its settings `mbox` or
`send_username` are on.
"""

from dataclasses import dataclass

import orjson

from storage.port import Query
from xapi_collector import statements
from xapi_collector.collector import Collector

_INFO = "http://lrs.learninglocker.net/define/extensions/info"  # what logstore_xapi adds to each context


@dataclass(frozen=True, slots=True)
class Seen:
    """Counts of the statements that were looked at.

    Attributes:
        moodle: Those from logstore_xapi.
        by_mail: Those of them whose actor is named by a mail address.
        by_username: Those of them whose actor's account is no user id.
    """

    moodle: int
    by_mail: int
    by_username: int


def look(collector: Collector, limit: int) -> Seen:
    """Look at the newest statements."""
    rows = collector.storage.statements.query(Query(limit=limit)).rows
    texts = [orjson.loads(one.text) for _, one in statements.opened(collector, rows)]
    actors = [text["actor"] for text in texts if _INFO in text.get("context", {}).get("extensions", {})]
    accounts = [actor["account"]["name"] for actor in actors if "account" in actor]
    return Seen(
        len(actors),
        sum("mbox" in actor or "mbox_sha1sum" in actor for actor in actors),
        sum(not name.isdigit() for name in accounts),
    )
