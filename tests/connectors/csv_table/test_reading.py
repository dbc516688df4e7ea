"""What Finnish programs write as CSV is read as it stands, and what is ruined is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.contract import Needle
from connectors.csv_table import CsvConnector
from connectors.entry import Cursor, Disposal, Entry, Unreadable
from connectors.errors import ConfigError, Damaged, HubError

HEAD = "Nimi;Sähköposti;Puhelin;Muistio"


def source(folder: Path, text: str | bytes, codec: str = "utf-8", **options: object) -> CsvConnector:
    """A source on a file with this text."""
    path = folder / "lista.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(codec))
    return CsvConnector("lista", {"path": path, **options})


def entries(connector: CsvConnector) -> list[Entry]:
    """What it lists."""
    return [item for item in connector.entries() if isinstance(item, Entry)]


def cursor(connector: CsvConnector) -> Cursor:
    """The end of its listing."""
    return next(item for item in connector.entries() if isinstance(item, Cursor))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso-8859-15"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encodings_delimiters_and_line_ends(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    """Every encoding with every delimiter and line end shows the same person."""
    mark = "ž" if encoding == "iso-8859-15" else "–"
    text = end.join(
        [delimiter.join(("Nimi", "Sähköposti")), delimiter.join((f"Päivi Mäkinen{mark}", "paivi@makinen.example")), ""]
    )

    found = entries(source(tmp_path, text, encoding))

    assert [entry.values("name", "email") for entry in found] == [(f"Päivi Mäkinen{mark}", "paivi@makinen.example")]


def test_what_stands_around_the_table(tmp_path: Path) -> None:
    """sep=, titles above, repeated column names, totals and empty rows are nobody."""
    text = f"sep=;\nOsallistujat;;;\n\n{HEAD}\nMaija Malli;maija@malli.example;;\n{HEAD}\nEero Esko;;0441234567;\nYhteensä;2;;"

    found = entries(source(tmp_path, text))

    assert [(entry.values("name"), str(entry.locator)) for entry in found] == [
        (("Maija Malli",), "row 4"),
        (("Eero Esko",), "row 6"),
    ]


def test_nothing_is_coerced(tmp_path: Path) -> None:
    """Zeros in front, decimal commas, hard blanks, dates and `="…"` are shown as they stand."""
    text = 'Nimi;Puhelin;Postinumero;Hinta;Pvm\nMaija Malli;="0441234567";00100;1\u00a0234,50;1.1.2020\n'

    (entry,) = entries(source(tmp_path, text))

    assert entry.values("phone", "postcode", "price", "date") == ("0441234567", "00100", "1\u00a0234,50", "1.1.2020")


def test_a_ruined_phone_is_no_phone(tmp_path: Path) -> None:
    """`4.4123E+08` says nothing about anybody: it is shown as other, and the owner is told."""
    connector = source(tmp_path, f"{HEAD}\nMaija Malli;;4,4123E+08;\nEero Esko;;4.4123E+08;\n")

    assert [entry.values("phone") for entry in entries(connector)] == [(), ()]
    assert any("2 phone numbers" in warning for warning in cursor(connector).warnings)


def test_spoiled_letters_are_said_and_searched(tmp_path: Path) -> None:
    """`MÃ¤kinen` is shown as it stands, reported, and found by value as Mäkinen."""
    connector = source(tmp_path, f"{HEAD}\nPÃ¤ivi MÃ¤kinen;p@malli.example;;\n")

    assert entries(connector)[0].values("name") == ("PÃ¤ivi MÃ¤kinen",)
    assert any("spoiled" in warning for warning in cursor(connector).warnings)
    assert connector.residue([Needle("name", "Päivi Mäkinen")])


def test_a_name_in_two_columns_is_found_by_value(tmp_path: Path) -> None:
    """Given and family name in columns of their own are one name for the search."""
    connector = source(tmp_path, "Etunimi;Puhelin;Sukunimi\nMaija;0441234567;Malli\n")

    assert [str(item.where) for item in connector.residue([Needle("name", "Maija Malli")])] == ["lista.csv, row 2"]


def test_a_broken_quote_hides_nobody_else(tmp_path: Path) -> None:
    """A quotation mark that never closes costs its own row only, and the row is located."""
    text = (
        f'{HEAD}\nMaija Malli;m@malli.example;;"avoin\nEero Esko;e@esko.example;;\n"Liisa Luu";l@luu.example;;"viesti\nkaksi"\n'
    )
    connector = source(tmp_path, text)

    assert [entry.values("name") for entry in entries(connector)] == [("Eero Esko",), ("Liisa Luu",)]
    assert [str(item.locator) for item in connector.entries() if isinstance(item, Unreadable)] == ["lista.csv, line 2"]


def test_a_quote_that_would_swallow_rows_is_broken(tmp_path: Path) -> None:
    """Whole rows inside one quoted field are rows of their own."""
    text = f'{HEAD}\n"Maija Malli;m@malli.example;;\nEero Esko;e@esko.example;;\nLiisa Luu;l@luu.example;;"\n'
    connector = source(tmp_path, text)

    assert [entry.values("name") for entry in entries(connector)] == [("Eero Esko",)]
    assert cursor(connector).unreadable == 2


def test_stray_bytes_cost_their_row_only(tmp_path: Path) -> None:
    """One row in another encoding does not turn the whole file's letters into others."""
    rows = "".join(f"Päivi Mäkinen{letter};{letter}@malli.example;;\n" for letter in "abcde")
    connector = source(tmp_path, f"{HEAD}\n{rows}".encode() + "Äiti Malli;x@malli.example;;\n".encode("cp1252"))

    assert len(entries(connector)) == 5
    assert entries(connector)[0].values("name") == ("Päivi Mäkinena",)
    assert cursor(connector).unreadable == 1


def test_unknown_columns_are_listed_and_shown(tmp_path: Path) -> None:
    """A heading nobody knows is told, and what stands below it is shown as other."""
    connector = source(tmp_path, "Nimi;Puhelin;Kengännumero;\nMaija Malli;;39;jotain\n")

    assert [(one.column, one.kind, one.known) for one in connector.coverage()] == [
        ("Nimi", "name", True),
        ("Puhelin", "phone", True),
        ("Kengännumero", None, False),
        ("D", None, False),
    ]
    assert entries(connector)[0].values("other") == ("39", "jotain")


def test_the_owners_words_win(tmp_path: Path) -> None:
    """columns, delimiter and encoding are taken from the configuration; a column that is not there is said."""
    text = "Kuka|Meili\nPäivi Mäkinen|p@malli.example\n"
    connector = source(tmp_path, text, "cp1252", columns={"Kuka": "name"}, delimiter="|", encoding="iso-8859-1")

    assert entries(connector)[0].values("name", "email") == ("Päivi Mäkinen", "p@malli.example")
    with pytest.raises(ConfigError):
        entries(source(tmp_path, text, columns={"Kuka": "name", "Missä": "phone"}, delimiter="|"))


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"yksi;kaksi\n1;2\n", b"PK\x03\x04" + bytes(200), b"\xff\xfe\x00", b"<html><body>"]
)
def test_what_is_no_table_is_damaged(tmp_path: Path, data: bytes) -> None:
    """A file without known column names never passes for an empty list."""
    with pytest.raises(Damaged):
        entries(source(tmp_path, data))


def test_a_list_whose_last_person_went_is_an_empty_list(tmp_path: Path) -> None:
    """Where only the column names are left, nobody is listed and nothing is damaged."""
    connector = source(tmp_path, "Sähköposti\nmaija@malli.example\n")
    (entry,) = entries(connector)

    assert connector.erase(entry.ref, entry.version).result == "erased"
    assert entries(connector) == []


def test_persons_who_share_a_row_are_redacted(tmp_path: Path) -> None:
    """Of two persons in a row one goes with her own values; the other keeps every one."""
    connector = source(tmp_path, f"{HEAD}\nMaija ja Pekka Laine;maija@laine.example, pekka@laine.example;;Maija Laine soittaa\n")
    maija = next(entry for entry in entries(connector) if "Maija Laine" in entry.values("name"))
    assert maija.disposal is Disposal.REDACT

    kinds = [item.kind for item in maija.leaving()]
    assert connector.redact(maija.ref, maija.version, kinds, [Needle("name", "Maija Laine")]).result == "redacted"

    assert (tmp_path / "lista.csv").read_text() == f"{HEAD}\nPekka Laine;pekka@laine.example;;soittaa\n"


def test_errors_are_the_hubs_own(tmp_path: Path) -> None:
    """A folder, a missing file and a wrong kind of column are told, not thrown."""
    (tmp_path / "kansio").mkdir()
    for path in (tmp_path / "kansio", tmp_path / "ei.csv"):
        with pytest.raises(HubError):
            list(CsvConnector("lista", {"path": path}).entries())
