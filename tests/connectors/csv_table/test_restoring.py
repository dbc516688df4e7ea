"""Rows come back: to the byte in a file that nobody touched, else among their old neighbours, never twice, nothing lost."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Outcome
from connectors.csv_table import CsvConnector
from connectors.entry import Disposal, Entry
from connectors.errors import Conflict, Locked, Refused
from tests.connectors.csv_table.test_writing import ENCODINGS, ROWS, build

HEAD = "Nimi;Sähköposti;Puhelin;Hinta"
AINO = "Aino Kuvitelma;aino@kuvitelma.example;044 1234567;10"
EERO = "Eero Keksitty;eero@keksitty.example;050 1234567;20"
LIISA = "Liisa Muu;liisa@muu.example;040 1234567;30"
SATU = "Satu Uusi;satu@uusi.example;040 1234999;40"


def write(folder: Path, *rows: str, end: str = "\r\n") -> Path:
    """A list with these rows."""
    path = folder / "lista.csv"
    path.write_bytes("".join(row + end for row in (HEAD, *rows)).encode())
    return path


def lines(path: Path) -> list[str]:
    """The rows below the head."""
    return path.read_text("utf-8").splitlines()[1:]


def connector(path: Path, **options: Any) -> CsvConnector:
    """A connector on the list."""
    return CsvConnector("lista", {"path": path, **options})


def entry_of(path: Path, email: str, **options: Any) -> Entry:
    """The entry with this address."""
    (found,) = [
        item for item in connector(path, **options).entries() if isinstance(item, Entry) and email in item.values("email")
    ]
    return found


def take(path: Path, email: str = "aino@kuvitelma.example", **options: Any) -> Outcome:
    """Erase somebody, or redact where another person shares the row."""
    entry = entry_of(path, email, **options)
    source = connector(path, **options)
    if entry.disposal is Disposal.REDACT:
        return source.redact(entry.ref, entry.version, [item.kind for item in entry.leaving()])
    return source.erase(entry.ref, entry.version)


@settings(max_examples=150)
@given(ROWS, st.sampled_from(";,\t"), st.sampled_from(("\r\n", "\n")), st.sampled_from(ENCODINGS), st.data())
def test_an_untouched_file_is_as_it_was_to_the_byte(
    cells: list[list[str]], delimiter: str, end: str, encoding: str, data: st.DataObject
) -> None:
    """Whatever stands in the rows and however the file ends, erase and restore leave no byte otherwise."""
    rows = [[f"Henkilö N{'a' * number}", f"h{number}@malli.example", *pair] for number, pair in enumerate(cells)]
    texts, gone = build(rows, delimiter, end), data.draw(st.integers(0, len(rows) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lista.csv"
        text = "".join(texts)
        path.write_bytes((text if data.draw(st.booleans()) else text.removesuffix(end)).encode(encoding))
        before = path.read_bytes()
        outcome = take(path, f"h{gone}@malli.example", delimiter=delimiter)

        assert connector(path, delimiter=delimiter).restore(outcome.receipt) == Outcome("restored")
        assert path.read_bytes() == before


@settings(max_examples=150)
@given(ROWS, st.sampled_from(("\r\n", "\n")), st.sampled_from(ENCODINGS), st.data())
def test_a_file_that_changed_loses_nothing(cells: list[list[str]], end: str, encoding: str, data: st.DataObject) -> None:
    """With rows added, removed and moved meanwhile, every row of the file stays to the byte and hers is there again, once."""
    rows = [[f"Henkilö N{'a' * number}", f"h{number}@malli.example", *pair] for number, pair in enumerate(cells)]
    head, *texts = build(rows, ";", end)
    gone = data.draw(st.integers(0, len(rows) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lista.csv"
        path.write_bytes("".join([head, *texts]).encode(encoding))
        outcome = take(path, f"h{gone}@malli.example")
        others = texts[:gone] + texts[gone + 1 :]
        now = [*data.draw(st.permutations(others)), f"Uusi Tulija;uusi@malli.example;x;y{end}"]
        now = now[data.draw(st.integers(0, len(now) - 1)) :]
        path.write_bytes("".join([head, *now]).encode(encoding))

        connector(path).restore(outcome.receipt)

        text = path.read_bytes().decode(encoding)
        assert text.startswith(head)
        assert text.replace(texts[gone], "", 1) == "".join([head, *now])


def test_a_row_goes_between_its_old_neighbours(tmp_path: Path) -> None:
    """A row added above does not move it; with the one above gone it goes above the one below."""
    path = write(tmp_path, EERO, AINO, LIISA)
    outcome = take(path)

    write(tmp_path, SATU, EERO, LIISA)
    assert connector(path).restore(outcome.receipt).notes == ()
    assert lines(path) == [SATU, EERO, AINO, LIISA]

    write(tmp_path, SATU, LIISA)
    assert connector(path).restore(outcome.receipt).notes == ()
    assert lines(path) == [SATU, AINO, LIISA]


def test_a_row_whose_neighbours_are_gone(tmp_path: Path) -> None:
    """It goes below the last person, above a total, and the owner is told."""
    path = write(tmp_path, EERO, AINO, LIISA)
    outcome = take(path)
    write(tmp_path, SATU, "Yhteensä;;;40")

    (note,) = connector(path).restore(outcome.receipt).notes

    assert "old place" in note
    assert lines(path) == [SATU, AINO, "Yhteensä;;;40"]


def test_an_emptied_list_takes_a_row(tmp_path: Path) -> None:
    """Below the column names, when nobody is left."""
    path = write(tmp_path, EERO, AINO)
    outcome = take(path)
    write(tmp_path, "")

    connector(path).restore(outcome.receipt)

    assert AINO in lines(path)


def test_a_last_row_without_line_end(tmp_path: Path) -> None:
    """A row that goes below such a one gets its own line, and is then the last one without."""
    path = write(tmp_path, EERO, AINO)
    outcome = take(path)
    path.write_bytes(f"{HEAD}\r\n{SATU}\r\n{EERO}".encode())

    connector(path).restore(outcome.receipt)
    assert path.read_bytes() == f"{HEAD}\r\n{SATU}\r\n{EERO}\r\n{AINO}".encode()


def test_two_erased_come_back_in_any_order(tmp_path: Path) -> None:
    """The first restore changes the file for the second, which finds its place all the same."""
    path = write(tmp_path, EERO, AINO, LIISA)
    before = path.read_bytes()
    receipts = [take(path, email).receipt for email in ("eero@keksitty.example", "aino@kuvitelma.example")]

    for receipt in receipts:
        connector(path).restore(receipt)

    assert sorted(lines(path)) == sorted([EERO, AINO, LIISA])
    write(tmp_path, EERO, AINO, LIISA)
    for receipt in reversed([take(path, email).receipt for email in ("eero@keksitty.example", "aino@kuvitelma.example")]):
        connector(path).restore(receipt)
    assert path.read_bytes() == before


@pytest.mark.parametrize("now", [(EERO, AINO, LIISA), (AINO, EERO), (EERO, AINO + "0", LIISA)])
def test_a_row_that_is_there_again_is_a_conflict(tmp_path: Path, now: tuple[str, ...]) -> None:
    """Restored already, written anew, or written anew otherwise: no byte changes."""
    path = write(tmp_path, EERO, AINO, LIISA)
    outcome = take(path)
    write(tmp_path, *now)
    before = path.read_bytes()

    with pytest.raises(Conflict):
        connector(path).restore(outcome.receipt)
    assert path.read_bytes() == before


def test_other_columns_are_a_conflict(tmp_path: Path) -> None:
    """A row is not put under columns that mean something else."""
    path = write(tmp_path, AINO, EERO)
    outcome = take(path)
    path.write_bytes(f"Sähköposti;Nimi\r\n{SATU}\r\n".encode())

    with pytest.raises(Conflict, match="other columns"):
        connector(path).restore(outcome.receipt)


SHARED = "Aino Kuvitelma / Eero Keksitty;aino@kuvitelma.example / eero@keksitty.example;;10"


def test_a_part_of_a_shared_row_is_back(tmp_path: Path) -> None:
    """To the byte in a file nobody touched; in one that changed, in its row."""
    path = write(tmp_path, SHARED, LIISA)
    before = path.read_bytes()
    outcome = take(path)
    assert "aino" not in path.read_text("utf-8")

    connector(path).restore(outcome.receipt)
    assert path.read_bytes() == before
    with pytest.raises(Conflict):
        connector(path).restore(outcome.receipt)

    outcome = take(path)
    rest = lines(path)[0]
    write(tmp_path, SATU, rest, LIISA)
    connector(path).restore(outcome.receipt)
    assert lines(path) == [SATU, SHARED, LIISA]


def test_a_shared_row_of_which_something_else_changed_gets_her_part_back(tmp_path: Path) -> None:
    """The owner gave a phone: that stays, and the fields that were emptied are filled again."""
    path = write(tmp_path, SHARED, LIISA)
    outcome = take(path)
    name, email, _, price = lines(path)[0].split(";")
    write(tmp_path, SATU, f"{name};{email};050 1234567;{price}", LIISA)

    connector(path).restore(outcome.receipt)

    assert lines(path) == [SATU, SHARED.replace(";;", ";050 1234567;"), LIISA]


@pytest.mark.parametrize("field", [0, 1])
def test_a_shared_row_whose_emptied_field_changed_is_a_conflict(tmp_path: Path, field: int) -> None:
    """What the owner wrote there since is not written over."""
    path = write(tmp_path, SHARED, LIISA)
    outcome = take(path)
    fields = lines(path)[0].split(";")
    fields[field] += "0"
    write(tmp_path, ";".join(fields), LIISA)
    before = path.read_bytes()

    with pytest.raises(Conflict):
        connector(path).restore(outcome.receipt)
    assert path.read_bytes() == before


def test_rows_that_look_alike_are_told_apart_by_their_neighbours(tmp_path: Path) -> None:
    """Of two rows with the same rest the one between the old neighbours is hers; where neither is, nothing is written."""
    kinds = ["name", "email", "phone"]
    path = write(tmp_path, EERO, AINO, LIISA)
    entry = entry_of(path, "aino@kuvitelma.example")
    outcome = connector(path).redact(entry.ref, entry.version, kinds)
    write(tmp_path, ";;;10", SATU, EERO, ";;;10", LIISA)

    connector(path).restore(outcome.receipt)
    assert lines(path) == [";;;10", SATU, EERO, AINO, LIISA]

    for now in ([";;;10", SATU, ";;;10"], [EERO, ";;;10", LIISA, SATU, EERO, ";;;10", LIISA]):
        write(tmp_path, *now)
        with pytest.raises(Conflict):
            connector(path).restore(outcome.receipt)
        assert lines(path) == now


@pytest.mark.parametrize("mark", [".~lock.lista.csv#", "~$lista.csv"])
def test_an_open_table_is_locked(tmp_path: Path, mark: str) -> None:
    """While a spreadsheet program has it open nothing is written; after a crash its owner deletes the file that is named."""
    path = write(tmp_path, AINO, EERO)
    outcome = take(path)
    before = path.read_bytes()
    path.with_name(mark).touch()

    with pytest.raises(Locked) as caught:
        connector(path).restore(outcome.receipt)
    assert f"delete the file {mark}." in str(caught.value.hint)
    assert path.read_bytes() == before


def test_receipts_that_are_not_ours(tmp_path: Path) -> None:
    """Another source's receipt, another file's, and one that somebody changed write nothing."""
    path = write(tmp_path, EERO, AINO, LIISA)
    told = json.loads(take(path).receipt)
    before = path.read_bytes()
    bad: list[Any] = [
        {}, [], 1, {**told, "source": "muu"}, {**told, "file": "muu.csv"}, {**told, "rows": []}, {**told, "rows": [[1]]},
        {**told, "rows": [[1, 2, 3, "", None, "", ""]]}, {**told, "rows": None},
    ]  # fmt: skip

    for one in [*map(json.dumps, bad), "no json"]:
        with pytest.raises(Refused):
            connector(path).restore(one.encode())
    assert path.read_bytes() == before


@pytest.mark.parametrize("encoding", ["iso-8859-15", "cp1252", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("more", ["", "Liisa Äiti;liisa@muu.example;;"])
def test_the_encoding_that_only_the_row_showed(tmp_path: Path, encoding: str, more: str) -> None:
    """Where the other rows do not tell how letters are stored, the row comes back as it was stored all the same."""
    path = tmp_path / "lista.csv"
    row = "Äiti Öljyinen – Ž;aino@kuvitelma.example;;".replace(*("–", "-") if encoding.startswith("iso") else ("Ž", "Z"))
    rows = ["Nimi;Email;Puhelin;Hinta", "Eero;eero@keksitty.example;;", row, *([more] if more else [])]
    path.write_bytes("".join(f"{one}\r\n" for one in rows).encode(encoding))
    before = path.read_bytes()

    outcome = take(path)
    connector(path).restore(outcome.receipt)
    assert path.read_bytes() == before

    take(path)
    path.write_bytes(
        path.read_bytes() + "Satu;satu@uusi.example;;\r\n".encode(encoding.replace("-sig", "").replace("16", "16-le"))
    )
    connector(path).restore(outcome.receipt)
    assert row in path.read_bytes().decode(encoding)


def test_an_encoding_that_looks_otherwise_without_the_row(tmp_path: Path) -> None:
    """Her letters made it UTF-8 with one spoiled byte; without them the same bytes look like another encoding."""
    path = tmp_path / "lista.csv"
    rows = ["Nimi;Email;Puhelin;Hinta", "Eero;eero@keksitty.example;;", "Äiti Öljyä Åkerö;aino@kuvitelma.example;;ä"]
    path.write_bytes("".join(f"{row}\r\n" for row in rows).encode() + b"J\xe4nis;janis@muu.example;;\r\n")
    before = path.read_bytes()

    connector(path).restore(take(path).receipt)

    assert path.read_bytes() == before


def test_letters_that_the_file_cannot_hold_now(tmp_path: Path) -> None:
    """A file that was saved in a smaller alphabet since cannot take the row; it is left as it is."""
    path = write(tmp_path, EERO, "Aino 🦊 Kuvitelma;aino@kuvitelma.example;;10", LIISA)
    outcome = take(path)
    path.write_bytes(f"{HEAD}\r\n{EERO}\r\nÄiti;aiti@muu.example;;\r\n".encode("iso-8859-15"))
    before = path.read_bytes()

    with pytest.raises(Refused, match="alphabet"):
        connector(path).restore(outcome.receipt)
    assert path.read_bytes() == before
