"""Flower's Grid inside one process: messages go to the real client app at once, by no wire. Floor 3.

For simulations and tests. The apps are those of a real run, and so are charters, keys, masks and noise; what is not
here is Flower's transport: SuperLink, SuperNodes, TLS, a process for each answer. Institutions answer one after the
other, in the order in which they are asked.

The one module that sets the identity of a task, which Flower keeps for a whole process and by no public API (1.41).
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from flwr.app import Context, Message, RecordDict
from flwr.proto.node_pb2 import NodeInfo
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

from federated import client_app

Fault = Callable[[Message], Message | None]

COORDINATOR = 1  # Flower's node id of whoever leads a run
_FIRST_NODE = 10
_TASK = 1
_NAMES = ("_task_id", "_run_id", "_node_id")


@contextmanager
def identity(run: int, node: int = COORDINATOR) -> Iterator[None]:
    """Let this process be a task of Flower's inside the block: without one, no `Message` can be made (flwr 1.41).

    Args:
        run: id of the run, as messages carry it.
        node: id of who speaks.
    """
    before = {name: getattr(TaskIdentity, name) for name in _NAMES}
    TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = _TASK, run, node
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(TaskIdentity, name, value)


class LocalGrid(Grid):
    """SuperNodes by name, each with its institution's settings.

    Attributes:
        seconds: CPU seconds that institutions spent on answers, by the name of the question.
    """

    def __init__(
        self,
        members: Mapping[str, Path],
        spoil: Mapping[str, Fault] = MappingProxyType({}),
        *,
        joins: int = 0,
        refuse: Collection[str] = (),
        asking: Callable[[str, str], None] = lambda _name, _question: None,
        run: int = 2,
    ) -> None:
        """Make a grid.

        Args:
            members: institution -> path of its member.toml.
            spoil: institution -> what becomes of its answers: a message, or None for one that never comes.
            joins: all but the first come late: after so many looks at who is there.
            refuse: institutions that no message can be pushed to.
            asking: told of the institution and of the question before an answer is made.
            run: id of the run.
        """
        self.seconds: dict[str, float] = defaultdict(float)
        self._settings = dict(members)
        self._names = dict(enumerate(members, start=_FIRST_NODE))
        self._spoil, self._joins, self._refuse, self._asking, self._run = dict(spoil), joins, refuse, asking, run
        self._ids = (f"{number}" for number in itertools.count(1))
        self._waiting: dict[str, Message] = {}

    def get_nodes(self) -> list[NodeInfo]:
        """Return the SuperNodes that are there."""
        self._joins -= 1
        seen = list(self._names.items())[: 1 if self._joins >= 0 else None]
        return [NodeInfo(node_id=node, name=name, status="online") for node, name in seen]

    def push_messages(self, messages: Iterable[Message]) -> list[str]:
        """Have institutions answer; return the ids to pull their answers by, empty where nothing could be sent."""
        return [self._push(message) for message in messages]

    def pull_messages(self, message_ids: Iterable[str]) -> list[Message]:
        """Return the answers that came to these messages, each once."""
        return [self._waiting.pop(one) for one in message_ids if one in self._waiting]

    def _push(self, message: Message) -> str:
        node = message.metadata.dst_node_id
        name = self._names[node]
        if name in self._refuse:
            return ""
        self._asking(name, message.metadata.message_type)
        key = next(self._ids)
        message.metadata.__dict__["_message_id"] = key  # what the SuperLink gives a message that it takes
        context = Context(
            run_id=self._run,
            node_id=node,
            node_config={"settings": str(self._settings[name])},
            state=RecordDict(),
            run_config={},
            series_id=1,
        )
        begun = time.process_time()
        with identity(self._run, node):
            reply: Message | None = client_app.app(message, context)
        self.seconds[message.metadata.message_type] += time.process_time() - begun
        if name in self._spoil and reply is not None:
            reply = self._spoil[name](reply)
        if reply is not None:
            self._waiting[key] = reply
        return key

    # What Flower's interface has besides, and no run of ours calls: to be called would be news.
    def get_node_ids(self) -> NoReturn:
        """Not called: members are known by name."""
        raise NotImplementedError

    def set_run(self, run: Any) -> NoReturn:
        """Not called: a run of this grid is none of a SuperLink."""
        raise NotImplementedError

    @property
    def run(self) -> NoReturn:
        """Not called: as `set_run`."""
        raise NotImplementedError

    def create_message(self, *_args: Any, **_named: Any) -> NoReturn:
        """Not called: messages are made by their class."""
        raise NotImplementedError

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> NoReturn:
        """Not called: messages are pushed and pulled, so that each wait is bounded."""
        raise NotImplementedError
