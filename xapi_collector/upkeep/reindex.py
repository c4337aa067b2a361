"""Labels and terms made anew where an older version of the collector made them otherwise. Floor 1.

A store remembers by which `extract.REVISION` its rows were extracted. After an upgrade that extracts more (such as the
registration), older rows are not found by it until this has run; it may be killed, and goes on.
"""

from storage.port import Storage
from xapi_collector import extract, progress
from xapi_collector.collector import Collector
from xapi_collector.progress import REINDEX, Tell
from xapi_collector.upkeep import rewriting


def pending(storage: Storage) -> bool:
    """Whether rows of the store were extracted by an older revision; an empty store is marked as of this one.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
    """
    found = progress.read(storage, REINDEX)
    if found is None and storage.statements.last() == 0:
        progress.write(storage, REINDEX, revision=extract.REVISION)
        return False
    return found is None or found.get("revision") != extract.REVISION


def run(collector: Collector, tell: Tell) -> int:
    """Extract every row again that is not of this revision; answer how many were looked at.

    A row whose data key is gone stays as it is: nobody can read it, and its erasure will remove it.

    Args:
        collector: The store.
        tell: Shows how far it is.
    """
    storage, count = collector.storage, 0
    if not pending(storage):
        return 0
    found = progress.read(storage, REINDEX) or {}
    after = found["cursor"] if found.get("target") == extract.REVISION else 0
    until = storage.statements.last()
    for batch in rewriting.batches(collector, after=after, until=until):
        rows = rewriting.remake(collector, rewriting.opened(collector, batch))
        storage.statements.rewrite([(each.opened.whole.seq, each.row) for each in rows])
        progress.write(storage, REINDEX, target=extract.REVISION, cursor=batch[-1].seq)
        count += len(batch)
        tell(f"{batch[-1].seq:,} of {until:,} statements are indexed.")
    progress.write(storage, REINDEX, revision=extract.REVISION, target=0, cursor=0)
    return count
