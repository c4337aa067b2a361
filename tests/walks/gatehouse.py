"""The proxy before a SuperLink: nginx by deploy/coordinator/nginx.conf, as it is run; or, without nginx, a stand-in.

Not for production: the stand-in checks no limit and takes one request a connection.
"""

import http.client
import http.server
import re
import shutil
import ssl
import subprocess
import threading
from contextlib import contextmanager

from tests.house.conftest import ROOT

NGINX = shutil.which("nginx")
CONFIGURATION = ROOT / "deploy" / "coordinator" / "nginx.conf"


@contextmanager
def gate(tls, work, address, inside, nginx=NGINX):
    """Open the one port of a consortium.

    Args:
        tls: directory of ca.pem, server.pem and server.key.
        work: directory for the proxy's own files.
        address: host and port where it listens.
        inside: port of the SuperLink on loopback.
        nginx: the program; None takes the stand-in.
    """
    host, port = address
    if nginx is None:
        with _stand_in(tls, host, port, inside):
            yield
        return
    work.mkdir()
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in (
        ("/tmp/", f"{work}/"),
        ("/etc/nginx/tls", str(tls)),
        ("https://coordinator:8000", f"https://127.0.0.1:{inside}"),
        ("listen 8443 ssl", f"listen {host}:{port} ssl"),
        ("/dev/stdout", f"{work}/access.log"),
        ("/dev/stderr", f"{work}/error.log"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (work / "nginx.conf").write_text(text, encoding="utf-8")
    process = subprocess.Popen([nginx, "-e", f"{work}/error.log", "-c", f"{work}/nginx.conf", "-g", "daemon off;"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _stand_in(tls, host, port, inside):
    trust = ssl.create_default_context(cafile=tls / "ca.pem")

    class Passage(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not re.fullmatch(r"/v1/fleet/[a-z-]+", self.path):
                self.send_error(404)
                return
            behind = http.client.HTTPSConnection("localhost", inside, context=trust, timeout=60)
            behind.request(
                "POST", self.path, body, {k: v for k, v in self.headers.items() if k.lower() != "connection"}
            )
            answer = behind.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            behind.close()

        def log_message(self, *_words):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer((host, port), Passage)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem", tls / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
