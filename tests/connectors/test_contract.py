"""What the port does by itself for a connector that writes only what it must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from connectors.contract import Column, Connector, Features, Needle, Outcome, Residue
from connectors.entry import Cursor, Entry, Field, Item, Ref, Unreadable, Version
from connectors.errors import Damaged, HubError, Locked, NotFound, Refused, Unreachable
from connectors.phrase import Phrase


def entry(ref: str) -> Entry:
    """An entry with this ref."""
    return Entry(Ref(ref), Version("1"), Phrase("row 1"), (Field("name", "Aino Kuvitelma"),))


class Least(Connector):
    """A connector with the four methods that must be written; it yields what it is told, an error in the end."""

    kind = "least"
    features = Features()

    def coverage(self) -> Sequence[Column]:
        """Nothing to cover."""
        return []

    def entries(self, since: str | None = None) -> Iterator[Item]:
        """Yield the items of the settings."""
        yield from self.settings["items"]
        if error := self.settings.get("error"):
            raise error

    def erase(self, ref: Ref, version: Version, needles: Sequence[Needle] = ()) -> Outcome:
        """Erase nothing."""
        raise AssertionError

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Find nothing."""
        return []


def least(*items: Item, error: HubError | None = None) -> Least:
    """A source that lists these items."""
    return Least("lähde", {"items": items, "error": error})


def test_get_finds_the_entry() -> None:
    """One entry is read out of a fresh listing, which need not come to its end for that."""
    assert least(entry("a"), entry("b")).get(Ref("b")) == entry("b")


def test_get_in_a_whole_listing_is_not_found() -> None:
    """Only a listing that came to its end proves that an entry is not there."""
    with pytest.raises(NotFound):
        least(entry("a"), Unreadable(Phrase("row 2"), Phrase("broken")), Cursor(1, 1)).get(Ref("b"))


@pytest.mark.parametrize("source", [least(), least(entry("a"))])
def test_get_in_a_broken_off_listing_is_unreachable(source: Least) -> None:
    """A listing without its cursor never says that an entry is gone: an erase would be called done on it."""
    with pytest.raises(Unreachable):
        source.get(Ref("b"))


@pytest.mark.parametrize(
    ("error", "reachable", "state"),
    [
        (Unreachable(Phrase("not there.")), False, "missing"),
        (Locked(Phrase("open.")), False, "locked"),
        (Damaged(Phrase("broken.")), True, "damaged"),
        (Refused(Phrase("signed."), Phrase("Take the signature off.")), True, "refused"),
    ],
)
def test_check_tells_every_trouble_by_its_name(error: HubError, reachable: bool, state: str) -> None:
    """A source in trouble is not readable, and says which trouble it is and what to do."""
    check = least(error=error).check()

    assert (check.reachable, check.may_read, check.may_erase, check.state) == (reachable, False, False, state)
    assert check.problems == (error.told,)


def test_what_is_not_written_is_refused() -> None:
    """A connector that writes no redact and no restore refuses both."""
    with pytest.raises(Refused):
        least().redact(Ref("a"), Version("1"), ["phone"])
    with pytest.raises(Refused):
        least().restore(b"")
