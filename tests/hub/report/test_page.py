"""The report's page and its text: every value inert, nothing from outside, for this user only, whatever the size."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from connectors.entry import Field
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.language import Language
from hub.person import Answer, Person
from hub.render import json as documents
from hub.render import report as shown
from hub.render import report_page
from hub.render.report_page import FRESH, write_page
from hub.render.report_page import report_page as page
from hub.render.screen import console
from hub.report import KINDS, families, make_report
from hub.report.history import Remembered, opened
from hub.report.overview import MOST
from tests.hub.report.nights import NOON, held, night, person
from tests.hub.shown import HOSTILE

OWNER = Controller("Esimerkki <Oy>", "1234567-1", "Maija")
VOID = {"meta", "br", "rect", "circle", "line", "hr"}


class Page(HTMLParser):
    """A page taken apart: its tags with their attributes, its texts, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID or tag == "rect":
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that ends at once."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost tag, which must be this one."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


def hostile(value: str, number: int = 1) -> Person:
    """A person whose every value is hostile, and who makes findings of several kinds."""
    fields = [Field(kind, value, value[:30]) for kind in ("name", "note", "other")]
    one = held("customers", f"{number}", *fields, Field("phone", "0441234567"), Field("note", "diabetes", value[:40]))
    return person(one, held("phone", "a", Field("name", value), Field("phone", f"05012345{number:02}")), name=value)


def told(state: Path, *persons: Person, nights: int = 1) -> Remembered:
    """The report of the last of so many nights, on which a source was silent."""
    why = Phrase("{source} did not answer.", source="mail")
    for day in range(nights):
        with opened(state) as history:
            answers = [Answer("mail", "thunderbird", "silent", reason=why, listed=False)] if day == nights - 1 else []
            of = night("customers", "phone", "<b>list", answers=answers, now=NOON + timedelta(days=day))
            remembered = history.remember(make_report(of, persons[: day + 1] if nights > 1 else persons, families()))
    return remembered


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:12]))
@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_hostile_value_does_nothing(tmp_path: Path, value: str, language: str) -> None:
    """It stands there as text: no tag, no attribute and no address comes from it."""
    tame = Page(page(told(tmp_path / "tame", hostile("Aino")), OWNER, Language(language)))
    wild_text = page(told(tmp_path / "wild", hostile(value)), OWNER, Language(language))
    wild = Page(wild_text)

    assert [tag for tag, _ in wild.tags] == [tag for tag, _ in tame.tags]
    assert wild_text.encode("utf-8")
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in wild_text)


def test_nothing_runs_and_nothing_comes_from_outside(tmp_path: Path) -> None:
    """No script, no address, no style but its own."""
    text = page(told(tmp_path, hostile("Aino"), hostile("Onni", 2), nights=3), OWNER, Language("fi"))
    parsed = Page(text)

    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in parsed.tags}
    assert not {"href", "src", "style"} & {name for _, attributes in parsed.tags for name in attributes}
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_it_tells_every_finding_with_what_to_do(tmp_path: Path) -> None:
    """And what is new, the trend, and who is where."""
    remembered = told(tmp_path, hostile("Aino Esimerkkilä"), hostile("Onni Kokeila", 2), nights=2)
    parsed = Page(page(remembered, OWNER, Language("en")))
    text = " ".join(parsed.texts)

    assert remembered.new
    for finding in remembered.findings:
        assert finding.id in text
        assert Language("en").say(finding.what) in text
        assert Language("en").say(finding.proposal) in text
    bars = [attributes for tag, attributes in parsed.tags if "bar" in (attributes.get("class") or "")]
    assert [("hollow" in (bar["class"] or "")) for bar in bars] == [False, True]
    assert sum(tag == "circle" for tag, _ in parsed.tags) > 4


def test_a_large_report_stays_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With very many persons only the combinations are drawn, and the findings that are not shown are counted."""
    monkeypatch.setattr(report_page, "FINDINGS", 50)
    many = [person(held("customers", str(number), name=f"Aino {number}")) for number in range(MOST + 1)]
    remembered = told(tmp_path, *many)
    text = page(remembered, OWNER, Language("en"))

    assert text.count("<li>") == 51
    assert f"and {MOST - 49} more; hub report --json lists every one" in text
    assert (remembered.report.overview.shown, remembered.report.overview.concerned) == ({}, MOST + 1)
    assert f"about {MOST + 1} persons" in text
    assert len(text) < 100_000


def test_of_very_much_that_is_new_the_first_is_shown(tmp_path: Path) -> None:
    """Once more at the top of the page; all of it is counted."""
    many = [person(held("customers", str(number), name=f"Aino {number}")) for number in range(FRESH + 3)]
    told(tmp_path)
    with opened(tmp_path) as history:
        of = night("customers", "phone", now=NOON + timedelta(days=1))
        remembered = history.remember(make_report(of, many, families()))
    text = page(remembered, OWNER, Language("en"))

    assert f"new {len(many)}, gone" in text
    assert text.partition("</ul>")[0].count("<li>") == FRESH
    assert '<p class="quiet">and 3 more</p>' in text


def test_the_document_is_written_as_any_other(tmp_path: Path) -> None:
    """Piece by piece, it is letter by letter what would be written at once; with findings and without."""
    with opened(tmp_path) as history:
        nothing = history.remember(make_report(night("customers"), [], families()))
    for remembered in (told(tmp_path / "some", *map(hostile, HOSTILE)), nothing):
        text = "".join(documents.report_pieces(remembered))
        assert len(json.loads(text)["findings"]) == len(remembered.findings)
        assert text == documents.dumps(json.loads(text))


def test_an_empty_report_says_so(tmp_path: Path) -> None:
    """Nothing found is said, not left out."""
    with opened(tmp_path) as history:
        remembered = history.remember(make_report(night("customers"), [], families()))

    assert "the registers agree" in page(remembered, OWNER, Language("en"))


def test_the_file_is_for_this_user_only(tmp_path: Path) -> None:
    """Written whole, in the place of an older one whoever could read that; a failure leaves the older one."""
    target = tmp_path / "r.html"
    target.write_text("old")
    target.chmod(0o644)
    write_page(target, told(tmp_path, hostile("Aino")), OWNER, Language("fi"))

    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert sorted(path.name for path in tmp_path.glob("*.tmp")) == []
    with pytest.raises(UsageError, match="could not be written"):
        write_page(tmp_path / "nowhere" / "r.html", told(tmp_path, hostile("Aino")), OWNER, Language("fi"))


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("plain", [True, False])
def test_the_terminal_gets_the_same(tmp_path: Path, language: str, plain: bool) -> None:
    """Hostile values are inert there too; quiet, it shows counts only and nobody's name."""
    remembered = told(tmp_path, *(hostile(value, number) for number, value in enumerate(HOSTILE, 1)), nights=2)
    whole, quiet = io.StringIO(), io.StringIO()
    shown.report(console(whole, Language(language), plain=plain), remembered)
    shown.report(console(quiet, Language(language), plain=plain), remembered, quiet=True)

    assert all(finding.id in whole.getvalue() for finding in remembered.findings[:5])
    assert "\x1b]0;title" not in whole.getvalue()
    assert "\u202e" not in whole.getvalue()
    assert "cmd" not in quiet.getvalue()
    assert "script" not in quiet.getvalue()
    assert Language(language).say(shown.KINDS["silent_source"]) in quiet.getvalue()


def test_every_kind_has_its_words() -> None:
    """Those that come later too."""
    assert set(shown.KINDS) == set(KINDS)


def test_the_document_has_the_shape_scripts_rely_on(tmp_path: Path) -> None:
    """As the interface says it; lists of places are told in words."""
    remembered = told(tmp_path, hostile("Aino"))
    document = json.loads("".join(documents.report_pieces(remembered)))

    assert document["schema"] == "hub.report/1"
    assert document["persons"] == 1
    assert {"answers", "findings", "accepted"} <= set(document)
    for finding in document["findings"]:
        assert {"kind", "severity", "person", "entries", "id", "what", "proposal", "since"} <= set(finding)
        assert finding["severity"] in {"info", "warning", "error"}
        assert "Phrase" not in finding["what"]
        assert "['" not in finding["what"]
    by_kind = {finding["kind"]: finding for finding in document["findings"]}
    assert by_kind["silent_source"]["entries"] == [{"source": "mail", "ref": None}]
    assert by_kind["silent_source"]["person"] is None
    assert set(by_kind["conflict"]["entries"][0]) == {"source", "ref", "locator"}
