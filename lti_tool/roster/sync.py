"""The roster of a course read from its platform, page by page, and compared with what is kept. Floor 3.

Names and Role Provisioning Services 2.0. A course is read if the tool was launched from it in the last 30 days, and no
other: a site-wide registration could read any (Moodle 4.5). All of it once a day; in between what the platform
says has changed, where it offers that (rel="differences"). Only what differs is written; who is not listed any more has
left, and is removed 30 days later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from lti_tool import courses, errors, platforms
from lti_tool import learner as learners
from lti_tool.courses import Course
from lti_tool.platforms import Platform
from lti_tool.roster import container, ledger, members
from lti_tool.roster.container import LEFT, Seen
from lti_tool.roster.members import Member
from lti_tool.services import links
from lti_tool.services.connector import Services
from lti_tool.services.wire import Answer
from lti_tool.settings import MEMBERS
from storage.port import Storage
from xapi_collector.keyring import Keyring

LOG = logging.getLogger("lti_tool.roster")
DAY = 86_400
IN_USE = 30
KEPT_AFTER_LEAVING = 30
KEPT_UNOPENED = 180


@dataclass(frozen=True)
class Reader:
    """What reading rosters needs.

    Attributes:
        storage: The institution's store.
        keyring: Its secrets.
        services: Calls platforms, with time-outs.
        now: Seconds since the epoch.
        chance: Numbers from 0 to 1, by which courses are spread over time.
        holder: Names this reader among all of all processes.
    """

    storage: Storage
    keyring: Keyring
    services: Services
    now: Callable[[], float]
    chance: Callable[[], float]
    holder: str


@dataclass(frozen=True)
class _Work:
    """One course that is being read."""

    reader: Reader
    platform: Platform
    course: Course
    kept: dict[str, Member]
    marks: dict[str, Member]


def read(reader: Reader, course: Course) -> bool:
    """Read one course, unless another reader does; False after a failure that other courses would meet as well."""
    storage, holder = reader.storage, reader.holder
    platform = platforms.find(storage, course.iss, course.client_id)
    if platform is None or platform.state != "active" or not in_use(course, reader.now()):
        return True
    record = ledger.lease(storage, course.course, holder, reader.now())
    if record is None:
        return True
    try:
        whole = not record.differences or reader.now() - record.whole >= DAY
        work = _work(reader, platform, course)
        differences = _members(work, _first(work) if whole else record.differences, whole=whole)
        names = _groups(work)
    except errors.ServiceError as error:
        LOG.warning("code=roster_failed kind=%s status=%d family=%s", error.kind, error.status, platform.family)
        ledger.fail(
            storage,
            course.course,
            holder,
            reader.now(),
            problem=error.kind,
            status=error.status,
            retry_after=error.retry_after,
            chance=reader.chance,
        )
        return not error.temporary
    except errors.Overtaken:
        return True
    ledger.succeed(
        storage,
        course.course,
        holder,
        reader.now(),
        whole=whole,
        differences=differences,
        groups=names,
        chance=reader.chance,
    )
    return True


def in_use(course: Course, now: float) -> bool:
    """Whether a course has a roster that may be read: offered by a launch, and opened in the last 30 days."""
    return bool(course.memberships_url and course.context) and now // DAY - course.launched <= IN_USE


def tidy(storage: Storage, now: float) -> int:
    """Remove who left more than 30 days ago, and all of a course that nobody opened for 180; answer how many persons.

    GDPR Article 5(1)(e).
    """
    removed = 0
    opened = {course.course: course.launched for course in courses.every(storage)}
    for record in list(ledger.every(storage)):
        if now // DAY - opened.get(record.course, 0) > KEPT_UNOPENED:
            ledger.drop(storage, record.course)
    after = None
    while page := storage.find(MEMBERS, {}, limit=members.PAGE, after=after):
        for document in page:
            unopened = now // DAY - opened.get(document["course"], 0) > KEPT_UNOPENED
            gone = document["state"] == LEFT and now - document["changed"] > KEPT_AFTER_LEAVING * DAY
            if unopened or gone:
                # One who came back in this moment is another document by now, and stays.
                key = (document["course"], document["learner"])
                removed += storage.delete(MEMBERS, key, expected=document)
        after = (page[-1]["course"], page[-1]["learner"])
    return removed


def pages(
    services: Services, platform: Platform, course: Course, url: str, *, accept: str = container.TYPE
) -> Iterator[Answer]:
    """The pages of a roster from an address on, which lies where the course's own roster lies.

    Raises:
        errors.ServiceError: As `Services.pages`; the address is on another host (`unsafe`).
    """
    if platforms.origin(url) != platforms.origin(course.memberships_url):
        raise errors.ServiceError("unsafe")
    return services.pages(platform, [container.SCOPE], url, accept=accept)


def first(course: Course, platform: Platform) -> str:
    """Where the roster of a course begins: asked for by the page, with groups where the platform has them."""
    page = platforms.family(platform).page
    return _with(course.memberships_url, f"limit={page}", *(["groups=true"] if course.groups_url else []))


def _first(work: _Work) -> str:
    return first(work.course, work.platform)


def _with(url: str, *parameters: str) -> str:
    """An address with more parameters; what is there stays as it is, letter by letter."""
    address, hash_, fragment = url.partition("#")
    return (
        "&".join([address if "?" in address else f"{address}?", *parameters]).replace("?&", "?", 1) + hash_ + fragment
    )


def _work(reader: Reader, platform: Platform, course: Course) -> _Work:
    kept = {member.learner: member for member in members.of_course(reader.storage, course.course)}
    return _Work(reader, platform, course, kept, {member.mark: member for member in kept.values()})


def _members(work: _Work, url: str, *, whole: bool) -> str:
    """Read members from an address on and keep them; answer where the differences from now on are told."""
    differences, there = "", set[str]()
    for answer in pages(work.reader.services, work.platform, work.course, url):
        # The first page names the earliest moment: what changes while the others are read is told again next time.
        found = links.following(answer.headers.get("link", ""), answer.url, "differences")
        differences = differences or found or ""
        seen = container.members(answer.json(), work.course.context)
        _hold(work)
        there |= _keep(work, seen)
    if whole:
        if not there and any(member.state != LEFT for member in work.kept.values()):
            # A course that the tool is launched from has somebody in it: an empty list is a platform's slip.
            raise errors.ServiceError("malformed")
        _leave(work, there)
    if platforms.family(work.platform).user_variable:
        _names_of_events(work)
    return differences if differences and platforms.origin(differences) == platforms.origin(url) else ""


def _hold(work: _Work) -> None:
    if not ledger.hold(work.reader.storage, work.course.course, work.reader.holder, work.reader.now()):
        raise errors.Overtaken


def _keep(work: _Work, seen: list[Seen]) -> set[str]:
    """Keep the members of one page; answer their pseudonyms."""
    reader, course = work.reader, work.course
    now = reader.now()
    fresh: list[Member] = []
    there = set[str]()
    for one in seen:
        mark = members.mark(reader.keyring, course.iss, one.user)
        learner, named = identify(reader.keyring, work.platform, one, work.marks.get(mark))
        there.add(learner)
        make = partial(
            members.merged, course=course.course, learner=learner, mark_=mark, seen=one, named=named, now=now
        )
        known, before = work.kept.get(learner), work.marks.get(mark)
        if known is None and one.state == LEFT:
            continue
        if known is None:
            fresh.append(make(before if before is None else members.renamed(before, learner)))
        elif make(known) != known:
            _know(work, members.change(reader.storage, course.course, learner, make, now))
        if before is not None and before.learner != learner:
            reader.storage.delete(MEMBERS, (course.course, before.learner))
            work.kept.pop(before.learner, None)
    if fresh:
        # In one step a page, which is what makes two thousand members cheap; who launched in this moment stays as is.
        reader.storage.insert_missing(MEMBERS, [members.document(member) for member in fresh])
        for member in fresh:
            _know(work, member)
    return there


def identify(keyring: Keyring, platform: Platform, seen: Seen, kept: Member | None) -> tuple[str, bool]:
    """The pseudonym of a member, and whether it is the one that events use for sure.

    Args:
        keyring: The institution's.
        platform: Whose member.
        seen: What a page says.
        kept: Who is kept under the same mark.
    """
    family = platforms.family(platform)
    by_variable = bool(family.user_variable)
    name = learners.known_as(seen.known_as, family)  # the rule of a launch, so that both make one pseudonym
    if name:
        return members.pseudonym(keyring, platform.iss, name), True
    if by_variable and kept is not None and kept.named:
        return kept.learner, True
    return members.pseudonym(keyring, platform.iss, seen.user), not by_variable


def _know(work: _Work, member: Member) -> None:
    work.kept[member.learner] = member
    work.marks[member.mark] = member


def _leave(work: _Work, there: set[str]) -> None:
    """Mark as left who is kept and was not listed."""
    now = work.reader.now()
    for learner, member in list(work.kept.items()):
        if learner not in there and member.state != LEFT:
            gone = partial(_gone, since=member)
            _know(work, members.change(work.reader.storage, work.course.course, learner, gone, now))


def _gone(kept: Member | None, since: Member) -> Member:
    return members.left(kept or since)


def _names_of_events(work: _Work) -> None:
    """Ask for the members of one link, whose message section tells by which name events know each.

    Only where the family's events use another name than its roster, and somebody's is not known yet. Fewer members may
    be listed (who cannot open the link is not), so nobody leaves by it; a failure leaves the roster as it was read.
    """
    link = next(iter(_links(work)), "")
    if not link or all(member.named for member in work.kept.values() if member.state != LEFT):
        return
    url = _with(first(work.course, work.platform), f"rlid={link}")

    def known(seen: Seen) -> bool:
        return bool(learners.known_as(seen.known_as, platforms.family(work.platform)))

    try:
        for answer in pages(work.reader.services, work.platform, work.course, url):
            told = [seen for seen in container.members(answer.json(), work.course.context) if known(seen)]
            _hold(work)
            _keep(work, told)
    except errors.ServiceError as error:
        LOG.warning("code=roster_names_failed kind=%s status=%d", error.kind, error.status)


def _links(work: _Work) -> list[str]:
    """The platform's ids of the course's links, escaped; the link of the course itself, which all can open, first."""
    ids = [link.resource_link for link in courses.links(work.reader.storage, work.course.course)]
    return [quote(id_, safe="") for id_ in sorted(ids, key=lambda id_: (id_ != work.course.context, id_))]


def _groups(work: _Work) -> Mapping[str, str] | None:
    """The names of the course's groups; None if the platform has none or could not tell, which fails nothing else."""
    if not work.course.groups_url:
        return None
    found: dict[str, str] = {}
    try:
        for answer in work.reader.services.pages(
            work.platform, [container.GROUPS_SCOPE], work.course.groups_url, accept=container.GROUPS_TYPE
        ):
            found.update(container.groups(answer.json()))
    except errors.ServiceError as error:
        LOG.warning("code=roster_groups_failed kind=%s status=%d", error.kind, error.status)
        return None
    return found
