"""The letters as PDF: every word of the page is in it, tagged and selectable, and no letter is lost."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import date

import pypdf
import pytest

from hub.language import Language
from hub.render.letters import Letter, refusal
from hub.render.pdf import Pdf, pdf
from tests.hub.pages import Page
from tests.hub.shown import HOSTILE, OWNER
from tests.hub.test_letters import ALL, DAY, LETTER

NAMES = (
    "Ääkkö Öhman-Åkerblom",
    "Łucja Źrebięńska",
    "Ελένη Παππά",
    "Ђорђе Ћирић",
    "Þórður Guðmundsson",
    "Nguyễn Thị Ánh",
    "שרה כהן",
)


def read(made: Pdf) -> pypdf.PdfReader:
    """The file as another program opens it."""
    return pypdf.PdfReader(io.BytesIO(made.content))


def text(made: Pdf) -> str:
    """What another program extracts, without blanks, soft hyphens and the marks that were put in for breaking."""
    pages = (page.extract_text() for page in read(made).pages)
    found = "".join(re.sub(r"\s*\d+ / \d+\s*$", "", page) for page in pages)
    return re.sub("[\\s\u00ad\u200b\u2010-]", "", unicodedata.normalize("NFKC", found))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("code", ["fi", "en"])
def test_every_word_of_a_letter_is_in_its_pdf(kind: str, code: str) -> None:
    """The PDF says what the page says, names its language and its title, is tagged, and has no author and no hour."""
    page = ALL[kind](LETTER, Language(code))
    made = pdf(page, code, DAY)
    shown = Page(re.sub(r"<head>.*</head>", "", page, flags=re.DOTALL)).text
    document = read(made)

    said = text(made)
    for word in shown.split():
        assert re.sub("[\\s-]", "", word) in said, word
    about = document.root_object
    assert (str(about["/Lang"]), str(about["/MarkInfo"])) == (code, "{'/Marked': True, '/Suspects': False}")
    assert document.metadata is not None
    assert document.metadata.title
    assert (document.metadata.author, str(document.metadata.creation_date)[:19]) == (None, "2026-11-27 00:00:00")
    assert made.unshown == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_european_alphabet_is_kept(name: str) -> None:
    """Latin, Greek, Cyrillic and Hebrew letters are in the fonts that come with the typesetter."""
    made = pdf(refusal(Letter(OWNER, DAY, "1", name), ["x"], Language("fi")), "fi", DAY)

    assert made.unshown == ""
    for word in re.split("[ -]", unicodedata.normalize("NFKC", name)):
        assert word in text(made) or word[::-1] in text(made)


@pytest.mark.parametrize("letter", ["\U00013000", "\U000103a0", "\ue000"])
def test_what_no_font_has_is_shown_as_its_number(letter: str) -> None:
    """A letter that cannot be shown is never lost: its number stands in its place, and it is told."""
    made = pdf(refusal(Letter(OWNER, DAY, "1", f"Aino{letter}Salo"), ["x"], Language("fi")), "fi", DAY)
    number = f"[U+{ord(letter):04X}]"

    assert letter in text(made) or (f"Aino{number}Salo" in text(made) and made.unshown == letter)


@pytest.mark.parametrize(
    "value", [*HOSTILE, "#set page(fill: red)", '*b* _i_ $x$ #read("/etc/passwd") @ref <label> //', "-" * 10_000 + "!?!"]
)
def test_no_value_is_markup(value: str) -> None:
    """Whatever a value holds stands in the PDF as text; nothing in it runs and nothing leads out of it."""
    made = pdf(refusal(Letter(OWNER, DAY, "1", value), [value], Language("fi")), "fi", DAY)
    said = re.sub("[\\s-]", "", value.replace("\u202e", "[U+202E]").replace("\u200f", "[U+200F]"))
    said = (
        "".join(chr(0x2400 + ord(one)) if one < " " else one for one in said)
        .replace("\ud800", "\ufffd")
        .replace("\x9b", "\ufffd")
    )
    said = re.sub("[\u2400-\u2421]", lambda match: match[0] if match[0] not in made.unshown else f"[U+{ord(match[0]):04X}]", said)

    shown = text(made)
    # What fills pages may be parted by what stands beside it.
    assert shown.count(unicodedata.normalize("NFKC", said)) == 3 or shown.count("x") >= 3 * said.count("x") >= 30_000
    for word in (b"/JavaScript", b"/Launch", b"/URI", b"/EmbeddedFile"):
        assert word not in made.content


def test_a_very_long_letter_takes_several_numbered_pages() -> None:
    """What does not fit on a page goes on on the next, and each says which it is."""
    reasons = [f"Syy {number}: aineisto on laaja ja se on käytävä läpi käsin." for number in range(80)]
    made = pdf(refusal(LETTER, reasons, Language("fi")), "fi", date(2026, 11, 27))
    pages = [page.extract_text() for page in read(made).pages]

    assert len(pages) > 1
    assert [f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
