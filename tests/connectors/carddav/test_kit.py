"""CardDAV passes the kit on a real Radicale, and iCloud on a front that behaves as Apple is reported to."""

from __future__ import annotations

import pytest

from tests.conformance import ConnectorTests, World
from tests.connectors.carddav.front import Front
from tests.connectors.carddav.servers import Running
from tests.connectors.carddav.world import FrontWorld, RadicaleWorld


class TestCarddav(ConnectorTests):
    """Every check, on Radicale."""

    kind = "carddav"

    @pytest.fixture
    def world(self, radicale_server: Running) -> World:
        """A book in which everybody is a card."""
        return RadicaleWorld(radicale_server)


class TestIcloud(ConnectorTests):
    """Every check, on the front."""

    kind = "icloud"

    @pytest.fixture
    def world(self, front: Front) -> World:
        """An account in which everybody is a card."""
        return FrontWorld(front)
