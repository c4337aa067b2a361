"""`entrepot lrs forward`: send statements on to other record stores. Floor 1."""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests

from xapi_collector import agents, consent, errors
from xapi_collector.forwarding import forward, forwarders, wire
from xapi_collector.forwarding.forwarders import Forwarder
from xapi_collector.grammar import jsontext, validate, versions
from xapi_collector.jobs import office as offices
from xapi_collector.jobs.office import Office, progress, say

POLL = 5.0  # seconds between two looks at what was stored
_VERSIONS = {"1.0.3": versions.V1, "2.0.0": versions.V2}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `forward add|list|pause|resume|remove|dead|retry|drop|run`."""
    group = commands.add_parser("forward", help="send statements on to other record stores")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    _describe_add(actions)
    actions.add_parser("list", help="each forwarder, how far it is, and what it cannot send").set_defaults(run=_list)
    for name, run, text in (
        ("pause", _pause, "send nothing more for now"),
        ("resume", _resume, "send again, from where it stopped"),
        ("remove", _remove, "take a forwarder away, with its dead letters"),
        ("dead", _dead, "the statements that the target refused"),
        ("retry", _retry, "send the refused statements again"),
        ("drop", _drop, "forget the refused statements"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("name", help="the forwarder's name")
        action.set_defaults(run=run)
    runs = actions.add_parser("run", help="send, until it is ended")
    runs.add_argument("--once", action="store_true", help="end when nothing waits that can be sent now")
    runs.add_argument("--poll", type=float, default=POLL, metavar="S", help=f"seconds between looks (default {POLL:g})")
    runs.set_defaults(run=_run)


def _describe_add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    new = actions.add_parser("add", help="make a forwarder")
    new.add_argument("name", help="what it is called")
    new.add_argument("--url", required=True, help="base of the target, such as https://lrs.example/xapi")
    new.add_argument("--key", required=True, help="user name of the credential there")
    new.add_argument("--secret-file", required=True, metavar="FILE", help="file whose first line is its password, or -")
    new.add_argument("--xapi-version", choices=_VERSIONS, default="1.0.3", help="spoken to the target (default 1.0.3)")
    new.add_argument("--verb", action="append", default=[], metavar="IRI", help="only this verb; may be repeated")
    new.add_argument("--activity", action="append", default=[], metavar="IRI", help="only about it; may be repeated")
    new.add_argument("--agent", action="append", default=[], metavar="JSON", help="only this Agent's; may be repeated")
    new.add_argument("--purpose", choices=consent.PURPOSES, default=consent.SERVICE, help="only of who allows it")
    new.add_argument("--pseudonymise", action="store_true", help="agents go out under pseudonyms of this target alone")
    new.add_argument("--strip", action="append", default=[], choices=forwarders.STRIPS, help="leave out on the way")
    new.add_argument("--from-now", action="store_true", help="begin with what is stored from now on")
    new.add_argument("--insecure", action="store_true", help="allow http to another machine")
    new.set_defaults(run=_add)


def _add(arguments: argparse.Namespace, office: Office) -> int:
    url = forwarders.check_url(arguments.url, insecure=arguments.insecure)
    secret = _secret(arguments.secret_file)
    made = Forwarder(
        name=_name(arguments.name),
        url=url,
        version=_VERSIONS[arguments.xapi_version],
        key=arguments.key,
        secret=forwarders.seal_secret(office.keyring, arguments.name, secret, office.random),
        verbs=tuple(arguments.verb),
        activities=tuple(arguments.activity),
        purpose=arguments.purpose,
        pseudonymise=arguments.pseudonymise,
        strip=tuple(sorted(set(arguments.strip))),
        cursor=office.storage.statements.last() if arguments.from_now else 0,
    )
    forwarders.add(office.storage, made, tuple(_pseudonym(office, text) for text in arguments.agent))
    say(f"Made the forwarder {made.name} to {made.url}. `entrepot lrs forward run` sends.")
    return 0


def _name(text: str) -> str:
    if not text.isascii() or not text.replace("-", "").isalnum() or len(text) > 48:
        raise errors.ForwardError("The name of a forwarder has letters, digits and hyphens, 48 at most.")
    return text


def _secret(path: str) -> str:
    try:
        lines = (sys.stdin.read() if path == "-" else Path(path).read_text()).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The secret cannot be read from {path}: {type(error).__name__}."
        raise errors.ForwardError(msg) from None
    if not lines or not lines[0]:
        msg = f"The first line of {path} is empty: put the password there."
        raise errors.ForwardError(msg)
    return lines[0]


def _pseudonym(office: Office, text: str) -> str:
    agent = jsontext.object_of(text)
    validate.agent(agent)
    return agents.pseudonym(agent, office.keyring.pseudonym_key)


def _list(_arguments: argparse.Namespace, office: Office) -> int:
    for each in forward.status(office.storage, office.clock()):
        its = each.forwarder
        state = "paused" if its.paused else f"failing ({its.last_error}, {its.attempts}x)" if its.attempts else "ready"
        say(f"{its.name}  {its.url}  {state}  sent {its.sent}  behind {each.behind}  lag {each.lag:.0f} s  "
            f"dead {each.dead}")  # fmt: skip
    return 0


def _pause(arguments: argparse.Namespace, office: Office) -> int:
    forwarders.change(office.storage, arguments.name, paused=True)
    say(f"{arguments.name} is paused.")
    return 0


def _resume(arguments: argparse.Namespace, office: Office) -> int:
    forwarders.change(office.storage, arguments.name, paused=False, attempts=0, next_at=0)
    say(f"{arguments.name} sends again.")
    return 0


def _remove(arguments: argparse.Namespace, office: Office) -> int:
    forwarders.remove(office.storage, arguments.name)
    say(f"Removed {arguments.name}.")
    return 0


def _dead(arguments: argparse.Namespace, office: Office) -> int:
    forwarders.get(office.storage, arguments.name)
    for letter in forwarders.dead(office.storage, arguments.name):
        say(f"{letter.statement}  seq {letter.seq}  status {letter.status}  {letter.reason}  tried {letter.attempts}x")
    return 0


def _retry(arguments: argparse.Namespace, office: Office) -> int:
    with requests.Session() as session:
        sent, kept = forward.retry(offices.collector(office), arguments.name, _url(office), _poster(office, session))
    say(f"{sent} sent, {kept} refused again.")
    return 1 if kept else 0


def _drop(arguments: argparse.Namespace, office: Office) -> int:
    forwarders.get(office.storage, arguments.name)
    letters = forwarders.dead(office.storage, arguments.name)
    for letter in letters:
        forwarders.drop(office.storage, letter)
    say(f"Forgot {len(letters)}.")
    return 0


def _run(arguments: argparse.Namespace, office: Office) -> int:
    return send(office, once=arguments.once, pause=lambda: time.sleep(arguments.poll))


def send(office: Office, *, once: bool, pause: Callable[[], None]) -> int:
    """Send for every forwarder in turn, so that a slow one does not hold up the others for long.

    Args:
        office: Where and with what.
        once: End when nothing waits that can be sent now.
        pause: Waits between two looks.
    """
    collector = offices.collector(office)
    with requests.Session() as session:
        post = _poster(office, session)
        while True:
            busy = False
            for each in forwarders.listed(office.storage):
                try:
                    outcome = forward.step(collector, each.name, _url(office), post)
                except errors.ForwardError:
                    continue  # removed meanwhile
                busy |= outcome == forward.SENT
                if outcome == forward.SENT:
                    progress(f"{each.name}: {forwarders.get(office.storage, each.name).sent} sent")
            if not busy and once:
                return 0
            if not busy:
                pause()


def _url(office: Office) -> str:
    return office.settings.xapi_url.rstrip("/")


def _poster(office: Office, session: requests.Session) -> wire.Post:
    return wire.poster(session, lambda: datetime.fromtimestamp(office.clock() / 1_000_000, UTC))
