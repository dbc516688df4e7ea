"""Whose an act is and where a person stands: known again by marks, a namesake never; a later act counts, silence never."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Needle
from hub import ledger, permissions
from hub.permissions import Act, Book, Standing, marks_of
from hub.permissions.act import Kind, means_silence, purpose_key
from hub.person import Held, Member, Person, Verdict
from tests.hub.held import held

AINO = held("a1", name="Aino Esimerkki", email="aino@esimerkki.example", phone="044 123 4567", company="Keksitty Oy")
NEEDLES = [Needle("email", "aino@esimerkki.example"), Needle("phone", "+358441234567")]


def person(*entries: Held) -> Person:
    """A person of these entries."""
    return Person("h", "", tuple(Member(item, Verdict.LINK) for item in entries))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory."""
    return tmp_path / "state"


def written(state: Path, whose: Person, needles: list[Needle], *kinds: Kind) -> None:
    """Write down an act of each kind."""
    with ledger.opened(state) as book:
        acts = permissions.opened(book, state, "FI")
        for kind in kinds:
            acts.record(kind, marks_of(whose, needles, "FI"), "2026-01-01", status="asked" if kind == "ask" else "")


def standing(state: Path, *entries: Held) -> Standing:
    """Where the person of these entries stands."""
    with permissions.kept(state, "FI") as book:
        assert isinstance(book, Book)
        return book.known().of(person(*entries))


@pytest.mark.parametrize(
    "again",
    [
        held("x", email="AINO@Esimerkki.Example"),
        held("x", phone="00358 (0)44-123 4567"),
        held("x", phone="441234567"),
        held("x", name="ESIMERKKI, Aino", company="Keksitty"),
        held("a1", name="Esimerkki Aino", email="uusi@esimerkki.example", phone="050 123 4567"),
    ],
    ids=[
        "the e-mail",
        "the phone",
        "a phone as a number",
        "the name with the company",
        "the same entry with a new e-mail and phone",
    ],
)
def test_she_is_known_in_any_spelling(state: Path, again: Held) -> None:
    """By what is hers alone, by her name with a second fact, or by the entry that was there."""
    written(state, person(AINO), NEEDLES, "ask")

    assert standing(state, again).status == "asked"


@pytest.mark.parametrize(
    "other",
    [
        held("x", name="Aino Esimerkki", email="toinen@muualla.example"),
        held("x", name="Aino Esimerkki", email="toinen@muualla.example", company="Keksitty Oy"),
        held("x", name="Pekka Esimerkki", company="Keksitty Oy"),
        held("a1", name="Pekka Muu", email="pekka@muu.example"),
        held("x"),
    ],
    ids=["a namesake", "a namesake in the same company", "a relative", "somebody else in her place", "nobody"],
)
def test_nobody_else_is_taken_for_her(state: Path, other: Held) -> None:
    """Not by a name, not by a company, not by a place."""
    written(state, person(AINO), NEEDLES, "ask")

    assert standing(state, other).status == "not_asked"


def test_a_change_of_e_mail_does_not_lose_her(state: Path) -> None:
    """What a correction wrote down joins the old marks and the new ones."""
    written(state, person(AINO), NEEDLES, "ask")
    now = held("b7", name="A. Esimerkki", email="aino@uusi.example")
    assert standing(state, now).status == "not_asked"

    written(state, person(AINO), [*NEEDLES, Needle("email", "aino@uusi.example")], "rectified")

    assert standing(state, now).status == "asked"


def test_a_value_that_others_share_marks_nobody(state: Path) -> None:
    """A switchboard is not among the needles, so its number finds nobody's acts."""
    written(state, person(AINO), NEEDLES[:1], "ask")

    assert standing(state, held("x", name="Muu Henkilö", phone="044 123 4567")).status == "not_asked"


def test_nothing_is_made_by_looking(state: Path) -> None:
    """Before anything was written down there is no book, no key and no table."""
    with permissions.kept(state, "FI") as book:
        assert book is None

    assert not (state / permissions.book.KEY).exists()


def acts(*told: tuple[Kind, str]) -> Standing:
    """Acts about marketing on days one after the other; a purpose of "*" is every use."""
    return Standing(
        [
            Act(f"P{number}", kind, f"2026-01-{number:02}", "", purpose="" if purpose == "*" else purpose)
            for number, (kind, purpose) in enumerate(told, start=1)
        ]
    )


@pytest.mark.parametrize(
    ("told", "agrees"),
    [
        (acts(), False),
        (acts(("consent", "marketing")), True),
        (acts(("consent", "Uutiskirje")), True),
        (acts(("consent", "valmennus")), False),
        (acts(("consent", "marketing"), ("withdrawal", "uutiskirje")), False),
        (acts(("consent", "marketing"), ("objection", "*")), False),
        (acts(("objection", "*"), ("consent", "marketing")), True),
        (acts(("objection", "*"), ("consent", "valmennus")), False),
        (acts(("ask", "marketing")), False),
        (acts(("permission", "marketing")), False),
    ],
)
def test_the_last_word_on_a_purpose_counts(told: Standing, agrees: bool) -> None:
    """Only a consent agrees, and only until it is taken back or objected to."""
    assert (told.agrees("marketing") is not None) == agrees


def test_every_word_for_marketing_is_one_purpose() -> None:
    """A newsletter is marketing whatever it is called."""
    assert {purpose_key(word) for word in ("marketing", "Markkinointi", "uutiskirje", "nyhetsbrev")} == {"marketing"}
    assert purpose_key("  Valmennus ") == purpose_key("valmennus") != "marketing"


@given(st.lists(st.sampled_from(["ask", "to_tell", "told", "permission", "disclosure", "rectified"]), max_size=12))
def test_nothing_but_a_consent_is_ever_one(kinds: list[Kind]) -> None:
    """Whatever else was written down in whatever order: nobody agrees by it."""
    told = Standing([Act(f"P{number}", kind, "2026-01-01", "", purpose="marketing") for number, kind in enumerate(kinds)])

    assert told.agrees("marketing") is None


@pytest.mark.parametrize(
    "how", ["ei vastannut", "No answer for two weeks", "He didn't object", "hiljainen hyväksyntä", "inget svar"]
)
def test_silence_is_heard(how: str) -> None:
    """In three languages."""
    assert means_silence(how)


@pytest.mark.parametrize("how", ["puhelimessa 3.3.", "signed form", "vastasi sähköpostiin kyllä", "by e-mail, she answered yes"])
def test_an_answer_is_no_silence(how: str) -> None:
    """Words of an answer are not taken for silence."""
    assert not means_silence(how)
