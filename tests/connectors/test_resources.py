"""The data files: read as they are, and quickly where they were parsed beforehand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from connectors import _resources
from tests import parsed


@pytest.mark.parametrize("name", parsed.NAMES)
def test_what_was_parsed_is_up_to_date(name: str) -> None:
    """After a change of the data file: `python -m tests.parsed`. Until then it is read all the same, but slowly."""
    assert _resources.path("parsed", f"{name}.json").read_text("utf-8") == parsed.parsed(name)


@pytest.mark.parametrize("name", [*parsed.NAMES, "headers.toml"])
def test_a_table_is_what_the_file_says(name: str) -> None:
    """Parsed beforehand or not, it is the same."""
    assert _resources.table(name) == tomllib.loads(_resources.path(name).read_text("utf-8"))


def test_what_was_parsed_of_another_text_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data file that was changed since counts as it stands now."""
    (tmp_path / "parsed").mkdir()
    (tmp_path / "names.toml").write_bytes(_resources.path("names.toml").read_bytes())
    monkeypatch.setattr(_resources, "path", tmp_path.joinpath)
    (tmp_path / "parsed" / "names.toml.json").write_text(parsed.parsed("names.toml"), "utf-8")
    (tmp_path / "names.toml").write_text("other = 1", "utf-8")

    assert _resources.table.__wrapped__("names.toml") == {"other": 1}
