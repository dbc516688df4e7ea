"""What the fault matrix needs: the hub's own key in a file, and a real CardDAV server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.carddav import servers
from tests.connectors.carddav.servers import Running


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_KEY_PLACE", "file")


@pytest.fixture(scope="session")
def radicale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Radicale."""
    with servers.radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running
