"""The institution's side of a round: answer questions, and let out nothing but numbers and codes. Floor 3.

Flower sends the text of an exception to the coordinator (measured with flwr 1.41); a text may hold a record. So every
handler ends here with a code, and the institution's own log gets the type and the place of the error, not its text.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from flwr.app import Context, Error, Message
from flwr.clientapp import ClientApp

from federated import errors, institution, messages, private, records, settings
from federated.messages import Packet

_log = logging.getLogger(__name__)

app = ClientApp()


@app.query(messages.OFFERS)
def offers(message: Message, context: Context) -> Message:
    """Begin a set-up of masks."""
    return _answer(message, context, messages.OFFERS, institution.answer_offers)


@app.query(messages.SHARES)
def shares(message: Message, context: Context) -> Message:
    """Share the secrets of the masks with the other members, sealed."""
    return _answer(message, context, messages.SHARES, institution.answer_shares)


@app.query(messages.CONFIRM)
def confirm(message: Message, context: Context) -> Message:
    """Confirm who is left in a round."""
    return _answer(message, context, messages.CONFIRM, institution.answer_confirm)


@app.query(messages.REVEAL)
def reveal(message: Message, context: Context) -> Message:
    """Reveal what opens the sum of those who are left."""
    return _answer(message, context, messages.REVEAL, institution.answer_reveal)


@app.query(messages.COUNTS)
def counts(message: Message, context: Context) -> Message:
    """Answer with the institution's masked counts by item and set of skills."""
    return _answer(message, context, messages.COUNTS, institution.answer_counts)


@app.query(messages.CELLS)
def cells(message: Message, context: Context) -> Message:
    """Answer with the institution's masked counts by situation."""
    return _answer(message, context, messages.CELLS, institution.answer_cells)


@app.query(messages.MOMENTS)
def moments(message: Message, context: Context) -> Message:
    """Answer with the masked scale of the institution's columns and its sums of a first step."""
    return _answer(message, context, messages.MOMENTS, institution.answer_moments)


@app.query(messages.SUMS)
def sums(message: Message, context: Context) -> Message:
    """Answer with the institution's masked sums at the coordinator's weights."""
    return _answer(message, context, messages.SUMS, institution.answer_sums)


@app.query(records.action(private.LEVELS))
def levels(message: Message, context: Context) -> Message:
    """Answer with protected levels of items."""
    return _answer(message, context, private.LEVELS, institution.answer_private)


@app.query(records.action(private.CURVES))
def curves(message: Message, context: Context) -> Message:
    """Answer with a protected gradient and curvature."""
    return _answer(message, context, private.CURVES, institution.answer_private)


@app.query(records.action(private.AGAIN))
def again(message: Message, context: Context) -> Message:
    """Answer with a protected gradient at the second weights."""
    return _answer(message, context, private.AGAIN, institution.answer_private)


@app.query(records.action(private.RESIDUALS))
def residuals(message: Message, context: Context) -> Message:
    """Answer with protected residuals of items."""
    return _answer(message, context, private.RESIDUALS, institution.answer_private)


@app.query(messages.PUBLISH)
def publish(message: Message, context: Context) -> Message:
    """Take up the shared model: personalise, measure, publish at the institution; answer that it is done."""
    return _answer(message, context, messages.PUBLISH, institution.answer_publish)


def _answer(
    message: Message, context: Context, kind: str, handle: Callable[[settings.Member, Packet], Packet]
) -> Message:
    try:
        member = settings.load_member(Path(str(context.node_config["settings"])))
        asked = records.packet(message.content, kind)
        try:
            answer = handle(member, asked)
        except errors.FederatedError as error:
            institution.refuse(member, asked, error)
            raise
        return Message(records.content(institution.send(member, answer)), reply_to=message)
    except errors.FederatedError as error:
        _note(error)
        return Message(Error(error.code, ""), reply_to=message)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, its text must not leave the institution
        _note(error)
        return Message(Error(errors.INTERNAL, ""), reply_to=message)


def _note(error: Exception) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s at %s:%d", type(error).__name__, Path(place.filename).name, place.lineno or 0)
