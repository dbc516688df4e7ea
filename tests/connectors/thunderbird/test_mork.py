"""The reader of the old format, held against what a real Thunderbird shows of the same files."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.errors import Damaged, HubError
from connectors.thunderbird import mork, morkbook
from tests.connectors.test_fuzz import bounded
from tests.connectors.thunderbird import mork_samples
from tests.connectors.thunderbird.mork_samples import BASE, SAMPLES, Sample


def names_of(book: morkbook.MorkBook) -> tuple[str, ...]:
    """The display names of a book's cards."""
    return tuple(row.value(b"DisplayName").decode() for row in book.cards)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_whoever_thunderbird_shows_is_read(sample: Sample) -> None:
    """A whole file gives the very cards that Thunderbird shows; of a broken one at least those, and that it is broken."""
    try:
        book = morkbook.from_bytes(sample.data)
    except Damaged:
        assert (sample.broken, sample.names) == (True, ())
        return

    assert book.cut_off == sample.broken
    assert all(value for row in book.rows for _, value in row.cells)
    if sample.broken:
        assert set(sample.names) <= set(names_of(book))
        assert book.kept_back
    else:
        assert names_of(book) == sample.names


@pytest.mark.parametrize(
    "name",
    ["group unfinished", "group aborted at the end", "group with another one's end", "alias defined otherwise in a group"],
)
def test_what_nobody_shows_is_still_told(name: str) -> None:
    """Values and rows of groups that do not count are in the other model."""
    data = SAMPLES[name].data.replace(b"@$${1{@\n", b"@$${1{@\n<(A7=haudattu)>[7:^80(^84^A7)]")
    book = morkbook.from_bytes(data)

    assert b"haudattu" in book.atoms or name == "group with another one's end"
    assert "haudattu" not in names_of(book)


def test_a_row_written_anew_loses_its_other_cells() -> None:
    """A minus before a row's id is no deletion: the row stays, with the new cells alone."""
    anew, more = (morkbook.from_bytes(BASE + row + b"(^84^97)]").cards[0].cells for row in (b"[-1:^80", b"[1:^80"))

    assert anew == ((b"DisplayName", b"Liisa"),)
    assert more == ((b"DisplayName", b"Liisa"), (b"PrimaryEmail", b"a@x.example"), (b"RecordKey", b"1"))


def test_superseded_cells_and_rows_of_no_table_are_told() -> None:
    """Every row as it was ever written stays in the past, in its order."""
    book = morkbook.from_bytes(BASE + b"<(A1=Vanha)>[9:^80(^84^A1)][1:^80(^84^97)]")

    assert ((b"DisplayName", b"Vanha"),) in book.past
    assert (b"DisplayName", b"Aino") in book.past[1]
    assert names_of(book) == ("Liisa", "Eero", "Liisa")


@pytest.mark.parametrize(
    "more",
    [b"[1:^80(^FFF^90)]", b"{1:^80 {(k^8D:c)}}", b"{7:^80 {(k^84:c)} [9(^84^90)]}", b"%"],
    ids=["a column without a name", "a book of another kind", "a table of another kind", "broken"],
)
def test_a_file_with_more_than_is_understood_is_kept_back(more: bytes) -> None:
    """What could be lost by writing the file anew keeps it from being written."""
    assert not morkbook.from_bytes(BASE).kept_back
    book = morkbook.from_bytes(BASE + more)
    assert book.kept_back
    assert all(name for row in book.rows for name, _ in row.cells)


@pytest.mark.parametrize("data", [b"", b"x", mork.MAGIC, mork.MAGIC.replace(b"1.4", b"1.3") + BASE[33:]])
def test_no_mork(data: bytes) -> None:
    """Nothing, something else, an empty file, another version."""
    with pytest.raises(Damaged):
        morkbook.from_bytes(data)


def _list(*cells: tuple[bytes, bytes]) -> morkbook.Row:
    return morkbook.Row(morkbook.LIST, 1, cells)


def test_a_list_that_is_right_stays_as_it_is() -> None:
    """Only a list that names somebody who is gone is numbered anew; cells beyond its total count for nothing."""
    one, two = (morkbook.Row(morkbook.CARD, number, ()) for number in (1, 2))
    right = _list((b"Address2", b"02"), (b"ListTotalAddresses", b"2"), (b"Address1", b"1"), (b"ListName", b"L"))
    beyond = _list((b"ListTotalAddresses", b"1"), (b"Address1", b"1"), (b"Address2", b"2"))

    assert morkbook.without((one, two, right)) == (one, two, right)
    assert morkbook.without((one, two, right), 1)[1].cells == (
        (b"ListName", b"L"),
        (b"ListTotalAddresses", b"1"),
        (b"Address1", b"02"),
    )
    assert morkbook.without((one, two, beyond))[2].cells == ((b"ListTotalAddresses", b"1"), (b"Address1", b"1"))


_NAMES = st.sampled_from([b"FirstName", b"DisplayName", b"Notes", b"Omituinen", b"x", b"Address"])
_VALUES = st.one_of(st.binary(min_size=1, max_size=40), st.text(min_size=1, max_size=20).map(lambda text: text.encode()))
_CELLS = st.dictionaries(_NAMES, _VALUES, max_size=5).map(lambda cells: tuple(cells.items()))
_IDS = st.integers(1, mork._ID)


@st.composite
def rows(draw: st.DrawFn) -> tuple[morkbook.Row, ...]:
    """Cards, lists with members that may be nobody, and the counter."""
    ids = draw(st.lists(_IDS, unique=True, max_size=5))
    found = [morkbook.Row(morkbook.CARD, number, draw(_CELLS)) for number in ids]
    for number in range(draw(st.integers(0, 2))):
        members = draw(st.lists(st.sampled_from([*ids, 3, 0]), max_size=4))
        cells = [(b"ListName", b"L"), (b"ListTotalAddresses", b"%X" % len(members))]
        cells += [(b"Address%d" % place, b"%x" % member) for place, member in enumerate(members, start=1)]
        found.append(morkbook.Row(morkbook.LIST, number + 1, tuple(cells)))
    return (morkbook.Row(morkbook.DATA, 1, ((b"LastRecordKey", b"5"),)), *found)


@given(rows())
@example(
    (morkbook.Row(morkbook.DATA, 1, ((b"LastRecordKey", b"5"),)), morkbook.Row(morkbook.CARD, 1, ((b"FirstName", b"{1:^="),)))
)
@settings(max_examples=200)
def test_what_is_written_is_read(told: tuple[morkbook.Row, ...]) -> None:
    """Any rows come back as they were, written again they are the same bytes, and every byte is plain."""
    data = morkbook.to_bytes(told)
    book = morkbook.from_bytes(data)

    assert book.rows == told
    assert not book.kept_back
    assert morkbook.to_bytes(book.rows) == data
    assert all(byte == 10 or 32 <= byte < 127 for byte in data)
    assert b"=" not in data.partition(b"\n{1:^")[2].replace(b"(s=9)", b"")


@given(rows(), st.integers(0, 5))
@settings(max_examples=200)
def test_without_a_card(told: tuple[morkbook.Row, ...], which: int) -> None:
    """The others are the same; lists count only cards that are there, without holes, in their old order."""
    cards = [row.id for row in told if row.scope == morkbook.CARD]
    gone = cards[which % len(cards)] if cards else None
    kept = morkbook.without(told, gone)

    assert morkbook.without(kept) == kept
    assert [row for row in kept if row.scope != morkbook.LIST] == [
        row for row in told if row.scope != morkbook.LIST and (row.scope, row.id) != (morkbook.CARD, gone)
    ]
    for old, new in zip(*([row for row in all_ if row.scope == morkbook.LIST] for all_ in (told, kept)), strict=True):
        members = [int(value, 16) for name, value in old.cells if name.startswith(b"Address")]
        left = [member for member in members if member in cards and member != gone]
        assert [int(value, 16) for name, value in new.cells if name.startswith(b"Address")] == left
        assert [name for name, _ in new.cells if name.startswith(b"Address")] == [
            b"Address%d" % n for n in range(1, len(left) + 1)
        ]
        assert int(new.value(b"ListTotalAddresses"), 16) == len(left)


_WORDS = st.sampled_from(
    b"< > ( ) [ ] { } @$${1{@ @$$}1}@ @$$}~~}@ <(a=c)> 1:^80 ^84 ^90 = - ! // /* */ \\ $C3 $ {(k^83:c)(s=9)} -1 \n \r : \0 \xff".split(
        b" "
    )
)


@given(st.lists(st.one_of(_WORDS, st.binary(max_size=4)), max_size=60), st.booleans())
@settings(max_examples=400)
def test_nothing_but_the_hubs_errors(words: list[bytes], base: bool) -> None:
    """Any bytes after the magic line, or after a whole book, are read or are damaged."""
    data = (BASE if base else mork_samples.MAGIC) + b"".join(words)
    try:
        book = morkbook.from_bytes(data)
    except HubError:
        return
    morkbook.from_bytes(morkbook.to_bytes(morkbook.without(book.rows)))


def test_files_with_changed_bytes() -> None:
    """Bytes changed, removed, doubled: the book is read or damaged, and what is written of it is read again."""
    chance = random.Random(7)
    for _ in range(1500):
        data = bytearray(chance.choice(list(SAMPLES.values())).data)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(34, len(data))
            data[place : place + chance.randint(0, 3)] = chance.choice(
                [b"", bytes([chance.randrange(256)]), bytes(data[place : place + 30]), b"(", b"@$${2{@"]
            )
        try:
            book = morkbook.from_bytes(bytes(data))
        except HubError:
            continue
        rewritten = morkbook.without(book.rows)
        assert morkbook.from_bytes(morkbook.to_bytes(rewritten)).rows == rewritten


@pytest.mark.parametrize(
    "part", [b"(", b"[", b"{", b"<", b"/*", b"//", b"\\\n", b"-", b"@$${1{@", b"@$${1{@@$$}1}@", b"[1:^80(^84^90)]", b"$", b"F", b"{1:^80 {(k^83:c)} 1!0 }"]
)  # fmt: skip
def test_long_files_are_read_in_time(part: bytes) -> None:
    """A part repeated very often, wherever it stands: were any step slower the longer the rest, this would not end in time."""
    for place in (len(BASE), BASE.index(b"[1(") + 2, BASE.index(b"Aino")):
        with bounded(), suppress(HubError):
            morkbook.from_bytes(BASE[:place] + part * (400_000 // len(part)) + BASE[place:])
