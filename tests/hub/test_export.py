"""The access package: whole or honest about what is missing, private, self-contained, and nothing in it runs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from connectors.entry import Attachment, Field
from connectors.errors import Unreachable, UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.export import package as exporting
from hub.export.package import write_package
from hub.exported import Export
from hub.language import Language
from hub.machine import outbox
from hub.person import Answer, Person
from hub.render.card import contact_card
from tests.hub.pages import Page
from tests.hub.shown import AINO, ANSWERS, BROKEN, CARD, HOSTILE, OWNER, ROGUE, SILENT, UNDECIDED, entry, member

DAY = date(2026, 11, 22)
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def _write(folder: Path, person: Person = AINO, answers: tuple[Answer, ...] = ANSWERS, code: str = "en", **more: str) -> Export:
    return write_package(
        person,
        answers,
        folder,
        "2026-0008",
        OWNER,
        Language(code),
        notice={"": {topic: {"": (said,)} for topic, said in more.items()}},
        day=DAY,
    )


def _with_files(*attachments: Attachment) -> Person:
    return replace(AINO, members=(AINO.members[0], member("mail", replace(CARD, attachments=attachments))))


def test_a_package_holds_page_data_and_card(tmp_path: Path) -> None:
    """Everything is in one folder named by the request, and the package is complete."""
    export = _write(tmp_path)
    assert export.directory == tmp_path / "2026-0008"
    assert set(export.files) == {"index.html", "data.json", "contact.vcf"}
    assert sorted(item.name for item in export.directory.iterdir()) == sorted(export.files)
    assert export.complete
    assert [item.name for item in tmp_path.iterdir()] == ["2026-0008"]


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600 even under a permissive umask, also in a folder that had to be made."""
    before = os.umask(0)
    try:
        export = _write(tmp_path / "made" / "here", _with_files(Attachment("a", "image/png", lambda: PICTURE)))
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(item.stat().st_mode) for item in export.directory.rglob("*") if item.is_file()}
    folders = {
        stat.S_IMODE(item.stat().st_mode) for item in (export.directory, export.directory / "files", tmp_path / "made" / "here")
    }
    assert (modes, folders) == ({0o600}, {0o700})


def test_data_holds_every_value_with_its_source(tmp_path: Path) -> None:
    """The data file has every link entry exactly, hostile values included."""
    document = json.loads((_write(tmp_path, ROGUE).directory / "data.json").read_bytes())
    assert (document["schema"], document["request"], document["date"]) == ("hub.package/1", "2026-0008", "2026-11-22")
    (item,) = document["entries"]
    assert (item["source"], item["kind"], item["locator"], item["ref"]) == (
        "customers",
        "excel",
        str(ROGUE.members[0].held.entry.locator),
        "evil",
    )
    assert tuple(value["value"] for value in item["fields"]) == HOSTILE
    assert item["evidence"][0]["rule"] == "same_email"


def test_the_page_shows_every_value_and_runs_none(tmp_path: Path) -> None:
    """Each hostile value stands on the page as text in an element of its own, and makes no element."""
    page = Page(_write(tmp_path, ROGUE).directory / "index.html")
    for value in HOSTILE:
        shown = value.replace("\r\n", "\n").replace("\ud800", "\ufffd").replace("\x9b", "\ufffd")
        shown = "".join(chr(0x2400 + ord(letter)) if letter < " " and letter != "\n" else letter for letter in shown)
        assert shown in page.values
    allowed = "html head meta title style body main header section footer h1 h2 h3 p dl dt dd div span table thead tbody tr th td ul li a strong bdi br"
    assert {tag for tag, _ in page.elements} <= set(allowed.split())
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on") or name == "style"]


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    """No address leads out of the package, and the policy forbids everything but the page's own style and pictures."""
    page_file = _write(tmp_path, _with_files(Attachment("a", "image/png", lambda: PICTURE))).directory / "index.html"
    page = Page(page_file)
    links = {value for _, attributes in page.elements for name, value in attributes.items() if name in {"href", "src"}}
    assert {link for link in links if not str(link).startswith("data:image/png;base64,")} == {
        "data.json",
        "contact.vcf",
        "files/photo-1.png",
    }
    (policy,) = [
        attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*)</style>", page_file.read_text(encoding="utf-8"), re.DOTALL)
    assert style
    hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{hashed}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fi", ("Sinua koskevat henkilötiedot", "22.11.2026", "Puhelin", "tietosuojavaltuutetun toimistolle", "Excel-työkirja")),
        ("en", ("Your personal data", "2026-11-22", "phone", "Tietosuojavaltuutetun toimisto", "Excel workbook")),
    ],
)
def test_the_page_says_what_a_person_must_be_told(tmp_path: Path, code: str, said: tuple[str, ...]) -> None:
    """Whose data, request and day, where each value is, the rights, the complaint and the controller, in both languages."""
    page = Page(_write(tmp_path, code=code, purposes="Laskutus").directory / "index.html")
    for sentence in (*said, "2026-0008", "Aino Esimerkkilä", "Yhteyshenkilö", "Laskutus", "Esimerkki <Oy>", "1234567-1"):
        assert sentence.casefold() in page.text.casefold()
    assert ("html", {"lang": code}) in page.elements
    for article in (15, 16, 17, 18, 20, 21, 77):
        assert re.search(rf"{article} artikla|Article {article}\b", page.text)


def test_what_the_controller_did_not_say_is_said_to_be_missing(tmp_path: Path) -> None:
    """Without the controller's own words the page refers to the controller and makes nothing up."""
    page = Page(_write(tmp_path, basis="Sopimus").directory / "index.html")
    assert "This copy does not say the following" in page.text
    assert "How long it is kept" in page.text
    assert page.values.count("Sopimus") == 1


def test_a_package_without_a_controller_says_how_to_reach_one(tmp_path: Path) -> None:
    """A configuration that names nobody makes no empty lines; the page says what to do instead."""
    written = write_package(AINO, ANSWERS, tmp_path, "2026-0008", Controller(), Language("en"))
    page = Page(written.directory / "index.html")
    assert "use those by which you made your request" in page.text
    assert "" not in page.values[:2]


def test_a_complaint_goes_to_the_authority_of_the_country(tmp_path: Path) -> None:
    """Outside Finland the page does not send anybody to the Finnish authority."""
    owner = Controller("Exempel Ab", country="SE")
    page = Page(write_package(AINO, ANSWERS, tmp_path, "2026-0008", owner, Language("en")).directory / "index.html")
    assert "ietosuoja" not in page.text
    assert "authority of the country where you live" in page.text


def test_possible_entries_stay_out_and_are_named_as_missing(tmp_path: Path) -> None:
    """An undecided entry may be somebody else's: nothing of it is in any file, and the owner is told its ref."""
    export = _write(tmp_path, UNDECIDED)
    assert not export.complete
    assert any("card-2" in item for item in export.missing)
    for file in export.files:
        content = (export.directory / file).read_bytes()
        assert b"050 123 4567" not in content
        assert b"A. Esimerkkil" not in content
        assert b"card-2" not in content
    assert "not complete yet" in Page(export.directory / "index.html").text


@pytest.mark.parametrize("answer", [SILENT, BROKEN])
def test_a_source_that_did_not_tell_everything_makes_it_incomplete(tmp_path: Path, answer: Answer) -> None:
    """A silent or partial source is named on the page and to the owner, there with the reason."""
    export = _write(tmp_path, answers=(ANSWERS[0], answer))
    assert not export.complete
    assert any(answer.source in item for item in export.missing)
    assert answer.reason in export.missing
    assert json.loads((export.directory / "data.json").read_bytes())["complete"] is False
    assert "not complete yet" in Page(export.directory / "index.html").text


def test_files_are_named_by_what_they_are(tmp_path: Path) -> None:
    """No name of a file comes from the source, and what a program could run gets a name that none does."""
    script = b"<script>alert(1)</script>"
    export = _write(
        tmp_path,
        _with_files(
            Attachment("aino esimerkkilä.png", "image/png", lambda: PICTURE),
            Attachment("../../evil.html", "text/html", lambda: script),
            Attachment("x", "image/svg+xml", lambda: script),
        ),
    )
    assert export.files[-3:] == ("files/photo-1.png", "files/file-1.bin", "files/file-2.bin")
    assert (export.directory / "files" / "photo-1.png").read_bytes() == PICTURE
    assert (export.directory / "files" / "file-1.bin").read_bytes() == script
    document = json.loads((export.directory / "data.json").read_bytes())
    assert document["entries"][1]["files"] == list(export.files[-3:])


def test_a_file_that_cannot_be_read_is_named_as_missing(tmp_path: Path) -> None:
    """The rest of the package is written, and the place of the missing file is told."""

    def fail() -> bytes:
        raise Unreachable(Phrase("{source} did not answer.", source="mail"))

    def vanish() -> bytes:
        raise FileNotFoundError(2, "gone", "/secret/aino.jpg")

    export = _write(tmp_path, _with_files(Attachment("a", "image/png", fail), Attachment("b", "image/png", vanish)))
    assert [str(item) for item in export.missing] == [
        "A file of mail, sheet Asiakkaat, row 7 could not be read. mail did not answer.",
        "A file of mail, sheet Asiakkaat, row 7 could not be read. ",
    ]


def test_a_package_is_never_overwritten(tmp_path: Path) -> None:
    """A second package of the same request is refused and the first one stays as it is."""
    first = (_write(tmp_path).directory / "data.json").read_bytes()
    with pytest.raises(UsageError):
        _write(tmp_path, ROGUE)
    assert (tmp_path / "2026-0008" / "data.json").read_bytes() == first
    assert [item.name for item in tmp_path.iterdir()] == ["2026-0008"]


def test_an_empty_folder_of_that_name_is_not_taken(tmp_path: Path) -> None:
    """What is already there is somebody's, even when it is empty."""
    (tmp_path / "2026-0008").mkdir(mode=0o755)
    with pytest.raises(UsageError, match="already something"):
        _write(tmp_path)
    assert list((tmp_path / "2026-0008").iterdir()) == []


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    """A request number is a plain name: no path."""
    with pytest.raises(UsageError):
        write_package(AINO, ANSWERS, tmp_path / "out", "../elsewhere", OWNER, Language("en"))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills up, neither half a package nor its temporary folder stays."""
    writes = []

    def full(path: Path, content: bytes) -> None:
        writes.append(path)
        if len(writes) == 2:
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(content)

    monkeypatch.setattr(outbox, "_write", full)
    with pytest.raises(UsageError, match="can be written"):
        _write(tmp_path)
    assert len(writes) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    """A wrong --out is told in words, without the folder's name."""
    (tmp_path / "aino").write_text("x")
    with pytest.raises(UsageError) as caught:
        _write(tmp_path / "aino")
    assert "aino" not in str(caught.value)


def test_the_card_is_merged_and_reads_back() -> None:
    """One card holds each value of all entries once, with name, address, company and picture."""
    first = entry(
        "a", Field("name", "Aino Maria Esimerkkilä"), Field("email", "aino@posti.example"), Field("company", "Kuusipuu, Oy")
    )
    second = entry(
        "b",
        Field("email", "aino@posti.example"),
        Field("phone", "044 123 4567"),
        Field("address", "Esimerkkikatu 1; A 2"),
        Field("postcode", "00999"),
        Field("note", "rivi 1\r\nEND:VCARD\rFN:Toinen, \\ ;\u2028x"),
        Field("birthday", "1980-05-06"),
    )
    person = Person("x", "Aino Maria Esimerkkilä", (member("one", first), member("two", second)))
    written = contact_card(person, "FI", [("text/html", b"<script>"), ("image/png", PICTURE)])
    assert written
    cards = list(vobject.readComponents(written.decode()))
    assert len(cards) == 1
    contents = {name: [line.value for line in lines] for name, lines in cards[0].contents.items()}
    assert contents["fn"] == ["Aino Maria Esimerkkilä"]
    assert (contents["n"][0].given, contents["n"][0].family) == ("Aino Maria", "Esimerkkilä")
    assert contents["email"] == ["aino@posti.example"]
    assert contents["tel"] == ["044 123 4567"]
    assert contents["org"] == [["Kuusipuu, Oy"]]
    assert (contents["adr"][0].street, contents["adr"][0].code) == ("Esimerkkikatu 1; A 2", "00999")
    assert contents["note"] == ["rivi 1\nEND:VCARD\nFN:Toinen, \\ ;\nx"]
    assert contents["photo"] == [PICTURE]
    assert contents["bday"] == ["1980-05-06"]
    assert all(len(line) <= 75 for line in written.split(b"\r\n") if not line.startswith(b"PHOTO"))


def test_a_phone_or_address_in_several_spellings_is_on_the_card_once() -> None:
    """The fullest spelling counts; a number that a spreadsheet robbed of its zero is written so that it can be rung."""
    spellings = ("441234567", "+358 44 123 4567", "044-1234567", "501234567", "ask at the desk")
    fields = [Field("phone", value) for value in spellings] + [
        Field("email", "Aino@Posti.example"),
        Field("email", "aino@posti.example"),
    ]
    written = contact_card(Person("x", "Aino", (member("one", entry("a", *fields)),)), "FI")
    assert written
    lines = written.decode().splitlines()
    assert [line for line in lines if line.startswith("TEL")] == [
        "TEL:+358 44 123 4567",
        "TEL:+358501234567",
        "TEL:ask at the desk",
    ]
    assert [line for line in lines if line.startswith("EMAIL")] == ["EMAIL:Aino@Posti.example"]


def test_the_card_takes_given_and_family_names_from_the_source() -> None:
    """Where a source keeps the parts of the name, they are not guessed."""
    parts = entry("a", Field("name", "Maria van der Berg"), Field("given", "Maria"), Field("family", "van der Berg"))
    written = contact_card(Person("x", "Maria van der Berg", (member("one", parts),)), "FI")
    assert written
    assert b"N:van der Berg;Maria;;;\r\n" in written


@given(
    st.lists(
        st.tuples(st.sampled_from(["name", "email", "phone", "note", "company", "address", "url"]), st.text(max_size=200)),
        max_size=6,
    )
)
def test_any_value_makes_a_card_that_reads_back_or_none(values: list[tuple[str, str]]) -> None:
    """Whatever the values, what is written is one card that reads back (`contact_card` compares it itself)."""
    fields = tuple(Field(kind, value) for kind, value in values)
    written = contact_card(Person("x", values[0][1] if values else "", (member("one", entry("a", *fields)),)), "FI")
    assert written is not None
    assert len(list(vobject.readComponents(written.decode()))) == 1


@pytest.mark.parametrize("change", [("0441234567", "0441234568"), ("TEL:0441234567\r\n", ""), ("END:VCARD", "")])
def test_a_card_that_reads_back_otherwise_is_not_written(monkeypatch: pytest.MonkeyPatch, change: tuple[str, str]) -> None:
    """A card that lost or changed a value on the way is worse than none."""
    person = Person("x", "Aino Esimerkkilä", (member("one", entry("a", Field("phone", "0441234567"))),))
    read = vobject.readOne
    assert contact_card(person, "FI")
    monkeypatch.setattr(vobject, "readOne", lambda text: read(text.replace(*change)))
    assert contact_card(person, "FI") is None


def test_without_a_card_the_owner_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no faithful card can be written, the package says so in place of a wrong one."""
    monkeypatch.setattr(exporting, "contact_card", lambda *_: None)
    export = _write(tmp_path)
    assert "contact.vcf" not in export.files
    assert [str(item) for item in export.missing if "contact.vcf" in item]
    assert 'href="contact.vcf"' not in (export.directory / "index.html").read_text(encoding="utf-8")


def test_what_an_entry_lacks_makes_the_package_incomplete(tmp_path: Path) -> None:
    """A source's own word that something is not in the package stands in the result, in the data and on the page."""
    lack = Phrase("A page has no picture, and no day says when it was copied: {place}", place="2, 14")
    export = _write(tmp_path, replace(AINO, members=(member("mail", replace(CARD, missing=(lack,))),)))
    document = json.loads((export.directory / "data.json").read_bytes())
    assert (export.missing, document["complete"], document["missing"]) == ((lack,), False, [str(lack)])
    assert "2, 14" in Page(export.directory / "index.html").text


def test_a_page_is_copied_and_never_the_cards_picture(tmp_path: Path) -> None:
    """A scanned page goes into the package under a name of its own; only a picture of the person may stand in the card."""
    page = Attachment("page", "image/png", lambda: PICTURE, shows="page")
    for more, photo in (((), False), ((Attachment("photo", "image/png", lambda: PICTURE),), True)):
        folder = _write(tmp_path / str(photo), _with_files(page, *more)).directory
        assert (folder / "files" / "page-1.png").read_bytes() == PICTURE
        assert (b"PHOTO" in (folder / "contact.vcf").read_bytes()) == photo


@pytest.mark.parametrize(
    ("code", "said"), [("fi", {"11.3.2026", "5.6.1980", "2026-01-02"}), ("en", {"2026-03-11", "1980-06-05", "2026-01-02"})]
)
def test_a_day_is_written_as_people_write_it(tmp_path: Path, code: str, said: set[str]) -> None:
    """On the page, in a field that is a day; what stands in a note, and the data for programs, stay as the register tells them."""
    held = entry("row", Field("date", "2026-03-11"), Field("birthday", "1980-06-05"), Field("note", "2026-01-02"))
    made = _write(tmp_path, replace(AINO, members=(member("customers", held),)), code=code)
    assert made.directory is not None

    shown = set(Page(made.directory / "index.html").values)

    assert shown & {"11.3.2026", "5.6.1980", "2026-03-11", "1980-06-05", "2026-01-02", "2.1.2026"} == said
    assert "1980-06-05" in (made.directory / "data.json").read_text("utf-8")
