"""A family's mailbox, known by what it is called: anybody of the family, even where the registers know only one of them."""

from __future__ import annotations

import pytest

from hub.matching import in_memory, model
from hub.matching.engine import Engine
from hub.matching.evidence import Common, compare
from hub.matching.facts import Facts
from hub.matching.mailboxes import is_family
from hub.matching.model import Levels
from hub.person import Verdict
from tests.hub.held import groups, held, refs, verdict

MAILBOX = "perhe.virtanen@koti.example"
SPELLED = "maija.perhe.virtanen@koti.example"
MAIJA = {"name": "Maija Virtanen", "email": MAILBOX}


@pytest.mark.parametrize(
    ("email", "said"),
    [
        (MAILBOX, True),
        ("perhe@koti.example", True),
        ("virtanen_perhe12@koti.example", True),
        ("virtasperhe@koti.example", True),
        ("familjen.berg@hem.example", True),
        ("bergfamily@hem.example", True),
        ("fam.berg@hem.example", True),
        ("maija.virtanen@koti.example", False),
        ("maija@perhe.example", False),
        ("famous@hem.example", False),
        ("sukunen.matti@koti.example", False),
        ("info@koti.example", False),
    ],
)
def test_what_a_familys_mailbox_is_called(email: str, said: bool) -> None:
    """By a word before the @; a short one only by itself, for names begin so."""
    assert is_family(email) is said


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"name": "Maija Virtanen"}, Verdict.LINK),
        ({"name": "Virtanen, Maija Liisa"}, Verdict.LINK),
        ({"name": "Maija"}, Verdict.LINK),
        ({}, Verdict.POSSIBLE),
        ({"name": "M. Virtanen"}, Verdict.POSSIBLE),
        ({"name": "Virtanen"}, Verdict.POSSIBLE),
        ({"name": "Virtanen Oy"}, Verdict.POSSIBLE),
        ({"name": "Maija Virtanen jr"}, None),
        ({"name": "Matti Virtanen"}, None),
    ],
)
def test_a_familys_mailbox_links_only_whom_the_name_tells(other: dict[str, str], expected: Verdict | None) -> None:
    """Whoever else of the family is not in the registers may be meant as well."""
    assert verdict(MAIJA, {**other, "email": MAILBOX}) is expected


def test_an_own_identifier_beside_it_tells_who_it_is() -> None:
    """The mailbox takes nothing away from a phone of her own."""
    mine = {"email": MAILBOX, "phone": "044 123 4567"}
    assert verdict({**MAIJA, "phone": "044 123 4567"}, mine) is Verdict.LINK


def test_a_familys_mailbox_tells_of_no_changed_name() -> None:
    """Whose names it spells besides: a sister of that given name may use it, too."""
    ours, theirs = (Facts(held("x", name=name, email=SPELLED), "FI") for name in ("Maija Virtanen", "Maija Koski"))
    assert compare(ours, theirs, Common(own=[("email", SPELLED)]), 0, bool).name == "unclear"


def test_a_mailbox_and_a_home_count_once() -> None:
    """Who lives in a family has its mailbox: the one says nothing beside the other."""
    common = Levels(name="same", rarity=10)
    told = [common._replace(email="family"), common._replace(address="street")]
    both = common._replace(email="family", address="street")
    assert model.strength(both, 5_000) == max(model.strength(levels, 5_000) for levels in told)


def test_a_question_about_a_familys_mailbox_says_so() -> None:
    """The owner reads why the entry without a name may be hers, and that it may be somebody else's."""
    matching = in_memory([held("maija", **MAIJA), held("list", email=MAILBOX)], "FI")
    (maija,) = matching.find("Maija Virtanen")
    assert refs(maija, Verdict.POSSIBLE) == {"list"}
    (asked,) = (member for member in maija.members if member.verdict is Verdict.POSSIBLE)
    assert "family's mailbox" in str(asked.why)


def test_all_evaluators_say_so() -> None:
    """On columns, and by Splink."""
    entries = [
        held("maija", **MAIJA),
        held("again", source="cards", **MAIJA),
        held("list", email=MAILBOX),
        held("initial", name="M. Virtanen", email=MAILBOX),
        held("changed", name="Maija Koski", email=MAILBOX),
        *(held(f"other{number}", name=f"Pekka Koski{number}", email=f"pekka{number}@koti.example") for number in range(9)),
    ]
    pure = in_memory(entries, "FI").everybody()
    for engine in (Engine(entries=0), Engine("duckdb", entries=0)):
        assert in_memory(entries, "FI").everybody(engine) == pure
    assert frozenset({"maija", "again"}) in groups(in_memory(entries, "FI"))
