"""Servers that say byte for byte what a test wants, and a listener that counts who knocks."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Say = Callable[[socket.socket, bytes], None]


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Door:
    """A running server: its port, and what it was asked, in order."""

    port: int
    asked: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def door(
    says: bytes | Say | Sequence[bytes | Say], context: ssl.SSLContext | None = None, address: str = "127.0.0.1"
) -> Iterator[Door]:
    """Serve these answers, one a connection, the last for ever."""
    script = [says] if isinstance(says, bytes) or callable(says) else list(says)
    with socket.create_server((address, 0), backlog=128) as server:
        running = Door(server.getsockname()[1])
        if context is not None:
            context.sni_callback = lambda _socket, name, _context: running.names.append(name)
        threading.Thread(target=_serve, args=(server, running, script, context), daemon=True).start()
        yield running
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, running: Door, script: list[bytes | Say], context: ssl.SSLContext | None) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        says = script.pop(0) if len(script) > 1 else script[0]
        threading.Thread(target=_one, args=(line, running, says, context), daemon=True).start()


def _one(line: socket.socket, running: Door, says: bytes | Say, context: ssl.SSLContext | None) -> None:
    with suppress(OSError), closing(line):
        if context is not None:
            line = context.wrap_socket(line, server_side=True)
        with closing(line):
            asked = _asked(line)
            running.asked.append(asked)
            if isinstance(says, bytes):
                line.sendall(says)
            else:
                says(line, asked)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(1)
            while line.recv(65536):
                pass


def _asked(line: socket.socket) -> bytes:
    """The head and the body of one request."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += line.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    lengths = [int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length")]
    while lengths and len(body) < lengths[0]:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def drip(data: bytes, pause: float) -> Say:
    """One byte at a time."""

    def say(line: socket.socket, _asked: bytes) -> None:
        for byte in data:
            line.sendall(bytes([byte]))
            time.sleep(pause)

    return say


@dataclass
class Canary:
    """A listener that must hear nothing: its port, and how many connections were made."""

    port: int
    knocks: list[tuple[object, ...]] = field(default_factory=list)


@contextmanager
def canary() -> Iterator[Canary]:
    """Listen on every address of this machine, IPv4 and IPv6."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        listening = Canary(server.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    line, peer = server.accept()
                except OSError:
                    return
                listening.knocks.append(peer)
                line.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield listening
        # One knock of our own comes last: whatever came before it has been counted when it is there.
        before = list(listening.knocks)
        with socket.create_connection(("127.0.0.1", listening.port)):
            end = time.monotonic() + 5
            while len(listening.knocks) == len(before) and time.monotonic() < end:
                time.sleep(0.005)
        listening.knocks.pop()
        server.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test, with one server's certificate: who trusts it, and the server's own side."""

    client: ssl.SSLContext
    server: ssl.SSLContext


def authority(directory: Path, *names: str) -> Authority:
    """Make one."""
    now = dt.datetime.now(dt.UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place = directory / "server.pem"
    place.write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(place)
    return Authority(ssl.create_default_context(cadata=pem.decode()), server)
