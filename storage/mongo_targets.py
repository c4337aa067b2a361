"""What rows inherit from those that they target, and which are void, in MongoDB. Floor 0.

All of this happens inside the transaction of a write, and every write moves the one counter, so no two see each other's
half: a row and the one that it targets always find each other.
"""

from collections.abc import Collection, Iterable, Mapping

from pymongo.client_session import ClientSession

from storage.mongo_rows import Body, Tables

CHAIN = 16  # so many rows along a chain of targets lend their terms
_FIELDS = {"sid": 1, "target": 1, "terms": 1, "source": 1, "void": 1}


def link(tables: Tables, session: ClientSession, changed: Mapping[bytes, int], targets: Iterable[bytes]) -> None:
    """Bring what is inherited and what is void in line with rows that were stored, rewritten or removed.

    Args:
        tables: The collections.
        session: Of the transaction.
        changed: id -> seq of each such row.
        targets: The ids that they target or targeted before.
    """
    _mark_void(tables, session, {*changed, *targets})
    heirs = _heirs(tables, session, changed)
    stale = list({*changed.values(), *(heir["_id"] for heir in heirs)})
    tables.inherited.delete_many({"seq": {"$in": stale}}, session=session)
    made = [_lent(heir, lender) for heir, chain in _chains(tables, session, heirs) for lender in chain]
    if made:
        tables.inherited.insert_many(made, session=session)


def _mark_void(tables: Tables, session: ClientSession, ids: Collection[bytes]) -> None:
    """A row is void if another voids it, unless it voids one itself."""
    voiding = tables.rows.find({"target": {"$in": list(ids)}, "voids": True}, {"target": 1}, session=session)
    void = {bytes(each["target"]) for each in voiding}
    rows = tables.rows.find({"sid": {"$in": list(ids)}}, {"sid": 1, "voids": 1, "void": 1}, session=session)
    marks: dict[bool, list[int]] = {True: [], False: []}
    for row in rows:
        wanted = bytes(row["sid"]) in void and not row.get("voids", False)
        if wanted != row.get("void", False):
            marks[wanted].append(row["_id"])
    for wanted, seqs in marks.items():
        if seqs:
            change = {"$set": {"void": True}} if wanted else {"$unset": {"void": ""}}
            tables.rows.update_many({"_id": {"$in": seqs}}, change, session=session)
            tables.inherited.update_many({"seq": {"$in": seqs}}, change, session=session)


def _heirs(tables: Tables, session: ClientSession, changed: Mapping[bytes, int]) -> list[Body]:
    """The changed rows that target one, and all who target a changed one, as far as a chain reaches."""
    own = tables.rows.find({"sid": {"$in": list(changed)}}, _FIELDS, session=session)
    found = {bytes(row["sid"]): row for row in own if "target" in row}
    level = set(changed)
    for _ in range(CHAIN):
        above = tables.rows.find({"target": {"$in": list(level)}}, _FIELDS, session=session)
        fresh = {bytes(row["sid"]): row for row in above}
        level = fresh.keys() - found.keys() - changed.keys()
        if not level:
            break
        found.update((each, fresh[each]) for each in level)
    return list(found.values())


def _chains(tables: Tables, session: ClientSession, heirs: Iterable[Body]) -> list[tuple[Body, list[Body]]]:
    """Each row with those that it targets, at once and along the chain; no row twice."""
    chains: list[tuple[Body, list[Body]]] = [(heir, []) for heir in heirs]
    known: dict[bytes, Body | None] = {}
    going = chains
    for _ in range(CHAIN):
        ends = [(heir, chain, bytes((chain or [heir])[-1]["target"])) for heir, chain in going]
        missing = {target for _, _, target in ends} - known.keys()
        known.update(dict.fromkeys(missing))
        if missing:
            rows = tables.rows.find({"sid": {"$in": list(missing)}}, _FIELDS, session=session)
            known.update((bytes(row["sid"]), row) for row in rows)
        going = []
        for heir, chain, target in ends:
            lender = known[target]
            if lender is None or lender["_id"] in {each["_id"] for each in (heir, *chain)}:
                continue
            chain.append(lender)
            if "target" in lender:
                going.append((heir, chain))
        if not going:
            break
    return chains


def _lent(heir: Body, lender: Body) -> Body:
    made = {"seq": heir["_id"], "source": heir["source"], "terms": lender["terms"]}
    return made | {"void": True} if heir.get("void", False) else made
