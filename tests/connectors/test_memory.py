"""The memory connector keeps the promise of every connector, with all features and with none."""

from __future__ import annotations

import pytest

from tests.conformance import PEOPLE, ConnectorTests, World
from tests.conformance.memory_world import MemoryWorld
from tests.conformance.sabotage import PlainMemory


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


class TestRedactedMemory(ConnectorTests):
    """With records from which only the person's part may go, as in a company's workbook."""

    @pytest.fixture
    def world(self) -> World:
        """A memory source whose every record keeps its company."""
        return MemoryWorld(redacted=[person.key for person in PEOPLE])
