"""The editor changes only what it is told to change, whatever stands in the file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import _csvtext
from connectors.csv_table import CsvConnector
from connectors.entry import Entry, Ref, Version
from connectors.errors import Conflict, HubError, Refused

CELLS = st.text(st.sampled_from("aäÄ€ž \";,\t\n'=@0Ã"), max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "iso-8859-15")
HEAD = "Nimi;Sähköposti;Puhelin;Muistio"


def build(rows: list[list[str]], delimiter: str, end: str) -> list[str]:
    """The text of a header and of each row, as Python's own writer writes them."""
    found = []
    for row in [["Nimi", "Sähköposti", "Muistio", "Avain"], *rows]:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerow(row)
        found.append(text.getvalue())
    return found


@settings(max_examples=150)
@given(ROWS, st.sampled_from(";,\t"), st.sampled_from(("\r\n", "\n")), st.sampled_from(ENCODINGS), st.data())
def test_a_row_goes_and_every_other_byte_stays(
    cells: list[list[str]], delimiter: str, end: str, encoding: str, data: st.DataObject
) -> None:
    """Reading changes nothing; removing a person leaves exactly the bytes of the other rows."""
    rows = [
        [f"Henkilö Numero{number}".replace("Numero", "Num" + "a" * number), f"h{number}@malli.example", *pair]
        for number, pair in enumerate(cells)
    ]
    texts, gone = build(rows, delimiter, end), data.draw(st.integers(0, len(rows) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lista.csv"
        path.write_bytes("".join(texts).encode(encoding))
        before = path.read_bytes()
        connector = CsvConnector("lista", {"path": path, "delimiter": delimiter})
        entries = [item for item in connector.entries() if isinstance(item, Entry)]
        assert path.read_bytes() == before
        (entry,) = [entry for entry in entries if f"h{gone}@malli.example" in entry.values("email")]

        connector.erase(entry.ref, entry.version)

        assert path.read_bytes() == "".join(texts[: gone + 1] + texts[gone + 2 :]).encode(encoding)


@settings(max_examples=200)
@given(st.text(st.sampled_from('aä";,\t\r\n '), max_size=60), st.sampled_from(";,\t"), st.integers(0, 4))
def test_records_and_fields_cover_the_text(text: str, delimiter: str, columns: int) -> None:
    """Records follow one another without a gap, and so do the fields of a whole one."""
    at = 0
    for record in _csvtext.records(text, delimiter, columns):
        assert record.start == at
        assert record.end > record.start
        at = record.end
        if not record.broken:
            spans = _csvtext.spans(text, record, delimiter)
            assert delimiter.join(text[span.start : span.end] for span in spans) == text[record.start : record.stop]
    assert at == len(text)


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from((b"", HEAD.encode() + b"\n", b"\xff\xfe", b"\xef\xbb\xbf", b"sep=;\n")))
def test_any_bytes_end_in_entries_or_in_the_hubs_own_error(body: bytes, start: bytes) -> None:
    """Whatever stands in the file, nothing but a HubError comes out, and nothing is written."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lista.csv"
        path.write_bytes(start + body)
        connector = CsvConnector("lista", {"path": path})
        for act in (lambda: list(connector.entries()), connector.coverage, lambda: connector.residue([]), connector.check):
            try:
                act()
            except HubError:
                continue
        assert path.read_bytes() == start + body
        assert list(Path(folder).iterdir()) == [path]


def prepared(folder: Path, *rows: str) -> CsvConnector:
    """A list with these rows."""
    (folder / "lista.csv").write_bytes("\r\n".join((HEAD, *rows, "")).encode())
    return CsvConnector("lista", {"path": folder / "lista.csv"})


def entry_of(connector: CsvConnector, name: str) -> Entry:
    """The entry of that name."""
    return next(item for item in connector.entries() if isinstance(item, Entry) and name in item.values("name"))


MAIJA = "Maija Malli;maija@malli.example;0441234567;muistio"
EERO = "Eero Esko;eero@esko.example;0501234567;"


def test_a_row_put_in_above_does_not_lead_astray(tmp_path: Path) -> None:
    """A row that moved is still the one that goes, and no other."""
    entry = entry_of(prepared(tmp_path, MAIJA, EERO), "Maija Malli")
    connector = prepared(tmp_path, "Uusi Rivi;;;", MAIJA, EERO)

    assert connector.erase(entry.ref, entry.version).result == "erased"
    assert (tmp_path / "lista.csv").read_text(encoding="utf-8").split("\n") == [HEAD, "Uusi Rivi;;;", EERO, ""]


@pytest.mark.parametrize(
    "now",
    [
        MAIJA + " uusi",
        MAIJA.replace("0441234567", "0401234567"),
        MAIJA.replace("Malli;", "Mallinen;"),
        MAIJA.replace("maija@", "mm@"),
    ],
)
def test_a_row_that_changed_is_a_conflict(tmp_path: Path, now: str) -> None:
    """A row whose note, phone, name or address changed is neither erased nor called absent."""
    entry = entry_of(prepared(tmp_path, MAIJA, EERO), "Maija Malli")
    connector = prepared(tmp_path, EERO, now)

    with pytest.raises(Conflict):
        connector.erase(entry.ref, entry.version)


def test_rows_that_are_the_same_go_together(tmp_path: Path) -> None:
    """Two rows alike to the letter are one entry; a third that differs is another."""
    connector = prepared(tmp_path, MAIJA, EERO, MAIJA, MAIJA + " toinen")
    entries = [item for item in connector.entries() if isinstance(item, Entry)]
    assert [str(entry.locator) for entry in entries] == ["rows 2, 4", "row 3", "row 5"]

    for entry in (entries[0], entries[2]):
        assert connector.erase(entry.ref, entry.version).result == "erased"

    assert (tmp_path / "lista.csv").read_bytes() == f"{HEAD}\r\n{EERO}\r\n".encode()


def test_two_persons_of_a_row_in_either_order(tmp_path: Path) -> None:
    """Rows that say the same of two persons, in either order, are one entry; of each the right part goes."""
    path = tmp_path / "lista.csv"
    path.write_text("Nimi;Yritys\nMaija Malli ja Esko Eero;Malli Oy\nEsko Eero ja Maija Malli;Malli Oy\n", encoding="utf-8")
    connector = CsvConnector("lista", {"path": path})
    (maija,) = [item for item in connector.entries() if isinstance(item, Entry) and "Maija Malli" in item.values("name")]

    assert connector.redact(maija.ref, maija.version, ["name"]).result == "redacted"

    assert path.read_text("utf-8") == "Nimi;Yritys\nEsko Eero;Malli Oy\nEsko Eero;Malli Oy\n"


def test_an_unknown_version_of_a_vanished_row_is_absent(tmp_path: Path) -> None:
    """What nobody bears is absent, and nothing is written."""
    connector = prepared(tmp_path, EERO)
    assert connector.erase(Ref("0123456789ab"), Version("x.y")).result == "already_absent"


def test_a_row_whose_end_holds_the_file_together_is_refused(tmp_path: Path) -> None:
    """Where the rows below would be read otherwise without it, nothing is written."""
    path = tmp_path / "lista.csv"
    path.write_text(
        f'{HEAD}\nEero Esko;e@esko.example;;"avoin\nMaija Malli;m@malli.example;;x\njatko\nLiisa Luu;l@luu.example;;y\n',
        encoding="utf-8",
    )
    before, connector = path.read_bytes(), CsvConnector("lista", {"path": path})
    entry = entry_of(connector, "Maija Malli")

    with pytest.raises(Refused):
        connector.erase(entry.ref, entry.version)

    assert path.read_bytes() == before
