"""A small server that speaks OpenAI's chat completions as an institution's language model would, or misbehaves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HONEST = {
    "en": "The charge is counted for every kind of goods and not for the parcel. Count the kinds first, then go on.",
    "zh": "费用不是按整个包裹算的，而是按每一类货物算的。先数清有几类，再往下算。",
}
PLENTY = 100 * 1024 * 1024


@dataclass
class Speaker:
    """What it says next, and what it was asked.

    Attributes:
        says: The text of its answers; None: an honest one in the language that was asked for.
        how: "chat", "hangs", "drips", "fails", "garbage", "floods", "wrong", "cut" or "moves".
        bodies: Of the requests.
        headers: Of the requests.
    """

    says: str | None = None
    how: str = "chat"
    bodies: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def body(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A chat completion."""
        language = "zh" if "Simplified Chinese" in asked["messages"][0]["content"] else "en"
        text = HONEST[language] if self.says is None else self.says
        reason = "length" if self.how == "cut" else "stop"
        return {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}]}


class _Handler(BaseHTTPRequestHandler):
    """Answers as its speaker says."""

    told: Speaker

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.told.bodies.append(sent)
        self.told.headers.append(dict(self.headers))
        if self.told.how == "hangs":
            self.told.stopping.wait(30)
            return
        self.send_response({"fails": 500, "moves": 302}.get(self.told.how, 200))
        self.send_header("Content-Type", "application/json")
        if self.told.how == "moves":
            self.send_header("Location", f"{self.told.url}/elsewhere")
        self.end_headers()
        with suppress(OSError):  # whoever asked has gone
            self._write(json.loads(sent))

    def _write(self, asked: dict[str, Any]) -> None:
        if self.told.how == "floods":
            for _ in range(PLENTY // 65536):
                self.wfile.write(b" " * 65536)
        elif self.told.how == "drips":
            while not self.told.stopping.wait(0.05):
                self.wfile.write(b" ")
        elif self.told.how == "garbage":
            self.wfile.write(b"\xff\xfe{not json")
        elif self.told.how == "wrong":
            self.wfile.write(b'{"choices": [{"text": "old API"}]}')
        else:
            self.wfile.write(json.dumps(self.told.body(asked)).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def speaking(**changes: Any) -> Iterator[Speaker]:
    """A running server; what it does can be changed while it runs."""
    speaker = Speaker(**changes)

    class Handler(_Handler):
        told = speaker

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    speaker.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield speaker
    finally:
        speaker.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
