"""Targets of a forwarder: one that answers what a test says, and a whole collector."""

import dataclasses

from tests.xapi_collector.lrs import Lrs
from xapi_collector.forwarding.wire import FAILED, REFUSED, TAKEN, THERE, Outcome


class Scripted:
    """A target that refuses the ids that it is told to.

    Attributes:
        requests: The ids of each request.
        refused: id -> status.
    """

    def __init__(self, refused=(), failing=None):
        self.requests, self.refused, self.failing = [], dict(refused), failing
        self.bodies = []

    def post(self, _target, body, content_type):
        """A `wire.Post`."""
        import json

        self.bodies.append((body, content_type))
        ids = [each["id"] for each in json.loads(body)] if content_type == "application/json" else []
        self.requests.append(ids)
        if self.failing is not None:
            return self.failing
        status = next((self.refused[each] for each in ids if each in self.refused), 200)
        kind = {200: TAKEN, 409: THERE, 400: REFUSED, 413: REFUSED}.get(status, FAILED)
        return Outcome(kind, status, "" if kind == TAKEN else "refused as invalid")


@dataclasses.dataclass
class Remote:
    """A whole collector as target, without a network between."""

    lrs: Lrs

    def post(self, target, body, content_type):
        """A `wire.Post`."""
        from tests.xapi_collector.lrs import basic

        headers = basic(target.key, target.secret) | {"X-Experience-API-Version": target.version}
        answer = self.lrs.client.post("/xapi/statements", data=body, content_type=content_type, headers=headers)
        kind = {200: TAKEN, 409: THERE, 400: REFUSED, 413: REFUSED}.get(answer.status_code, FAILED)
        return Outcome(kind, answer.status_code, "refused as invalid")
