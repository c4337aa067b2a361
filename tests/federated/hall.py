"""Institutions in this process: their real answers, from their real stores, without Flower in between."""

from federated import answers, charter, errors, messages, settings
from federated.rounds import Answer, Channel


class Hall:
    """Answers as institutions do. `faults` maps (name, kind) to what becomes of each such answer, `after` to how many
    of them are answered well before."""

    def __init__(self, members, faults=None, after=None):
        self.members = {name: settings.load_member(path) for name, path in members.items()}
        self.faults, self.after = faults or {}, after or {}
        self.asked = []

    def __call__(self, packets):
        kinds = {packet.kind for packet in packets.values()}
        self.asked.append((*kinds, tuple(sorted(packets))))
        return {name: self.answer(name, packet) for name, packet in packets.items()}

    def answer(self, name, packet):
        try:
            reply = answers.send(self.members[name], answers.ANSWERS[packet.kind](self.members[name], packet))
        except errors.FederatedError as error:
            answers.refuse(self.members[name], packet, error)
            return Answer(None, error.code, 10, 0)
        fault = self.faults.get((name, packet.kind))
        left = self.after.get((name, packet.kind), 0)
        self.after[name, packet.kind] = left - 1
        return fault(reply) if fault and left <= 0 else Answer(reply, 0, 10, 20)


def channel(directory, space, hall, run="1"):
    """The coordinator's channel to a hall, under the charter in its directory."""
    return Channel(space, messages.Place(charter.load(directory / "charter.json"), run), hall)


def lose(code):
    """What makes an answer that never came of one."""
    return lambda _reply: Answer(None, code, 10, 0)
