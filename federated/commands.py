"""The command lines and environments of Flower's programs. Pure but for looking at paths; floor 3."""

import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from federated.pki import Authority
from federated.settings import Member

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "SYSTEMROOT")


@dataclass(frozen=True)
class Address:
    """Where a program listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def superlink(authority: Authority, address: Address, database: Path | None) -> list[str]:
    """Return the command of a SuperLink, with its executor, that speaks TLS only and admits registered SuperNodes only.

    Without a `database` it forgets all at its end, registered keys too, and spends less time per message.
    """
    return [
        *(sys.executable, "-m", "federated.superlink", str(address), str(authority.ca)),
        *("--host", address.host, "--port", str(address.port)),
        *("--ssl-ca-certfile", str(authority.ca)),
        *("--ssl-certfile", str(authority.certificate), "--ssl-keyfile", str(authority.key)),
        "--enable-supernode-auth",
        "--disable-runtime-dependency-installation",
        *(("--database", str(database)) if database else ()),
    ]


def member(superlink: str, port: int, settings: Path, poll: float) -> list[str]:
    """Return the command of an institution: `executor`, which starts the SuperNode.

    Args:
        superlink: host:port of the coordinator.
        port: of the SuperNode's own API on loopback.
        settings: path of its member.toml.
        poll: seconds between two looks for a question.
    """
    return [sys.executable, "-m", "federated.executor", superlink, str(port), str(settings), str(poll)]


def supernode(superlink: str, one: Member, port: int, settings: Path, *, secret: Path) -> list[str]:
    """Return the arguments of Flower's SuperNode; `settings`, its member.toml, says where its data is; as `member`."""
    return [
        *("--superlink", superlink),
        *("--root-certificates", str(one.ca)),
        *("--auth-supernode-private-key", str(one.key)),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--isolation", "process", "--superexec-auth-secret-file", str(secret)),
        *("--node-config", f'settings="{settings}"'),
    ]


def environment(environ: Mapping[str, str], home: Path, own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a Flower program: little of ours, nothing that phones home.

    Args:
        environ: where a few general variables are taken from; no secret, no ENTREPOT_* passes. A proxy does (a member
            may need one to reach its coordinator), but never for loopback.
        home: its FLWR_HOME.
        own: what it is told besides.
    """
    scripts = sysconfig.get_path("scripts")
    kept = {name: environ[name] for name in (*_PASSED_ON, *_PROXIES) if name in environ}
    return {
        **kept,
        **without_proxy(environ),
        "PATH": f"{scripts}:{environ.get('PATH', '')}",  # Flower calls its own programs by name
        "FLWR_HOME": str(home),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "OPENBLAS_NUM_THREADS": "1",  # small matrices: more threads only make institutions on one machine wait
        "OMP_NUM_THREADS": "1",
        **(own or {}),
    }


def without_proxy(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep requests to loopback away from any proxy; other exceptions stay as they are."""
    named = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    value = ",".join([*filter(None, [named]), "127.0.0.1", "localhost"])
    return {"NO_PROXY": value, "no_proxy": value}
