"""What the operator of an institution, or of the coordinator, has decided: two TOML files. Floor 3.

A member's file says where its data is; nothing that the coordinator sends can say so.
Secrets are named by path and never read here.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from federated import errors
from federated.policy import COHORT, EXACT, Policy, check

_SYSTEM_PORTS = 65535
_LONGEST_POLL = 60.0


@dataclass(frozen=True)
class Member:
    """One institution, as its own operator describes it (member.toml).

    Paths are taken relative to the file's directory. The keyring is not among them: reading labels needs no key.

    Attributes:
        institution: its id, also the name under which its SuperNode is registered.
        storage: URL of the storage that holds its records.
        models: directory where published models are put, read by its tool.
        legal_entity: the controller that it belongs to; must be filled in before it can take part, see `policy`.
        jurisdiction: where that is, such as "GB"; the same holds.
        catalog: id of the catalog that it trains.
        policy, least_learners, epsilon, delta, cohort, colluding, runs: the declared policy, see `policy.Policy`.
        superlink: host:port of the coordinator; empty where the launcher gives it.
        ca: path of the consortium's CA certificate.
        key: path of the SuperNode's private key (OpenSSH, P-384); its public half lies at the same path + ".pub".
        signing_key: path of the key that it signs the charter, its masks and its ledger with (Ed25519, PEM).
        charter: path of the charter that it signed.
        state: directory for the SuperNode's own files (FLWR_HOME).
        port: port of the SuperNode's own API on loopback; 0 takes a free one.
        poll: seconds between two looks for a question of the coordinator, above 0.
        legal_basis: on which ground its learners' records are trained on and the answers transferred, as its officer
            declared it; filed in the transfer register, and may be empty.
        retention: how long the coordinator and the register keep what left, in words; likewise.
    """

    institution: str
    storage: str
    models: Path
    legal_entity: str = ""
    jurisdiction: str = ""
    catalog: str = "oulad"
    policy: str = EXACT
    least_learners: int = 1
    epsilon: float = 0.0
    delta: float = 0.0
    cohort: int = COHORT
    colluding: int = 0
    runs: int = 1
    superlink: str = ""
    ca: Path = Path("consortium-ca.pem")
    key: Path = Path("supernode.key")
    signing_key: Path = Path("signing.key")
    charter: Path = Path("charter.json")
    state: Path = Path("supernode")
    port: int = 0
    poll: float = 3.0
    legal_basis: str = ""
    retention: str = ""

    @property
    def declared(self) -> Policy:
        """The policy that this institution declared."""
        return _declared(self)


@dataclass(frozen=True)
class Coordinator:
    """The consortium, as its coordinator's operator describes it (coordinator.toml).

    Attributes:
        catalog: id of the catalog that is trained.
        members: ids of the institutions that may take part, at least two.
        legal_entity, jurisdiction: under `exact` the ones of all members.
        policy, least_learners, epsilon, delta, cohort, colluding, runs: the declared policy, see `policy.Policy`.
        minimum: fewest institutions that a round goes on with.
    """

    catalog: str
    members: tuple[str, ...]
    legal_entity: str = ""
    jurisdiction: str = ""
    policy: str = EXACT
    least_learners: int = 1
    epsilon: float = 0.0
    delta: float = 0.0
    cohort: int = COHORT
    colluding: int = 0
    runs: int = 1
    minimum: int = 2

    @property
    def declared(self) -> Policy:
        """The policy that the coordinator announces."""
        return _declared(self)


def _declared(one: "Member | Coordinator") -> Policy:
    """What a settings file declares; whose entity somebody is does not matter where every institution adds noise."""
    exact = one.policy == EXACT
    return Policy(
        name=one.policy,
        legal_entity=one.legal_entity if exact else "",
        jurisdiction=one.jurisdiction if exact else "",
        least_learners=one.least_learners,
        epsilon=one.epsilon,
        delta=one.delta,
        cohort=one.cohort,
        colluding=one.colluding,
        runs=one.runs,
    )


@dataclass(frozen=True)
class Environment:
    """What the coordinator's ServerApp, a process that Flower starts, is told by its environment."""

    directory: Path = field(
        metadata={
            "env": "ENTREPOT_COORDINATOR",
            "doc": "directory of the coordinator (coordinator.toml, ledger, model); set by `entrepot coordinator`",
        }
    )


def environment(environ: Mapping[str, str]) -> Environment:
    """Return the settings in `environ`, or raise SettingsError naming the missing variable."""
    value = environ.get("ENTREPOT_COORDINATOR", "")
    if not value:
        text = "ENTREPOT_COORDINATOR is not set; start the coordinator by `entrepot coordinator --directory DIR`"
        raise errors.SettingsError(text)
    return Environment(Path(value))


def load_member(path: Path) -> Member:
    """Return the institution that the TOML file at `path` describes.

    Raises:
        SettingsError: unreadable, not TOML, a key is missing, unknown or of the wrong type.
        PolicyError: the declared policy cannot be followed.
    """
    member = Member(**_read(path, Member))
    beside = path.parent
    member = replace(
        member,
        models=beside / member.models,
        ca=beside / member.ca,
        key=beside / member.key,
        signing_key=beside / member.signing_key,
        charter=beside / member.charter,
        state=beside / member.state,
    )
    if not 0 <= member.port <= _SYSTEM_PORTS:
        text = f"{path}: port {member.port} is not a port; use 0 to 65535"
        raise errors.SettingsError(text)
    if not 0 < member.poll <= _LONGEST_POLL:
        text = f"{path}: poll is {member.poll:g} s; use above 0, at most {_LONGEST_POLL:g}"
        raise errors.SettingsError(text)
    check(member.declared, str(path))
    return member


def load_coordinator(path: Path) -> Coordinator:
    """Return the consortium that the TOML file at `path` describes; raises as `load_member` does."""
    values = _read(path, Coordinator)
    members = values["members"]
    if any(not isinstance(member, str) or not member for member in members) or len(set(members)) != len(members):
        text = f"{path}: members must be different institution ids, got {members!r}"
        raise errors.SettingsError(text)
    coordinator = Coordinator(**{**values, "members": tuple(members)})
    if not 1 <= coordinator.minimum <= len(coordinator.members):
        text = f"{path}: minimum is {coordinator.minimum}; use 1 to {len(coordinator.members)}, the number of members"
        raise errors.SettingsError(text)
    check(coordinator.declared, str(path))
    return coordinator


def save(path: Path, settings: Member | Coordinator) -> None:
    """Write `settings` as TOML to `path`; raises SettingsError when it cannot be written."""
    lines = [f"{entry.name} = {_toml(getattr(settings, entry.name))}\n" for entry in fields(settings)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        text = f"{path}: {error.strerror}; choose a path that this user may write"
        raise errors.SettingsError(text) from error


def _toml(value: str | float | Path | tuple[str, ...]) -> str:
    # A JSON string, number or list of strings is also TOML (toml.io 1.0, basic strings).
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _read(path: Path, cls: type[Member | Coordinator]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        text = f"{path}: {error.strerror}; expected a settings file"
        raise errors.SettingsError(text) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        text = f"{path}: not TOML: {error}"
        raise errors.SettingsError(text) from error
    known = {entry.name: entry for entry in fields(cls)}
    unknown = sorted(document.keys() - known.keys())
    missing = sorted(n for n, entry in known.items() if entry.default is MISSING and n not in document)
    if unknown or missing:
        text = f"{path}: unknown {unknown}, missing {missing}; known are {', '.join(known)}"
        raise errors.SettingsError(text)
    return {name: _convert(path, name, known[name].type, value) for name, value in document.items()}


def _convert(path: Path, name: str, kind: Any, value: Any) -> Any:
    expected: type = {str: str, Path: str, int: int, float: float}.get(kind, list)
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)  # "epsilon = 1" is a number too
    if not isinstance(value, expected) or isinstance(value, bool):
        text = f"{path}: {name} must be of type {expected.__name__}, got {value!r}"
        raise errors.SettingsError(text)
    return Path(str(value)) if kind is Path else value
