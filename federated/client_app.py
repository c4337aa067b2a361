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

from federated import answers, errors, records, settings

_log = logging.getLogger(__name__)

app = ClientApp()


def _handler(kind: str) -> Callable[[Message, Context], Message]:
    """What Flower calls for a message of a kind."""

    def handle(message: Message, context: Context) -> Message:
        return _answer(message, context, kind)

    return handle


def _answer(message: Message, context: Context, kind: str) -> Message:
    try:
        member = settings.load_member(Path(str(context.node_config["settings"])))
        asked = records.packet(message.content, kind)
        try:
            answer = answers.ANSWERS[kind](member, asked)
        except errors.FederatedError as error:
            answers.refuse(member, asked, error)
            raise
        return Message(records.content(answers.send(member, answer)), reply_to=message)
    except errors.FederatedError as error:
        _note(error)
        return Message(Error(error.code, ""), reply_to=message)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, its text must not leave the institution
        _note(error)
        return Message(Error(errors.INTERNAL, ""), reply_to=message)


def _note(error: Exception) -> None:
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s at %s:%d", type(error).__name__, Path(place.filename).name, place.lineno or 0)


for _kind in answers.ANSWERS:
    app.query(records.action(_kind))(_handler(_kind))
