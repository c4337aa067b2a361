"""The institution's side of a round: answer questions, and let out nothing but numbers and codes. Floor 3.

Flower sends the text of an exception to the coordinator (federation.md, section 5); a text may hold a record. So every
handler ends here with a code, and the institution's own log gets the type and the place of the error, not its text.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from flwr.app import Context, Error, Message
from flwr.clientapp import ClientApp

from federated import errors, institution, messages, records, settings
from federated.messages import Packet

_log = logging.getLogger(__name__)

app = ClientApp()


@app.query(messages.COUNTS)
def counts(message: Message, context: Context) -> Message:
    """Answer with the institution's counts by item and set of skills."""
    return _answer(message, context, messages.COUNTS, institution.answer_counts)


@app.query(messages.CELLS)
def cells(message: Message, context: Context) -> Message:
    """Answer with the institution's counts by situation."""
    return _answer(message, context, messages.CELLS, institution.answer_counts)


@app.query(messages.MOMENTS)
def moments(message: Message, context: Context) -> Message:
    """Answer with the scale of the institution's columns."""
    return _answer(message, context, messages.MOMENTS, institution.answer_moments)


@app.query(messages.SUMS)
def sums(message: Message, context: Context) -> Message:
    """Answer with the institution's sums at the coordinator's weights."""
    return _answer(message, context, messages.SUMS, institution.answer_sums)


@app.query(messages.PUBLISH)
def publish(message: Message, context: Context) -> Message:
    """Take up the shared model: personalise, measure, publish at the institution; answer that it is done."""
    return _answer(message, context, messages.PUBLISH, institution.answer_publish)


def _answer(
    message: Message, context: Context, kind: str, handle: Callable[[settings.Member, Packet], Packet]
) -> Message:
    try:
        member = settings.load_member(Path(str(context.node_config["settings"])))
        packet = handle(member, records.packet(message.content, kind))
        return Message(records.content(packet), reply_to=message)
    except errors.FederatedError as error:
        _note(error)
        return Message(Error(error.code, ""), reply_to=message)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, its text must not leave the institution
        _note(error)
        return Message(Error(errors.INTERNAL, ""), reply_to=message)


def _note(error: Exception) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s at %s:%d", type(error).__name__, Path(place.filename).name, place.lineno or 0)
