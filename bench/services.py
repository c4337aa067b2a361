"""What a call to a platform's service costs the tool: to sign, to look where it goes, to ask, to find the next page.

Controls, in the same run: signing with the key as PEM text, as the libraries of the field do; the same request by
`requests`; a header with a single link.
"""

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import requests
from flask import Flask, Response
from werkzeug.serving import make_server

from bench import report
from lti_tool import keys, platforms
from lti_tool.services import guard, links, tokens, wire

RUNS = 9
HERE = guard.networks("127.0.0.0/8")


def cpu(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of this process for one, a figure a run."""
    runs = []
    for _ in range(RUNS):
        began = time.process_time()
        for _ in range(times):
            work()
        runs.append(1e3 * (time.process_time() - began) / times)
    return runs


def wall(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds by the clock for one, a figure a run."""
    runs = []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(times):
            work()
        runs.append(1e3 * (time.perf_counter() - began) / times)
    return runs


def signing(directory: Path) -> list[dict]:
    key = keys.create(directory / "tool-key.pem")
    text = (directory / "tool-key.pem").read_text()
    running = keys.watch(directory / "tool-key.pem")
    iss = "https://lms.example"
    platform = platforms.Platform(iss, "client", f"{iss}/auth", f"{iss}/token", f"{iss}/jwks", ("1",))
    signed = jwt.decode(tokens.assertion(platform, key, 0, "id"), options={"verify_signature": False})
    return [
        report.row(
            "sign an assertion (control: with the key as text)",
            cpu(lambda: tokens.assertion(platform, running.signing, time.time(), "id"), 200),
            "ms CPU",
            target="<= 2",
            controls=cpu(lambda: jwt.encode(signed, text, "RS256", headers={"kid": key.kid}), 2),
        ),
    ]


def asking() -> list[dict]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = Flask("lms")
    app.add_url_rule("/", "members", lambda: Response("x" * 200_000))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    exchange = wire.exchanger(HERE)
    try:
        return [
            report.row(
                "look where a URL leads", cpu(lambda: guard.examine("https://93.184.215.14/x?y"), 2000), "ms CPU"
            ),
            report.row(
                "ask for 200 kB on this machine (control: requests.get)",
                wall(lambda: exchange("GET", url, limits=wire.PAGE), 50),
                "ms",
                controls=wall(lambda: requests.get(url, timeout=5).content, 50),
            ),
        ]
    finally:
        server.shutdown()
        server.server_close()


def paging() -> list[dict]:
    one = '<https://lms.example/p?page=2>; rel="next"'
    many = ", ".join(['<https://lms.example/p?page=1>; rel="first"; title="a, b"'] * 1700)
    return [
        report.row(
            "find no next page in 100 kB of links (control: one link)",
            cpu(lambda: links.following(many, "https://lms.example/"), 3),
            "ms CPU",
            controls=cpu(lambda: links.following(one, "https://lms.example/"), 1000),
        )
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        report.write("services", [*signing(Path(name)), *asking(), *paging()])


if __name__ == "__main__":
    main()
