"""A platform that keeps values for its tools (LTI postMessage Storage 0.1), as small as it can be: a page, a frame."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from entrepot.sandbox import tokens
from entrepot.sandbox.tokens import Signer
from tests.lti_tool import builders

SIBLING = "post_message_forwarding"
# What a platform's page does with the two messages; `told` is for the test to read.
KEEP = """
const kept = new Map(); window.told = [];
addEventListener("message", (event) => {
  const {subject, message_id, key, value} = event.data;
  window.told.push([subject, event.origin]);
  if (event.origin !== TOOL || !["lti.put_data", "lti.get_data"].includes(subject)) return;
  if (subject === "lti.put_data") { value === null ? kept.delete(key) : kept.set(key, value); }
  const said = {subject: subject + ".response", message_id, key};
  if (kept.has(key)) said.value = kept.get(key);
  event.source.postMessage(said, event.origin);
});
"""


def create_app(iss: str, sso: str, tool: str, signer: Signer) -> Flask:
    """Build it.

    Args:
        iss: Its own address: the course page, which is the issuer.
        sso: Where it authorises: another origin of it.
        tool: The tool's address.
        signer: Its key.
    """
    app = Flask("storing")

    def page(body: str) -> Response:
        return Response(
            f"<!doctype html><title>platform</title><link rel=icon href=data:,>{body}", mimetype="text/html"
        )

    @app.get("/course")
    def course() -> Response:
        """`offers`: the lti_storage_target of the login; `keeps`: who answers: "sibling", "parent" or nobody."""
        offers, keeps = request.args.get("offers", ""), request.args.get("keeps", "")
        fields = {
            "iss": iss,
            "client_id": "client-a",
            "login_hint": request.args.get("person", "11391"),
            "lti_message_hint": "hint",
            "target_link_uri": f"{tool}/lti/launch",
            **({"lti_storage_target": offers} if offers else {}),
        }
        inputs = "".join(f"<input type=hidden name={name} value='{value}'>" for name, value in fields.items())
        sibling = f"<iframe name={SIBLING} src='{sso}/keeper'></iframe>" if keeps == "sibling" else ""
        script = f"<script>const TOOL = '{tool}'; {KEEP}</script>" if keeps == "parent" else ""
        form = f"<form method=post target=tool action='{tool}/lti/login'>{inputs}<button>Open</button></form>"
        return page(f"{script}{sibling}{form}<iframe name=tool width=900 height=700></iframe>")

    @app.get("/keeper")
    def keeper() -> Response:
        return page(f"<script>const TOOL = '{tool}'; {KEEP}</script>")

    @app.route("/auth", methods=["GET", "POST"])
    def auth() -> Response:
        claims = builders.claims(iss, request.values["nonce"], sub=request.values["login_hint"])
        claims[builders.LTI + "target_link_uri"] = f"{tool}/lti/launch"
        fields = {"state": request.values["state"], "id_token": tokens.sign(signer, claims)}
        inputs = "".join(f"<input type=hidden name={name} value='{value}'>" for name, value in fields.items())
        return page(
            f"<form method=post action='{tool}/lti/launch'>{inputs}</form><script>document.forms[0].submit()</script>"
        )

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify({"keys": [tokens.jwk(signer)]})

    return app


def course(iss: str, **asked: str) -> str:
    """The address of the course page."""
    return f"{iss}/course?{urlencode(asked)}"


def registration(iss: str, sso: str) -> dict[str, Any]:
    """What differs from `builders.registered`."""
    return {"auth_url": f"{sso}/auth", "jwks_url": f"{iss}/jwks"}
