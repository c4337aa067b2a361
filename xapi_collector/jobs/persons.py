"""A person named on the command line. Floor 1."""

import argparse
from typing import Any

from xapi_collector import agents, errors
from xapi_collector.grammar import jsontext, validate
from xapi_collector.jobs.office import Office

_LETTERS = 32


def add(parser: argparse.ArgumentParser, *, pseudonym: bool = True) -> None:
    """Let a command name a person, by agent or (if wanted) by pseudonym."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--agent", metavar="JSON", help='their xAPI agent, such as {"mbox":"mailto:a@example.org"}')
    if pseudonym:
        group.add_argument("--pseudonym", metavar="P", help="their pseudonym, 32 letters")


def agent(text: str) -> dict[str, Any]:
    """The agent of a text.

    Raises:
        errors.RequestError: It is no valid Agent or identified Group.
    """
    found: dict[str, Any] = jsontext.object_of(text)
    validate.agent(found)
    return found


def pseudonyms(arguments: argparse.Namespace, office: Office) -> tuple[str, ...]:
    """The pseudonyms of the person that a command names.

    Raises:
        errors.RequestError: The agent is no valid one.
        errors.JobError: The pseudonym is none.
    """
    if arguments.agent is not None:
        return agents.pseudonyms(agent(arguments.agent), office.keyring.pseudonym_keys)
    if len(arguments.pseudonym) != _LETTERS:
        raise errors.JobError("A pseudonym has 32 letters; or name the person by --agent.")
    return (arguments.pseudonym,)
