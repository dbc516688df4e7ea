"""A running stand-in for every test here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.gmail.standin import StandIn


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """An empty account."""
    with StandIn() as running:
        yield running
