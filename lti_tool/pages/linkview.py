"""What the page of links shows: each address, what was seen of it, where it is used, who mends it; pure. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from curriculum import links
from curriculum.links import Link
from lti_tool import linkbook
from lti_tool.linkbook import BROKEN, MOVED, OK, UNCHECKED, UNSURE, Check
from lti_tool.pages import finding
from lti_tool.texts import Say

ORDER = (BROKEN, MOVED, UNSURE, UNCHECKED, OK)
"""States in the order in which somebody has to do something."""
MOST = 60
"""Links that a page shows."""
_USES = 6


@dataclass(frozen=True)
class Sought:
    """What was asked for: a text, one of `linkbook.STATES`, one of `links.KINDS`; empty: all."""

    find: str = ""
    state: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Row:
    """A link.

    Attributes:
        url: Its address.
        title: What it is called where it stands first.
        state: One of `linkbook.STATES`.
        words: What was seen, in words.
        when: When; empty: never.
        final: Where it leads by now, where that is elsewhere.
        uses: Kind in words, and what it is used in.
        more: How many more uses there are.
        mend: Who has to mend it, in words.
        former: Addresses in whose place it stands.
    """

    url: str
    title: str
    state: str
    words: str
    when: str
    final: str
    uses: list[tuple[str, str]]
    more: int
    mend: str
    former: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What was asked for: rows, how many more, and how many links there are of each state."""

    rows: list[Row]
    more: int
    counts: list[tuple[str, int]]


def sought(form: Mapping[str, str]) -> Sought:
    """What a form asks for; what it cannot ask for is as if it had not."""
    state, kind = form.get("state", ""), form.get("kind", "")
    return Sought(
        form.get("find", "")[: finding.LONGEST],
        state if state in linkbook.STATES else "",
        kind if kind in links.KINDS else "",
    )


def found(every: Iterable[Link], checks: Mapping[str, Check], wanted: Sought, language: str, say: Say) -> Found:
    """The links that were asked for, what needs a hand first.

    Args:
        every: All links of the catalog.
        checks: What was last seen, by address.
        wanted: What was asked for.
        language: "en" or "zh".
        say: The words.
    """
    counts = dict.fromkeys(ORDER, 0)
    kept: list[tuple[str, Link]] = []
    words = finding.words(wanted.find)
    for link in every:
        state = BROKEN if link.problem else linkbook.state(checks.get(link.url))
        counts[state] += 1
        named = " ".join((link.url, *(text for use in link.uses for text in (*use.name.values(), *use.title.values()))))
        if (
            (not wanted.state or state == wanted.state)
            and (not wanted.kind or any(use.kind == wanted.kind for use in link.uses))
            and finding.found(words, finding.plain(named))
        ):
            kept.append((state, link))
    kept.sort(key=lambda pair: ORDER.index(pair[0]))
    rows = [_row(link, state, checks.get(link.url), language, say) for state, link in kept[:MOST]]
    return Found(rows, max(0, len(kept) - MOST), list(counts.items()))


def _row(link: Link, state: str, check: Check | None, language: str, say: Say) -> Row:
    titles = (use.title.get(language) or use.name[language] for use in link.uses)
    reason = f"form.{link.problem}" if link.problem else "" if check is None else check.reason
    elsewhere = check is not None and not check.reason and check.final != link.url
    return Row(
        url=link.url,
        title=next(titles, link.url),
        state=state,
        words=say(f"links.reason.{reason}", status=check.status if check else 0) if reason else "",
        when="" if check is None else datetime.fromtimestamp(check.at, UTC).strftime("%Y-%m-%d"),
        final=check.final if check is not None and elsewhere else "",
        uses=[(say(f"links.kind.{use.kind}"), use.name[language]) for use in link.uses[:_USES]],
        more=max(0, len(link.uses) - _USES),
        mend=say(f"links.mend.{link.uses[0].kind}"),
        former=link.former,
    )
