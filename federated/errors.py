"""What can go wrong in a federation, and the codes by which an institution says so to the coordinator. Floor 3.

FederatedError
├── SettingsError       a settings file or an environment variable is missing or wrong
├── PolicyError         the members have not declared one and the same policy
├── PkiError            a key or a certificate cannot be made or read
├── CharterError        the charter is not whole, not signed by all, or not the one that was signed here
├── InvitationError     an invitation, an application or a signature does not hold
├── GuardError          a message is not what was declared
├── CatalogError        the coordinator trains another catalog, or another version of it
├── BundleError         the coordinator sent other code than the institution installed
├── LedgerError         the ledger was altered, or cannot be written
├── BudgetError         the privacy budget does not allow an answer, or its file cannot be trusted
├── EmptyError          the institution has no learner to train on
├── BehindError         the institution lacks what an earlier round of the run told it
├── RecordsError        the institution's storage cannot be read
├── MaskError           a masked message is not what its sender signed, or its masks may not be used
├── SurvivorsError      fewer members are left than may unmask a sum, or not those that the coordinator says
├── RoundError          too few institutions are left to go on
└── RuntimeFailure      a process of the federation did not start, or ended before its time

A code is all that leaves an institution when its handler fails: the text of an exception may hold a record
(Flower sends it to the coordinator by default), so the text stays in the institution's own log.
"""

from typing import ClassVar

UNAVAILABLE = 1  # the institution's SuperNode went away
TIMEOUT = 2  # no answer within the time of a round
INTERNAL = 101  # anything that has no code of its own; the institution's own log says what
SETTINGS = 102
POLICY = 103
CATALOG = 104
MESSAGE = 105
EMPTY = 106
STORAGE = 107
REFUSED = 108  # the coordinator's guard refused the answer
BEHIND = 109
MASKS = 110
SURVIVORS = 111
BUDGET = 112  # the institution's privacy budget does not allow the answer

REASONS = {
    UNAVAILABLE: "unavailable",
    TIMEOUT: "timeout",
    INTERNAL: "internal",
    SETTINGS: "settings",
    POLICY: "policy",
    CATALOG: "catalog",
    MESSAGE: "message",
    EMPTY: "empty",
    STORAGE: "storage",
    REFUSED: "refused",
    BEHIND: "behind",
    MASKS: "masks",
    SURVIVORS: "survivors",
    BUDGET: "budget",
}


def reason(code: int) -> str:
    """Return the name of a code; a code that is not ours (one of Flower's) counts as `internal`."""
    return REASONS.get(code, REASONS[INTERNAL])


class FederatedError(Exception):
    """Anything that this room refuses; `code` is what an institution may say about it."""

    code: ClassVar[int] = INTERNAL


class SettingsError(FederatedError):
    """A settings file or an environment variable is missing or wrong."""

    code = SETTINGS


class PolicyError(FederatedError):
    """The members have not declared one and the same policy."""

    code = POLICY


class PkiError(FederatedError):
    """A key or a certificate cannot be made or read."""

    code = SETTINGS


class CharterError(FederatedError):
    """The charter is not whole, not signed by every member, or not the one that was signed here."""

    code = POLICY


class InvitationError(FederatedError):
    """An invitation, an application or a signature does not hold."""

    code = SETTINGS


class GuardError(FederatedError):
    """A message is not what was declared: name, shape, dtype, a value that is not finite, catalog or round."""

    code = MESSAGE


class CatalogError(FederatedError):
    """The coordinator trains another catalog, or another version of it, than the institution has."""

    code = CATALOG


class BundleError(FederatedError):
    """The coordinator sent other code than the institution installed; nothing of it is run."""


class LedgerError(FederatedError):
    """The ledger was altered, or cannot be written."""


class BudgetError(FederatedError):
    """The institution's privacy budget does not allow an answer, or its file cannot be trusted."""

    code = BUDGET


class EmptyError(FederatedError):
    """The institution has no learner to train on."""

    code = EMPTY


class BehindError(FederatedError):
    """The institution lacks what an earlier round of the run told it: it joined late, or its draft was removed."""

    code = BEHIND


class RecordsError(FederatedError):
    """The institution's storage cannot be read."""

    code = STORAGE


class MaskError(FederatedError):
    """A masked message is not what its sender signed, or its masks may not be used (again)."""

    code = MASKS


class SurvivorsError(FederatedError):
    """Fewer members are left than may unmask a sum, or not those that the coordinator says."""

    code = SURVIVORS


class RoundError(FederatedError):
    """Too few institutions are left to go on."""


class RuntimeFailure(FederatedError):
    """A process of the federation did not start, or ended before its time."""
