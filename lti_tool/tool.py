"""Everything that a running tool is made of, handed to the pages as one value. Floor 3."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from curriculum.catalog import Catalog
from lti_tool import editions
from lti_tool.advice import Models
from lti_tool.editions import Shelf
from lti_tool.emit import Emitter
from lti_tool.keys import ToolKeys
from lti_tool.login import Pace
from lti_tool.phrasing.phrases import Writer
from lti_tool.roster.deeds import Ledger
from lti_tool.roster.names import Names
from lti_tool.services.connector import Services
from lti_tool.settings import Settings
from storage.port import Storage
from xapi_collector.door.jwks import KeySets
from xapi_collector.keyring import Keyring


@dataclass(frozen=True)
class Tool:
    """The parts of one process: what it was given, its caches, its clock and its chance."""

    settings: Settings
    storage: Storage
    keyring: Keyring
    keys: ToolKeys
    services: Services
    key_sets: KeySets
    pace: Pace
    models: Models
    emitter: Emitter
    now: Callable[[], float]
    new_token: Callable[[], str]
    new_reference: Callable[[], str]
    new_id: Callable[[], uuid.UUID]
    bearer_key: bytes
    names: Names = field(default_factory=Names)
    deeds: Ledger = field(default_factory=Ledger)
    shelf: Shelf = field(default_factory=Shelf)
    writer: Writer | None = None

    def catalog(self, name: str) -> Catalog:
        """The catalog of this name as the institution teaches it now.

        Raises:
            curriculum.errors.UnknownCatalog: No such catalog is shipped.
        """
        return editions.catalog(self.storage, self.shelf, name, self.now())
