"""The coordinator's side of the papers: found a consortium, invite, admit, change, shut out. Floor 3.

```
DIRECTORY/
  charter.json       the version that holds or is being signed, with the signatures that came in
  charters/          earlier versions
  invitations.json   name -> digest of its code, last day (0600)
  signing.key        the coordinator's key for signatures (0600); .pub beside it
  pki/               the consortium's own authority and the certificate that members check
  coordinator.toml   what a run reads; written from the charter
  ledger.jsonl, models/, runs/, superlink.db, flower/
```
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from federated import charter as charters
from federated import errors, forms, invitation, papers, pki, policy, settings, signing
from federated.charter import Charter
from federated.invitation import Application, Invitation, Signature, Withdrawal
from federated.policy import Policy

CHARTER = "charter.json"
KEY = "signing.key"
CODES = "invitations.json"
DAYS = 14
LOCAL = ("127.0.0.1", "localhost")  # by these the proxy and the operator reach the SuperLink
_CODE_BYTES = 18


@dataclass(frozen=True)
class Terms:
    """What a coordinator proposes.

    Attributes:
        consortium: the consortium's name.
        policy: what may leave an institution.
        catalog: id of the catalog that is trained.
        address: host:port of the proxy that members dial.
        legal_entity: who runs the coordinator.
        jurisdiction: where that is, ISO 3166-1 alpha-2.
    """

    consortium: str
    policy: Policy
    catalog: str
    address: str
    legal_entity: str
    jurisdiction: str


def found(directory: Path, terms: Terms, now: datetime) -> Charter:
    """Make the directory of a new consortium: authority, certificate, key for signatures, a charter without members.

    Args:
        directory: where; must not hold a consortium yet.
        terms: what is proposed.
        now: the time of issue, with a time zone.

    Raises:
        CharterError: there is a consortium already, or the terms do not fit.
        FederatedError: the policy cannot be followed, the catalog is not known, the directory cannot be written.
    """
    if (directory / CHARTER).exists():
        text = f"{directory} holds a consortium already; use `entrepot federation change`, or another directory"
        raise errors.CharterError(text)
    outside = host(terms.address)
    _make(directory)
    has = papers.installed(terms.catalog)
    draft = Charter(
        consortium=terms.consortium,
        version=1,
        policy=policy.check(terms.policy, "the policy"),
        catalog=terms.catalog,
        fingerprint=has.fingerprint,
        address=terms.address,
        software=has.software,
        bundle=has.bundle,
        coordinator="",
        legal_entity=terms.legal_entity,
        jurisdiction=terms.jurisdiction,
    )
    pki.ensure(directory / "pki", list(dict.fromkeys([outside, *LOCAL])), now)
    if not (directory / KEY).exists():
        pki.create_signing_key(directory / KEY)
    key = pki.signing_key(directory / KEY)
    draft = charters.check_terms(replace(draft, coordinator=signing.public(key)))
    return _keep(directory, replace(draft, seal=charters.sign(draft, key)))


def load(directory: Path) -> Charter:
    """Return the charter of the consortium in a directory; raises CharterError where there is none."""
    if not (directory / CHARTER).is_file():
        text = f"{directory} holds no consortium; make one by `entrepot federation init`"
        raise errors.CharterError(text)
    return charters.load(directory / CHARTER)


def change(directory: Path, **changes: Any) -> Charter:
    """Make the next version of the charter, which every member signs again; return it.

    Args:
        directory: the coordinator's.
        changes: fields of `Charter`; what is installed here (version, bundle, catalog) is taken up in any case.

    Raises:
        CharterError: the change does not fit, or changes nothing.
        FederatedError: a file cannot be read or written.
    """
    before = load(directory)
    has = papers.installed(changes.get("catalog", before.catalog))
    after = charters.amend(before, **{**asdict(has), **changes})
    if replace(after, version=before.version) == replace(before, seal="", signatures={}):
        text = f"nothing changes in version {before.version} of {before.consortium}; name what is to change"
        raise errors.CharterError(text)
    policy.check(after.policy, "the policy")
    host(after.address)
    return _issue(directory, before, after)


def invite(
    directory: Path, name: str, today: date, *, days: int = DAYS, new_code: Callable[[int], str] = secrets.token_urlsafe
) -> Invitation:
    """Return an invitation for one institution, and keep the digest of its code; an earlier one for it is void.

    Args:
        directory: the coordinator's.
        name: the id that the institution gets.
        today: the day, UTC.
        days: for how long it is good.
        new_code: makes a code from a number of random bytes.

    Raises:
        InvitationError: the name cannot be one.
        FederatedError: a file cannot be read or written.
    """
    if not charters.is_name(name):
        text = f"{forms.printable(name)}: a name is letters, digits and hyphens, 63 at most"
        raise errors.InvitationError(text)
    now = load(directory)
    code, until = new_code(_CODE_BYTES), (today + timedelta(days=days)).isoformat()
    made = Invitation(
        consortium=now.consortium,
        name=name,
        address=now.address,
        ca=papers.read(directory / "pki" / "ca.pem"),
        policy=now.policy,
        catalog=now.catalog,
        fingerprint=now.fingerprint,
        software=now.software,
        bundle=now.bundle,
        coordinator=now.coordinator,
        legal_entity=now.legal_entity,
        jurisdiction=now.jurisdiction,
        code=code,
        until=until,
    )
    _keep_codes(directory, {**_codes(directory), name: {"digest": invitation.code_digest(code), "until": until}})
    return invitation.signed(made, pki.signing_key(directory / KEY))


def admit(directory: Path, path: Path, today: date) -> Charter:
    """Take in what an institution sent (application, signature or withdrawal), and return the charter as it is then.

    Args:
        directory: the coordinator's.
        path: of the paper.
        today: the day, UTC.

    Raises:
        InvitationError: it does not hold: altered, not invited, its code used, too late, or of another version.
        CharterError: the institution does not fit the charter.
        FederatedError: a file cannot be read or written.
    """
    text = papers.read(path)
    kind = forms.kind(text)
    if kind == invitation.KINDS[Application]:
        return _apply(directory, invitation.parse(Application, text, str(path)), today, path)
    if kind == invitation.KINDS[Signature]:
        return _sign(directory, invitation.parse(Signature, text, str(path)), path)
    if kind == invitation.KINDS[Withdrawal]:
        return _withdraw(directory, invitation.parse(Withdrawal, text, str(path)), path)
    message = f"{path}: neither an application, nor a signature, nor a withdrawal"
    raise errors.InvitationError(message)


def remove(directory: Path, name: str) -> Charter:
    """Take a member out of the charter, and return the next version; raises CharterError when it is no member."""
    before = load(directory)
    seats = tuple(seat for seat in before.members if seat.name != name)
    if len(seats) == len(before.members):
        text = f"{forms.printable(name)} is no member of {before.consortium}"
        raise errors.CharterError(text)
    return change(directory, members=seats)


def minimum(now: Charter) -> int:
    """Return the fewest institutions that a round goes on with: under masks, as many as can open a sum."""
    least = charters.fewest(now.policy)
    count = max(len(now.members), least)  # before there are enough, no run begins anyway
    return policy.survivors(count, now.policy.colluding) if now.policy.masked else least


def host(address: str) -> str:
    """Return the host of host:port, or raise CharterError."""
    name, colon, port = address.rpartition(":")
    if not name or not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536 or "/" in name:
        text = f"address {forms.printable(address)}: use host:port, as members dial it, such as learn.example.org:443"
        raise errors.CharterError(text)
    return name.strip("[]")


def former_keys(directory: Path) -> frozenset[str]:
    """Return the node keys of earlier versions that this one does not name: a SuperLink never takes one of them again.

    Raises:
        CharterError: an earlier version is damaged.
    """
    earlier = [charters.load(path) for path in sorted((directory / "charters").glob("*.json"))]
    kept = {seat.node_key for seat in load(directory).members}
    return frozenset(seat.node_key for one in earlier for seat in one.members) - kept


def _apply(directory: Path, sent: Application, today: date, path: Path) -> Charter:
    now, seat = load(directory), sent.seat
    if sent.consortium != now.consortium or not charters.is_name(seat.name):
        text = f"{path}: it is for another consortium than {now.consortium}"
        raise errors.InvitationError(text)
    codes = _codes(directory)
    expected = codes.get(seat.name)
    if expected is None or not secrets.compare_digest(expected["digest"], invitation.code_digest(sent.code)):
        text = f"{path}: its code is not that of an open invitation for {seat.name}; invite it (again)"
        raise errors.InvitationError(text)
    if today > date.fromisoformat(expected["until"]):
        text = f"{path}: the invitation of {seat.name} was good until {expected['until']}; invite it again"
        raise errors.InvitationError(text)
    charters.check_seat(seat, now.policy, str(path))
    if not invitation.genuine(sent, seat.signing_key):
        text = f"{path}: its signature does not hold; it was altered on its way: ask {seat.name} to send it again"
        raise errors.InvitationError(text)
    if sent.software != now.software:
        text = f"{path}: {seat.name} runs Entrepôt {forms.printable(sent.software)}, the charter names {now.software}"
        raise errors.InvitationError(text)
    if seat.node_key in former_keys(directory):
        text = f"{path}: this node key was shut out before; {seat.name} moves it away, and joins again with a new one"
        raise errors.InvitationError(text)
    others = tuple(each for each in now.members if each.name != seat.name)
    after = _issue(directory, now, charters.amend(now, members=(*others, seat)))
    _keep_codes(directory, {name: value for name, value in codes.items() if name != seat.name})
    return after


def _sign(directory: Path, sent: Signature, path: Path) -> Charter:
    now = load(directory)
    if (sent.consortium, sent.version, sent.digest) != (now.consortium, now.version, charters.digest(now)):
        text = (
            f"{path}: it is of version {sent.version} ({forms.printable(sent.digest[:12])}); now holds version "
            f"{now.version} ({charters.digest(now)[:12]}): send that one to be signed"
        )
        raise errors.InvitationError(text)
    after = replace(now, signatures={**now.signatures, sent.member: sent.signature})
    seat = next((each for each in now.members if each.name == sent.member), None)
    if seat is None or not charters.signed_by(after, seat):
        text = f"{path}: it is not the signature of a member of {now.consortium}"
        raise errors.InvitationError(text)
    return _keep(directory, after)


def _withdraw(directory: Path, sent: Withdrawal, path: Path) -> Charter:
    now = load(directory)
    seat = next((each for each in now.members if each.name == sent.member), None)
    if sent.consortium != now.consortium or seat is None or not invitation.genuine(sent, seat.signing_key):
        text = f"{path}: it is not the withdrawal of a member of {now.consortium}"
        raise errors.InvitationError(text)
    return remove(directory, seat.name)


def _issue(directory: Path, before: Charter, after: Charter) -> Charter:
    """Seal the next version and keep it; the one before stays readable."""
    papers.keep(directory / "charters" / f"{before.version:04d}.json", charters.dump(before))
    return _keep(directory, replace(after, seal=charters.sign(after, pki.signing_key(directory / KEY))))


def _keep(directory: Path, now: Charter) -> Charter:
    """Write the charter, and what a run reads of it."""
    papers.keep(directory / CHARTER, charters.dump(now))
    names = tuple(seat.name for seat in now.members)
    if names:
        declared = {name: value for name, value in asdict(now.policy).items() if name != "name"}
        least = min(minimum(now), len(names))
        one = settings.Coordinator(now.catalog, names, minimum=least, policy=now.policy.name, **declared)
        settings.save(directory / "coordinator.toml", one)
    return now


def _codes(directory: Path) -> dict[str, dict[str, str]]:
    path = directory / CODES
    if not path.exists():
        return {}
    try:
        found: dict[str, dict[str, str]] = json.loads(papers.read(path))
        sound = all(one.keys() == {"digest", "until"} for one in found.values())
    except (ValueError, AttributeError) as error:
        text = f"{path}: cannot be read; remove it, and invite again who has not answered yet"
        raise errors.InvitationError(text) from error
    if not sound:
        text = f"{path}: cannot be read; remove it, and invite again who has not answered yet"
        raise errors.InvitationError(text)
    return found


def _keep_codes(directory: Path, codes: Mapping[str, Mapping[str, str]]) -> None:
    papers.keep(directory / CODES, json.dumps(codes, indent=2, sort_keys=True) + "\n", 0o600)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        text = f"{directory}: {error.strerror}; choose a directory that this user may write"
        raise errors.SettingsError(text) from error
