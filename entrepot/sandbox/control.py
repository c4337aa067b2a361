"""Control of a sandbox that runs in a process of its own: keys, faults, clock, and what it counted. Floor 4.

The routes are there only if the configuration holds a token for them, and nobody without it gets in.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Any

from flask import Flask, Response, abort, jsonify, request

from entrepot.sandbox.faults import Fault
from entrepot.sandbox.platform import Platform


def register(app: Flask, platform: Platform) -> None:
    """Add the routes."""
    if not platform.config.control:
        return

    def sent() -> dict[str, Any]:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {platform.config.control}".encode()):
            abort(403)
        body = request.get_json(force=True, silent=True) if request.get_data() else {}
        if not isinstance(body, dict):
            abort(400)
        return body

    @app.post("/sandbox/keys/rotate")
    def rotate() -> Response:
        body = sent()
        signer = platform.ring.rotate(keep=body.get("keep") is not False, publish=body.get("publish") is not False)
        return jsonify({"kid": signer.kid})

    @app.route("/sandbox/faults", methods=["POST", "DELETE"])
    def faults() -> Response:
        body = sent()
        if request.method == "DELETE":
            platform.faults.clear(str(body.get("service", "")))
            return jsonify({})
        try:
            fault = Fault(
                str(body["kind"]),
                after=bool(body.get("after")),
                seconds=float(body.get("seconds", 30)),
                retry_after=str(body.get("retry_after", "")),
            )
            if "odds" in body:
                platform.faults.draw(str(body["service"]), {fault: float(body["odds"])}, int(body.get("seed", 0)))
            else:
                platform.faults.put(str(body["service"]), fault, int(body.get("times", 1)))
        except (KeyError, TypeError, ValueError) as error:
            answer = jsonify({"error": str(error)})
            answer.status_code = 400
            return answer
        return jsonify({})

    @app.post("/sandbox/clock")
    def clock() -> Response:
        platform.skew = float(sent().get("skew", 0))
        return jsonify({"skew": platform.skew})

    @app.get("/sandbox/state")
    def state() -> Response:
        sent()
        with platform.lock:
            book = {
                f"{user} {item}": [asdict(one) for one in taken] for (user, item), taken in platform.gradebook.items()
            }
            grades = {f"{user} {item}": grade.value for (user, item), grade in platform.grades.items()}
            counts = {f"{service} {status}": count for (service, status), count in platform.counts.items()}
            repeats = sum(platform.repeats.values())
        return jsonify({"gradebook": book, "grades": grades, "counts": counts, "repeats": repeats})
