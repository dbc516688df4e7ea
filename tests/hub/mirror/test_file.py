"""The mirror's file: what goes in comes out, what is removed leaves no byte, and a bad file is made anew."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.entry import Attachment, Disposal, Entry, Field, Ref, Retention, Version
from connectors.errors import StateError
from connectors.phrase import Phrase
from hub import mirror, store
from hub.matching import Matching
from hub.mirror import Mirror, MirrorIndex, blocks, codec, preparing, words
from tests.hub.held import held
from tests.hub.mirror.conftest import fill

KEY = bytes(range(32))
OTHER_HUB = """
import sys, pathlib
from hub import mirror
with mirror.opened(pathlib.Path(sys.argv[1]), bytes(range(32)), "FI") as mine:
    mine.remark("mine", "1")
    print("open", flush=True)
    sys.stdin.read()
"""
"""Has the mirror open, in the middle of a write, until its input ends."""
TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\x1c\x1d\x1e\x1f\ud83d\udcff")), max_size=12)
FIELDS = st.builds(Field, st.sampled_from(["name", "email", "note"]), TEXT, TEXT, st.booleans())


@settings(max_examples=200)
@given(st.lists(FIELDS, max_size=4), st.tuples(TEXT, TEXT), st.integers(), st.sampled_from(Disposal), st.booleans())
def test_an_entry_comes_back_as_it_was(
    fields: list[Field], texts: tuple[str, str], row: int, disposal: Disposal, more: bool
) -> None:
    """Every value, place, reason and file name, whatever signs they hold."""
    sheet, ref = texts
    where = Phrase("sheet {sheet}, row {row}", sheet=sheet, row=row, inside=Phrase("({name})", name=sheet))
    entry = Entry(
        Ref(ref), Version(f"{ref}{sheet}"), where, tuple(fields), disposal, Phrase("kept for {row}", row=row) if more else None
    )
    if more:
        shown = Attachment("kuva.png", "image/png", bytes, "page")
        entry = Entry(
            entry.ref, entry.version, where, entry.fields, disposal, None, (shown,), "alku.xlsx", (Phrase("{m}", m=sheet),)
        )
    assert codec.parts_of(codec.row_of(7, entry)) == (7, entry.ref, entry.version, codec.content_of(entry))
    assert codec.row_of(7, entry).encode()  # half a pair of surrogates, as a name of a file may have, is escaped
    assert codec.shape_of(entry).encode()
    shape = json.loads(codec.shape_of(entry))
    back = codec.entry_of(shape, entry.ref, entry.version, codec.content_of(entry), lambda name: name.encode())

    assert back == entry
    assert (back.locator.template, dict(back.locator.values)) == (where.template, dict(where.values))
    assert [item.load() for item in back.attachments] == ([b"kuva.png"] if more else [])


def test_half_a_pair_of_surrogates_is_kept_and_found(plain: Mirror) -> None:
    """A file whose name is no UTF-8 must not keep everything else from being found."""
    odd = held("r1", source="vcard", name="Maija \ud83d Malli", note="\udcff")
    where = Phrase("{file}", file="x\udcff.vcf")
    entry = replace(odd.entry, locator=where, fields=(*odd.entry.fields, Field("other", "x", "\udcff")), copy_of="\udcff.vcf")
    fill(plain, [replace(odd, entry=entry)])

    (person,) = Matching(MirrorIndex(plain, "FI"), "FI").find("maija malli")
    assert person.links[0].held.entry == entry
    assert person.links[0].held.entry.locator == "x\udcff.vcf"


@pytest.mark.parametrize(
    "kept", [Retention("voucher"), Retention("book", Disposal.ERASE, Phrase("{f}", f="1.xml"), Phrase("hold"))]
)
def test_what_a_law_keeps_comes_back_with_it(kept: Retention) -> None:
    """An invoice in the mirror is kept as long as one in its folder: the law is not lost on the way."""
    fields = (Field("date", "2026-01-15", "InvoiceDate", stays=True),)
    entry = Entry(Ref("r"), Version("v"), Phrase("invoice 1"), fields, Disposal.RETAIN, Phrase("kept"), retention=kept)

    assert (
        codec.entry_of(json.loads(codec.shape_of(entry)), "r", "v", codec.content_of(entry), lambda name: name.encode()) == entry
    )


@pytest.fixture
def legible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that are packed without being compressed: what stands in them can be read in the file."""
    monkeypatch.setattr(blocks, "LEVEL", 0)


@pytest.mark.usefixtures("legible")
def test_what_is_removed_leaves_no_byte(plain: Mirror, tmp_path: Path) -> None:
    """No name, e-mail, phone or note of hers is in the file any more: not in rows, words, typing errors or free pages."""
    her = held("her", name="Kanarialintu Harvinainen", email="harvinainen@lintu.example", phone="044 1234567", note="Salaisuus")
    others = [held(f"o{number}", name=f"Tavallinen Nimi{number}", email=f"o{number}@x.example") for number in range(300)]
    fill(plain, [*others[:150], her, *others[150:]])
    words = (b"kanarialintu", b"Kanarialintu", b"harvinainen", b"358441234567", b"Salaisuus")
    file = tmp_path / "plain.db"
    assert all(word in file.read_bytes() for word in words)
    assert plain.words.near("kanaralintu") == {"kanarialintu"}

    plain.remove([plain.refs(1)["her"][0][0]])
    plain.database.commit()

    assert [word for word in words if word in file.read_bytes()] == []
    assert plain.words.near("kanaralintu") == set()
    assert [path.name for path in tmp_path.iterdir()] == ["plain.db"]
    matching = Matching(MirrorIndex(plain, "FI"), "FI")
    assert matching.find("harvinainen") == ()
    assert len(matching.find("o7@x.example")) == 1


@pytest.mark.usefixtures("legible")
def test_what_is_changed_leaves_no_byte_of_what_it_was(plain: Mirror, tmp_path: Path) -> None:
    """The old name, e-mail and note are gone from the file; whoever bears the same words is found by them as before."""
    her = held("her", name="Kanarialintu Harvinainen", email="harvinainen@lintu.example", note="Salaisuus")
    others = [held(f"o{number}", name=f"Tavallinen Nimi{number}", email=f"o{number}@x.example") for number in range(300)]
    namesake = held("too", name="Kanarialintu Toinen")
    fill(plain, [*others[:150], her, *others[150:], namesake])
    file = tmp_path / "plain.db"

    (place,) = plain.places(1, "book", "her")
    plain.change([(place[0], plain.row_of(held("her", name="Uusi Nimi7", email="uusi@lintu.example").entry))])
    plain.database.commit()

    gone = (b"arvinainen", b"Salaisuus")
    assert [word for word in gone if word in file.read_bytes()] == []
    matching = Matching(MirrorIndex(plain, "FI"), "FI")
    found = {query: {link.held.entry.ref for person in matching.find(query) for link in person.links} for query in QUERIES_OF_HER}
    assert found == QUERIES_OF_HER


QUERIES_OF_HER = {
    "uusi@lintu.example": {"her"},
    "Uusi": {"her"},
    "kanaralintu": {"too"},
    "harvinainen": set(),
    "Nimi7": {"her", "o7"},
}


def test_a_word_that_an_entry_has_twice_is_counted_once(plain: Mirror) -> None:
    """Both her given names begin beside one initial: never are more words removed than the index believes to have."""
    her = held("her", given="Anna-Maija", family="Mäki", birthday="1970-03-12")
    fill(plain, [held("her", name="Uusi Nimi")])
    ((number, *_),) = plain.refs(1)["her"]

    plain.change([(number, plain.row_of(her.entry))])
    plain.remove([number])
    plain.database.commit()

    assert plain.database.execute("SELECT term FROM vocabulary").fetchall() == []


def test_many_entries_are_prepared_elsewhere_and_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What several processes made ready is as if it had been made here; a large index is put together."""
    entries = [held(f"o{number}", name=f"Nimi{number} Tavallinen", email=f"o{number}@x.example") for number in range(100)]
    made = {}
    for way, several, settled in (("alone", 1_000, 1_000), ("together", 2 * blocks.SIZE, 50)):
        monkeypatch.setattr(preparing, "BATCH", several)
        monkeypatch.setattr(words, "_MANY", settled)
        with mirror.opened(tmp_path / way, KEY, "FI") as mine:
            for part in (entries[:40], entries[40:]):
                mine.add("book", mine.keep(mirror.Known("book", "memory", "", entries=100)), (item.entry for item in part), "FI")
                mine.database.commit()
        with mirror.opened(tmp_path / way, KEY, "FI") as mine:
            terms = mine.database.execute("SELECT term, doc FROM vocabulary").fetchall()
            parts = mine.database.execute("SELECT part, missing FROM typo").fetchall()
            ((pieces,),) = mine.database.execute("SELECT count(DISTINCT segid) FROM word_idx")
            made[way] = (list(mine.everything()), terms, parts), pieces

    assert made["alone"][0] == made["together"][0]
    assert (made["alone"][1], made["together"][1]) == (2, 1)


def test_the_file_is_encrypted_and_private(tmp_path: Path) -> None:
    """No value stands in it, nobody else may read it, and no other program can."""
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        fill(mine, [held("her", name="Kanarialintu Harvinainen", email="harvinainen@lintu.example")])
    file = tmp_path / mirror.FILE

    assert b"arvinainen" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(file).execute("SELECT * FROM block")


@pytest.mark.parametrize("harm", ["garbage", "empty", "another key", "another region", "plain", "cut"])
def test_a_file_that_cannot_be_trusted_is_made_anew(tmp_path: Path, harm: str) -> None:
    """Damaged, foreign, made with another key or for other phone rules: it is empty afterwards, never an error."""
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        fill(mine, [held("her", name="Kanarialintu Harvinainen")])
    file = tmp_path / mirror.FILE
    key, region = KEY, "FI"
    if harm == "garbage":
        file.write_bytes(b"\x07" * 9000)
    elif harm == "empty":
        file.write_bytes(b"")
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    elif harm == "plain":
        file.unlink()
        sqlite3.connect(file).execute("CREATE TABLE about (name, value)").connection.close()
    elif harm == "another key":
        key = bytes(32)
    else:
        region = "SE"

    with mirror.opened(tmp_path, key, region) as mine:
        assert mine.sources() == {}
        fill(mine, [held("him", name="Uusi Nimi")])
    with mirror.opened(tmp_path, key, region) as mine:
        assert list(mine.refs(1)) == ["him"]


def test_what_is_no_file_is_left_to_the_owner(tmp_path: Path) -> None:
    """A folder of its name may hold anything: it is told, and nothing in it goes."""
    (tmp_path / mirror.FILE).mkdir()
    (tmp_path / mirror.FILE / "hers.txt").write_text("x")

    with pytest.raises(StateError, match="in the hub's own directory"):
        mirror.opened(tmp_path, KEY, "FI").__enter__()

    assert (tmp_path / mirror.FILE / "hers.txt").exists()


def test_a_file_that_held_more_gets_smaller(tmp_path: Path) -> None:
    """What nothing uses any more is given back, and what stays is whole."""
    many = [
        held(f"o{number}", source="many", name=f"Nimi{number} Tavallinen", email=f"o{number}@x.example") for number in range(3000)
    ]
    her = held("her", name="Kanarialintu Harvinainen")
    file = tmp_path / mirror.FILE
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        fill(mine, [*many, her])
    before = file.stat().st_size
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        mine.drop("many")

    assert file.stat().st_size < before * 0.6
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        assert [item.entry.ref for item in mine.everything()] == ["her"]
        assert len(Matching(MirrorIndex(mine, "FI"), "FI").find("harvinainen")) == 1


def test_an_interrupted_write_is_undone(tmp_path: Path) -> None:
    """What was not committed is not there when something breaks in the middle."""
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        fill(mine, [held("her", name="Kanarialintu Harvinainen")])
    with suppress(RuntimeError), mirror.opened(tmp_path, KEY, "FI") as mine:
        mine.remove([mine.refs(1)["her"][0][0]])
        raise RuntimeError

    with mirror.opened(tmp_path, KEY, "FI") as mine:
        assert list(mine.refs(1)) == ["her"]


def test_a_mirror_that_another_hub_has_open_is_not_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who makes it anew waits, and says so in the end; else the journal of the one that is gone would spoil the new one."""
    monkeypatch.setattr(store, "PATIENCE", 0.0)
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_HUB, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StateError, match="Another hub command is working on the mirror"):
            mirror.opened(tmp_path, KEY, "FI", anew=True).__enter__()
        other.communicate()

    assert other.returncode == 0
    with mirror.opened(tmp_path, KEY, "FI") as mine:
        assert mine.about("mine") == "1"
    with mirror.opened(tmp_path, KEY, "FI", anew=True) as mine:
        assert mine.about("mine") == ""
