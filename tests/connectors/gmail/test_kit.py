"""Gmail passes the kit, through Google's own client, against the stand-in."""

from __future__ import annotations

import pytest

from tests.conformance import ConnectorTests, World
from tests.connectors.gmail.standin import StandIn
from tests.connectors.gmail.world import GmailWorld


class TestGmail(ConnectorTests):
    """Every check."""

    kind = "gmail"

    @pytest.fixture
    def world(self, standin: StandIn) -> World:
        """An account in which everybody is a contact."""
        return GmailWorld(standin)
