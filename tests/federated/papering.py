"""A consortium on paper: a coordinator's directory and institutions with stores, without a process."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from federated import desk, invitation, membership, settings
from federated.policy import Policy
from tests.federated import builders

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TODAY = NOW.date()
RULES = Policy("source-noise", epsilon=1.0, delta=1e-5, cohort=20)


def terms(**changes):
    """What a coordinator proposes."""
    known = {
        "consortium": "Learning together",
        "policy": RULES,
        "catalog": "oulad",
        "address": "127.0.0.1:8443",
        "legal_entity": "University of north",
        "jurisdiction": "DE",
    }
    return desk.Terms(**{**known, **changes})


@dataclass(frozen=True)
class Papers:
    """The directories of a coordinator and of its institutions, and the way of papers between them."""

    root: Path
    stores: dict[str, str]

    @property
    def directory(self):
        return self.root / "coordinator"

    def facts(self, name, **changes):
        known = {
            "directory": self.root / name,
            "legal_entity": f"University of {name}",
            "jurisdiction": "DE",
            "storage": self.stores[name],
        }
        return membership.Facts(**{**known, **changes})

    def send(self, name, paper):
        path = self.root / f"{name}.json"
        path.write_text(invitation.dump(paper))
        return path

    def invite(self, name, **options):
        return self.send(f"{name}-invitation", desk.invite(self.directory, name, TODAY, **options))

    def join(self, name, **facts):
        return membership.join(self.invite(name), self.facts(name, **facts), TODAY)

    def apply(self, name, **facts):
        joined = self.join(name, **facts)
        return desk.admit(self.directory, self.send(f"{name}-application", joined.application), TODAY)

    def member(self, name):
        return settings.load_member(self.root / name / "member.toml")

    def sign(self, name):
        member = self.member(name)
        found = membership.review(self.directory / "charter.json", member)
        signature = membership.sign(found, member, self.root / name / "member.toml")
        return self.send(f"{name}-signature", signature)

    def admit(self, path, today: date = TODAY):
        return desk.admit(self.directory, path, today)


def found(root, stores, now=NOW, **changes):
    """Found a consortium in `root`; its certificate holds from `now`."""
    made = Papers(root, dict(stores))
    desk.found(made.directory, terms(**changes), now)
    return made


def stores(root, names, learners=24):
    """Make a store of each name, for reading only."""
    found = {}
    for seed, name in enumerate(names, start=1):
        (root / name).mkdir(parents=True)
        found[name] = builders.store(root / name, builders.answers(learners, seed, prefix=name))
    return found


def complete(root, stores, now=NOW, **changes):
    """Found a consortium whose charter all institutions have signed."""
    made = found(root, stores, now, **changes)
    for name in stores:
        made.apply(name)
    for name in stores:
        made.admit(made.sign(name))
    return made
