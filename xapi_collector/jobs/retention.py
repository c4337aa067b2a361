"""`entrepot lrs retention`: remove what is old enough, once or by rules that are kept. Floor 1."""

import argparse

from xapi_collector import errors
from xapi_collector.jobs.office import Office, collector, progress, say
from xapi_collector.upkeep import erasure, retention
from xapi_collector.upkeep.retention import Removed, Rule

_ACTIONS = {
    "set": "keep this rule in place of those that are kept",
    "add": "keep this rule too",
    "show": "say which rules are kept",
    "run": "follow the rules that are kept",
}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `retention [set|add|show|run]`."""
    keep = commands.add_parser(
        "retention",
        help="remove what is old enough",
        epilog="Without an action the rule is followed once. " + " ".join(f"{n}: {t}." for n, t in _ACTIONS.items()),
    )
    keep.add_argument("action", nargs="?", choices=_ACTIONS, help="what to do with rules that are kept")
    keep.add_argument("--older-than", type=_days, metavar="730d", help="statements stored longer ago")
    keep.add_argument("--activity", metavar="IRI", help="of those only the ones with this activity")
    keep.add_argument("--inactive", type=_days, metavar="400d", help="persons whose newest statement is older: erase")
    keep.add_argument("--dry-run", action="store_true", help="count only, and touch nothing")
    keep.set_defaults(run=_run)


def _days(text: str) -> int:
    """Days as `730d`."""
    if not text.endswith("d") or not text[:-1].isdigit():
        msg = f"{text!r} is no number of days, such as 730d"
        raise argparse.ArgumentTypeError(msg)
    return int(text[:-1])


def _run(arguments: argparse.Namespace, office: Office) -> int:
    rule = Rule(arguments.older_than, arguments.activity, arguments.inactive)
    rules = retention.kept(office.storage)
    if arguments.action in ("set", "add"):
        rules = [*rules, rule] if arguments.action == "add" else [rule]
        retention.keep(office.storage, rules)
    if arguments.action in ("set", "add", "show"):
        for each in rules or ():
            say(_text(each))
        say(f"{len(rules)} rules are kept; `entrepot lrs retention run` follows them.")
        return 0
    if arguments.action == "run" and not rules:
        raise errors.JobError("No rule is kept: `entrepot lrs retention set --older-than 730d` keeps one.")
    request = erasure.Request(collector(office), office.collections, office.settings.xapi_url, progress)
    for each in rules if arguments.action == "run" else [rule]:
        say(_text(each))
        _tell(retention.run(request, each, dry=arguments.dry_run), dry=arguments.dry_run)
    return 0


def _text(rule: Rule) -> str:
    parts = []
    if rule.older_than is not None:
        about = f" with {rule.activity}" if rule.activity else ""
        parts.append(f"statements{about} stored more than {rule.older_than} days ago")
    if rule.inactive is not None:
        parts.append(f"persons whose newest statement was stored more than {rule.inactive} days ago")
    return "; ".join(parts)


def _tell(removed: Removed, *, dry: bool) -> None:
    done = "would be removed" if dry else "were removed"
    for verb, count in sorted(removed.statements.items()):
        say(f"{count:>8,}  {verb}")
    say(f"{sum(removed.statements.values()):,} statements {done}.")
    if removed.persons or removed.their_statements:
        say(f"{removed.persons:,} persons with {removed.their_statements:,} statements {done}.")
