"""Servers for every test here: the real ones once a run, the front once a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.carddav import servers
from tests.connectors.carddav.front import Front
from tests.connectors.carddav.servers import Running


@pytest.fixture(scope="session")
def radicale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Radicale."""
    with servers.radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@pytest.fixture(scope="session")
def xandikos_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Xandikos."""
    with servers.xandikos(tmp_path_factory.mktemp("xandikos")) as running:
        yield running


@pytest.fixture
def front() -> Iterator[Front]:
    """An empty account on the front."""
    with Front() as running:
        yield running
