"""A look at very many files that begins before anybody asks for it: worth the same as one that begins then."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from connectors.contract import Watched
from hub.machine import sharing
from hub.search import freshness
from hub.search.freshness import begun, look

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no look is begun before it is asked for")

MANY = 50


@pytest.fixture
def crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with just so many files that a look at it is worth being begun."""
    monkeypatch.setattr(freshness, "MANY", MANY)
    monkeypatch.setattr(sharing, "possible", lambda: True)
    crowd = tmp_path / "joukko"
    crowd.mkdir()
    for number in range(MANY):
        (crowd / f"{number}.vcf").touch()
    return crowd


def test_a_look_that_was_begun_is_asked_for_once(crowd: Path) -> None:
    """It tells what a look would have told when it was begun; who looks again sees what is there then."""
    watched = [Watched(crowd), Watched(crowd, like="", deep=True)]
    before = look(watched).signature

    ahead = begun([str(crowd / "poissa"), str(crowd / "0.vcf"), str(crowd)])
    assert ahead is not None
    assert look(watched, ahead).signature == before

    (crowd / "1.vcf").write_bytes(b"x")
    assert before != look(watched, ahead).signature == look(watched).signature
    ahead.end()


def test_a_look_that_was_begun_is_of_nothing_else(crowd: Path) -> None:
    """Other folders, and some of the files of this one, are looked at by who asks."""
    ahead = begun([str(crowd)])
    assert ahead is not None
    for item in (
        Watched(crowd),
        Watched(crowd, like="1"),
        Watched(crowd / "0.vcf", like=""),
        Watched(crowd.parent, like="", deep=True),
    ):
        assert look([item], ahead) == look([item])
        assert not ahead.is_of(item)
    assert ahead.is_of(Watched(crowd, like=""))
    ahead.end()
    assert not ahead.is_of(Watched(crowd, like=""))


@pytest.mark.parametrize("why", ["few files", "a folder in it", "very many files", "nobody to help", "another system"])
def test_a_look_that_is_not_worth_it_is_not_begun(crowd: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Nor one that one processor would have to make first."""
    monkeypatch.setattr(sharing, "possible", lambda: why != "nobody to help")
    if why == "few files":
        (crowd / "0.vcf").unlink()
    elif why == "a folder in it":
        (crowd / "alla").mkdir()
    elif why == "very many files":
        monkeypatch.setattr(freshness, "AT_ONCE", MANY - 1)
    elif why == "another system":
        monkeypatch.setattr(os, "supports_fd", set())

    assert begun([str(crowd)]) is None
    assert crowd not in map(_opened, Path("/proc/self/fd").iterdir())


def _opened(descriptor: Path) -> Path:
    try:
        return descriptor.readlink()
    except OSError:
        return descriptor  # another's, closed just now
