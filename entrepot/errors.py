"""Errors of the command. Their text is the one line that a person reads.

EntrepotError
├── InvalidRequest
├── MissingExtra
├── PortInUse
├── Unwritable
├── UnknownVariable
└── ProcessDied
"""

from __future__ import annotations

from pathlib import Path


class EntrepotError(Exception):
    """The command cannot go on; the text says what was wrong and what to do."""


class InvalidRequest(EntrepotError):
    """An option of a command asks for something that there is not."""

    def __init__(self, option: str, found: str, needed: str) -> None:
        super().__init__(f"{option}: {found}; {needed}")


class MissingExtra(EntrepotError):
    """Something was asked for that comes with an extra, which is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} need the extra {extra!r}, which is not installed: pip install 'entrepot[{extra}]'")


class PortInUse(EntrepotError):
    """Another program listens on a port that we need."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use: stop the program that uses it, or choose another with --port")


class Unwritable(EntrepotError):
    """A directory that we keep data in cannot be written."""

    def __init__(self, directory: Path, reason: str) -> None:
        super().__init__(
            f"cannot write in {directory} ({reason}): make it writable, or choose another with --directory"
        )


class UnknownVariable(EntrepotError):
    """The environment holds an ENTREPOT_ variable that nothing reads: most likely a slip of the pen."""

    def __init__(self, name: str, near: str | None) -> None:
        hint = f"did you mean {near}?" if near else "unset it; the known ones are listed by `entrepot variables`"
        super().__init__(f"unknown variable {name}: {hint}")


class ProcessDied(EntrepotError):
    """A process that we started ended before it was ready."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} ended before it was ready: see {log}")
