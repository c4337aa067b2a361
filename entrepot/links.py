"""`entrepot links ...`: look whether the links of the catalogs still lead somewhere, or list what was seen. Floor 4.

Run by an administrator, or by a job at night; no page and no start of the tool asks the web. Only public addresses are
asked, one request a second to a host.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from curriculum import catalog as catalogs
from curriculum import links
from lti_tool import editions, linkbook, linkcheck
from lti_tool.linkbook import BROKEN, Check
from lti_tool.services import look
from lti_tool.services.look import Look
from lti_tool.settings import Settings
from storage import connect
from storage.collection import Collection
from storage.port import Storage
from storage.settings import from_environ

HOURS = 20.0


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands below `entrepot links`."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for step, text in (
        ("check", "look at every link of lessons, rules, videos and courses, one request a second to a host"),
        ("list", "print what was last seen of each link, as JSON lines"),
    ):
        one = steps.add_parser(step, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if step == "check":
            one.add_argument(
                "--most", type=int, default=0, metavar="N", help="look at N of them, the longest ago first"
            )
            one.add_argument(
                "--hours", type=float, default=HOURS, help="leave what was looked at in so many hours (default 20)"
            )


def run(
    arguments: argparse.Namespace,
    environ: Mapping[str, str],
    collections: tuple[Collection, ...],
    *,
    looker: Callable[..., Look] = look.looker,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command that was parsed; 1 where a link is broken, for a job that sends mail then.

    Args:
        arguments: As parsed by what `add` described.
        environ: The ENTREPOT_* variables of the institution.
        collections: All that the store keeps.
        looker: Makes what looks at an address.
        sleep: Waits.

    Raises:
        storage.errors.StorageError: A variable is missing, or the store fails.
    """
    settings = from_environ(Settings, environ)
    storage = connect.connect(settings.storage, *collections)
    try:
        urls = _urls(storage)
        if arguments.step == "list":
            for one in linkbook.known(storage, urls).values():
                _say(json.dumps(dict(linkbook.document(one)), ensure_ascii=False))
            return 0
        pace = linkcheck.Pace(time.monotonic, sleep)
        seen = linkcheck.run(
            storage, urls, looker(pause=pace.pause), now=time.time, fresh=3600 * arguments.hours, most=arguments.most
        )
        return _told(seen)
    finally:
        storage.close()


def _urls(storage: Storage) -> Sequence[str]:
    """Every address of every catalog, as the institution teaches it."""
    shelf, now = editions.Shelf(), time.time()
    return list(
        dict.fromkeys(
            url for name in catalogs.NAMES for url in links.every(editions.catalog(storage, shelf, name, now))
        )
    )


def _told(seen: Iterable[Check]) -> int:
    counts: Counter[str] = Counter()
    for one in seen:  # each is printed as soon as it is known
        counts[one.state] += 1
        if one.state != linkbook.OK:
            told = f"{one.reason or 'moved'}{f' ({one.status})' if one.status else ''}"
            _say(f"{one.state:8}{told:20}{one.url}{f' -> {one.final}' if one.final != one.url else ''}")
    whole = ", ".join(f"{counts[state]} {state}" for state in linkbook.STATES if counts[state])
    _say(f"{counts.total()} looked at{': ' if whole else ''}{whole}. The page Links shows them.")
    return int(counts[BROKEN] > 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
