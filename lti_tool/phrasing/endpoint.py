"""One question to the institution's language model: an address that speaks OpenAI's chat completions. Floor 3.

The operator named the address, so it may lie in a private network, as most models of an institution do. No redirect is
followed, nothing is streamed, and there is a limit for the whole time and for the size of what comes back.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lti_tool import errors, urls
from lti_tool.services import wire
from lti_tool.services.wire import Exchange, Limits

SECONDS = 8.0
LIMITS = Limits(connect=2.0, silence=SECONDS, whole=SECONDS, largest=64 * 1024)
TOKENS = 400
ANYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class Model:
    """A language model of the institution.

    Attributes:
        url: Base address of its API, such as "http://10.20.0.9:8000/v1".
        name: As the address calls it.
        key: What it asks for as bearer token; empty if nothing.
    """

    url: str
    name: str
    key: str = field(default="", repr=False)


def model(url: str, name: str, key: str) -> Model | None:
    """The model of the settings; None where no address is set.

    Raises:
        errors.ConfigurationError: The address is none, or has no model's name beside it.
    """
    if not url:
        return None
    try:
        urls.read(url)
    except errors.ServiceError as error:
        message = "ENTREPOT_LTI_MODEL_URL: write the base address of the API, such as http://10.20.0.9:8000/v1"
        raise errors.ConfigurationError(message) from error
    if not name:
        message = "Set ENTREPOT_LTI_MODEL_NAME: the name by which ENTREPOT_LTI_MODEL_URL knows the model"
        raise errors.ConfigurationError(message)
    return Model(url.rstrip("/"), name, key)


def exchanger(now: Callable[[], float]) -> Exchange:
    """How a process asks the model: as it asks platforms, wherever the operator said."""
    return wire.exchanger(ANYWHERE, now=now)


def ask(exchange: Exchange, model: Model, messages: Sequence[dict[str, str]], limits: Limits = LIMITS) -> str:
    """What the model answers: its text as it came.

    Args:
        exchange: Asks once, within limits.
        model: Whom.
        messages: Of the chat.
        limits: How long it may take, and how large the answer may be.

    Raises:
        errors.ServiceError: No answer in time, none of status 2xx, one too large, or one that is no chat completion
            with a finished text.
    """
    body = {
        "model": model.name,
        "messages": list(messages),
        "temperature": 0,
        "max_tokens": TOKENS,
        "stream": False,
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if model.key:
        headers["Authorization"] = f"Bearer {model.key}"
    answer = exchange(
        "POST",
        f"{model.url}/chat/completions",
        headers=headers,
        body=json.dumps(body, ensure_ascii=False).encode(),
        limits=limits,
    )
    return THOUGHT.sub("", _text(answer.json())).strip()


def _text(found: Any) -> str:
    """The text of the first choice.

    Raises:
        errors.ServiceError: There is none, or it was cut off.
    """
    try:
        choice = found["choices"][0]
        text, reason = choice["message"]["content"], choice.get("finish_reason")
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise errors.ServiceError("malformed") from error
    if not isinstance(text, str) or reason not in {"stop", None}:
        raise errors.ServiceError("malformed")
    return text
