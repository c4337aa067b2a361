"""The background work of a process: periodic jobs, each in a thread of its own, that end with the process. Floor 3.

A job is a function that does one bounded piece of work and says whether there is more. It must be safe to run in
several processes at once (leases in the store see to that), and to be killed at any moment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from lti_tool import attendance, classes, events, everybody, grants, handouts, login, outside, practised, tries
from lti_tool.grades import sender
from lti_tool.grades.sender import Sender
from lti_tool.phrasing import phrases
from lti_tool.roster import job as turns
from lti_tool.roster import members, names, standings
from lti_tool.roster.job import Round
from lti_tool.roster.sync import Reader
from lti_tool.tool import Tool

LOG = logging.getLogger("lti_tool.workers")
PATIENCE = 5.0
LONGEST_PAUSE = 60.0
DAY = 86_400.0
LANES = 3
"""Threads that send scores: a platform that lets one wait for its time limit leaves the others."""


@dataclass(frozen=True)
class Job:
    """Something to do again and again.

    Attributes:
        name: Of its thread, and in the log.
        step: Does one piece of work; true if there is more to do at once.
        every: Seconds from the end of a step with nothing left to the next.
    """

    name: str
    step: Callable[[], bool]
    every: float


@dataclass
class Workers:
    """The running jobs of one process."""

    jobs: tuple[Job, ...]
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)


def jobs(tool: Tool, chance: Callable[[], float]) -> tuple[Job, ...]:
    """What every process of the tool does in the background.

    Args:
        tool: The running tool.
        chance: Numbers from 0 to 1, for jitter.
    """
    scores = Sender(tool.storage, tool.keyring, tool.services, tool.now, chance)
    rosters = Round(Reader(tool.storage, tool.keyring, tool.services, tool.now, chance, tool.new_token()))
    in_use = partial(classes.in_use, tool.storage, tool.models, tool.settings.url, tool.catalog)
    sums = standings.Round(tool.storage, tool.deeds, in_use, tool.now)
    together = everybody.Round(tool.storage, partial(_learning, tool), tool.now)
    return (
        *(Job(f"scores-{lane}", partial(sender.step, scores), every=2.0) for lane in range(1, LANES + 1)),
        Job("roster", partial(turns.turn, rosters), every=turns.EVERY),
        Job("standings", partial(standings.turn, sums), every=standings.EVERY),
        Job("everybody", partial(everybody.turn, together), every=60.0),
        Job("tries", _tidier(tool), every=60.0),
        Job("exams", partial(_end_exams, tool), every=15.0),
        Job("reviews", partial(_give_reviews, tool), every=60.0),
        Job("names", partial(_forget_names, tool), every=30.0),
        Job("logins", _sweeper(tool), every=60.0),
    )


def start(jobs: Iterable[Job]) -> Workers:
    """Start every job in a thread of its own."""
    workers = Workers(tuple(jobs))
    for job in workers.jobs:
        thread = threading.Thread(target=_work, args=(workers, job), name=f"lti-{job.name}", daemon=True)
        workers.threads.append(thread)
        thread.start()
    return workers


def stop(workers: Workers, timeout: float = PATIENCE) -> bool:
    """Let every job end its step, for at most so many seconds in all; true if they did."""
    workers.stopping.set()
    until = time.monotonic() + timeout
    for thread in workers.threads:
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in workers.threads)


def _learning(tool: Tool, now: float) -> Iterator[everybody.Class]:
    """The learners of every course in use, with its catalog."""
    for course in classes.in_use(tool.storage, tool.models, tool.settings.url, tool.catalog, now):
        present = members.of_course(tool.storage, course.key)
        yield course.catalog, [one.learner for one in present if members.learns(one)]


def _sweeper(tool: Tool) -> Callable[[], bool]:
    """Delete logins that nobody came back for, some at a time, although nobody logs in any more."""
    after: tuple[str, ...] | None = None

    def sweep() -> bool:
        nonlocal after
        after = login.sweep(tool.storage, tool.now(), after=after)
        return after is not None

    return sweep


def _tidier(tool: Tool) -> Callable[[], bool]:
    """Remove old days of practice, sessions over long ago, grants that ran out, old texts of a model, once a day."""
    tidied = 0.0

    def tidy() -> bool:
        nonlocal tidied
        now = tool.now()
        if 0 <= now - tidied < DAY:
            return False
        tidied = now
        tries.tidy(tool.storage, now)
        outside.tidy(tool.storage, now)
        grants.sweep(tool.storage, now)
        phrases.tidy(tool.storage, now, tool.settings.model_log_days)
        for course, event in events.tidy(tool.storage, now):
            attendance.remove(tool.storage, course, event)
        return False

    return tidy


def _end_exams(tool: Tool) -> bool:
    """End and score the exams whose time is over, for those who closed the window."""
    practised.end_due(tool)
    return False


def _give_reviews(tool: Tool) -> bool:
    """Give out the reviews of projects whose works are due."""
    handouts.give_due(tool)
    return False


def _forget_names(tool: Tool) -> bool:
    names.forget(tool.names, tool.now())
    return False


def _work(workers: Workers, job: Job) -> None:
    failures = 0
    while not workers.stopping.is_set():
        try:
            more = job.step()
            failures = 0
        except Exception as error:  # noqa: BLE001  # a slip in one step must not end the job until the next start
            failures += 1
            more = False
            LOG.error("code=job_failed job=%s error=%s", job.name, type(error).__name__)  # noqa: TRY400  # a trace could show data
        if not more:
            workers.stopping.wait(min(LONGEST_PAUSE, job.every * 2 ** min(failures, 10)))
