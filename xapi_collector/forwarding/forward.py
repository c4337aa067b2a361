"""Send what was stored on to other record stores. Floor 1.

A place in the log moves only after the target acknowledged, so that whatever is killed when, each statement arrives at
least once; its id makes the second time the same. What a target will never take is set aside as a dead letter, found
by halving the batch, and the rest goes on.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from storage.port import Storage, Stored
from xapi_collector import consent, envelope, progress, statements
from xapi_collector.collector import Collector
from xapi_collector.forwarding import forwarders, mask, wire
from xapi_collector.forwarding.forwarders import DeadLetter, Forwarder
from xapi_collector.forwarding.wire import Outcome, Post, Target
from xapi_collector.grammar import attachments, formats

BATCH = 100
MOST = 2 * 1024 * 1024  # bytes of a batch; a single statement may have more
BASE = 5  # seconds after the first failure; each further one doubles it
LONGEST = 3600
SENT, IDLE, WAITING = "sent", "idle", "waiting"


@dataclass(frozen=True, slots=True)
class Status:
    """What an operator wants to know of a forwarder.

    Attributes:
        forwarder: As it is kept.
        lag: Seconds since the oldest statement that waits was stored; 0 if none waits.
        behind: Statements stored since its place, those among them that its filter leaves out.
        dead: Dead letters.
    """

    forwarder: Forwarder
    lag: float
    behind: int
    dead: int


@dataclass(frozen=True, slots=True)
class _Letter:
    """One statement on its way: its row, its text, the data of its attachments (SHA-2, content type, content)."""

    row: Stored
    text: bytes
    files: tuple[tuple[str, str, bytes], ...] = ()

    @property
    def size(self) -> int:
        return len(self.text) + sum(len(content) for _, _, content in self.files)


def status(storage: Storage, now: int) -> list[Status]:
    """How far each forwarder is.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        now: Microseconds since 1970, UTC.
    """
    last = storage.statements.last()
    found = []
    for forwarder in forwarders.listed(storage):
        oldest = storage.statements.query(forwarders.query(storage, forwarder, 1)).rows
        lag = max(0, now - oldest[0].stored) / 1_000_000 if oldest else 0.0
        behind = max(0, last - forwarder.cursor) if oldest else 0
        found.append(Status(forwarder, lag, behind, len(forwarders.dead(storage, forwarder.name))))
    return found


def step(collector: Collector, name: str, url: str, post: Post) -> str:
    """Send the next batch of a forwarder.

    Args:
        collector: Where and with what.
        name: The forwarder's.
        url: The public address of the collector, the home of pseudonyms.
        post: Sends a body to a target.

    Returns:
        SENT: there may be more at once. IDLE: nothing waits. WAITING: it is paused, or must not try yet.

    Raises:
        errors.ForwardError: There is no such forwarder.
    """
    forwarder = forwarders.get(collector.storage, name)
    if forwarder.paused or forwarder.next_at > collector.clock():
        return WAITING
    if forwarder.by_agent and progress.read(collector.storage, progress.ROTATION) is not None:
        return WAITING  # its agents have two names just now, and it would pass over statements under the other one
    page = collector.storage.statements.query(forwarders.query(collector.storage, forwarder, BATCH))
    letters = _letters(collector, forwarder, page.rows, url)
    for batch in _batches(letters):
        failure = _deliver(collector, forwarder, batch, post)
        if failure is not None:
            _postpone(collector, name, failure)
            return WAITING
    place = page.resume if page.resume is not None else page.rows[-1].seq if page.rows else 0
    forwarders.advance(collector.storage, name, place, 0)
    return SENT if page.rows or page.resume is not None else IDLE


def retry(collector: Collector, name: str, url: str, post: Post) -> tuple[int, int]:
    """Send the dead letters of a forwarder again, each alone.

    Returns:
        How many were acknowledged, and how many are dead still. A statement that is void or erased by now is dropped.
    """
    forwarder = forwarders.get(collector.storage, name)
    sent = kept = 0
    for letter in forwarders.dead(collector.storage, name):
        key = uuid.UUID(letter.statement).bytes
        rows = [row for row in collector.storage.statements.get([key]).values() if not row.voided]
        outcome = None
        for each in _letters(collector, forwarder, rows, url):
            outcome = _post(collector, forwarder, [each], post)
        if outcome is None or outcome.kind in (wire.TAKEN, wire.THERE):
            forwarders.drop(collector.storage, letter)
            sent += outcome is not None
        else:
            _bury(collector, name, rows[0], outcome)
            kept += 1
    return sent, kept


def _letters(collector: Collector, forwarder: Forwarder, rows: Sequence[Stored], url: str) -> list[_Letter]:
    """The rows as they go out; without those whose actor does not allow it, or whose data key was erased."""
    allowed = consent.allowed(collector.storage, forwarder.purpose)
    rows = [row for row in rows if envelope.owner(row.body) in allowed]
    key = collector.keyring.derive(f"forward:{forwarder.name}")
    made = []
    for row, one in statements.opened(collector, rows):
        text = mask.plain(one.text, formats.timestamp(row.stored) if one.untimed else None)
        if forwarder.pseudonymise:
            made.append(_Letter(row, mask.masked(text, url, key, forwarder.strip)))
            continue
        text = mask.stripped(text, forwarder.strip)
        files: tuple[tuple[str, str, bytes], ...] = ()
        if b'"sha2"' in text:
            found = statements.files_of(collector, [(row, orjson.loads(text))])
            files = tuple((sha2, part.content_type, part.content) for sha2, part in found.items())
        made.append(_Letter(row, text, files))
    return made


def _batches(letters: Sequence[_Letter]) -> list[list[_Letter]]:
    """The letters in order, in batches of at most MOST bytes."""
    batches: list[list[_Letter]] = []
    size = 0
    for letter in letters:
        if not batches or size + letter.size > MOST:
            batches.append([])
            size = 0
        batches[-1].append(letter)
        size += letter.size
    return batches


def _deliver(collector: Collector, forwarder: Forwarder, batch: list[_Letter], post: Post) -> Outcome | None:
    """Send a batch, halving it around what is refused; None, or the failure after which nothing more was tried."""
    outcome = _post(collector, forwarder, batch, post)
    if outcome.kind == wire.FAILED:
        return outcome
    if outcome.kind != wire.TAKEN and len(batch) > 1:
        middle = len(batch) // 2
        return _deliver(collector, forwarder, batch[:middle], post) or _deliver(
            collector, forwarder, batch[middle:], post
        )
    if outcome.kind == wire.REFUSED:
        _bury(collector, forwarder.name, batch[0].row, outcome)
    taken = len(batch) if outcome.kind == wire.TAKEN else 0
    forwarders.advance(collector.storage, forwarder.name, batch[-1].row.seq, taken)
    return None


def _post(collector: Collector, forwarder: Forwarder, batch: Sequence[_Letter], post: Post) -> Outcome:
    secret = forwarders.open_secret(collector.keyring, forwarder)
    target = Target(forwarder.url, forwarder.version, forwarder.key, secret)
    body = b"[" + b",".join(letter.text for letter in batch) + b"]"
    files = {sha2: (sha2, kind, content) for letter in batch for sha2, kind, content in letter.files}
    if not files:
        return post(target, body, "application/json")
    boundary = collector.random(16).hex()
    return post(target, attachments.render(body, files.values(), boundary), f"multipart/mixed; boundary={boundary}")


def _bury(collector: Collector, name: str, row: Stored, outcome: Outcome) -> None:
    owner = envelope.owner(row.body)
    statement_id = str(uuid.UUID(bytes=row.id))
    letter = DeadLetter(name, statement_id, owner, row.seq, outcome.status, outcome.reason, collector.clock())
    forwarders.bury(collector.storage, letter)


def _postpone(collector: Collector, name: str, failure: Outcome) -> None:
    """Wait twice as long after each failure, by chance half of it more or less, and as long as the target asks."""
    attempts = forwarders.get(collector.storage, name).attempts + 1
    wait = min(LONGEST, BASE * 2 ** min(attempts - 1, 20)) * (0.5 + collector.random(1)[0] / 256)
    next_at = collector.clock() + int(max(wait, failure.retry_after) * 1_000_000)
    forwarders.change(
        collector.storage, name, attempts=attempts, next_at=next_at, last_error=failure.reason or str(failure.status)
    )
