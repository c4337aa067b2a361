import functools
import itertools
import operator
from dataclasses import replace

import numpy as np
import pytest

from federated import errors, masks, messages
from federated.messages import Place
from federated.rounds import Answer, Channel, Rounds, say
from tests.federated import asking

FORM = {"a": ("uint32", 20), "b": ("uint64", 3)}
SEVEN = tuple(f"u{number}" for number in range(7))


class Circle:
    """Institutions that mask made-up numbers by their real masks; `faults` maps (name, kind) to what is done with an
    answer, which is a packet or a code."""

    def __init__(self, members, place, faults=None):
        self.members, self.place, self.faults, self.asked = members, place, faults or {}, []

    def __call__(self, packets):
        self.asked.append(({packet.kind for packet in packets.values()}.pop(), packets))
        return {name: self.answer(name, packet) for name, packet in packets.items()}

    def answer(self, name, packet):
        member, place = self.members[name], Place(self.place.charter, packet.names["run"], int(packet.names["attempt"]))
        try:
            match packet.kind:
                case messages.OFFERS:
                    found = {messages.OFFER: masks.offer(member, place, int(packet.numbers["turns"]))}
                case messages.SHARES:
                    found = {messages.SHARE: masks.share(member, place, packet)}
                case messages.CONFIRM:
                    found = {messages.CONFIRMATION: masks.confirm(member, place, packet)}
                case messages.REVEAL:
                    found = {messages.SHARE: masks.reveal(member, place, packet)}
                case _:
                    found = {messages.MASKED: masks.mask(member, place, packet, said(name))}
        except errors.FederatedError as error:
            return Answer(None, error.code, 1, 0)
        reply = messages.answer(packet, {array: messages.text(content) for array, content in found.items()})
        fault = self.faults.get((name, packet.kind), lambda one: one)(reply)
        return Answer(None, fault, 1, 0) if isinstance(fault, int) else Answer(fault, 0, 1, 2)


def said(name):
    """What an institution has to say."""
    number = int(name[1:])
    return {"a": np.full(20, number + 1, np.uint32), "b": np.arange(3, dtype=np.uint64) * number}


def same(total, names):
    for array in FORM:
        np.testing.assert_array_equal(
            total[array], functools.reduce(operator.add, [said(name)[array] for name in names])
        )


def timeout(_reply):
    return errors.TIMEOUT


def spoiled(reply):
    """One byte is another one."""
    ((name, array),) = reply.arrays.items()
    array = array.copy()
    array[len(array) // 2] ^= 1
    return replace(reply, arrays={name: array})


@pytest.fixture
def circle(tmp_path, space):
    """Rounds over seven institutions with masks set up for so many turns; None: not set up."""

    def make(faults=None, turns=3, minimum=3):
        members, place = asking.circle(tmp_path, SEVEN)
        hall, noted = Circle(members, place, faults), []
        run = Rounds(Channel(space, place, hall), minimum, SEVEN, noted.append, itertools.count(1).__next__)
        if turns:
            run.begin(turns)
        return run, hall, noted

    return make


def test_sums_are_of_all_and_a_round_is_noted_with_what_it_took(circle):
    run, hall, noted = circle()

    same(run.total("sums", FORM), SEVEN)
    run.close(objective=1.5)
    same(run.total("sums", FORM), SEVEN)
    run.close()

    assert [(one.number, one.kind, one.members, one.objective) for one in noted] == [
        (1, "sums", SEVEN, 1.5),
        (2, "sums", SEVEN, None),
    ]
    assert [kind for kind, _ in hall.asked] == ["offers", "shares", "sums", "reveal", "sums", "reveal"]
    assert [(one.bytes_down, one.bytes_up) for one in noted] == [(4 * 7, 8 * 7), (2 * 7, 4 * 7)]
    assert all(one.seconds > 0 for one in noted)


def test_each_exchange_has_a_number_of_its_own_and_parcels_travel_once(circle):
    run, hall, _ = circle()
    run.total("sums", FORM)
    run.close()
    run.total("sums", FORM)

    numbers = [{packet.numbers["exchange"] for packet in packets.values()} for _, packets in hall.asked]
    assert numbers == [{1}, {2}, {3}, {4}, {5}, {6}]
    first, second = (packets for kind, packets in hall.asked if kind == "sums")
    assert all(messages.PARCEL in packet.arrays for packet in first.values())
    assert len({packet.arrays[messages.PARCEL].tobytes() for packet in first.values()}) == 7
    assert not any(messages.PARCEL in packet.arrays for packet in second.values())


def test_parcels_wait_for_a_question_that_needs_them(circle):
    """A run that is resumed when its sums are done publishes at once."""
    run, hall, _ = circle()

    run.ask(messages.OFFERS, {}, numbers={"turns": 1}, minimum=0)

    assert not any(packet.arrays for packet in hall.asked[-1][1].values())


def test_no_sum_is_asked_for_before_masks_are_set_up(circle):
    run, hall, _ = circle(turns=0)

    with pytest.raises(errors.RoundError, match="no masks were set up before the first round"):
        run.total("sums", FORM)
    assert hall.asked == []


@pytest.mark.parametrize("kind", ["offers", "shares"])
def test_who_falls_silent_while_masks_are_set_up_is_in_no_round(circle, kind):
    run, hall, noted = circle({("u2", kind): timeout})
    rest = tuple(name for name in SEVEN if name != "u2")

    same(run.total("sums", FORM), rest)
    run.close()

    assert (noted[0].members, noted[0].dropped) == (rest, {"u2": "timeout"})
    # Between offers and shares another set-up begins, with secrets and a context of its own.
    attempts = [next(iter(packets.values())).names["attempt"] for _, packets in hall.asked]
    assert attempts == (["1", "1", "1", "1"] if kind == "offers" else ["1", "1", "2", "2", "2", "2"])


def test_an_offer_that_its_sender_did_not_sign_is_refused(circle):
    run, _, noted = circle({("u2", "offers"): spoiled})
    rest = tuple(name for name in SEVEN if name != "u2")

    same(run.total("sums", FORM), rest)
    run.close()
    assert noted[0].dropped == {"u2": "refused"}


def test_masked_bytes_that_their_sender_did_not_sign_are_refused(circle):
    run, _, noted = circle({("u2", "sums"): spoiled})

    same(run.total("sums", FORM), tuple(name for name in SEVEN if name != "u2"))
    run.close()
    assert (noted[0].dropped, "u2" in noted[0].members) == ({"u2": "refused"}, False)


def test_where_many_are_missing_the_others_confirm_who_is_left(circle):
    run, hall, noted = circle({(name, "sums"): timeout for name in ("u1", "u4")})

    same(run.total("sums", FORM), ("u0", "u2", "u3", "u5", "u6"))
    run.close()

    assert [kind for kind, _ in hall.asked][-3:] == ["sums", "confirm", "reveal"]
    reveal = hall.asked[-1][1]["u0"].arrays
    assert sum(name.startswith("confirmation.") for name in reveal) == 5
    assert noted[0].dropped == {"u1": "timeout", "u4": "timeout"}


def test_who_falls_silent_after_its_answer_is_in_the_sum(circle):
    run, _, noted = circle({("u3", "reveal"): timeout})

    same(run.total("sums", FORM), SEVEN)
    run.close()
    assert (noted[0].members, noted[0].dropped) == (SEVEN, {"u3": "timeout"})
    assert "u3" not in run.members


def test_too_few_offers_end_the_run(circle):
    with pytest.raises(
        errors.RoundError, match=r"no masks were set up: .*; dropped out: u0 \(timeout\), u1 \(timeout\)"
    ):
        circle({(name, "offers"): timeout for name in ("u0", "u1", "u2")})


@pytest.mark.parametrize("kind", ["sums", "reveal"])
def test_too_few_answers_open_nothing(circle, kind):
    run, hall, noted = circle({(name, kind): timeout for name in ("u0", "u1", "u2")})

    with pytest.raises(
        errors.RoundError, match=r"round 1 \(sums\) was not opened: .*u0 \(timeout\), u1 \(timeout\), u2"
    ):
        run.total("sums", FORM)
    assert noted[0].dropped.keys() == {"u0", "u1", "u2"}
    if kind == "sums":
        assert [one for one, _ in hall.asked] == ["offers", "shares", "sums"]


def test_fewer_than_the_run_goes_on_with_end_it(circle):
    run, _, noted = circle({(name, "sums"): timeout for name in ("u0", "u1")}, minimum=6)

    with pytest.raises(errors.RoundError, match=r"5 institutions are left, 6 are needed; dropped out: u0 .*u1"):
        run.total("sums", FORM)
    assert len(noted) == 1


def test_answers_that_are_not_masked_may_be_asked_of_fewer(circle):
    run, _, noted = circle({(name, "offers"): timeout for name in SEVEN}, turns=0, minimum=6)

    assert run.ask("offers", {}, numbers={"turns": 1}, minimum=0) == {}
    run.close()
    assert noted[0].dropped == dict.fromkeys(SEVEN, "timeout")


def test_an_answer_that_was_not_declared_is_refused(circle):
    def longer(reply):
        return replace(reply, arrays={**reply.arrays, "name": np.zeros(1)})

    run, _, noted = circle({("u2", "sums"): longer})
    same(run.total("sums", FORM), tuple(name for name in SEVEN if name != "u2"))
    run.close()
    assert noted[0].dropped == {"u2": "refused"}


def test_who_is_lost_is_not_asked_again(circle):
    run, hall, _ = circle({("u5", "sums"): timeout})
    run.total("sums", FORM)
    run.close()
    run.total("sums", FORM)

    assert "u5" not in hall.asked[-2][1]


def test_a_message_that_is_left_out_is_named_in_the_round_alone(circle):
    run, _, noted = circle()
    run.total("sums", FORM)
    run.refuse({"u1": "far"})
    assert run.count == 7
    run.close()
    run.total("sums", FORM)
    run.close()

    assert [one.refused for one in noted] == [{"u1": "far"}, {}]
    assert run.dropped == {}


def test_rounds_of_a_run_that_is_resumed_are_numbered_on(circle, space):
    run, hall, noted = circle(turns=0)
    again = Rounds(run.channel, 3, SEVEN, noted.append, done=4)
    again.begin(2)
    again.total("sums", FORM)
    again.close()

    assert noted[0].number == 5
    assert {packet.numbers["round"] for _, packets in hall.asked for packet in packets.values()} == {5}


def test_who_dropped_out_is_said_in_words():
    assert say({}) == "nobody"
    assert say({"b": "masks", "a": "timeout"}) == "a (timeout), b (masks)"
