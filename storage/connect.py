"""Open a store by its URL. Floor 0.

`sqlite:///relative/directory` or `sqlite:////absolute/directory` keeps one file `entrepot.db` in that directory;
`mongodb://host[:port]/database` (or mongodb+srv) keeps one database of a replica set.
"""

from storage import errors, port, sqlite
from storage.collection import Collection

_SQLITE = "sqlite:///"
_MONGO = ("mongodb://", "mongodb+srv://")


def connect(url: str, *collections: Collection) -> port.Storage:
    """Open the store and make ready what the declared collections need.

    Args:
        url: See the module's text.
        collections: Every collection that will be used, one of them hot if `statements` is.

    Raises:
        errors.UrlError: The URL names neither store.
        errors.UndeclaredError: Two declarations have one name.
        errors.UnavailableError: The directory is not writable, or the server does not answer.
        errors.DamagedError: What is there is not a store of ours.
    """
    names = [collection.name for collection in collections]
    if len(set(names)) != len(names):
        msg = f"Two collections share a name in {', '.join(sorted(names))}: name each once."
        raise errors.UndeclaredError(msg)
    if url.startswith(_SQLITE) and url != _SQLITE:
        return sqlite.Sqlite(url.removeprefix(_SQLITE), collections)
    if url.startswith(_MONGO):
        from storage import mongo  # noqa: PLC0415 - pymongo takes 0.3 s to import; only who uses it waits

        return mongo.Mongo(url, collections)
    msg = f"Storage URL {_without_password(url)!r} names no store: use sqlite:///directory or mongodb://host/database."
    raise errors.UrlError(msg)


def _without_password(url: str) -> str:
    scheme, sign, rest = url.partition("://")
    return f"{scheme}{sign}...@{rest.rpartition('@')[2]}" if "@" in rest else url
