"""News and job postings from a file: proposals that wait for somebody who reads them. Floor 3.

The pages and `entrepot taught` bring files in by these functions. Nothing of them holds before somebody approves it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from curriculum import demand, errors, feeds, intake
from lti_tool import editions, proposals
from lti_tool.editions import Taught
from lti_tool.proposals import Proposal
from storage.port import Storage

Why = Callable[[int, str], str]
"""Says a reason: how many postings, id of the role."""


def news(storage: Storage, taught: Taught, data: bytes, *, where: str, by: str, now: float) -> int:
    """Keep each piece of news of a file as a proposal without a draft.

    Args:
        storage: The institution's store.
        taught: The catalog that it is for.
        data: The file: RSS, Atom, CSV or JSON.
        where: Name of the file, for messages.
        by: Pseudonym of who brings it in; empty for the operator.
        now: Seconds since the epoch.

    Returns:
        How many pieces are new.

    Raises:
        curriculum.errors.InvalidNews: It cannot be read; nothing is kept.
    """
    found = feeds.read(data, datetime.fromtimestamp(now, UTC).date(), where=where)
    listed = [
        Proposal(
            id=intake.mark(one), kind=editions.RULE, edits=(), why="", made=int(now), text=one.text, title=one.title,
            source=one.source, told=one.told.isoformat(),
        )
        for one in found
    ]  # fmt: skip
    return proposals.propose(storage, taught.edition.catalog, listed, by=by, now=now)


def postings(
    storage: Storage, taught: Taught, data: bytes, *, where: str, why: Why, by: str, now: float
) -> tuple[int, int]:
    """Weigh the roles of a catalog by a file of job postings: a proposal for each role whose targets would move.

    Args:
        storage: The institution's store.
        taught: The catalog that it is for.
        data: The file: CSV or JSON, UTF-8.
        where: Name of the file, for messages.
        why: The reason that each proposal gives.
        by: Pseudonym of who brings it in; empty for the operator.
        now: Seconds since the epoch.

    Returns:
        How many roles would move, and how many of these proposals are new.

    Raises:
        curriculum.errors.InvalidPostings: It cannot be read; nothing is kept.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start}: not UTF-8; save the file as UTF-8"
        raise errors.InvalidPostings(where, [problem]) from None
    roles = {one.id: one.name for one in taught.catalog.roles.values()}
    read = demand.read(text, roles, where=where)
    mark, made = demand.mark(read), []
    for one in demand.weigh(taught.mapping, read):
        if one.moved:
            edits = demand.edits(one, [f"{mark}.{one.role}.{place}" for place in range(len(one.moved))])
            named = f"{mark}.{one.role}"[:255]
            made.append(Proposal(named, editions.DEMAND, edits, why(one.postings, one.role), int(now)))
    return len(made), proposals.propose(storage, taught.edition.catalog, made, by=by, now=now)
