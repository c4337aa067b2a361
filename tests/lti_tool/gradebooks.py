"""An outbox, a sender and a sandbox LMS whose gradebook they fill: real HTTP and tokens, a clock that a test turns."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from entrepot.sandbox import claims
from entrepot.sandbox.platform import Course, Platform
from lti_tool import app as tool_app
from lti_tool import courses, keys, platforms
from lti_tool import learner as learners
from lti_tool.grades import columns, line_items, outbox, sender, wire
from lti_tool.grades.outbox import Score
from lti_tool.grades.sender import Sender
from lti_tool.learner import Learner
from lti_tool.services import guard
from lti_tool.services import wire as service_wire
from lti_tool.services.connector import Services
from storage import connect
from storage.port import Storage
from tests.lti_tool import lms
from tests.storage import stores
from xapi_collector import keyring as keyrings
from xapi_collector.keyring import Keyring

ALL = (outbox.SCOPE, line_items.LINE_ITEM, line_items.READ_ONLY, wire.READ_RESULTS)


@dataclass
class Clock:
    """A clock that stands until it is turned."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@dataclass
class Office:
    """The parts, and shortcuts to them."""

    platform: Platform
    storage: Storage
    keyring: Keyring
    services: Services
    clock: Clock
    sender: Sender

    @property
    def record(self) -> platforms.Platform:
        """How the tool knows the platform."""
        return lms.record(self.platform)

    def open(
        self,
        link: str = "graded",
        *,
        course: Course | None = None,
        scopes: tuple[str, ...] = ALL,
        coupled: bool = True,
        lineitems: bool = True,
        **opens: str,
    ) -> columns.Target:
        """Keep a course and a link as a launch would."""
        place = course or lms.course(self.platform)
        there, scope = place.links[link], self._scope()
        profile = self.platform.profile(place.institution)
        listed = claims.lineitems_url(self.platform, place, profile, self.record.client_id) if lineitems else ""
        known = courses.Course(
            learners.key(*scope, "context", place.context),
            *scope,
            place.context,
            "Module AAA",
            lineitems_url=listed,
            scopes=tuple(sorted(scopes)),
        )
        key = learners.key(*scope, "link", there.resource_link)
        coupled_url = lms.line_item(self.platform, link, place) if coupled and there.item else ""
        kept = courses.Link(key, known.course, there.resource_link, "Exam", coupled_url, {**there.custom, **opens})
        courses.remember(self.storage, known, kept)
        found = columns.target(self.storage, self.record, known.course, key)
        assert found is not None
        return found

    def learner(
        self, person: str = lms.LEARNER, opened: str = "graded", place: Course | None = None, **changes: Any
    ) -> Learner:
        """Somebody of the course, as a launch of the link makes them."""
        course = place or lms.course(self.platform)
        scope = self._scope()
        made = Learner(
            *scope,
            sub=self.platform.user(course.institution, course.members[person].person),
            roles=("learner",),
            course="Module AAA",
            context=learners.key(*scope, "context", course.context),
            link=learners.key(*scope, "link", course.links[opened].resource_link),
            catalog="cbec",
            role="",
            opens="case",
            subject="",
            locale="en",
        )
        return replace(made, **changes)

    def put(self, given: float | None = 50.0, person: Learner | None = None, **changes: Any) -> bool:
        """Queue a score of 100 for somebody."""
        values: dict[str, Any] = {
            "given": given,
            "maximum": 100.0,
            "activity_progress": "Completed",
            "grading_progress": "FullyGraded",
            "now": self.clock(),
        }
        return outbox.put(self.storage, self.keyring, person or self.learner(), **{**values, **changes})

    def run(self, *, turns: int = 2000, until: Callable[[], bool] | None = None) -> int:
        """Step until nothing waits, turning the clock past every wait; the number of steps."""
        for number in range(turns):
            if until() if until else not self.waiting():
                return number
            if not sender.step(self.sender):
                self.clock.now += 20.0
        raise AssertionError([(score.reason, score.tries) for score in self.waiting()][:5])

    def scores(self) -> list[Score]:
        """Every record of the outbox."""
        return [outbox.of_document(each) for each in self.storage.find(outbox.SCORES)]

    def score(self) -> Score:
        """The only record."""
        (found,) = self.scores()
        return found

    def waiting(self) -> list[Score]:
        """What is not done with."""
        return [score for score in self.scores() if score.state == outbox.WAITING]

    def taken(self, person: str = lms.LEARNER, link: str = "graded") -> list[float | None]:
        """The points that the gradebook took for somebody, in order."""
        key = (lms.user(self.platform, person), lms.line_item(self.platform, link))
        return [each.given for each in self.platform.gradebook.get(key, [])]

    def grade(self, person: str = lms.LEARNER, link: str = "graded") -> float | None:
        """What the gradebook shows for somebody."""
        found = self.platform.grades.get((lms.user(self.platform, person), lms.line_item(self.platform, link)))
        return None if found is None else found.value

    def another(self, **changes: Any) -> Sender:
        """The sender of another process: nothing but the store is shared."""
        return Sender(
            **{
                "storage": self.storage,
                "keyring": self.keyring,
                "services": self.services,
                "now": self.clock,
                "random": random.Random(7).random,
                **changes,
            }
        )

    def _scope(self) -> tuple[str, str, str]:
        return self.record.iss, self.record.client_id, self.record.deployments[0]


@contextmanager
def office(
    directory: Path, key: keys.ToolKey, profile: str = "spec", store: str = "sqlite", *, members: int = 0
) -> Iterator[Office]:
    """A sandbox LMS of a profile, and the tool's side of its gradebook."""
    address = stores.url(store, directory / "store")
    tool_keys = keys.only(key)
    with lms.running(profile, members=members, key_set=lambda: {"keys": tool_keys.published}) as platform:
        storage = connect.connect(address, *tool_app.COLLECTIONS)
        try:
            platforms.register(storage, lms.record(platform))
            services = Services(tool_keys, storage, service_wire.exchanger(guard.networks("127.0.0.0/8")))
            keyring = keyrings.create(directory / "keyring.json")
            clock = Clock()
            made = Sender(storage, keyring, services, clock, random.Random(5).random)
            yield Office(platform, storage, keyring, services, clock, made)
        finally:
            storage.close()
