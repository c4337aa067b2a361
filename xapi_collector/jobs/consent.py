"""`entrepot lrs consent`: what persons allow, and what holds where they said nothing. Floor 1."""

import argparse

from xapi_collector import agents, consent
from xapi_collector.consent import CHOICES, PURPOSES
from xapi_collector.grammar import formats
from xapi_collector.jobs import persons
from xapi_collector.jobs.office import Office, collector, say


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `consent declare|say|show`."""
    group = commands.add_parser("consent", help="what persons allow their statements to be used for")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    declare = actions.add_parser("declare", help="state what holds where a person said nothing")
    declare.add_argument("purpose", choices=PURPOSES, help="for what")
    declare.add_argument("choice", choices=CHOICES, help="what holds")
    declare.add_argument("--basis", required=True, metavar="TEXT", help="the legal basis of it, in a sentence")
    declare.set_defaults(run=_declare)
    say_ = actions.add_parser("say", help="keep what a person says")
    say_.add_argument("purpose", choices=PURPOSES, help="for what")
    say_.add_argument("choice", choices=CHOICES, help="what they say")
    persons.add(say_, pseudonym=False)
    say_.add_argument("--notice", default="", metavar="TEXT", help="version of the text that they were shown")
    say_.set_defaults(run=_say)
    show = actions.add_parser("show", help="say what holds, for everybody or for a person")
    show.add_argument("--agent", metavar="JSON", help="their xAPI agent")
    show.set_defaults(run=_show)


def _declare(arguments: argparse.Namespace, office: Office) -> int:
    consent.declare(office.storage, arguments.purpose, arguments.choice, arguments.basis, office.clock)
    say(f"{arguments.purpose}: {arguments.choice}, where a person said nothing. Basis: {arguments.basis}")
    return 0


def _say(arguments: argparse.Namespace, office: Office) -> int:
    names = consent.names(persons.agent(arguments.agent), office.keyring, collector(office).keys, office.random)
    consent.say(office.storage, names, arguments.purpose, arguments.choice, office.clock, notice=arguments.notice)
    say(f"{arguments.purpose}: {arguments.choice}, from now on.")
    return 0


def _show(arguments: argparse.Namespace, office: Office) -> int:
    said = {}
    if arguments.agent is not None:
        person = agents.pseudonym(persons.agent(arguments.agent), office.keyring.pseudonym_key)
        said = consent.said(office.storage, person)
    for purpose in PURPOSES:
        declared = consent.declared(office.storage, purpose)
        basis = declared["basis"] or "nothing was declared"
        say(f"{purpose}: {declared['choice']} where a person said nothing ({basis})")
        if purpose in said:
            its = said[purpose]
            say(f"  they said: {its['choice']}, version {its['version']}, {formats.timestamp(its['time'])}")
    return 0
