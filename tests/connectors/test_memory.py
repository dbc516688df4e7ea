"""The memory connector keeps the promise of every connector, with all features and with none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract import Connector, Features
from connectors.entry import Cursor, Item
from connectors.memory import MemoryConnector
from tests.conformance import ConnectorTests, World
from tests.conformance.memory_world import MemoryWorld


class PlainMemory(MemoryConnector):
    """A memory source that can only erase whole entries, as honest about it as it must be."""

    features = Features()
    redact = Connector.redact
    restore = Connector.restore

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """List everything, whatever `since` says, and give no token."""
        del since
        for item in super().entries():
            yield replace(item, token="") if isinstance(item, Cursor) else item


class TestMemory(ConnectorTests):
    """With every feature."""

    @pytest.fixture
    def world(self) -> World:
        """A memory source with all it can do."""
        return MemoryWorld()


class TestPlainMemory(ConnectorTests):
    """With none: what is not promised must be refused."""

    @pytest.fixture
    def world(self) -> World:
        """A memory source that can only erase."""
        return MemoryWorld(PlainMemory)
