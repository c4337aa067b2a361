"""`entrepot federation ...`: the papers of a consortium, its runs, and what either side may want to know of them.

The arguments and the words; what is done is done in `federated`. The one place here that reads the clock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from entrepot import errors, models, simulation, terms
from federated import charter as charters
from federated import checkpoint, conduct, desk, invitation, ledger, membership, papers, policy, settings, signing
from federated.charter import Charter
from federated.policy import Policy
from federated.privacy import planning

Run = Callable[[argparse.Namespace], None]
Command = Callable[[str, Run, str], argparse.ArgumentParser]
_DELTA = 1e-5
_TERMS = (
    ("--epsilon", float, "what one learner's part may cost in all runs together: above 0, at most 4"),
    ("--delta", float, "the chance that epsilon does not hold (default 1e-5)"),
    ("--runs", int, "for how many runs that is to last (default 1)"),
    ("--cohort", int, f"fewest consenting learners that an institution trains with (default {policy.COHORT})"),
    ("--colluding", int, "secagg: how many members may work together against another one (default 0)"),
    ("--least-learners", int, "exact: fewest learners behind a cell of a table that leaves (default 1)"),
)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands below `entrepot federation`; each sets `run`."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        made.set_defaults(run=run)
        return made

    _founding(command)
    _joining(command)
    _living(command)


def _founding(command: Command) -> None:
    one = command("plan", plan, "advise a policy and an epsilon for so many learners, or to stay local")
    one.add_argument("directory", nargs="?", type=Path, metavar="DIR", help="a coordinator's: the members' own numbers")
    one.add_argument("--sizes", default="", metavar="N,N,...", help="consenting learners of each institution instead")
    one.add_argument(
        "--epsilon", type=float, default=policy.HIGHEST_EPSILON, help="the most that all are ready to spend"
    )
    one.add_argument("--colluding", type=int, default=0, help="members that may work together against another one")

    one = command(
        "simulate", simulate, "run made-up institutions on real records in one process, and say what came of it"
    )
    one.add_argument("--institutions", type=int, default=100, help="how many (default 100)")
    one.add_argument("--policy", choices=policy.KNOWN, default=policy.SECAGG, help="default secagg")
    one.add_argument("--epsilon", type=float, default=1.0, help="of the run, without exact (default 1)")
    one.add_argument("--learners", type=int, default=0, help="in all institutions together (default: all shipped)")
    one.add_argument("--seed", type=int, default=1, help="of who comes where (default 1)")
    one.add_argument("--directory", type=Path, metavar="DIR", help="keep what is made there (default: remove it)")

    one = command("init", init, "found a consortium: authority, certificate, key for signatures, draft of the charter")
    one.add_argument("directory", type=Path, metavar="DIR", help="the coordinator's directory, to be made")
    one.add_argument("--name", required=True, help="the consortium's name")
    one.add_argument("--policy", required=True, choices=policy.KNOWN, help="what may leave an institution")
    one.add_argument("--catalog", required=True, help="what is trained, such as oulad or cbec")
    one.add_argument("--address", required=True, metavar="HOST:PORT", help="what members dial: the proxy's")
    one.add_argument("--legal-entity", required=True, help="who runs the coordinator")
    one.add_argument("--jurisdiction", required=True, help="where that is: two letters, such as DE")
    _terms(one)

    one = command(
        "change", change, "make a new version of the charter, which all sign again; take up what is installed"
    )
    one.add_argument("directory", type=Path, metavar="DIR", help="the coordinator's directory")
    one.add_argument("--policy", choices=policy.KNOWN, help="what may leave an institution")
    one.add_argument("--catalog", help="what is trained")
    one.add_argument("--address", metavar="HOST:PORT", help="what members dial")
    _terms(one)

    one = command("invite", invite, "write an invitation for one institution: a file to send to it")
    one.add_argument("directory", type=Path, metavar="DIR", help="the coordinator's directory")
    one.add_argument("name", metavar="NAME", help="the id that it gets: letters, digits, hyphens")
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default NAME-invitation.json)")
    one.add_argument("--days", type=int, default=desk.DAYS, help=f"for how long it is good (default {desk.DAYS})")


def _joining(command: Command) -> None:
    one = command("join", join, "take an invitation: check it, make keys and member.toml, write an application")
    one.add_argument("invitation", type=Path, metavar="INVITATION", help="the coordinator's file")
    one.add_argument("--directory", type=Path, required=True, help="where member.toml lies or will lie")
    one.add_argument("--legal-entity", required=True, help="the controller that the institution belongs to")
    one.add_argument("--jurisdiction", required=True, help="where that is: two letters, such as DE")
    one.add_argument(
        "--storage", default="", metavar="URL", help="where its records are (default: as member.toml says)"
    )
    one.add_argument("--models", type=Path, metavar="DIR", help="where models are put (default: as member.toml says)")
    one.add_argument(
        "--institution", default="", metavar="ID", help="its id, to be sure that the invitation is its own"
    )
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default NAME-application.json)")

    one = command("admit", admit, "take in an application, a signature or a withdrawal that an institution sent")
    one.add_argument("directory", type=Path, metavar="DIR", help="the coordinator's directory")
    one.add_argument("paper", type=Path, metavar="FILE", help="what the institution sent")
    _superlink(one)

    one = command("sign", sign, "show what a charter says, and sign it")
    one.add_argument("charter", type=Path, metavar="CHARTER", help="the coordinator's charter.json")
    one.add_argument("--member", type=Path, required=True, metavar="FILE", help="the institution's member.toml")
    one.add_argument("--yes", action="store_true", help="do not ask: it was read before")
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default NAME-signature.json)")


def _living(command: Command) -> None:
    one = command("run", run_, "start a run among the members of the charter, and follow it")
    one.add_argument("directory", type=Path, metavar="DIR", help="the coordinator's directory")
    one.add_argument("--join-seconds", type=float, help="how long the first round waits for members to connect")
    one.add_argument("--round-seconds", type=float, help="how long a round waits for an answer")
    one.add_argument("--anew", action="store_true", help="do not go on with a run that was broken off; begin another")
    _superlink(one)

    one = command("status", status, "say how a consortium is, from the coordinator's or a member's files")
    one.add_argument("place", type=Path, metavar="DIR|FILE", help="the coordinator's directory, or a member.toml")
    _superlink(one)

    one = command("leave", leave, "leave a consortium, or shut a member out of it")
    one.add_argument("place", type=Path, metavar="FILE|DIR", help="a member.toml to leave; the coordinator's directory")
    one.add_argument("name", nargs="?", default="", metavar="NAME", help="with DIR: the member to shut out")
    one.add_argument("--to", type=Path, metavar="FILE", help="where to write (default NAME-withdrawal.json)")
    _superlink(one)

    one = command("verify", verify, "check a charter, a ledger or a transfer register, with nothing but the file")
    one.add_argument("path", type=Path, metavar="FILE", help="charter.json, ledger.jsonl or a register")
    one.add_argument("--head", help="hash of the last line as it was noted elsewhere")
    one.add_argument("--charter", type=Path, metavar="FILE", help="with a ledger: the charter that names the signer")
    one.add_argument("--of", default="", metavar="NAME", help="with --charter: whose ledger it is; none: anybody's")


def _terms(one: argparse.ArgumentParser) -> None:
    for option, kind, text in _TERMS:
        one.add_argument(option, type=kind, help=text)


def _superlink(one: argparse.ArgumentParser) -> None:
    text = f"where the SuperLink itself listens, on this machine (default {conduct.SUPERLINK})"
    one.add_argument("--superlink", default=conduct.SUPERLINK, metavar="HOST:PORT", help=text)


def plan(arguments: argparse.Namespace) -> None:
    """Advise a policy and an epsilon, or to stay local."""
    sizes = _sizes(arguments)
    members = [planning.Member(name, learners, arguments.epsilon) for name, learners in sizes]
    try:
        advice = planning.plan(members, colluders=arguments.colluding)
    except ValueError as error:
        raise errors.InvalidRequest("plan", str(error), "see `entrepot federation plan --help`") from error
    rows = planning.rows(advice)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    head = f"{len(advice.members)} institutions, {advice.learners} learners, delta {advice.delta:.1e}"
    warnings = [f"Beware: {warning}." for warning in advice.warnings]
    _say(head, *table, advice.reason, *warnings, "The members decide, and sign.")


def simulate(arguments: argparse.Namespace) -> None:
    """Run a consortium of made-up institutions."""
    with tempfile.TemporaryDirectory(prefix="entrepot-") as place:
        directory = arguments.directory or Path(place) / "simulation"
        names = ("institutions", "policy", "epsilon", "learners", "seed")
        planned = simulation.Plan(directory, **{name: getattr(arguments, name) for name in names})
        _say("", *simulation.table(planned, simulation.run(planned, _say)))


def init(arguments: argparse.Namespace) -> None:
    """Found a consortium."""
    exact = arguments.policy == policy.EXACT
    whose = {"legal_entity": arguments.legal_entity, "jurisdiction": arguments.jurisdiction} if exact else {}
    noise = {} if exact else {"delta": _DELTA}
    rules = Policy(arguments.policy, **{**whose, **noise, **_given(arguments)})
    terms_ = desk.Terms(
        arguments.name, rules, arguments.catalog, arguments.address, arguments.legal_entity, arguments.jurisdiction
    )
    made = desk.found(arguments.directory, terms_, datetime.now(UTC))
    _say(
        f"Founded {made.consortium} in {arguments.directory}.",
        terms.of_policy(made.policy, 0),
        f"The coordinator signs with {signing.fingerprint(made.coordinator)}; tell members so by telephone.",
        f"Next: entrepot federation invite {arguments.directory} NAME, once for each institution.",
    )


def change(arguments: argparse.Namespace) -> None:
    """Make a new version of the charter."""
    before = desk.load(arguments.directory)
    name = arguments.policy or before.policy.name
    rules = replace(before.policy, name=name, **_given(arguments))
    if name == policy.EXACT:
        rules = replace(rules, epsilon=0.0, delta=0.0)
        rules = replace(rules, legal_entity=before.legal_entity, jurisdiction=before.jurisdiction)
    elif not before.policy.private:
        rules = replace(rules, legal_entity="", jurisdiction="", delta=rules.delta or _DELTA)
    named = {key: getattr(arguments, key) for key in ("catalog", "address") if getattr(arguments, key)}
    after = desk.change(arguments.directory, policy=rules, **named)
    _say(terms.of_charter(after).rstrip(), "", _next(arguments.directory, after))


def invite(arguments: argparse.Namespace) -> None:
    """Write an invitation."""
    made = desk.invite(arguments.directory, arguments.name, _today(), days=arguments.days)
    path = _keep(arguments.to, f"{made.name}-invitation.json", invitation.dump(made), 0o600)
    _say(
        f"Wrote {path}, good until {made.until} and for one application. Send it to {made.name}, to nobody else.",
        f"Tell them by telephone that the coordinator signs with {signing.fingerprint(made.coordinator)}.",
    )


def join(arguments: argparse.Namespace) -> None:
    """Take an invitation."""
    facts = membership.Facts(
        directory=arguments.directory,
        legal_entity=arguments.legal_entity,
        jurisdiction=arguments.jurisdiction,
        storage=arguments.storage,
        models=arguments.models,
        institution=arguments.institution,
    )
    joined = membership.join(arguments.invitation, facts, _today())
    seat, rules = joined.application.seat, joined.member.declared
    path = _keep(arguments.to, f"{seat.name}-application.json", invitation.dump(joined.application))
    few = joined.learners < rules.cohort
    _say(
        f"{joined.application.consortium} at {joined.member.superlink}, {joined.member.catalog}.",
        terms.of_policy(rules, 0),
        f"{joined.learners} learners agree to training; the application says {seat.learners}.",
        *([f"Beware: it trains only with {rules.cohort} or more, so {seat.name} waits until then."] if few else []),
        f"The coordinator signs with {signing.fingerprint(joined.coordinator)}: compare it by telephone.",
        f"Wrote {joined.settings} and {path}. Send {path.name} to the coordinator; the keys stay here.",
        f"Next, when the charter comes: entrepot federation sign CHARTER --member {joined.settings}",
    )


def admit(arguments: argparse.Namespace) -> None:
    """Take in a paper."""
    after = desk.admit(arguments.directory, arguments.paper, _today())
    _say(terms.of_charter(after).rstrip(), "", *_doors(arguments, arguments.directory, after))
    _say(_next(arguments.directory, after))


def sign(arguments: argparse.Namespace) -> None:
    """Show a charter and sign it."""
    member = settings.load_member(arguments.member)
    found = membership.review(arguments.charter, member)
    sys.stdout.write(terms.of_charter(found))
    if not arguments.yes and _ask(f"Sign version {found.version} for {member.institution}? Type yes: ") != "yes":
        raise errors.InvalidRequest("sign", "nothing was signed", "answer yes, or give --yes")
    made = membership.sign(found, member, arguments.member)
    path = _keep(arguments.to, f"{made.member}-signature.json", invitation.dump(made))
    whole = conduct.in_force(charters.load(member.charter))
    _say(
        "",
        f"Signed. Send {path} to the coordinator, if it does not have it yet.",
        f"The charter is in force. Next: entrepot member --settings {arguments.member}"
        if whole
        else "When the charter comes signed by all, sign it once more: that keeps the signatures, and a run may begin.",
    )


def run_(arguments: argparse.Namespace) -> None:
    """Start a run and follow it."""
    named = {"join-seconds": arguments.join_seconds, "round-seconds": arguments.round_seconds}
    numbers = {name: value for name, value in named.items() if value is not None}
    if arguments.anew:
        checkpoint.clear(arguments.directory)
    result = conduct.run(arguments.directory, arguments.superlink, numbers, _say)
    _say(f"Done: {len(result['members'])} institutions took up the model: {', '.join(result['members'])}.")


def status(arguments: argparse.Namespace) -> None:
    """Say how a consortium is."""
    if arguments.place.is_dir():
        now = desk.load(arguments.place)
        _say(terms.of_charter(now).rstrip(), "", _connected(arguments, now), *conduct.history(arguments.place))
        _say(_next(arguments.place, now))
        return
    member = settings.load_member(arguments.place)
    signed = charters.load(member.charter)
    _say(terms.of_charter(signed).rstrip(), "", *membership.history(member, signed))
    try:
        sys.stdout.write(models.listed(member.models, member.catalog))
    except errors.EntrepotError:
        _say("No model yet: a run publishes the first one.")


def leave(arguments: argparse.Namespace) -> None:
    """Leave, or shut out."""
    if arguments.name:
        after = desk.remove(arguments.place, arguments.name)
        _say(*_doors(arguments, arguments.place, after), _next(arguments.place, after))
        return
    if arguments.place.is_dir():
        raise errors.InvalidRequest("leave", str(arguments.place), "name the member to shut out, or give a member.toml")
    made = membership.leave(settings.load_member(arguments.place))
    path = _keep(arguments.to, f"{made.member}-withdrawal.json", invitation.dump(made))
    _say(
        f"{made.member} takes part in no round of {made.consortium} from now on; its node key is destroyed.",
        "Stop the service `entrepot member`. What was learnt so far stays: `entrepot model rollback` undoes it here.",
        f"Send {path} to the coordinator, who takes it in by `entrepot federation admit` and shuts the member out.",
    )


def verify(arguments: argparse.Namespace) -> None:
    """Check a file offline."""
    path = arguments.path
    if path.suffix != ".jsonl":
        found = charters.load(path)
        charters.verify(found)
        _say(f"{path}: version {found.version} of {found.consortium} holds; digest {charters.digest(found)}")
        return
    public = _signer(arguments) if arguments.charter else None
    lines = ledger.verify(path, arguments.head, public)
    signed = "its signatures hold" if public else "signatures were not checked (name --charter and --of)"
    noted = "it ends as noted" if arguments.head else "whether lines are missing at its end is not known (name --head)"
    _say(f"{path}: {lines} lines follow from each other; {signed}; {noted}; it ends with {ledger.last(path)}")


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The terms of a policy that were named."""
    names = [option.lstrip("-").replace("-", "_") for option, _, _ in _TERMS]
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}


def _sizes(arguments: argparse.Namespace) -> list[tuple[str, int]]:
    if arguments.sizes:
        words = arguments.sizes.split(",")
        if not all(word.strip().isdecimal() for word in words):
            raise errors.InvalidRequest("--sizes", arguments.sizes, "use numbers with commas between, such as 120,300")
        return [(f"institution {number}", int(word)) for number, word in enumerate(words, start=1)]
    if arguments.directory is None:
        raise errors.InvalidRequest("plan", "no institutions", "name the coordinator's directory, or --sizes")
    return [(seat.name, seat.learners) for seat in desk.load(arguments.directory).members]


def _signer(arguments: argparse.Namespace) -> bytes:
    """The key that a ledger must be signed with: a member's, or the coordinator's where none is named."""
    found = charters.load(arguments.charter)
    if not arguments.of:
        return signing.raw(found.coordinator)
    return signing.raw(membership.seat_of(found, arguments.of, str(arguments.charter)).signing_key)


def _doors(arguments: argparse.Namespace, directory: Path, now: Charter) -> list[str]:
    """Let in and shut out as the charter says, if the coordinator serves; say what came of it."""
    if not conduct.serves(arguments.superlink):
        return [f"No SuperLink listens on {arguments.superlink}: the next run lets members in, and shuts others out."]
    with conduct.superlink(directory, arguments.superlink) as client:
        changes = conduct.reconcile(client, now)
    return [
        *(f"Let in: {name}." for name in changes.registered),
        *(f"Shut out: {name}." for name in changes.unregistered),
    ]


def _connected(arguments: argparse.Namespace, now: Charter) -> str:
    if not conduct.serves(arguments.superlink):
        return f"No SuperLink listens on {arguments.superlink}: start `entrepot coordinator`."
    with conduct.superlink(arguments.place, arguments.superlink) as client:
        return f"Connected: {', '.join(conduct.connected(client, now)) or 'nobody'}."


def _next(directory: Path, now: Charter) -> str:
    """What the coordinator does next."""
    if conduct.in_force(now):
        return (
            f"The charter is in force: send {directory / desk.CHARTER} to all once more, for they keep the signatures. "
            f"Next: entrepot federation run {directory}"
        )
    fewest, missing = charters.fewest(now.policy), charters.unsigned(now)
    if len(now.members) < fewest:
        return f"Next: invite more institutions; {now.policy.name} needs {fewest}, there are {len(now.members)}."
    return f"Next: send {directory / desk.CHARTER} to all; not signed yet: {', '.join(missing)}."


def _keep(to: Path | None, name: str, content: str, mode: int = 0o644) -> Path:
    return papers.keep(to or Path(name), content, mode)


def _ask(question: str) -> str:
    sys.stdout.write(question)
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _today() -> date:
    return datetime.now(UTC).date()
