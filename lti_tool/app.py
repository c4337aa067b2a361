"""The tool as a Flask app: the place where its parts are tied together. Floor 3.

`create_app` takes everything and reads nothing; `application` reads the environment, for `granian --interface wsgi
--factory`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import secrets
import time
import uuid
from collections.abc import Callable
from multiprocessing import util
from pathlib import Path

from flask import Flask

from curriculum import bank, courses, lessons
from lti_tool import bearer, emit, events, experiments, login, permissions, texts, workers
from lti_tool import keys as tool_keys
from lti_tool import settings as tool_settings
from lti_tool.advice import Models
from lti_tool.emit import Emitter
from lti_tool.keys import ToolKeys
from lti_tool.pages import (
    allowing,
    analysing,
    answers,
    authoring,
    consortium,
    copying,
    eventing,
    exchanging,
    filming,
    forming,
    gate,
    graphing,
    handing,
    holding,
    hosting,
    inspecting,
    kitting,
    launching,
    leaflet,
    learning,
    linking,
    marking,
    partnering,
    picking,
    placing,
    polling,
    practising,
    publishing,
    questioning,
    reading,
    registering,
    rephrasing,
    ruling,
    saying,
    scening,
    scores,
    seeking,
    sharing,
    surveying,
    talking,
    teaching,
    teaming,
    trading,
    uploads,
    visiting,
    watching,
)
from lti_tool.phrasing import endpoint
from lti_tool.phrasing.phrases import Writer
from lti_tool.services import guard, wire
from lti_tool.services.connector import Services
from lti_tool.settings import Settings
from lti_tool.tool import Tool
from storage import connect
from storage import settings as storage_settings
from storage.port import Storage
from xapi_collector import keyring as keyrings
from xapi_collector import settings as collector_settings
from xapi_collector.door.jwks import KeySets
from xapi_collector.keyring import Keyring

COLLECTIONS = (*collector_settings.COLLECTIONS, *tool_settings.COLLECTIONS)
PAGES = (
    allowing,
    analysing,
    authoring,
    consortium,
    copying,
    eventing,
    exchanging,
    filming,
    forming,
    graphing,
    handing,
    holding,
    hosting,
    inspecting,
    kitting,
    launching,
    leaflet,
    learning,
    linking,
    marking,
    partnering,
    picking,
    placing,
    polling,
    practising,
    publishing,
    questioning,
    reading,
    registering,
    rephrasing,
    ruling,
    saying,
    scening,
    scores,
    seeking,
    sharing,
    surveying,
    talking,
    teaching,
    teaming,
    trading,
    visiting,
    watching,
)
"""Every module of routes, each with its blueprint."""
LARGEST_FORM = 256 * 1024
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_token() -> str:
    """A token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_reference() -> str:
    """A reference that can be read aloud, such as K7M-42Q."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def create_app(
    settings: Settings,
    storage: Storage,
    keyring: Keyring,
    *,
    keys: ToolKeys | None = None,
    services: Services | None = None,
    emitter: Emitter | None = None,
    now: Callable[[], float] = time.time,
    new_token: Callable[[], str] = new_token,
    new_reference: Callable[[], str] = new_reference,
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
) -> Flask:
    """Build the tool of one institution.

    Args:
        settings: What the operator decided.
        storage: Open store that knows `COLLECTIONS`; the caller closes it.
        keyring: The institution's secrets; the collector's own, so that launch and statements meet.
        keys: The tool's keys; by default those of `settings.key`, watched for a change.
        services: How platforms are called; by default over HTTP, within the networks of the settings.
        emitter: Where statements go; by default the LRS of the settings.
        now: Seconds since the epoch.
        new_token: Makes unguessable tokens.
        new_reference: Makes the reference of an error page.
        new_id: Makes statement ids.

    Returns:
        The app; `app.extensions["lti_tool"]` is its `Tool`.

    Raises:
        errors.ConfigurationError: The tool's key cannot be used, or a setting cannot be read.
    """
    experiments.check(settings.experiment)
    permissions.check(settings.editors)
    events.zone(settings.zone)
    keys = keys or tool_keys.watch(settings.key)
    if services is None:
        exchange = wire.exchanger(guard.networks(settings.networks), now=now)
        services = Services(keys, storage, exchange, now=now)
    model = endpoint.model(settings.model_url, settings.model_name, settings.model_key)
    send = emit.to_lrs(settings.xapi_url, settings.xapi_key, settings.xapi_secret)
    tool = Tool(
        settings=settings,
        storage=storage,
        keyring=keyring,
        keys=keys,
        services=services,
        key_sets=KeySets(),
        pace=login.Pace(),
        models=Models(Path(settings.models)),
        emitter=emitter or Emitter(send),
        now=now,
        new_token=new_token,
        new_reference=new_reference,
        new_id=new_id,
        bearer_key=keyring.derive(bearer.PURPOSE),
        writer=Writer(storage, model, endpoint.exchanger(now), now=now, new_token=new_token) if model else None,
    )
    app = Flask(__name__, static_url_path="/lti/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.config["MAX_FORM_PARTS"] = 100
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["lti_tool"] = tool
    for pages in PAGES:
        app.register_blueprint(pages.blueprint(tool))
    answers.register(app, tool)
    uploads.register(app)
    gate.register(app, tool)
    return app


def application() -> Flask:
    """The tool of this process, from the environment; its store and its threads end with the process.

    Raises:
        storage.errors.StorageError: A variable is missing, or the store cannot be opened.
        errors.ConfigurationError: The tool's key cannot be used, or a setting cannot be read.
    """
    settings = storage_settings.from_environ(Settings, os.environ)
    storage = connect.connect(settings.storage, *COLLECTIONS)
    with contextlib.ExitStack() as undo:
        undo.callback(storage.close)  # a key that cannot be used leaves no store open
        app = create_app(settings, storage, keyrings.load(settings.keyring))
        undo.pop_all()
    # A worker of granian is a child of multiprocessing: it ends without atexit, and runs these; the highest goes first.
    util.Finalize(None, storage.close, exitpriority=1)
    util.Finalize(None, emit.stop, (app.extensions["lti_tool"].emitter,), exitpriority=2)
    running = workers.start(workers.jobs(app.extensions["lti_tool"], random.SystemRandom().random))
    util.Finalize(None, workers.stop, (running,), exitpriority=3)
    warm(app)
    return app


def warm(app: Flask) -> None:
    """Compile every template and read every text, question, lesson and course now: else the first page waits for it.

    What is there then stays as long as the process, so the garbage collector need not look at it again: a page that
    makes ten thousand small things of two hundred learners sets it going, and it took 100 ms each time.
    """
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    for language in texts.LANGUAGES:
        texts.speaker(language)
    bank.load()
    lessons.load()
    courses.load()
    gc.collect()
    gc.freeze()
