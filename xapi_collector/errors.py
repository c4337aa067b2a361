"""What can go wrong in the collector. Floor 1.

    CollectorError
    ├── RequestError              400: the request is wrong as a whole (header, parameter, body)
    │   ├── InvalidStatementError 400: a statement breaks a rule of xAPI
    │   │   └── InvalidBatchError 400: statements of a batch break rules, each of them is named
    │   ├── UnauthorizedError     401: no or wrong credentials
    │   ├── ForbiddenError        403: the credential may not do this
    │   ├── NotFoundError         404: what is asked for is not here
    │   ├── ConflictError         409: the id is taken by another statement, or a document needs a precondition
    │   ├── PreconditionFailedError 412: the document is not the one that the request means
    │   ├── TooLargeError         413: too many bytes or statements
    │   ├── UnsupportedError      415: the body is of a media type that is not taken
    │   ├── UnprocessableError    422: an envelope of a version that is not spoken
    │   ├── TooManyError          429: too many requests of one credential
    │   └── IssuerUnavailableError 503: the keys that a token is signed with cannot be had now
    ├── KeySetError               a key of a key set cannot be had: nobody answers, or it is not there
    ├── CredentialError           a credential cannot be made or changed as it was asked
    ├── TransferError             an import or export cannot begin or go on
    ├── ForwardError              a forwarder cannot be made or changed as it was asked
    ├── PurposeError              a purpose, or a choice about one, is not known
    ├── JobError                  an operator's job cannot begin or go on
    ├── KeyringError              the keyring cannot be made, read or trusted
    └── EnvelopeError             a sealed statement does not open

`status`, `title` and the fields of `problem` are what the one error handler of the app writes as problem+json.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any


class CollectorError(Exception):
    """Something about the collector went wrong; the text says what to do."""


class RequestError(CollectorError):
    """The request is wrong; nothing of it was stored.

    Attributes:
        status: The HTTP status.
        title: The kind of error in a few words.
        headers: What the answer has besides, by header name.
        detail: What was wrong.
        path: Where: a JSON path into the body, a header's or a parameter's name.
        rule: The requirement of the specification that was broken.
        expected: What would be right.
    """

    status = 400
    title = "Bad request"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str, *, path: str = "", rule: str = "", expected: str = "") -> None:
        super().__init__(detail)
        self.detail, self.path, self.rule, self.expected = detail, path, rule, expected

    def problem(self) -> dict[str, Any]:
        """The members of the problem document (RFC 9457)."""
        problem: dict[str, Any] = {"title": self.title, "status": self.status, "detail": self.detail}
        problem.update(
            (name, value)
            for name, value in (("path", self.path), ("rule", self.rule), ("expected", self.expected))
            if value
        )
        return problem


class InvalidStatementError(RequestError):
    """A statement breaks a rule of xAPI.

    Attributes:
        index: Its place in the batch, from 0; None where no single statement is meant.
    """

    title = "Invalid statement"
    index: int | None = None


class InvalidBatchError(InvalidStatementError):
    """Statements of a batch break rules: every one of them is named, so that a sender can leave just those out.

    Attributes:
        errors: One error a bad statement, in the order of the batch.
    """

    def __init__(self, errors: Sequence[InvalidStatementError]) -> None:
        first = errors[0]
        super().__init__(first.detail, path=first.path, rule=first.rule, expected=first.expected)
        self.errors = tuple(errors)

    def problem(self) -> dict[str, Any]:
        """As of a single statement, with `errors`: index, detail, path, rule and expected of each."""
        each = [{"index": error.index, **error.problem()} for error in self.errors]
        listed = [{name: value for name, value in one.items() if name not in ("title", "status")} for one in each]
        return super().problem() | {"errors": listed}


class UnauthorizedError(RequestError):
    """No or wrong credentials."""

    status = 401
    title = "Unauthorized"
    headers: Mapping[str, str] = MappingProxyType({"WWW-Authenticate": 'Basic realm="xAPI", charset="UTF-8"'})


class ForbiddenError(RequestError):
    """The credential is known, and may not do this."""

    status = 403
    title = "Forbidden"


class NotFoundError(RequestError):
    """What is asked for is not here."""

    status = 404
    title = "Not found"


class ConflictError(RequestError):
    """The id is taken by another statement, or a document is not changed without a precondition."""

    status = 409
    title = "Conflict"


class PreconditionFailedError(RequestError):
    """The document is not the one that the request means."""

    status = 412
    title = "Precondition failed"


class TooLargeError(RequestError):
    """Too many bytes or statements."""

    status = 413
    title = "Too large"


class UnsupportedError(RequestError):
    """The body is of a media type that is not taken."""

    status = 415
    title = "Unsupported media type"


class UnprocessableError(RequestError):
    """An envelope of a version of Caliper that is not spoken."""

    status = 422
    title = "Unprocessable"


class TooManyError(RequestError):
    """One credential sends more requests than it may.

    Attributes:
        retry_after: Seconds after which it is worth trying again.
    """

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int, expected: str = "") -> None:
        super().__init__(detail, path="Authorization", rule="Communication 3.2", expected=expected)
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


class IssuerUnavailableError(RequestError):
    """The keys that a token is signed with cannot be had now; nothing is wrong with the token."""

    status = 503
    title = "Issuer unavailable"
    headers: Mapping[str, str] = MappingProxyType({"Retry-After": "30"})


class KeySetError(CollectorError):
    """A key of a key set cannot be had.

    Attributes:
        reached: The key set could be read, and has no such key.
    """

    def __init__(self, text: str, *, reached: bool = False) -> None:
        super().__init__(text)
        self.reached = reached


class CredentialError(CollectorError):
    """A credential cannot be made or changed as it was asked; the text says why."""


class TransferError(CollectorError):
    """An import or export cannot begin or go on; the text says why."""


class ForwardError(CollectorError):
    """A forwarder cannot be made or changed as it was asked; the text says why."""


class PurposeError(CollectorError):
    """A purpose, or a choice about one, is not known; the text names those that are."""


class JobError(CollectorError):
    """An operator's job cannot begin or go on; the text says what to do first."""


class KeyringError(CollectorError):
    """The keyring cannot be made, read or trusted."""


class EnvelopeError(CollectorError):
    """A sealed statement does not open: its key is gone, or its bytes were changed."""
