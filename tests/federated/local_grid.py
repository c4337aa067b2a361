"""Flower's Grid inside this process: messages go to the real client app at once; the wire is tested elsewhere."""

from flwr.app import Context, RecordDict
from flwr.proto.node_pb2 import NodeInfo
from flwr.serverapp import Grid

from federated import client_app


class LocalGrid(Grid):
    """SuperNodes by name, each with its own node configuration.

    `spoil` maps a name to a function over its reply: a message, or None for a SuperNode that never answers.
    """

    def __init__(self, members, spoil=None, joins=0, refuse=()):
        self.names = dict(enumerate(members, start=10))
        self.settings, self.spoil, self.joins, self.refuse = members, spoil or {}, joins, refuse
        self.waiting = {}

    def get_nodes(self):
        self.joins -= 1
        seen = list(self.names.items())[: 1 if self.joins >= 0 else None]
        return [NodeInfo(node_id=node, name=name, status="online") for node, name in seen]

    def get_node_ids(self):
        return list(self.names)

    def push_messages(self, messages):
        return [self._push(message) for message in messages]

    def pull_messages(self, message_ids):
        return [self.waiting.pop(one) for one in message_ids if one in self.waiting]

    def _push(self, message):
        name = self.names[message.metadata.dst_node_id]
        if name in self.refuse:
            return None
        key = f"{name} {message.metadata.group_id}"
        message.metadata.__dict__["_message_id"] = key
        config = {"settings": str(self.settings[name])}
        context = Context(
            run_id=2,
            node_id=message.metadata.dst_node_id,
            node_config=config,
            state=RecordDict(),
            run_config={},
            series_id=1,
        )
        reply = client_app.app(message, context)
        reply = self.spoil.get(name, lambda one: one)(reply)
        if reply is not None:
            self.waiting[key] = reply
        return key

    # What Flower's interface has besides, and no run of ours calls: to be called would be news.
    def set_run(self, run):
        raise NotImplementedError

    @property
    def run(self):
        raise NotImplementedError

    def create_message(self, content, message_type, dst_node_id, group_id, ttl=None):
        raise NotImplementedError

    def send_and_receive(self, messages, *, timeout=None):
        raise NotImplementedError
