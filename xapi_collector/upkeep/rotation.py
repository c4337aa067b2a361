"""The pseudonym key replaced by a new one, while the collector serves. Floor 1.

    announced  the file holds the new key as well: every program looks for both; choices about consent are copied
    walking    the new key is the active one; no row made under the old one is taken any more (`Statements.forget`
               begins a new epoch); every row, document and data key gets its new name
    ended      nothing bears an old name; the old key leaves the file, and what the rotation kept is removed

Each step may be done twice, so a rotation that was killed is started again and goes on. Whoever reads the store
meanwhile finds a person under either name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from storage.collection import Collection
from storage.port import Document, Whole
from xapi_collector import agents, consent, envelope, errors, keymark, keyring, mentions, place, progress, settings
from xapi_collector.collector import Collector
from xapi_collector.keyring import ACTIVE, COMING, FOLLOW, RETIRING, PseudonymKey
from xapi_collector.progress import ROTATION, Tell
from xapi_collector.upkeep import holdings, rewriting

ANNOUNCED, WALKING, ENDED = "announced", "walking", "ended"
SETTLE = 2 * FOLLOW
"""Seconds after which every program of this machine has looked at the keyring file."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation works with.

    Attributes:
        collector: The store and the keyring that are rotated.
        collections: All that the store keeps, those of the rooms above among them.
        wait: Waits so many seconds.
        tell: Shows how far it is.
    """

    collector: Collector
    collections: Sequence[Collection]
    wait: Callable[[float], None]
    tell: Tell


def status(collector: Collector) -> Document | None:
    """How far a rotation is: phase, ids of the keys, the last seq that was rewritten; None if there is none."""
    return progress.read(collector.storage, ROTATION)


def run(rotation: Rotation) -> int:
    """Begin a rotation, or go on with one that was killed, to its end.

    Returns:
        How many documents were removed because nothing says any more whose they are: their person is named in no
        statement, choice or state.

    Raises:
        errors.JobError: The keyring is not the one that the rotation began with.
        errors.KeyringError: The keyring file cannot be written.
    """
    collector = rotation.collector
    collector.keyring.look()
    found = status(collector)
    if found is None:
        found = _announce(rotation)
    elif found["phase"] != ENDED:
        _check(collector, found)
    if found["phase"] == ANNOUNCED:
        found = _activate(rotation)
    if found["phase"] == WALKING:
        _walk(rotation, found)
        found = _finish(rotation)
    _drop_key(rotation, found)
    return int(found["removed"])


def _announce(rotation: Rotation) -> Document:
    collector = rotation.collector
    states = collector.keyring.states
    if any(each.state == RETIRING for each in states):
        raise errors.JobError("The keyring is amid a rotation that this store knows nothing of: restore the keyring.")
    old, new = states[0], next((each for each in states if each.state == COMING), None)
    if new is None:  # else the file was written, and then this was killed
        _note_persons(rotation)
        new = PseudonymKey(collector.random(32), COMING)
        keyring.change(collector.keyring.path, (old, new))
        collector.keyring.look()
    rotation.tell(f"The keyring holds a new pseudonym key, {new.id}; waiting until every program knows it.")
    rotation.wait(SETTLE)
    progress.write(collector.storage, ROTATION, phase=ANNOUNCED, old=old.id, new=new.id, cursor=0)
    return _status(collector)


def _activate(rotation: Rotation) -> Document:
    """From here on every new row is made under the new key."""
    collector = rotation.collector
    old, new = _keys(collector)
    if new.state == COMING:
        _copy_choices(collector, old, new)
        keyring.change(collector.keyring.path, (PseudonymKey(new.key, ACTIVE), PseudonymKey(old.key, RETIRING)))
        collector.keyring.look()
    _copy_choices(collector, old, new)
    keymark.write(collector.storage, new.id)
    collector.storage.statements.forget([])  # rows that were made under the old key and are not stored yet are refused
    collector.keys.renew()
    until = collector.storage.statements.last()
    progress.write(collector.storage, ROTATION, phase=WALKING, until=until)
    return _status(collector)


def _copy_choices(collector: Collector, old: PseudonymKey, new: PseudonymKey) -> list[Document]:
    """Who denied something denies it under the new name too, before anything bears that name; answer those copied."""
    copied = []
    for document in holdings.walk(collector.storage, settings.CONSENTS):
        agent = consent.agent_of(document, collector.keys)
        if agent is None or document["person"] != agents.pseudonym(agent, old.key):
            continue
        person = agents.pseudonym(agent, new.key)
        copy = document | {"person": person, "agent": consent.sealed(agent, person, collector.keys, collector.random)}
        kept = collector.storage.get(settings.CONSENTS, (person, document["purpose"]))
        if kept is None or kept["time"] < document["time"]:
            collector.storage.replace(settings.CONSENTS, copy, expected=kept)
        _note(collector, {document["person"]: person})
        copied.append(document)
    return copied


def _note_persons(rotation: Rotation) -> None:
    """Note everybody of whom something is kept, so that at the end it is known who got no new name.

    Before the new key is known to anybody: later a name may be a new one.
    """
    storage = rotation.collector.storage
    for collection in (*holdings.personal(rotation.collections), settings.DATA_KEYS):
        for page in _pages(holdings.walk(storage, collection)):
            found = {person for document in page for person in holdings.persons(collection, document)}
            storage.insert_missing(settings.RENAMES, [{"old": person, "new": ""} for person in sorted(found)])


def _walk(rotation: Rotation, found: Document) -> None:
    collector = rotation.collector
    old, new = _keys(collector)
    for batch in rewriting.batches(collector, after=found["cursor"], until=found["until"]):
        rows = rewriting.opened(collector, batch)
        names = {
            agents.pseudonym(agent, old.key): agents.pseudonym(agent, new.key)
            for row in rows
            for agent in mentions.agents_of(row.statement)
        }
        _note(collector, names)
        collector.keys.rename({row.owner: names[row.owner] for row in rows if row.owner in names})
        changed = [each for each in rewriting.remake(collector, rows) if not each.same]
        collector.storage.statements.rewrite([(each.opened.whole.seq, each.row) for each in changed])
        _remove_unreadable(collector, batch, rows)
        progress.write(collector.storage, ROTATION, cursor=batch[-1].seq)
        rotation.tell(f"{batch[-1].seq:,} of {found['until']:,} statements have their new names.")


def _remove_unreadable(collector: Collector, batch: Sequence[Whole], rows: Sequence[rewriting.Open]) -> None:
    """Whose data key is gone was erased, and the job that did so was killed: nobody can read or rename the rest."""
    read = {row.whole.seq for row in rows}
    gone = [whole for whole in batch if whole.seq not in read]
    if gone:
        collector.storage.statements.remove([whole.seq for whole in gone])
        collector.storage.statements.forget(sorted({envelope.owner(whole.body) for whole in gone}))
        collector.keys.renew()


def _note(collector: Collector, names: Mapping[str, str]) -> None:
    """Keep which new name stands for which old one."""
    kept = {
        each["old"]: each["new"]
        for each in collector.storage.get_many(settings.RENAMES, [(old,) for old in names]).values()
    }
    fresh = [{"old": old, "new": new} for old, new in names.items() if old not in kept]
    collector.storage.insert_missing(settings.RENAMES, fresh)
    for old, new in names.items():
        if kept.get(old) == "":
            collector.storage.replace(settings.RENAMES, {"old": old, "new": new}, expected={"old": old, "new": ""})


def _finish(rotation: Rotation) -> Document:
    """Rename documents, twice: some program may have written one under the old name at the beginning."""
    collector = rotation.collector
    _name_by_documents(collector)
    _rename_documents(rotation)
    rotation.tell("Documents have their new names; waiting for programs that knew the old key only.")
    rotation.wait(SETTLE)
    _rename_documents(rotation)
    removed = _remove_nameless(rotation)
    for page in _pages(holdings.walk(collector.storage, settings.RENAMES)):
        old = [each["old"] for each in page]
        for each in old:
            collector.storage.delete(settings.DATA_KEYS, (each,))
        collector.storage.statements.forget(old)
    progress.write(collector.storage, ROTATION, phase=ENDED, removed=removed)
    return _status(collector)


def _name_by_documents(collector: Collector) -> None:
    """Who has states or profiles, and is named in no statement, is named in those."""
    old, new = _keys(collector)
    for raw in holdings.walk(collector.storage, settings.AGENT_DOCUMENTS):
        found = place.open_(collector, raw)
        if found is not None and found[0].agent is not None:
            names = {agents.pseudonym(found[0].agent, old.key): agents.pseudonym(found[0].agent, new.key)}
            _note(collector, names)
            collector.keys.rename(names)


def _rename_documents(rotation: Rotation) -> None:
    collector = rotation.collector
    old, new = _keys(collector)
    for document in _copy_choices(collector, old, new):
        collector.storage.delete(settings.CONSENTS, holdings.key_of(settings.CONSENTS, document))
    others = [each for each in holdings.personal(rotation.collections) if each != settings.CONSENTS]
    for collection in others:
        for page in _pages(holdings.walk(collector.storage, collection)):
            persons = {person for document in page for person in holdings.persons(collection, document)}
            names = collector.storage.get_many(settings.RENAMES, [(person,) for person in persons])
            for each in names.values():
                if each["new"]:
                    holdings.rename(collector, collection, each["old"], each["new"])


def _remove_nameless(rotation: Rotation) -> int:
    """Remove what is kept of persons without a new name: nobody could find it again."""
    storage = rotation.collector.storage
    removed = 0
    for each in holdings.walk(storage, settings.RENAMES):
        if not each["new"]:
            for collection in holdings.personal(rotation.collections):
                removed += holdings.remove(storage, collection, [each["old"]])
    return removed


def _drop_key(rotation: Rotation, found: Document) -> None:
    collector = rotation.collector
    active = collector.keyring.states[0]
    if active.id != found["new"]:
        raise _foreign(found)
    keyring.change(collector.keyring.path, (active,))
    collector.keyring.look()
    for document in holdings.walk(collector.storage, settings.RENAMES):
        collector.storage.delete(settings.RENAMES, (document["old"],))
    collector.keys.renew()
    collector.storage.scrub()
    progress.clear(collector.storage, ROTATION)  # the last step: until then the job can be started again


def _keys(collector: Collector) -> tuple[PseudonymKey, PseudonymKey]:
    """The old and the new key of the rotation that is under way."""
    found = _status(collector)
    _check(collector, found)
    known = {each.id: each for each in collector.keyring.states}
    return known[found["old"]], known[found["new"]]


def _status(collector: Collector) -> Document:
    found = status(collector)
    if found is None:
        raise errors.JobError("Another program has ended this rotation: run one at a time.")
    return found


def _check(collector: Collector, found: Document) -> None:
    if not {found["old"], found["new"]} <= {each.id for each in collector.keyring.states}:
        raise _foreign(found)


def _foreign(found: Document) -> errors.JobError:
    msg = f"The rotation from key {found['old']} to {found['new']} was begun with another keyring: put that one back."
    return errors.JobError(msg)


def _pages(documents: Iterator[Document]) -> Iterator[list[Document]]:
    page: list[Document] = []
    for document in documents:
        page.append(document)
        if len(page) == holdings.PAGE:
            yield page
            page = []
    if page:
        yield page
