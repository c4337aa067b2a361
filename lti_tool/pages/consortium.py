"""The consortium page: what left this institution, what it cost of the privacy budget, where the model comes from.

For instructors, assistants and administrators of the institution; a learner gets a sentence about their own statements
(`taking_part`). All of it stands in files of the institution itself; nobody else is asked. Floor 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from lti_tool import bearer, consortia, errors, texts
from lti_tool.consortia import Measured, Summary
from lti_tool.pages import answers, gate, reasons
from lti_tool.pages.gate import Guest
from lti_tool.permissions import Permission
from lti_tool.texts import NBSP, Say
from lti_tool.tool import Tool
from recommender.artifact import Entry
from storage.port import Storage
from xapi_collector import consent

SHOWN = 20
KNOWN = ("exact", "secagg", "source-noise")
_THOUSAND = 1000
_HASH = 12


@dataclass(frozen=True)
class Meter:
    """A cohort's account: its name, epsilon of the limit in words, how far the bar goes."""

    name: str
    words: str
    fill: str


@dataclass(frozen=True)
class Model:
    """A model that is kept: its round, when it was taken up, its hash, whether it is in use or was taken out of it."""

    name: str
    when: str
    id: str
    serving: bool
    withdrawn: bool


@dataclass(frozen=True)
class Row:
    """A line of a table: when, which round of which run, what, how much or why."""

    when: str
    run: str
    what: str
    last: str


@dataclass(frozen=True)
class Page:
    """What the template shows of a summary.

    Attributes:
        summary: As it was read.
        size: Bytes that left, in words.
        when: When the last answer left; empty if none did.
        policy: The policy in a sentence.
        meters: An account for each cohort; empty where the policy adds no noise.
        spent: The largest epsilon of a cohort.
        delta: The chance that epsilon does not hold, in words.
        rounds: What left, the newest first.
        more: How many rounds there are beyond these.
        refusals: What was refused.
        auc: Models by name with their AUC.
        verdict: What the gate said, in a sentence; empty if there is none.
        held_out: On how many learners that was measured.
        models: The models that are kept.
        charter: Digest of the charter, cut.
        head: Hash of the last line of the ledger, cut.
        files: Names of what may be taken along and is there.
    """

    summary: Summary
    size: str
    when: str
    policy: str
    meters: Sequence[Meter]
    spent: str
    delta: str
    rounds: Sequence[Row]
    more: int
    refusals: Sequence[Row]
    auc: Sequence[tuple[str, str]]
    verdict: str
    held_out: int
    models: Sequence[Model]
    charter: str
    head: str
    files: Sequence[str]


def blueprint(tool: Tool) -> Blueprint:
    """The page and what may be taken along from it."""
    views = Blueprint("consortium", __name__)

    @views.post("/lti/consortium")
    def consortium() -> Response:
        return show(tool, gate.guest())

    @views.post("/lti/consortium/file")
    def file() -> Response:
        return _file(tool, gate.guest(), request.form.get("file", ""))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link that opens the page shows.

    Raises:
        errors.PageRefused: The person may not see it, or the link names a catalog that does not exist.
    """
    gate.require(guest.person, Permission.SEE_CONSORTIUM)
    return show(tool, guest)


def show(tool: Tool, guest: Guest) -> Response:
    """The page of the guest's catalog.

    Raises:
        errors.PageRefused: There is no such catalog.
    """
    language = texts.choose(request.form.get("language"), guest.language)
    catalog, models = _catalog(guest), Path(tool.settings.models)
    part = consortia.find(models, catalog)
    return answers.page(
        "consortium.html",
        tool,
        language,
        guest.frames,
        page=None if part.summary is None else page(models, catalog, part.summary, language),
        problem=part.problem,
        catalog=catalog,
        bearer=bearer.sign(guest.person, language, tool.bearer_key, tool.now),
    )


def page(models: Path, catalog: str, summary: Summary, language: str) -> Page:
    """Put a summary, what was measured and the models that are kept into words."""
    say = texts.speaker(language)
    found = consortia.measured(models, catalog)
    return Page(
        summary=summary,
        size=size(summary.size),
        when=moment(summary.rounds[0].at, language) if summary.rounds else "",
        policy=say(f"consortium.policy.{summary.policy if summary.policy in KNOWN else 'unknown'}"),
        meters=[
            Meter(_cohort(one.name, say), _epsilon(one.epsilon, summary, say), f"{100 * one.share:.1f}%")
            for one in summary.cohorts
        ],
        spent=f"{max((one.epsilon for one in summary.cohorts), default=0.0):.2f}",
        delta=f"{summary.delta:.2g}".replace("e-0", "e-"),
        rounds=[
            Row(
                moment(one.at, language),
                say("consortium.round", run=one.run, round=one.round),
                say("list.comma").join(_named("kind", kind, language) for kind in one.kinds),
                size(one.size),
            )
            for one in summary.rounds[:SHOWN]
        ],
        more=max(len(summary.rounds) - SHOWN, 0),
        refusals=[
            Row(
                moment(one.at, language),
                say("consortium.round", run=one.run, round=one.round),
                _named("kind", one.kind, language),
                _named("reason", one.reason, language),
            )
            for one in summary.refusals[:SHOWN]
        ],
        auc=_auc(found, say),
        verdict="" if found is None or found.taken is None else say(f"consortium.gate.{_yes(found.taken)}"),
        held_out=0 if found is None else found.held_out,
        models=[_model(one, language, say) for one in consortia.lineage(models, catalog)],
        charter=summary.charter[:_HASH],
        head=summary.head[:_HASH],
        files=[name for name in consortia.FILES if consortia.file(models, catalog, name) is not None],
    )


def taking_part(tool: Tool, person: str, catalog: str, language: str) -> list[str]:
    """What of a learner takes part in training with other institutions, in sentences.

    Args:
        tool: The running tool.
        person: Pseudonym of the learner.
        catalog: Id of the catalog.
        language: Of the page.
    """
    say = texts.speaker(language)
    part = consortia.find(Path(tool.settings.models), catalog)
    with_others = part.summary is not None
    words = [_choice(tool.storage, person, language, say)]
    if part.summary is not None:
        policy = part.summary.policy if part.summary.policy in KNOWN else "unknown"
        words += [
            say("training.with", consortium=part.summary.consortium, count=len(part.summary.members)),
            say(f"training.leaves.{policy}"),
        ]
    words.append(say("training.change" if with_others else "training.alone"))
    return words


def size(count: int) -> str:
    """Bytes in decimal units, as networks and contracts count them.

    >>> [size(count).replace(NBSP, " ") for count in (950, 20_480, 3_400_000)]
    ['950 B', '20 kB', '3.4 MB']
    """
    if count < _THOUSAND:
        return f"{count}{NBSP}B"
    if round(count / _THOUSAND) < _THOUSAND:
        return f"{count / _THOUSAND:.0f}{NBSP}kB"
    return f"{count / _THOUSAND**2:.1f}{NBSP}MB"


def moment(when: datetime, language: str) -> str:
    """A moment to the minute in UTC, which is what ledgers of several countries share."""
    when = when.astimezone(UTC)
    return f"{reasons.day(when.date(), language)}, {when:%H:%M} UTC" if language == "en" else f"{when:%F %H:%M} UTC"


def _catalog(guest: Guest) -> str:
    try:
        return catalogs.load(guest.person.catalog).id
    except curriculum_errors.CurriculumError as error:
        raise errors.PageRefused("catalog_unknown", "custom.catalog") from error


def _file(tool: Tool, guest: Guest, name: str) -> Response:
    """A file to take along.

    Raises:
        errors.PageRefused: There is no such file.
    """
    catalog = _catalog(guest)
    content = consortia.file(Path(tool.settings.models), catalog, name) if name in consortia.FILES else None
    if content is None:
        raise errors.PageRefused("not_found", "file")
    called, kind = consortia.FILES[name]
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{catalog}-{called}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _choice(storage: Storage, person: str, language: str, say: Say) -> str:
    """Whether a learner's statements take part, since when, and who decided that."""
    said = consent.said(storage, person).get(consent.TRAINING)
    found = said or consent.declared(storage, consent.TRAINING)
    by = "own" if said else "declared" if found["version"] else "silent"
    since = moment(datetime.fromtimestamp(found["time"] / 1e6, UTC), language) if found["version"] else ""
    return say(f"training.{by}.{found['choice']}", since=since, basis=found.get("basis", ""))


def _epsilon(epsilon: float, summary: Summary, say: Say) -> str:
    return say("consortium.epsilon", spent=f"{epsilon:.2f}", limit=f"{summary.limit or 0.0:.2f}")


def _cohort(name: str, say: Say) -> str:
    return say("consortium.cohort.default") if name == "default" else name


def _named(group: str, id_: str, language: str) -> str:
    """The word for a kind of message or a reason; the id itself where this version of the tool knows no word."""
    return texts.catalogue(language).get(f"consortium.{group}.{id_}", id_)


def _auc(found: Measured | None, say: Say) -> list[tuple[str, str]]:
    if found is None:
        return []
    return [(say(f"consortium.model.{kind}"), f"{found.auc[kind]:.3f}") for kind in found.auc]


def _model(entry: Entry, language: str, say: Say) -> Model:
    number, created = entry.facts.get("round"), entry.facts.get("created")
    return Model(
        name=say("consortium.model.own") if number is None else say("consortium.model.round", round=number),
        when=_created(created, lambda found: moment(found, language)),
        id=entry.id,
        serving=entry.serving,
        withdrawn=entry.withdrawn,
    )


def _created(value: object, put: Callable[[datetime], str]) -> str:
    """When a model was made, where its manifest says so."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    return put(found) if found.tzinfo is not None else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"
