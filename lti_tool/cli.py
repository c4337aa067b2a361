"""`entrepot platform ...`: the operator's commands about learning platforms. Floor 3.

Besides `app` the one place that reads the environment, the clock and chance.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lti_tool import (
    attendance,
    blocked,
    calendars,
    cohorts,
    courses,
    errors,
    events,
    grants,
    keys,
    openings,
    outside,
    overrides,
    partners,
    platforms,
    polls,
    projects,
    reviews,
    teams,
    texts,
    tries,
    urls,
)
from lti_tool.phrasing import endpoint, phrases
from lti_tool.platforms import Platform
from lti_tool.registration import check, description, invites, manual
from lti_tool.roster import standings
from lti_tool.services import guard, wire
from lti_tool.settings import COURSES, HOSTS, LINE_ITEMS, LINKS, MEMBERS, PLATFORMS, ROSTERS, SCORES, Settings
from storage import connect
from storage.collection import Collection
from storage.port import Storage
from storage.settings import from_environ
from xapi_collector import agents, keyring

OPTIONS = (
    ("--iss", "iss", "the platform's issuer, such as https://moodle.example.org; default: hosted Canvas"),
    ("--auth-url", "auth_url", "its OIDC authorization endpoint; default: where its family has it"),
    ("--token-url", "token_url", "its token endpoint; default: where its family has it"),
    ("--jwks-url", "jwks_url", "its key set; default: where its family has it"),
)
FLAGS = {
    **{field: option for option, field, _ in OPTIONS},
    "client_id": "--client-id",
    "deployments": "--deployment",
    "frames": "--frame",
    "family": "--family",
}


@dataclass(frozen=True)
class Office:
    """What a command works with."""

    settings: Settings
    storage: Storage

    @property
    def bench(self) -> check.Bench:
        """What a check needs."""
        exchange = wire.exchanger(guard.networks(self.settings.networks))
        return check.Bench(exchange, self.settings.url, keys.watch(self.settings.key), time.time, secrets.token_urlsafe)


Run = Callable[[argparse.Namespace, Office], int]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands below `entrepot platform`; each sets `run`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        made.set_defaults(run=run)
        return made

    one = command("invite", invite, "make an address with which one LMS may register, once")
    one.add_argument("--for", dest="host", default="", metavar="URL", help="the LMS it is for: approved in advance")
    one.add_argument("--days", type=int, default=invites.DAYS, help="how long it may be used (default 7, at most 30)")

    one = command("add", enter, "register an LMS by hand")
    one.add_argument("--family", default="spec", help="moodle, canvas or spec (default): what else is known of it")
    one.add_argument("--client-id", required=True, help="the client id that it gave the tool")
    for option, _, text in OPTIONS:
        one.add_argument(option, default="", help=text)
    one.add_argument("--deployment", action="append", default=[], help="a deployment id; default: the first launch's")
    one.add_argument("--frame", action="append", default=[], help="an address at which people open it, if not --iss")

    command("list", show_all, "list the registered platforms and the open invites")
    command("canvas", canvas, "print the JSON with which a Canvas administrator makes a developer key")

    _named(command("show", show, "show a registration"))
    _named(command("remove", remove, "forget a platform, with the courses and links that were launched from it"))
    one = _named(command("approve", approve, "let a platform that registered itself launch"))
    one.add_argument("--frame", action="append", default=[], help="an address at which people open it; may be repeated")
    one = _named(command("deployment", deployment, "add deployment ids to a registration, or remove them"), sure=True)
    one.add_argument("deployments", nargs="+", metavar="ID", help="a deployment id")
    one.add_argument("--remove", action="store_true", help="remove them instead")
    _named(command("check", examine, "say what is wrong with registrations, and what would be right"), needed=False)
    one = command("words", words, "say what became of the texts of the institution's language model")
    one.add_argument("--days", type=int, default=30, help="of how many days (default 30)")
    one.add_argument("--log", type=int, default=0, metavar="N", help="print the newest N questions and answers as JSON")
    one.add_argument("--forget", action="store_true", help="remove every text and the whole log at once")
    for name, run, text in (
        ("block", block, "let a person in no longer"),
        ("unblock", unblock, "let a person in again"),
    ):
        one = command(name, run, text)
        one.add_argument("iss", metavar="ISS", help="the platform's issuer")
        one.add_argument("person", metavar="PERSON", help="the person's id there (Moodle: number; Canvas: global id)")


def _named(parser: argparse.ArgumentParser, *, needed: bool = True, sure: bool = False) -> argparse.ArgumentParser:
    """Let a command name a platform; the client id only where an issuer has several, or the command must be sure."""
    parser.add_argument("iss", metavar="ISS", nargs=None if needed else "?", help="the platform's issuer")
    parser.add_argument("client", metavar="CLIENT", nargs=None if sure else "?", help="the tool's client id there")
    return parser


def run(arguments: argparse.Namespace, environ: Mapping[str, str], collections: tuple[Collection, ...]) -> int:
    """Run the command that was parsed, and answer its exit code.

    Args:
        arguments: As parsed by what `add` described.
        environ: The ENTREPOT_* variables of the institution.
        collections: All that the store keeps.

    Raises:
        errors.ConfigurationError: The command cannot go on; the text says what to do.
        storage.errors.StorageError: A variable is missing, or the store fails.
    """
    settings = from_environ(Settings, environ)
    storage = connect.connect(settings.storage, *collections)
    try:
        return int(arguments.run(arguments, Office(settings, storage)))
    finally:
        storage.close()


def invite(arguments: argparse.Namespace, office: Office) -> int:
    """Print one address: to paste into an LMS, or to open in a browser."""
    host = ""
    if arguments.host:
        try:
            host = urls.read(arguments.host).authority
        except errors.ServiceError as error:
            message = f"--for {arguments.host}: write the whole address of the LMS, such as https://moodle.example.org"
            raise errors.ConfigurationError(message) from error
    code, _made = invites.create(
        office.storage, host, days=arguments.days, now=time.time(), new_token=lambda: secrets.token_urlsafe(32)
    )
    _say(f"{office.settings.url}/lti/register/{code}")
    return 0


def enter(arguments: argparse.Namespace, office: Office) -> int:
    """Register a platform by hand; never in place of another."""
    entered = {name: getattr(arguments, name) for name in ("family", "client_id", *(field for _, field, _ in OPTIONS))}
    lists = {"deployments": " ".join(arguments.deployment), "frames": " ".join(arguments.frame)}
    entry = manual.read({**entered, **lists})
    speak = texts.speaker("en")
    if entry.platform is None:
        message = "; ".join(f"{FLAGS[name]}: {speak(f'problem.{problem}')}" for name, problem in entry.problems.items())
        raise errors.ConfigurationError(message)
    if not platforms.add(office.storage, entry.platform):
        message = (
            f"{entry.platform.iss}, client {entry.platform.client_id}, is registered already: see it with `entrepot "
            "platform show`, or remove it first"
        )
        raise errors.ConfigurationError(message)
    _say(f"Registered {entry.platform.iss}, client {entry.platform.client_id}.")
    return 0


def show_all(_arguments: argparse.Namespace, office: Office) -> int:
    """One line a platform, then one an open invite."""
    for document in office.storage.find(PLATFORMS, {}):
        record = platforms.from_document(document)
        told = f"{len(record.deployments)} deployments" if record.deployments else "deployment not told yet"
        _say(f"{record.state:8}{record.family:8}{record.iss}  {record.client_id}  {told}  {record.name}".rstrip())
    now = time.time()
    for one in invites.every(office.storage):
        if not one.used and now < one.expires:
            _say(f"{'invite':8}{'':8}{one.host or 'any platform'}  until {_date(one.expires)}")
    return 0


def show(arguments: argparse.Namespace, office: Office) -> int:
    """All that is kept of a registration."""
    record = _the(office.storage, arguments)
    for name, value in (
        ("issuer", record.iss),
        ("client id", record.client_id),
        ("name", record.name),
        ("state", record.state),
        ("family", record.family),
        ("deployments", " ".join(record.deployments) or "told by the first launch"),
        ("frames", " ".join(platforms.frames(record))),
        ("login", record.auth_url),
        ("tokens", record.token_url or "no services"),
        ("audience", record.audience or record.token_url),
        ("keys", record.jwks_url),
    ):
        _say(f"{name:12}{value}".rstrip())
    return 0


def approve(arguments: argparse.Namespace, office: Office) -> int:
    """Let a pending platform launch; say where people open it, if it could not tell."""
    record = _the(office.storage, arguments)
    changes = {"state": "active"}
    frames: tuple[str, ...] = ()
    if arguments.frame:
        try:
            frames = tuple(dict.fromkeys((*record.frames, *(urls.origin(frame) for frame in arguments.frame))))
        except errors.ServiceError as error:
            message = "--frame: write a whole address, such as https://canvas.example.org"
            raise errors.ConfigurationError(message) from error
    platforms.change(office.storage, record.iss, record.client_id, **changes, **({"frames": frames} if frames else {}))
    _say(f"{record.iss}, client {record.client_id}, may launch.")
    return 0


def remove(arguments: argparse.Namespace, office: Office) -> int:
    """Forget a platform, and what only it could use: courses, links, servers, rosters, scores on their way."""
    record = _the(office.storage, arguments)
    mine = [one for one in courses.every(office.storage) if (one.iss, one.client_id) == (record.iss, record.client_id)]
    # The platform goes first: nobody launches from it while the rest goes.
    office.storage.delete(PLATFORMS, (record.iss, record.client_id))
    for course in mine:
        for link in courses.links(office.storage, course.course):
            office.storage.delete(LINKS, (link.link,))
            office.storage.delete(LINE_ITEMS, (link.link,))
            teams.remove(office.storage, link.link)
        for score in office.storage.find(SCORES, {"course": course.course}):
            office.storage.delete(SCORES, (score["learner"], score["link"]))
        for member in office.storage.find(MEMBERS, {"course": course.course}):
            office.storage.delete(MEMBERS, (course.course, member["learner"]))
        for kept in (
            overrides, tries, standings, attendance, events, calendars, polls, projects, reviews, outside,
            openings, grants, partners, cohorts, phrases,
        ):  # fmt: skip
            kept.remove(office.storage, course.course)
        office.storage.delete(ROSTERS, (course.course,))
        office.storage.delete(COURSES, (course.course,))
    for host in office.storage.find(HOSTS, {"iss": record.iss, "client_id": record.client_id}):
        office.storage.delete(HOSTS, (record.iss, record.client_id, host["origin"]))
    _say(f"Removed {record.iss}, client {record.client_id}, with {len(mine)} courses. Statements stay.")
    return 0


def deployment(arguments: argparse.Namespace, office: Office) -> int:
    """Add or remove deployment ids."""
    record = _the(office.storage, arguments)
    named = arguments.deployments
    kept = [one for one in record.deployments if one not in named]
    after = tuple(kept) if arguments.remove else tuple(dict.fromkeys((*record.deployments, *named)))
    platforms.change(office.storage, record.iss, record.client_id, deployments=after)
    _say(f"{record.iss}, client {record.client_id}: {' '.join(after) or 'told by the first launch'}.")
    return 0


def canvas(_arguments: argparse.Namespace, office: Office) -> int:
    """The JSON of a Canvas developer key."""
    _say(json.dumps(description.canvas(office.settings.url), indent=2))
    return 0


def examine(arguments: argparse.Namespace, office: Office) -> int:
    """Check the tool and its registrations; 1 if something is wrong."""
    bench = office.bench
    if arguments.iss:
        records = [_the(office.storage, arguments)]
    else:
        records = [platforms.from_document(document) for document in office.storage.find(PLATFORMS, {})]
    findings = check.tool(bench)
    _lines(findings)
    for record in records:
        _say(f"{record.iss}, client {record.client_id}")
        found = check.platform(bench, record)
        _lines(found)
        findings += found
    if not records:
        _say("note   no platform is registered: entrepot platform invite")
    return int(check.worst(findings) == check.WRONG)


def words(arguments: argparse.Namespace, office: Office) -> int:
    """What the language model was asked, how much passed the check, and why the rest did not."""
    settings = office.settings
    model = endpoint.model(settings.model_url, settings.model_name, settings.model_key)
    _say(f"{'model':10}{f'{model.name} at {model.url}' if model else 'none: ENTREPOT_LTI_MODEL_URL is not set'}")
    if arguments.forget:
        _say(f"{'removed':10}{phrases.forget(office.storage)} texts and entries of the log")
    found = phrases.tally(office.storage, time.time(), max(1, arguments.days))
    _say(f"{'asked':10}{found.asked} in {max(1, arguments.days)} days")
    _say(f"{'passed':10}{found.passed}")
    for sort, counts in (("dropped", found.dropped), ("failed", found.failed)):
        for reason, number in sorted(counts.items()):
            _say(f"{sort:10}{number} {reason}")
    for entry in phrases.log(office.storage, arguments.log) if arguments.log > 0 else ():
        _say(json.dumps(entry, ensure_ascii=False))
    return 0


def block(arguments: argparse.Namespace, office: Office) -> int:
    """Refuse a person at the next request."""
    names = _pseudonyms(arguments, office)
    new = not blocked.is_blocked(office.storage, names) and blocked.block(office.storage, names[0], time.time())
    _say("Blocked: the next request is refused." if new else "Was blocked already.")
    return 0


def unblock(arguments: argparse.Namespace, office: Office) -> int:
    """Let a person in again."""
    done = blocked.unblock(office.storage, _pseudonyms(arguments, office))
    _say("May come in again." if done else "Was not blocked.")
    return 0


def _pseudonyms(arguments: argparse.Namespace, office: Office) -> tuple[str, ...]:
    agent = {"objectType": "Agent", "account": {"homePage": arguments.iss, "name": arguments.person}}
    return agents.pseudonyms(agent, keyring.load(office.settings.keyring).pseudonym_keys)


def _the(storage: Storage, arguments: argparse.Namespace) -> Platform:
    """The platform that a command names; its client id may be left out if the issuer has one."""
    found = platforms.of_issuer(storage, arguments.iss)
    if arguments.client:
        found = [one for one in found if one.client_id == arguments.client]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{arguments.iss} has several clients: name one of {', '.join(one.client_id for one in found)}"
    else:
        message = (
            f"{arguments.iss} {arguments.client or ''}".rstrip() + ": no such platform; see `entrepot platform list`"
        )
    raise errors.ConfigurationError(message)


def _lines(findings: Iterable[check.Finding]) -> None:
    for line in check.say(list(findings), texts.speaker("en")):
        _say(f"{line.level:7}{line.text}{f': {line.cure}' if line.cure else ''}")


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
