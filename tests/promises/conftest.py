"""The company, built once, and a copy of it for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.demo.company import Demo, build
from tests.promises.company import Company


@pytest.fixture(scope="session", autouse=True)
def _key_in_a_file() -> None:
    import os

    os.environ["HUB_KEY_PLACE"] = "file"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The made-up company."""
    return build(tmp_path_factory.mktemp("demo") / "company")


@pytest.fixture
def company(original: Demo, tmp_path: Path) -> Company:
    """A copy that a test may change."""
    return Company(original, tmp_path / "company")
