"""What the owner reads on the terminal: honest about silence, inert whatever a source holds, readable in a pipe."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Check, Column, Correction, Spread
from connectors.entry import Field
from connectors.errors import ConfigError, Unreachable
from connectors.phrase import Phrase
from hub.exported import Export
from hub.language import Language
from hub.person import Answer, Evidence, Person
from hub.plan import Action, Leftover, Report, Result, State, StepOutcome
from hub.render import plans, text
from hub.render import screen as screens
from hub.render.screen import Screen, Ticker, clean, console
from tests.hub.shown import AINO, ANSWERS, BROKEN, EVERYWHERE, HOSTILE, ROGUE, SILENT, UNDECIDED, entry, member, plan_of

OURS = re.compile(r"\x1b\[[0-9;]*m")
"""What rich itself writes to colour a terminal."""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)


def _pipe(code: str = "en") -> tuple[io.StringIO, Screen]:
    stream = io.StringIO()
    return stream, console(stream, Language(code))


def _all_results(screen: Screen, person: Person) -> None:
    text.find(screen, [*ANSWERS, BROKEN, SILENT], [person])
    text.choose(screen, [person, AINO])
    text.persons(screen, ANSWERS, [person])
    plan = plan_of(person)
    plans.plan(screen, plan)
    outcomes = tuple(StepOutcome(step, result) for step, result in zip(plan.steps * 9, Result, strict=False))
    left = Leftover("customers", person.members[0].held.entry.locator, Phrase("name"))
    plans.outcome(screen, Report("2026-0007", State.INCOMPLETE, outcomes, (left,)))
    columns = [Column(value, None, known=False) for value in HOSTILE]
    text.check(screen, [("customers", "excel", Check(True, True, True), columns)])


def test_a_person_is_shown_with_places_values_and_evidence() -> None:
    """Name, handle, source, place, values and the reason stand in the answer, and what to type next."""
    stream, screen = _pipe()
    text.find(screen, ANSWERS, [AINO])
    said = stream.getvalue()
    assert "Aino Esimerkkilä   3f2a91c0de\n" in said
    assert "customers | sheet Asiakkaat, row 7 | name: Aino Esimerkkilä; phone: 044 123 4567; company: Kuusipuu Oy | " in said
    assert "same e-mail: aino@posti.example" in said
    assert "hub erase --person 3f2a91c0de\n" in said


def test_a_rule_is_told_once_for_an_entry() -> None:
    """The same phone in several spellings is one reason on the screen, the first of them."""
    stream, screen = _pipe()
    evidence = tuple(Evidence("same_phone", ours, "044 123 4567") for ours in ("+358 44 123 4567", "0441234567"))
    text.find(screen, ANSWERS, [Person("a", "Aino", (replace(AINO.members[0], evidence=evidence),))])
    assert stream.getvalue().count("same phone") == 1
    assert "same phone: +358 44 123 4567 = 044 123 4567" in stream.getvalue()


def test_a_possible_entry_asks_a_human() -> None:
    """A possible match is marked and shows the ref that decides it."""
    stream, screen = _pipe()
    text.find(screen, ANSWERS, [UNDECIDED])
    assert "possible: a human must decide" in stream.getvalue()
    assert "--include card-2; --exclude card-2" in stream.getvalue()


@pytest.mark.parametrize("answer", [SILENT, BROKEN])
def test_silence_is_never_nothing_found(answer: Answer) -> None:
    """While a source did not tell everything, an empty answer is called incomplete and the source is named."""
    stream, screen = _pipe()
    text.find(screen, [ANSWERS[0], answer], [])
    assert "every source answered" not in stream.getvalue()
    assert "the answer is not complete" in stream.getvalue()
    assert f"{answer.source} " in stream.getvalue()
    assert str(answer.reason) in stream.getvalue()


def test_nobody_found_is_said_when_all_answered() -> None:
    """When every source answered, an empty answer is a result."""
    stream, screen = _pipe()
    text.find(screen, ANSWERS, [])
    assert stream.getvalue().startswith("Nobody found; every source answered.\n")


def test_an_empty_plan_is_not_called_empty_while_a_source_is_silent() -> None:
    """`There is nothing to erase` needs every source's answer."""
    stream, screen = _pipe()
    plan = plan_of(Person("a", "Aino", ()))
    plans.plan(screen, plan)
    assert "nothing to erase" in stream.getvalue()
    stream, screen = _pipe()
    plans.plan(screen, type(plan)(plan.request, plan.person, (), (), (SILENT,)))
    assert "nothing to erase" not in stream.getvalue()
    assert "The answer is not complete." in stream.getvalue()


def test_a_correction_with_nothing_to_do_has_no_number() -> None:
    """It was not kept, so its heading names none."""
    stream, screen = _pipe()
    plans.plan(screen, replace(plan_of(Person("a", "Aino", ())), request="", wanted=(Correction("birthday", "", "12.3.1970"),)))
    assert stream.getvalue().strip().splitlines()[0] == "Plan: correct Aino"


def test_several_persons_are_a_list_to_choose_from() -> None:
    """Each person has a line with the handle that chooses them."""
    stream, screen = _pipe()
    text.choose(screen, [AINO, ROGUE])
    assert "choose one with --person HANDLE" in stream.getvalue()
    assert "3f2a91c0de | Aino Esimerkkilä | customers: sheet Asiakkaat, row 7" in stream.getvalue()


def test_a_plan_says_what_happens_and_what_to_type() -> None:
    """Each step has its action, place, the values that go and the reason; the confirmation stands there to be copied."""
    stream, screen = _pipe()
    plans.plan(screen, plan_of(EVERYWHERE))
    said = stream.getvalue()
    assert (
        "1 | erase the person's part | sheet Asiakkaat, row 7 | name: Aino Esimerkkilä; phone: 044 123 4567 | only this person's part goes"
        in said
    )
    assert "Steps: 4 (erase 1, erase the person's part 1, keep 1, by hand 1)" in said
    assert said.endswith("  hub erase --confirm 2026-0007\n")


def test_a_plan_says_what_it_cannot_show() -> None:
    """Only where an erase from one of its sources may reach other places, and writes there."""
    acted = {step.source: step.action for step in plan_of(EVERYWHERE).steps}
    for sources in ((), tuple(acted), *((source,) for source in acted)):
        stream, screen = _pipe()
        plans.plan(screen, plan_of(EVERYWHERE), sources)
        written = any(acted[source] in {Action.ERASE, Action.REDACT} for source in sources)
        assert ("Where a workbook repeats these values in comments" in stream.getvalue()) == written


def test_a_plan_tells_a_place_that_loses_a_value_from_a_source_that_cannot_tell_them() -> None:
    """Why a source cannot tell is no place out of which anything goes."""
    plan = plan_of(EVERYWHERE)
    source = plan.steps[0].source
    place, why = Spread(Phrase("sheet Muistio, cell A1"), "Soita Aino", "Soita"), Spread(Phrase("it is locked"), "", "")
    for spread, told, not_told in (((place,), True, False), ((why,), False, True), ((place, why), True, True)):
        stream, screen = _pipe()
        plans.plan(screen, replace(plan, spread=tuple((source, one) for one in spread)))
        said = stream.getvalue()
        assert ("These values go from other places, too:" in said, "cell A1 | Soita Aino | Soita" in said) == (told, told)
        assert ("could not be found out: it is locked\n" in said) == not_told


def test_an_undecided_plan_offers_no_confirmation() -> None:
    """What waits for a decision must be decided first; the command to copy leaves somebody else's entry alone."""
    stream, screen = _pipe()
    plans.plan(screen, plan_of(UNDECIDED))
    assert "--confirm" not in stream.getvalue()
    assert stream.getvalue().endswith("  hub erase --person 3f2a91c0de --exclude card-2\n")


def test_an_outcome_tells_what_is_left_and_what_to_do() -> None:
    """Residue, places that could not be seen, manual steps and notes each have their own lines."""
    stream, screen = _pipe()
    steps = plan_of(EVERYWHERE).steps
    results = (Result.REDACTED, Result.ERASED, Result.RETAINED, Result.MANUAL_PENDING)
    outcomes = tuple(
        StepOutcome(step, result, result is Result.ERASED, notes=(Phrase("phone"),))
        for step, result in zip(steps, results, strict=True)
    )
    found = Leftover("customers", Phrase("record {ref}", ref="vba"), Phrase("note"))
    unseen = Leftover("mail", Phrase("the whole source"), Phrase("could not be read"), found=False)
    plans.outcome(screen, Report("2026-0007", State.WAITING, outcomes, (found, unseen)))
    said = stream.getvalue()
    assert "Request 2026-0007: waits for you" in said
    assert "2 | erased; verified | sheet Asiakkaat, row 7" in said
    assert "Still found by value; please remove it by hand:\n  customers | record vba | note" in said
    assert "Could not be looked into:\n  mail | the whole source | could not be read" in said
    assert said.count("• phone") == 1
    assert "  hub done 2026-0007 4\n" in said
    assert "No value of the person was found any more" not in said


def test_an_unfinished_outcome_goes_on_by_the_same_command() -> None:
    """After a failure the owner is told how to go on, and after a stale plan to plan anew."""
    stream, screen = _pipe()
    plans.outcome(screen, Report("2026-0007", State.INCOMPLETE, ()))
    assert "  hub erase --confirm 2026-0007\n" in stream.getvalue()
    stream, screen = _pipe()
    plans.outcome(screen, Report("2026-0007", State.STALE, ()))
    assert "nothing was written" in stream.getvalue()
    assert "No value of the person was found any more" not in stream.getvalue()


def test_a_check_tells_mapped_ignored_and_unknown_columns() -> None:
    """Each source has its state, its rights and its columns; a problem is said once."""
    columns = [
        Column("Nimi", "name"),
        Column("Summa", None, Phrase("price")),
        Column("Id", None, Phrase("name")),
        Column("Alv", None, Phrase("price")),
        Column("Kenkä", None, known=False),
    ]
    error = Unreachable(Phrase("{source} did not answer.", source="mail"), Phrase("Close it and run the command again."))
    for problem in (error.message, error.told):
        mail = ("mail", "thunderbird", Check(False, False, False, "missing", (problem,)), error)
        stream, screen = _pipe()
        text.check(screen, [("customers", "excel", Check(True, True, True), columns), mail])
        _tells_all_once(stream.getvalue())


def _tells_all_once(said: str) -> None:
    assert "read: Nimi → name\n" in said
    assert "not read: Summa, Alv (price), Id (name)\n" in said
    assert "not known, please look: Kenkä\n" in said
    assert said.count("mail did not answer.") == 1
    assert "Close it and run the command again." in said


def test_an_export_says_what_is_missing() -> None:
    """An incomplete package is never shown as complete."""
    stream, screen = _pipe()
    text.export(screen, Export(Path("/x/2026-0008"), ("index.html",), (Phrase("{source} did not answer", source="phone"),)))
    assert "The package is complete" not in stream.getvalue()
    assert "• phone did not answer" in stream.getvalue()
    stream, screen = _pipe()
    text.export(screen, Export(Path("/x/2026-0008"), ("index.html",), ()))
    assert "The package is complete." in stream.getvalue()


def test_an_error_is_said_with_every_problem_and_the_fix() -> None:
    """A wrong configuration lists all its problems in the owner's language."""
    stream, screen = _pipe("fi")
    problems = [Phrase("There is no source {name} in the configuration.", name="x"), Phrase("name")]
    text.error(screen, ConfigError(Phrase("refused"), problems, Phrase("Close it and run the command again.")))
    said = stream.getvalue()
    assert said == "ei käsitellä\n  • Asetuksissa ei ole lähdettä x.\n  • nimi\nSulje se ja aja komento uudelleen.\n"


@pytest.mark.parametrize("code", ["fi", "en"])
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("columns", ["20", "80", "120"])
def test_hostile_values_do_nothing_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: str, terminal: bool, code: str
) -> None:
    """No result lets a value's control, turning or markup characters through, at any width, in both languages."""
    monkeypatch.setenv("COLUMNS", columns)
    stream = Terminal() if terminal else io.StringIO()
    _all_results(console(stream, Language(code)), ROGUE)
    said = OURS.sub("", stream.getvalue())
    assert not [letter for letter in said if letter != "\n" and not letter.isprintable()]
    said.encode()
    if not terminal:
        assert "[bold red]markup[/] :smile:" in said


def test_a_pipe_gets_plain_lines() -> None:
    """Outside a terminal there is no colour, no frame and no folding."""
    stream, screen = _pipe()
    _all_results(screen, UNDECIDED)
    assert "\x1b" not in stream.getvalue()
    assert not re.search(r"[─│┃━]", stream.getvalue())


def test_a_terminal_gets_tables_within_its_width() -> None:
    """On a terminal no line but those to be copied is wider than it."""
    stream = Terminal()
    _all_results(console(stream, Language("en")), UNDECIDED)
    lines = OURS.sub("", stream.getvalue()).splitlines()
    assert "─" * 60 in stream.getvalue()
    assert [line for line in lines if len(line.rstrip()) > 80 and not line.startswith("  hub ")] == []


def test_a_long_value_is_folded_and_not_cut() -> None:
    """On a terminal a value that does not fit its column goes on in the next line, whole."""
    stream = Terminal()
    person = Person("a", "Aino", (member("mail", entry("1", Field("note", "q" * 150))),))
    text.find(console(stream, Language("en")), ANSWERS, [person])
    assert stream.getvalue().count("q") == 150


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR set a terminal gets no colour."""
    stream = Terminal()
    plans.plan(console(stream, Language("en")), plan_of(EVERYWHERE))
    assert re.search(r"\x1b\[(?:1;)?3\dm", stream.getvalue())
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    plans.plan(console(stream, Language("en")), plan_of(EVERYWHERE))
    assert not re.search(r"\x1b\[(?:1;)?3\dm", stream.getvalue())


def test_a_value_the_terminal_cannot_write_does_not_end_the_run() -> None:
    """A terminal of another encoding gets an escape in place of what it lacks."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    text.find(console(stream, Language("fi")), ANSWERS, [AINO])
    stream.flush()
    assert rb"Esimerkkil\xe4" in raw.getvalue()


@given(st.text(st.characters(exclude_categories=())))
def test_cleaned_text_is_one_inert_line(value: str) -> None:
    """Whatever goes in, only characters that are shown come out."""
    said = clean(value)
    said.encode()
    assert all(letter.isprintable() or letter in "\u200c\u200d\u00a0\u3000" or letter.isspace() for letter in said)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", said)


def test_a_long_wait_shows_a_bar_and_a_short_one_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar appears on a terminal only, only when asked for, and only after its time."""
    monkeypatch.setattr(screens, "PATIENCE", 0.05)
    written = {}
    for name, stream, quiet in (("terminal", Terminal(), False), ("quiet", Terminal(), True), ("pipe", io.StringIO(), False)):
        with Ticker(console(stream, Language("en")), quiet=quiet) as tick:
            deadline = time.monotonic() + 60
            while not (stream.getvalue() and "customers" in stream.getvalue()) and time.monotonic() < deadline:
                tick("customers")
                time.sleep(0.02)
                if name != "terminal":
                    deadline = min(deadline, time.monotonic() + 0.2)
        written[name] = stream.getvalue()
    assert "customers" in written["terminal"]
    assert written["quiet"] == written["pipe"] == ""
    monkeypatch.setattr(screens, "PATIENCE", 60)
    stream = Terminal()
    with Ticker(console(stream, Language("en"))) as tick:
        tick("customers")
    assert stream.getvalue() == ""
