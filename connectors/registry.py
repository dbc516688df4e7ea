"""Which kinds of sources there are; a connector is imported only when one of its sources is used."""

from __future__ import annotations

from importlib import import_module

from connectors.contract import Connector
from connectors.errors import ConfigError
from connectors.phrase import Phrase

_CLASSES = {
    "excel": "connectors.excel:ExcelConnector",
    "thunderbird": "connectors.thunderbird:ThunderbirdConnector",
    "gmail": "connectors.gmail:GmailConnector",
    "vcard": "connectors.vcard:VcardConnector",
    "csv": "connectors.csv_table:CsvConnector",
    "carddav": "connectors.carddav:CarddavConnector",
    "icloud": "connectors.carddav:IcloudConnector",
    "paper": "connectors.paper:PaperConnector",
    "arkhimedes": "connectors.arkhimedes:ArkhimedesConnector",
    "memory": "connectors.memory:MemoryConnector",
}

_FOR_TESTS = frozenset({"memory"})


def kinds() -> tuple[str, ...]:
    """The kinds an owner may write into hub.toml."""
    return tuple(kind for kind in _CLASSES if kind not in _FOR_TESTS)


def connector_class(kind: str) -> type[Connector]:
    """The class for a kind, imported now. Raises `ConfigError` for a kind that does not exist."""
    if kind not in _CLASSES:
        raise ConfigError(
            Phrase("There is no kind of source called {kind}.", kind=repr(kind)),
            hint=Phrase("Write one of: {kinds}.", kinds=", ".join(kinds())),
        )
    module, name = _CLASSES[kind].split(":")
    found: type[Connector] = getattr(import_module(module), name)
    return found
