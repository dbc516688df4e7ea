"""A customer is put back into an export, whose time goes on saying how old its data are."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest

from connectors.arkhimedes import ArkhimedesConnector
from connectors.entry import Entry
from connectors.errors import Conflict, Refused
from tests.conformance.tools import placeless

OLD = 1_700_000_000
ROWS = (
    ("Nimi", "Sähköposti", "Puhelin", "Asiakasnumero", "Yksityisasiakas"),
    ("Esimerkkilä Aino", "aino@saaristo.example", "044 123 4567", "1001", "x"),
    ("Keksitty Pekka", "pekka@keksitty.example", "044 123 4568", "1002", "x"),
    ("Kuvitelma Kaisa", "kaisa@kuvitelma.example", "044 123 4569", "1003", "x"),
)


@pytest.fixture(params=["csv", "xlsx"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An export of three customers, made long ago, in a folder of its own."""
    path = tmp_path / "viennit" / f"asiakkaat.{request.param}"
    path.parent.mkdir()
    if request.param == "csv":
        path.write_text("".join(";".join(row) + "\r\n" for row in ROWS), encoding="cp1252", newline="")
    else:
        book = openpyxl.Workbook()
        for row in ROWS:
            book.worksheets[0].append(row)
        book.save(path)
    os.utime(path, (OLD, OLD))
    return path


def _source(export: Path) -> ArkhimedesConnector:
    return ArkhimedesConnector("laskutus", {"path": export.parent, "service": "closed"})


def _hers(export: Path, number: str) -> Entry:
    (found,) = [
        item for item in _source(export).entries() if isinstance(item, Entry) and number in item.values("customer_number")
    ]
    return found


def _taken(export: Path, number: str) -> bytes:
    entry = _hers(export, number)
    return _source(export).erase(entry.ref, entry.version).receipt


@pytest.mark.parametrize("turned", [True, False])
def test_two_customers_come_back_in_either_order_and_the_file_is_as_old_as_it_was(export: Path, turned: bool) -> None:
    """The rows, and the time by which a nightly report calls an export old."""
    before = [placeless(_hers(export, "1001")), placeless(_hers(export, "1002"))]
    receipts = [_taken(export, "1001"), _taken(export, "1002")]
    assert export.stat().st_mtime == OLD

    for receipt in reversed(receipts) if turned else receipts:
        assert _source(export).restore(receipt).result == "restored"

    assert [placeless(_hers(export, "1001")), placeless(_hers(export, "1002"))] == before
    assert export.stat().st_mtime == OLD
    assert _source(export).check().state == "stale"


def test_into_a_newer_export_nobody_is_put_back(export: Path) -> None:
    """The receipt is of one file: when that is gone, or holds the customer again, nothing is written."""
    receipt = _taken(export, "1001")
    newer = export.with_name(f"uusi-{export.name}")
    export.rename(newer)
    before = newer.read_bytes()
    with pytest.raises(Refused):
        _source(newer).restore(receipt)
    assert newer.read_bytes() == before

    newer.rename(export)
    _source(export).restore(receipt)
    before = export.read_bytes()
    with pytest.raises(Conflict):
        _source(export).restore(receipt)
    assert export.read_bytes() == before


def test_a_receipt_of_another_source_is_refused(export: Path) -> None:
    """Neither another source's, nor one in which a part is missing."""
    receipt = _taken(export, "1001")

    for source, told in (("muu", receipt), ("laskutus", receipt[:-30]), ("laskutus", b"{}")):
        with pytest.raises(Refused):
            ArkhimedesConnector(source, {"path": export.parent}).restore(told)
