"""Every parser on broken and hostile files: nothing but the hub's own errors, no hang, and not one byte written."""

from __future__ import annotations

import io
import signal
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.arkhimedes import ArkhimedesConnector
from connectors.contract import Connector, Needle
from connectors.csv_table import CsvConnector
from connectors.entry import Ref, Version
from connectors.errors import HubError
from connectors.excel import ExcelConnector
from connectors.thunderbird import ThunderbirdConnector
from connectors.vcard import VcardConnector
from tests.connectors.arkhimedes.made import finvoice, invoice
from tests.connectors.excel import books
from tests.connectors.thunderbird.mork_samples import BASE, SAMPLES

NEEDLES = (Needle("name", "Maija Malli"), Needle("email", "maija@malli.example"), Needle("phone", "+358441234567"))
SECONDS = 5
"""After so long, as the processor counts it, one look at one small file is a hang."""

_CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:Malli;Maija;;;\r\nFN:Maija Malli\r\nitem1.TEL:0441234567\r\nitem1.X-ABLabel:Oma\r\n"
_OLD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=A4tt=\r\n=C3=A4;Eero\r\nEND:VCARD\r\n"
_END = b"END:VCARD\r\n"
_LIST = 'Nimi;Sähköposti;Puhelin\r\nMalli Maija;maija@malli.example;"0441234567"\r\n"Esko ""E"" Eero";eero@kulma.example;\r\n'.encode()


class Hang(BaseException):
    """It took far too long; no `except Exception` swallows this."""


@dataclass(frozen=True)
class Parser:
    """A format: whole samples of it, signs and words that mean something in it, and the source that reads it."""

    place: str
    samples: tuple[bytes, ...]
    words: tuple[bytes, ...]
    source: Callable[[Path], Connector]
    rewrap: Callable[[bytes, Callable[[bytes], bytes]], bytes] = lambda data, change: change(data)
    """How a change gets into a sample; a workbook is changed inside of its parts too."""


def _workbook() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return books.register(Path(folder, "k.xlsx")).read_bytes()


def _in_a_part(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed: which one, the change itself decides."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    chosen = sorted(parts)[len(change(b"x" * 99)) % len(parts)]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, change(part) if name == chosen else part)
    return target.getvalue()


PARSERS = {
    "mork": Parser(
        "abook.mab",
        tuple(sample.data for sample in SAMPLES.values()),
        tuple(b"( ) [ ] { } < > ^ = : - ! \\ $ $C3 $$ @$${1{@ @$$}1}@ @$$}~~}@ /* // (^84^90) {1:^80 -1 [1:^82 <(a=c)> (A0=x)".split()),
        lambda path: ThunderbirdConnector("kirja", {"profile": path.parent}),
    ),
    "vcard": Parser(
        "k.vcf",
        (_CARD + _END + _OLD, (_CARD + _END).decode().encode("utf-16"), b"\xef\xbb\xbf" + _CARD),
        (_CARD, _OLD, _END, b"BEGIN:VCARD\r\n", b"AGENT:\r\n", b"\r\n ", b"=\r\n", b";", b",", b"\\", b'"', b";ENCODING=b:", b"=C3",
         b"item%d.TEL:1\r\n", b"item%d.X-ABLabel:x\r\n", b"X-ADDRESSBOOKSERVER-KIND:group\r\n", b"PHOTO:data:;base64,", b"\0"),
        lambda path: VcardConnector("kortit", {"path": path}),
    ),
    "csv": Parser(
        "lista.csv",
        (_LIST, _LIST.decode().encode("cp1252"), _LIST.decode().encode("utf-16"), b"sep=;\r\n" + _LIST),
        (b'"', b'""', b'";"', b";", b",", b"\t", b"\r\n", b"\n", b"\r", b"\xe4", b"\0", b'="', b"Nimi;Puhelin\r\n", b"a;b;c\r\n",
         b'"a;b;c\r\n', b"Maija Malli / ", b"0441234567, "),
        lambda path: CsvConnector("lista", {"path": path}),
    ),
    "finvoice": Parser(
        "laskut.xml",
        (finvoice(invoice()), finvoice(invoice("1"), invoice("2"), encoding="utf-8")),
        (b"<", b">", b"<a>", b"</a>", b"&", b"&amp;", b"&#0;", b"&x;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b'<!DOCTYPE x [<!ENTITY a "b">]>',
         b"<?xml version='1.0'?>", b"<?x ", b"<Finvoice>", b"</Finvoice>", b"<BuyerPartyDetails>", b'a%d="b" ', b"\xe4", b"\0"),
        lambda path: ArkhimedesConnector("laskutus", {"path": path.parent}),
    ),
    "workbook": Parser(
        "k.xlsx",
        (_workbook(),),
        (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\0", b"\xff\xff", b"<c r='A1'>", b"</c>", b"<row>", b"<", b">", b"&", b"&#0;",
         b'r="XFD1048577"', b'<!DOCTYPE x [<!ENTITY a "b">]>', b"<!--", b"]]>", b'Target="../../x"', b'Target="http://x.example"'),
        lambda path: ExcelConnector("asiakkaat", {"path": path}),
    ),
    "workbook part": Parser(
        "k.xlsx",
        (_workbook(),),
        (b"<c r='A1'>", b"</c>", b"<row>", b"<v>1</v>", b"<is><t>", b"<mergeCell ref='A1:XFD1048576'/>", b"<", b"&", b"<!--", b't="s"',
         b'r="ZZZ9"', b'<!DOCTYPE x [<!ENTITY a "b">]>', b"<f t='shared' si='0'>", b"99999999999", b"-1", b"\0", b"<a>"),
        lambda path: ExcelConnector("asiakkaat", {"path": path}),
        _in_a_part,
    ),
}  # fmt: skip


@contextmanager
def bounded() -> Iterator[None]:
    """Whatever hangs inside is stopped, and seen."""

    def stop(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def looked_at(parser: Parser, data: bytes) -> None:
    """Let the source read such a file in every way, and try to take out what is not there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "koti")
        folder.mkdir()
        (folder / parser.place).write_bytes(data)
        source = parser.source(folder / parser.place)
        for act in (
            lambda: list(source.entries()),
            source.coverage,
            source.check,
            lambda: source.residue(NEEDLES),
            lambda: source.get(Ref("nobody")),
            lambda: source.erase(Ref("nobody"), Version("none"), NEEDLES),
        ):
            with bounded():
                try:
                    act()
                except HubError:
                    continue
        left = {path.relative_to(folder): path.read_bytes() for path in Path(name).rglob("*") if path.is_file()}
        assert left == {Path(parser.place): data}


def changed(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """The bytes with pieces taken out and others put in, each at a part of the length."""
    for where, length, new in edits:
        at = int(where * len(data))
        data = data[:at] + new + data[at + length :]
    return data


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=120)
@given(st.data())
def test_broken_files(name: str, data: st.DataObject) -> None:
    """Samples with pieces missing, doubled or foreign: read, or an error of the tree."""
    parser = PARSERS[name]
    new = st.one_of(st.sampled_from(parser.words), st.binary(max_size=6), st.just(b""))
    sample = data.draw(st.sampled_from(parser.samples))
    edits = data.draw(st.lists(st.tuples(st.floats(0, 1), st.sampled_from((0, 0, 1, 2, 30, 400)), new), min_size=1, max_size=6))

    looked_at(parser, parser.rewrap(sample, lambda part: changed(part, edits)))


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, parser in PARSERS.items() for word in parser.words])
def test_one_thing_over_and_over(name: str, word: bytes) -> None:
    """A sample in whose middle the same thing stands thousands of times takes a time that grows with its length only."""
    parser = PARSERS[name]
    size = 750_000 if b"%d" in word else 125_000
    many = b"".join(word.replace(b"%d", b"%d" % number) for number in range(size // (len(word) + 8)))

    looked_at(parser, parser.rewrap(parser.samples[0], lambda part: part[: len(part) // 2] + many + part[len(part) // 2 :]))


def test_a_hang_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard of these tests stops what would go on, even where every error is swallowed."""
    monkeypatch.setattr(f"{__name__}.SECONDS", 0.05)
    with pytest.raises(Hang), bounded():
        _for_ever()


def _for_ever() -> None:
    while True:
        with suppress(Exception):
            len(BASE)
