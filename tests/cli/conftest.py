"""What the tests of the command line share: the hub's own key in a file, and a way to run it on the `config` of a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from tests.cli.running import Hub


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
