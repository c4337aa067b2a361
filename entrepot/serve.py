"""Serve one WSGI application by granian, in the foreground, until a signal."""

from __future__ import annotations

import socket

from entrepot import errors

BACKLOG = 8_192  # connections that a machine takes before it lets new ones wait, those of slow senders included


def serve(target: str, host: str, port: int, workers: int, *, whole: bool = False) -> None:
    """Serve the factory `target` ("module:function") on host:port.

    One request at a time in each worker: more of them cost time on a fast disk and can lose none
    (`docs/decisions`, the store's hot path).

    Args:
        target: Makes a WSGI application, or an RSGI application that waits for whole requests (`rsgi.Whole`).
        host: The address to listen on.
        port: The port to listen on.
        workers: Processes.
        whole: It is the latter.

    Raises:
        errors.PortInUse: if something listens there already.
    """
    from granian.constants import Interfaces, Loops
    from granian.server import Server

    require_free(host, port)
    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.RSGI if whole else Interfaces.WSGI,
        loop=Loops.asyncio,
        factory=True,
        workers=workers,
        blocking_threads=1,
        backlog=BACKLOG,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


def require_free(host: str, port: int) -> None:
    """Raise errors.PortInUse unless a listener can be opened on host:port now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise errors.PortInUse(port) from error
