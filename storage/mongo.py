"""The `mongo` adapter: one database of a replica set for an institution. Floor 0.

The only code of the project that speaks MongoDB. Every write is acknowledged by a majority with its journal, for a
lesser concern loses acknowledged writes when a server is killed. A document is one opaque blob with index entries
beside it.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pymongo
from pymongo import errors as mongo_errors

from storage import document, errors, mongo_statements
from storage.collection import Collection
from storage.mongo_door import mapped
from storage.port import Document, Key

Body = dict[str, Any]

_WAIT_MS = 4_000
_DUPLICATE = 11000


class Mongo:
    """The store in one database; see `port.Storage` for what each verb promises."""

    def __init__(self, url: str, collections: Sequence[Collection]) -> None:
        self._declared = tuple(collections)
        self._client, self._database = _open(url)
        try:
            with mapped(limit=None):  # indexes of what is there already may take long
                _check_server(self._client)
                self._ready = self._known()
                self._statements = mongo_statements.Statements(self._client, self._database)
        except BaseException:
            self._client.close()
            raise

    @property
    def statements(self) -> mongo_statements.Statements:
        """As `port.Storage.statements`."""
        if not any(collection.hot for collection in self._declared):
            raise errors.UndeclaredError("No hot collection was declared: hand it to connect.connect(url, ...).")
        return self._statements

    def insert(self, collection: Collection, document_: Mapping[str, Any]) -> None:
        """As `port.Storage.insert`."""
        new = self._prepared(collection, document_)
        if not self._inserted(collection, new):
            msg = f"{collection.name} has a document with this key already."
            raise errors.DuplicateKey(msg)

    def insert_missing(self, collection: Collection, documents: Iterable[Mapping[str, Any]]) -> list[Document]:
        """As `port.Storage.insert_missing`."""
        prepared = [self._prepared(collection, each) for each in documents]
        if not prepared:
            return []
        with mapped():
            try:
                self._of(collection).insert_many(prepared, ordered=False)
            except mongo_errors.BulkWriteError as error:
                if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
                    raise
            bodies = self._bodies(collection, [each["_id"] for each in prepared])
        return [document.decode(bodies[each["_id"]]) for each in prepared if each["_id"] in bodies]

    def get(self, collection: Collection, key: Key) -> Document | None:
        """As `port.Storage.get`."""
        return self.get_many(collection, [key]).get(key)

    def get_many(self, collection: Collection, keys: Sequence[Key]) -> dict[Key, Document]:
        """As `port.Storage.get_many`."""
        names = {key: self._name(collection, key) for key in keys}
        with mapped():
            bodies = self._bodies(collection, [*names.values()])
        return {key: document.decode(bodies[name]) for key, name in names.items() if name in bodies}

    def find(
        self,
        collection: Collection,
        where: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        after: Key | None = None,
        descending: bool = False,
    ) -> list[Document]:
        """As `port.Storage.find`."""
        document.check_declared(self._declared, collection)
        entries = document.wanted(collection, where)
        condition: dict[str, Any] = {"entries": {"$all": entries}} if entries else {}
        if after is not None:
            condition["_id"] = {"$lt" if descending else "$gt": document.name(collection, after)}
        if limit == 0:
            return []  # to MongoDB a limit of 0 is none
        with mapped():
            rows = self._of(collection).find(condition, {"body": 1}).sort("_id", -1 if descending else 1)
            return [document.decode(row["body"]) for row in rows.limit(limit or 0)]

    def replace(
        self, collection: Collection, document_: Mapping[str, Any], *, expected: Mapping[str, Any] | None
    ) -> bool:
        """As `port.Storage.replace`."""
        new = self._prepared(collection, document_)
        if expected is None:
            return self._inserted(collection, new)
        old = document.encode(collection, expected)
        with mapped():
            return self._of(collection).replace_one({"_id": new["_id"], "body": old}, new).matched_count == 1

    def take(self, collection: Collection, key: Key) -> Document | None:
        """As `port.Storage.take`."""
        name = self._name(collection, key)
        with mapped():
            row = self._of(collection).find_one_and_delete({"_id": name})
        return None if row is None else document.decode(row["body"])

    def delete(self, collection: Collection, key: Key, *, expected: Mapping[str, Any] | None = None) -> bool:
        """As `port.Storage.delete`."""
        if expected is None:
            return self.take(collection, key) is not None
        wanted = {"_id": self._name(collection, key), "body": document.encode(collection, expected)}
        with mapped():
            return self._of(collection).delete_one(wanted).deleted_count == 1

    def scrub(self) -> None:
        """As `port.Storage.scrub`: collections are compacted where the server allows it; its journal ends by itself."""
        with mapped():
            for name in self._database.list_collection_names():
                with contextlib.suppress(mongo_errors.OperationFailure):  # not a right of this user, or not known
                    self._database.command("compact", name)

    def close(self) -> None:
        """As `port.Storage.close`."""
        self._statements.close()
        self._client.close()

    def _of(self, collection: Collection) -> "pymongo.collection.Collection[Body]":
        if collection.name not in self._ready:
            self._declare(collection)
            self._ready.add(collection.name)
        return self._raw(collection)

    def _raw(self, collection: Collection) -> "pymongo.collection.Collection[Body]":
        return self._database[f"documents.{collection.name}"]

    def _known(self) -> set[str]:
        """The collections that are as declared; those that were declared otherwise are made so now, new ones when used.

        A new store of some twenty collections is so open at once, and whoever only reads needs no right to make any.
        """
        rows = {row["_id"]: row["indexed"] for row in self._database["declarations"].find({})}
        there = [one for one in self._declared if not one.hot and one.name in rows]
        for collection in there:
            if rows[collection.name] != document.indexed(collection):
                self._declare(collection)
        return {collection.name for collection in there}

    def _name(self, collection: Collection, key: Key) -> str:
        document.check_declared(self._declared, collection)
        return document.name(collection, key)

    def _prepared(self, collection: Collection, each: Mapping[str, Any]) -> Body:
        name = self._name(collection, document.key_of(collection, each))
        return {"_id": name, "body": document.encode(collection, each), "entries": document.entries(collection, each)}

    def _inserted(self, collection: Collection, new: Body) -> bool:
        with mapped():
            try:
                self._of(collection).insert_one(new)
            except mongo_errors.DuplicateKeyError:
                return False
        return True

    def _bodies(self, collection: Collection, names: Sequence[str]) -> dict[str, bytes]:
        return {row["_id"]: row["body"] for row in self._of(collection).find({"_id": {"$in": names}}, {"body": 1})}

    def _declare(self, collection: Collection) -> None:
        """Make the index, and its entries of what is there, as the declaration asks; several may at once."""
        documents = self._raw(collection)
        documents.create_index([("entries", 1), ("_id", 1)])
        row = self._database["declarations"].find_one({"_id": collection.name})
        if row is not None and row["indexed"] == document.indexed(collection):
            return  # another process has
        for old in documents.find({}, {"body": 1}):
            entries = document.entries(collection, document.decode(old["body"]))
            documents.update_one({"_id": old["_id"], "body": old["body"]}, {"$set": {"entries": entries}})
        declared = {"indexed": document.indexed(collection)}
        self._database["declarations"].replace_one({"_id": collection.name}, declared, upsert=True)


def _open(url: str) -> "tuple[pymongo.MongoClient[Body], pymongo.database.Database[Body]]":
    try:
        client: pymongo.MongoClient[Body] = pymongo.MongoClient(
            url, serverSelectionTimeoutMS=_WAIT_MS, w="majority", journal=True, tz_aware=True
        )
    except (mongo_errors.ConfigurationError, mongo_errors.InvalidURI, ValueError) as error:
        msg = f"The MongoDB URL is malformed ({error}): use mongodb://host/database."
        raise errors.UrlError(msg) from None
    try:
        return client, client.get_default_database()
    except mongo_errors.ConfigurationError:
        client.close()
        raise errors.UrlError("The MongoDB URL names no database: use mongodb://host/database.") from None


def _check_server(client: "pymongo.MongoClient[Body]") -> None:
    hello = client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise errors.UnavailableError(
            "The MongoDB server is in no replica set, and a batch needs a transaction: start it with --replSet."
        )
