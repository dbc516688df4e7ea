"""What the tests of the command line share: the hub's own key in a file, a way to run it on the `config` of a test, and companies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.demo.company import Demo, build
from tests.cli.running import Hub
from tests.connectors.carddav import servers
from tests.connectors.carddav.servers import Running
from tests.connectors.gmail.standin import StandIn


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_KEY_PLACE", "file")


@pytest.fixture
def hub(config: Path, capsys: pytest.CaptureFixture[str]) -> Hub:
    """Runs a command with --json on the configuration that the test's own fixture `config` names."""

    def run(*arguments: str) -> tuple[int, Any]:
        code = main([*arguments, "--json", "--config", str(config)])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def carddav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Radicale."""
    with servers.radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


@pytest.fixture
def gmail() -> Iterator[StandIn]:
    """A stand-in for Google."""
    with StandIn() as running:
        yield running


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The made-up company, built once."""
    return build(tmp_path_factory.mktemp("demo") / "company")


@pytest.fixture
def demo_copy(original: Demo, tmp_path: Path) -> Path:
    """The configuration of a fresh copy of it."""
    shutil.copytree(original.folder, tmp_path / "company")
    return tmp_path / "company" / original.config.name
