"""A sentence is said in the owner's language, with its values; that each one is there in Finnish is a rule of the house."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import hub
from connectors import _resources
from connectors.phrase import Phrase
from hub.language import Language

WORDS = _resources.table("words.fi.toml")["phrases"]


def test_a_phrase_is_said_with_its_values() -> None:
    """The template is looked up and the values are filled in again."""
    phrase = Phrase("There is no request {number}.", number="2026-0003")
    assert Language("fi").say(phrase) == "Pyyntöä 2026-0003 ei ole."
    assert Language("en").say(phrase) == "There is no request 2026-0003."


def test_phrases_among_the_values_are_said_too() -> None:
    """A locator inside a sentence is translated with it, and a list of words is joined."""
    inner = Phrase("record {ref}", ref="7")
    phrase = Phrase("A file of {source}, {locator} could not be read. {reason}", source="mail", locator=inner, reason="")
    assert Language("fi").say(phrase) == "Tiedostoa ei voitu lukea: mail, tietue 7. "
    listed = Phrase("Take one of: {names}.", names=[Phrase("name"), "b"])
    assert Language("fi").say(listed) == "Käytä jotakin näistä: nimi, b."


@pytest.mark.parametrize("phrase", ["plain {text}", Phrase("a sentence nobody knows {x}", x=1), Phrase("braces {} stay")])
def test_what_has_no_translation_is_said_in_english(phrase: str) -> None:
    """A plain string and an unknown template come through unchanged."""
    assert Language("fi").say(phrase) == str(phrase)


def test_an_unknown_language_is_english() -> None:
    """Any other code than those the hub speaks falls back to English."""
    assert Language("sv").code == "en"


@pytest.mark.parametrize(
    ("code", "iso", "said"),
    [
        ("fi", "2031-12-31", "31.12.2031"),
        ("fi", "2026-01-05", "5.1.2026"),
        ("en", "2031-12-31", "2031-12-31"),
        ("fi", "soon", "soon"),
    ],
)
def test_a_day_is_written_as_people_write_it(code: str, iso: str, said: str) -> None:
    """Finnish writes 31.12.2031; what is no day stays as it is."""
    assert Language(code).day(iso) == said


def test_a_day_in_a_sentence_is_said_as_people_write_it() -> None:
    """In Finnish, also deep within; a number of a request or a name that looks like a day stays as it is."""
    phrase = Phrase("done by hand, you said so on {day}", day="2026-11-28")
    assert Language("fi").say(phrase) == "tehty käsin, ilmoitit siitä 28.11.2026"
    assert Language("en").say(phrase) == "done by hand, you said so on 2026-11-28"
    within = Phrase("A file of {source}, {locator} could not be read. {reason}", source="1-2-3", locator=phrase, reason="")
    assert Language("fi").say(within) == "Tiedostoa ei voitu lukea: 1-2-3, tehty käsin, ilmoitit siitä 28.11.2026. "


def test_a_moment_in_a_sentence_is_said_as_people_write_it() -> None:
    """By the clock of where it is, with the offset; what is no whole moment stays as it is."""
    phrase = Phrase("{a} {time}", a="2026-12-01 09:30+02:00", time="2026-12-01 09:30+02:00")
    assert Language("fi").say(phrase) == "2026-12-01 09:30+02:00 1.12.2026 09:30 (UTC+02:00)"
    assert Language("en").say(phrase) == "2026-12-01 09:30+02:00 2026-12-01 09:30 (UTC+02:00)"
    for other in ("03:00", "", "2026-12-01 09:30", "1.12.2026 09:30 (UTC+02:00)"):
        assert Language("fi").say(Phrase("{time}", time=other)) == other


def test_a_moment_is_said_by_the_clock_of_this_computer() -> None:
    """To the minute, without the offset; what is no moment stays as it is."""
    noon = datetime(2026, 1, 5, 12, 30, 59).astimezone()
    for zone in (noon.tzinfo, UTC):
        told = noon.astimezone(zone).isoformat()
        assert (Language("fi").moment(told), Language("en").moment(told)) == ("5.1.2026 12:30", "2026-01-05 12:30")
    assert Language("fi").moment("") == ""


def test_the_sentences_are_read_as_toml_reads_them() -> None:
    """The short way to read the file gives all of it."""
    from connectors import _resources
    from hub.language import _words

    assert _words("fi") == _resources.table("words.fi.toml")["phrases"]


_TO_FILL_IN = re.compile(
    r"(?<![\w\[.{])(?:WHO|DIR|FILE|NAME|HANDLE|REF|NUMBER|TEXT|REASON|PLACE|ID|NEW|KINDS|RECIPIENT|HOW|WAY|FINDING)(?![\w}])"
)


def test_what_is_to_be_filled_in_is_said_in_finnish() -> None:
    """A word in capitals that stands in a command for something of the owner's is Finnish there."""
    english = {said for said in WORDS.values() if _TO_FILL_IN.search(said)}
    assert {said for said in english if not re.search(r"Apple|\[source\.", said)} == set()
    assert len([template for template in WORDS if _TO_FILL_IN.search(template)]) > 30


@pytest.mark.parametrize("room", ["render", "commands"])
def test_no_command_to_fill_in_is_said_in_english_only(room: str) -> None:
    """A command that holds such a word is a `Phrase`, and so said in Finnish."""
    texts = [
        node.value
        for path in (Path(hub.__file__).parent / room).glob("*.py")
        for f in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(f, ast.JoinedStr)
        for node in f.values
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert texts
    assert [text for text in texts if _TO_FILL_IN.search(text)] == []
