"""What can go wrong in the collector. Floor 1.

    CollectorError
    ├── RequestError              400: the request is wrong as a whole (header, parameter, body)
    │   ├── InvalidStatementError 400: a statement breaks a rule of xAPI
    │   ├── UnauthorizedError     401: no or wrong credentials
    │   ├── NotFoundError         404: no statement with this id
    │   ├── ConflictError         409: the id is taken by another statement
    │   └── TooLargeError         413: too many bytes or statements
    ├── KeyringError              the keyring cannot be made, read or trusted
    └── EnvelopeError             a sealed statement does not open

`status`, `title` and the fields of `problem` are what the one error handler of the app writes as problem+json.
"""

from typing import Any


class CollectorError(Exception):
    """Something about the collector went wrong; the text says what to do."""


class RequestError(CollectorError):
    """The request is wrong; nothing of it was stored.

    Attributes:
        status: The HTTP status.
        title: The kind of error in a few words.
        detail: What was wrong.
        path: Where: a JSON path into the body, a header's or a parameter's name.
        rule: The requirement of the specification that was broken.
        expected: What would be right.
    """

    status = 400
    title = "Bad request"

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
    """A statement breaks a rule of xAPI."""

    title = "Invalid statement"


class UnauthorizedError(RequestError):
    """No or wrong credentials."""

    status = 401
    title = "Unauthorized"


class NotFoundError(RequestError):
    """No statement with this id."""

    status = 404
    title = "Not found"


class ConflictError(RequestError):
    """The id is taken by another statement."""

    status = 409
    title = "Conflict"


class TooLargeError(RequestError):
    """Too many bytes or statements."""

    status = 413
    title = "Too large"


class KeyringError(CollectorError):
    """The keyring cannot be made, read or trusted."""


class EnvelopeError(CollectorError):
    """A sealed statement does not open: its key is gone, or its bytes were changed."""
