"""The letters to a person: in both languages, escaped, complete, and telling nobody what is not theirs to know."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.config import Controller
from hub.language import Language
from hub.ledger.undone import Window
from hub.plan import Action, Leftover, Report, Result, State, Step, StepOutcome
from hub.render.acts import RESULTS
from hub.render.letters import (
    Letter,
    access_cover,
    erasure_receipt,
    erasure_report,
    extension,
    neutral_reply,
    receipt,
    refusal,
)
from tests.hub.pages import Page
from tests.hub.shown import HOSTILE, OWNER

DAY = date(2026, 11, 27)
LETTER = Letter(OWNER, DAY, "2026-0007", "Aino Esimerkkilä")
KINDS = {"customers": "excel", "invoicing": "arkhimedes", "binder": "paper"}
FI, EN = Language("fi"), Language("en")


def outcome(number: int, source: str, result: Result, until: str | None = None, basis: str | None = None) -> StepOutcome:
    """What came of one step."""
    secret = Phrase("can only be removed by hand")
    locator = Phrase("sheet {sheet}, row {row}", sheet="Asiakkaat", row=number)
    step = Step(number, source, f"ref-{number}", "1", locator, Action.ERASE, ("name",), secret, basis, until)
    return StepOutcome(step, result, verified=True, reason=secret)


GONE = outcome(1, "customers", Result.REDACTED)
KEPT = outcome(2, "invoicing", Result.RETAINED, "2032-12-31", "KPL 2 luku 10 §")
UNTOLD = outcome(3, "invoicing", Result.RETAINED, None, "KPL 2 luku 10 §")
WAITS = outcome(4, "binder", Result.MANUAL_PENDING)
FULL = Report("2026-0007", State.WAITING, (GONE, KEPT, UNTOLD, WAITS), (Leftover("customers", Phrase("record"), Phrase("why")),))

ENDED = Report("2026-0007", State.COMPLETE, (GONE, KEPT))
OPEN = Window("2026-12-04", 7)

ALL: dict[str, Callable[[Letter, Language], str]] = {
    "neutral": lambda letter, language: neutral_reply(letter.controller, letter.day, language),
    "access": lambda letter, language: access_cover(letter, ["index.html"], [Phrase("record")], language),
    "report": lambda letter, language: erasure_report(letter, FULL, KINDS, language, window=OPEN),
    "erasure": lambda letter, language: erasure_receipt(letter, ENDED, KINDS, language, window=OPEN),
    "receipt": lambda letter, language: receipt(letter, ["Puhelinnumero on oikaistu."], DAY, language),
    "refusal": lambda letter, language: refusal(letter, ["Pyyntö toistuu."], language),
    "extension": lambda letter, language: extension(letter, DAY, ["Aineisto on laaja."], language),
}


def lines(page: str) -> list[str]:
    """What is read on a page, line by line, each cell of a table a line."""
    shown = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).replace("><", ">\n<")
    return [line.strip() for line in Page(shown).text.splitlines() if line.strip()]


def text(page: str) -> str:
    """What is read on a page, on one line."""
    return " ".join(lines(page))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("code", ["fi", "en"])
def test_every_letter_says_who_writes_when_and_where_to_complain(kind: str, code: str) -> None:
    """Whole pages in the language asked for, with the controller, the day and the authority; no place is left unfilled."""
    page = ALL[kind](LETTER, Language(code))
    said = text(page)

    assert f'<html lang="{code}">' in page
    assert ("27.11.2026" if code == "fi" else "2026-11-27") in said
    assert "Esimerkki <Oy>" in said
    assert "1234567-1" in said
    assert "tietosuoja.fi" in said
    assert not re.search(r"[{}]", said)
    assert "None" not in said


@pytest.mark.parametrize("kind", ALL)
def test_the_finnish_letter_has_no_english_left(kind: str) -> None:
    """Not one sentence of the two is the same but for names, numbers and files."""
    finnish, english = (lines(ALL[kind](LETTER, language)) for language in (FI, EN))
    names = {
        "Maija Esimerkki, maija@esimerkki.example",
        "Pyyntö toistuu.",
        "Aineisto on laaja.",
        "KPL 2 luku 10 §",
        "Puhelinnumero on oikaistu.",
    }

    assert len(finnish) == len(english)
    assert {line for line in finnish if len(line.split()) > 2} & set(english) <= names


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_runs_or_becomes_an_element(kind: str, value: str) -> None:
    """Whatever a name, a place or a reason holds stays text; no script, no address, no style of its own."""
    owner = Controller(value, "1234567-1", value)
    step = replace(GONE.step, locator=Phrase("{file}", file=value), basis=value)
    report = Report("1", State.COMPLETE, (replace(GONE, step=step), replace(KEPT, step=step)))
    letter = Letter(owner, DAY, value, value)
    with_it: dict[str, Callable[[], str]] = {
        "access": lambda: access_cover(letter, [value], [value], FI),
        "erasure": lambda: erasure_receipt(letter, report, {"customers": value}, FI),
        "receipt": lambda: receipt(letter, [value], DAY, FI),
        "refusal": lambda: refusal(letter, [value], FI),
        "extension": lambda: extension(letter, DAY, [value], FI),
    }
    written = with_it.get(kind, lambda: ALL[kind](letter, FI))()
    page = Page(written)

    allowed = "html head meta title style body main header section footer h1 h2 p dl dt dd div table thead tbody tr th td ul li strong bdi br"
    assert {tag for tag, _ in page.elements} <= set(allowed.split())
    assert not [
        name
        for _, attributes in page.elements
        for name in attributes
        if name.startswith("on") or name in {"href", "src", "style"}
    ]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", written)


def test_the_neutral_reply_is_the_same_for_everybody() -> None:
    """It names no person and no request, asks for no identity code, and hints at nothing."""
    said = text(neutral_reply(OWNER, DAY, FI))

    assert neutral_reply(OWNER, DAY, FI) == neutral_reply(LETTER.controller, LETTER.day, FI)
    assert "Aino" not in said
    assert "2026-0007" not in said
    assert "Älä lähetä henkilötunnusta" in said


def test_the_report_names_what_is_done_kept_and_open() -> None:
    """Each record in its own list, what is kept with section and last day; the owner's own reasons are not told."""
    said = text(erasure_report(LETTER, FULL, KINDS, FI))

    assert "Pyyntösi on vielä kesken" in said
    assert "poistettava käsin: 1" in said
    done, waiting, kept = (
        said.index(title) for title in ("Tehty Rekisteri", "Vielä tekemättä Rekisteri", "Säilytetään, koska laki")
    )
    assert done < said.index("rivi 1") < waiting < said.index("rivi 4") < kept < said.index("rivi 2") < said.index("rivi 3")
    assert "KPL 2 luku 10 § 31.12.2032" in said
    assert "KPL 2 luku 10 § ei vielä tiedossa" in said
    assert "voidaan poistaa vain käsin" not in said


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ((GONE,), "By 2026-11-27 it has been erased. (Article 17)"),
        ((GONE, KEPT), "but for what the law makes us keep"),
        ((GONE, WAITS), "Your request is still open"),
        ((GONE, outcome(5, "customers", Result.FAILED)), "Your request is still open"),
        ((), "we found none"),
    ],
)
def test_a_report_promises_no_more_than_was_done(outcomes: tuple[StepOutcome, ...], said: str) -> None:
    """Done, done but for what is kept, still open, or nothing there: each says so and nothing else."""
    sentences = (
        "By 2026-11-27 it has been erased. (Article 17)",
        "but for what the law makes us keep",
        "Your request is still open",
        "we found none",
    )
    shown = text(erasure_report(LETTER, Report("2026-0007", State.COMPLETE, outcomes), KINDS, EN))

    assert [sentence for sentence in sentences if sentence in shown] == [said]


def test_a_value_still_found_keeps_the_request_open() -> None:
    """Residue by value is told as a number; a place that could not be looked into does not open a request again."""
    unseen = Leftover("customers", Phrase("record"), Phrase("why"), found=False)

    assert "still open" in text(erasure_report(LETTER, replace(FULL, outcomes=(GONE,)), KINDS, EN))
    assert "still open" not in text(erasure_report(LETTER, replace(FULL, outcomes=(GONE,), residue=(unseen,)), KINDS, EN))


@pytest.mark.parametrize("waiting", [WAITS, outcome(5, "customers", Result.FAILED), outcome(6, "customers", Result.CONFLICT)])
def test_nobody_gets_a_receipt_for_what_is_open(waiting: StepOutcome) -> None:
    """A step that is not done, or a request that was never carried out, has no receipt; what is done has one."""
    for outcomes in ((GONE, waiting), ()):
        with pytest.raises(UsageError, match="not done yet"):
            erasure_receipt(LETTER, Report("2026-0007", State.WAITING, outcomes), KINDS, EN)
    assert "Receipt: the erasure" in text(erasure_receipt(LETTER, ENDED, KINDS, EN))
    assert "still found" in text(erasure_receipt(LETTER, replace(ENDED, residue=FULL.residue), KINDS, EN))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (OPEN, "is kept until 2026-12-04"),
        (Window("2026-12-04", 7, "2026-12-05"), "was destroyed on 2026-12-05"),
        (None, "No copy of what was erased was kept"),
    ],
)
def test_the_receipt_says_what_became_of_the_copy(window: Window | None, said: str) -> None:
    """Kept until a day, destroyed on a day, or never made: told as it is; nothing of it where nothing was erased."""
    assert said in text(erasure_receipt(LETTER, ENDED, KINDS, EN, window=window))
    assert "put back" not in text(erasure_receipt(LETTER, replace(ENDED, outcomes=(KEPT,)), KINDS, EN, window=window))


def test_the_accounting_act_is_cited_only_for_its_vouchers() -> None:
    """What is kept by another rule, or in another country, is not explained by Finland's law."""
    other = replace(KEPT, step=replace(KEPT.step, basis="laki 1/2000"))
    abroad = replace(LETTER, controller=replace(OWNER, country="SE"))

    assert "(1336/1997, chapter 2, section 10)" in text(erasure_receipt(LETTER, ENDED, KINDS, EN))
    assert "1336/1997" not in text(erasure_receipt(LETTER, replace(ENDED, outcomes=(KEPT, other)), KINDS, EN))
    assert "1336/1997" not in text(erasure_receipt(abroad, ENDED, KINDS, EN))


def test_a_letter_greets_by_name_only_while_it_is_known() -> None:
    """Without a name the greeting is neutral, and never an empty place."""
    assert "Hyvä Aino Esimerkkilä" in text(refusal(LETTER, ["x"], FI))
    assert "Hyvä vastaanottaja," in text(refusal(replace(LETTER, recipient=""), ["x"], FI))


def test_a_cover_says_what_is_missing_only_when_something_is() -> None:
    """A complete copy has no warning."""
    assert "not complete yet" in text(access_cover(LETTER, ["index.html"], ["a page"], EN))
    assert "not complete yet" not in text(access_cover(LETTER, ["index.html"], [], EN))


@pytest.mark.parametrize("reasons", [[], [""], ["  "]])
def test_a_refusal_and_an_extension_need_a_reason(reasons: list[str]) -> None:
    """The law wants the reason told."""
    with pytest.raises(UsageError, match="reason"):
        refusal(LETTER, reasons, FI)
    with pytest.raises(UsageError, match="reason"):
        extension(LETTER, DAY, reasons, FI)


def test_an_extension_tells_the_day_counted_from_the_request() -> None:
    """Three months from the request on a working day, and only within the first month."""
    assert "viimeistään 1.3.2027" in text(extension(LETTER, DAY, ["Aineisto on laaja."], FI))
    with pytest.raises(UsageError, match="too late"):
        extension(LETTER, date(2026, 10, 20), ["Aineisto on laaja."], FI)


def test_a_refusal_names_the_court_and_the_authority() -> None:
    """Both ways of appeal are told; elsewhere the authority is that of the country."""
    abroad = replace(LETTER, controller=replace(OWNER, country="SE"))

    assert "(Article 79)" in text(refusal(LETTER, ["x"], EN))
    assert "authority of the country where you live" in text(refusal(abroad, ["x"], EN))


@pytest.mark.parametrize("result", [Result.MANUAL_PENDING, Result.CONFLICT, Result.UNREACHABLE, Result.REFUSED, Result.FAILED])
def test_a_letter_gives_the_person_no_work(result: Result) -> None:
    """What the owner is told of a step ("waits for your hand", "that you do it") is not said to whom the letter goes."""
    report = Report("2026-0007", State.WAITING, (GONE, outcome(4, "binder", result)))
    said = text(erasure_report(LETTER, report, KINDS, FI, window=None))

    assert "teemme tämän vielä" in said
    assert FI.say(RESULTS[result]) not in said
