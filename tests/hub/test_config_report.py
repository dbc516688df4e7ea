"""The `[report]` table: what the nightly report expects, and everything wrong with it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from hub import config

SOURCES = """
[source.customers]
kind = "csv"
path = "a.csv"

[source.phone]
kind = "vcard"
path = "b.vcf"
"""


def load(folder: Path, report: str) -> config.Config:
    """A configuration of two sources with this `[report]` table."""
    file = folder / "hub.toml"
    file.write_text(f"{SOURCES}\n[report]\n{report}\n", encoding="utf-8")
    return config.load(file, {})


@pytest.mark.parametrize(
    ("report", "expect"),
    [
        ("", {}),
        ('expect = { customers = ["phone"] }', {"customers": ("phone",)}),
        ('expect = { customers = ["phone", "email", "phone"], phone = [] }', {"customers": ("phone", "email"), "phone": ()}),
    ],
)
def test_what_is_expected(tmp_path: Path, report: str, expect: dict[str, tuple[str, ...]]) -> None:
    """Other sources, or kinds of fields; each once."""
    assert load(tmp_path, report).expect == expect


@pytest.mark.parametrize(
    ("report", "key"),
    [
        ("expect = 1", "report.expect"),
        ('expect = { customer = ["phone"] }', "report.expect.customer"),
        ('expect = { customers = "phone" }', "report.expect.customers"),
        ("expect = { customers = [1] }", "report.expect.customers"),
        ('expect = { customers = ["phon"] }', "report.expect.customers"),
        ('expect = { customers = ["customers"] }', "report.expect.customers"),
        ("expects = {}", "report.expects"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, report: str, key: str) -> None:
    """A shape, a source, or a word that is not known."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, report)
    assert [str(problem).split(" ")[0].rstrip(":") for problem in caught.value.problems] == [key]


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    """A wrong source and two wrong words in one run."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, 'expect = { custom = ["phone"], customers = ["phnoe", "emial"] }')
    assert len(caught.value.problems) == 3
    assert any("phone" in str(problem) for problem in caught.value.problems)
