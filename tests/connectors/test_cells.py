"""Several values in one cell are told apart, and what is left when one goes is tidy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _cells
from connectors._cells import Part

NAMES = {
    "Maija Virtanen": ["Maija Virtanen"],
    "Maija Virtanen / Pekka Laine": ["Maija Virtanen", "Pekka Laine"],
    "Maija Virtanen;Pekka Laine\nLiisa Öberg": ["Maija Virtanen", "Pekka Laine", "Liisa Öberg"],
    "Maija Virtanen ja Pekka Laine": ["Maija Virtanen", "Pekka Laine"],
    "Liisa och Olle Öberg": ["Liisa Öberg", "Olle Öberg"],
    "Ann and Bob Example": ["Ann Example", "Bob Example"],
    "Virtanen, Maija": ["Virtanen, Maija"],
    "Maija Virtanen, Pekka Laine": ["Maija Virtanen", "Pekka Laine"],
    "Anna Malli & Lauri Malli": ["Anna Malli", "Lauri Malli"],
    "Anna & Lauri": ["Anna & Lauri"],
    "Virtanen ja Pojat Oy": ["Virtanen ja Pojat Oy"],
    "Smith & Sons Ltd": ["Smith & Sons Ltd"],
    "Maija Virtanen / Malli Oy": ["Maija Virtanen", "Malli Oy"],
    "Oy Malli Ab ja Maija Virtanen": ["Oy Malli Ab", "Maija Virtanen"],
    "Tmi Maija ja Pekka": ["Tmi Maija ja Pekka"],
    "Maija Virtanen-Laine": ["Maija Virtanen-Laine"],
}


@pytest.mark.parametrize("text", NAMES)
def test_persons_in_a_cell(text: str) -> None:
    """Separators part persons, but neither a company's name nor a family name written first."""
    assert [part.value for part in _cells.names(text)] == NAMES[text]


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ("Maija Virtanen / Pekka Laine", 0, "Pekka Laine"),
        ("Maija Virtanen / Pekka Laine", 1, "Maija Virtanen"),
        ("A Bee; C Dee; E Eff", 1, "A Bee; E Eff"),
        ("A Bee; C Dee; E Eff", 2, "A Bee; C Dee"),
        ("Maija ja Pekka Laine", 1, "Maija Laine"),
        ("Maija ja Pekka Laine", 0, "Pekka Laine"),
        ("Maija ja Pekka Laine\nLiisa Öberg", 1, "Maija Laine\nLiisa Öberg"),
    ],
)
def test_what_is_left_is_tidy(text: str, gone: int, left: str) -> None:
    """A part goes with one separator; a family name written once for several is not lost with it."""
    parts = _cells.names(text)
    assert _cells.without(text, parts, [parts[gone]]) == left


@given(
    st.lists(
        st.sampled_from(["Maija Virtanen", "Pekka", "Liisa Öberg", "Timo", "Oy Malli Ab"]), min_size=1, max_size=5, unique=True
    ),
    st.data(),
)
def test_the_others_are_always_left(names: list[str], data: st.DataObject) -> None:
    """Whatever separates them and whoever goes, exactly the others remain, in their order."""
    text = names[0]
    for name in names[1:]:
        weak = [] if "Oy" in name + text else [" ja ", " och "]
        text += data.draw(st.sampled_from([" / ", ";", "\n", "/", *weak])) + name
    parts = _cells.names(text)
    gone = data.draw(st.lists(st.sampled_from(parts), unique=True))
    left = _cells.without(text, parts, gone)
    assert [part.value for part in _cells.names(left)] == [part.value for part in parts if part not in gone]
    if not gone:
        assert left == text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("040 1234567 / 050-1234567", ["040 1234567", "050-1234567"]),
        ("09/4245 0012", ["09/4245 0012"]),
        ("0401234567, 0501234567", ["0401234567", "0501234567"]),
        ("0401234567/0501234567", ["0401234567", "0501234567"]),
        ("+358 44 123 4567 (koti)", ["+358 44 123 4567 (koti)"]),
        ("040 1234567 ja 050 1234567", ["040 1234567", "050 1234567"]),
        ("ei ole", ["ei ole"]),
    ],
)
def test_phones_in_a_cell(text: str, values: list[str]) -> None:
    """A slash inside one number does not part it."""
    assert [part.value for part in _cells.phones(text)] == values


def test_emails_in_a_cell() -> None:
    """Addresses are found between names and brackets."""
    assert [part.value for part in _cells.emails("Maija <maija@x.example>, info@y.example")] == [
        "maija@x.example",
        "info@y.example",
    ]
    assert [part.value for part in _cells.emails("ei ole")] == ["ei ole"]


@pytest.mark.parametrize("separator", ["/", "|", ";", ",", " / ", "\n", " ja "])
def test_whatever_separates_emails_is_part_of_none(separator: str) -> None:
    """A slash or a bar could stand in an address; in a cell it separates two."""
    text = f"maija@x.example{separator}info@y.example"
    assert [(part.value, text[part.start : part.end]) for part in _cells.emails(text)] == [
        ("maija@x.example", "maija@x.example"),
        ("info@y.example", "info@y.example"),
    ]


@pytest.mark.parametrize(
    ("email", "bears"),
    [
        ("maija.v@x.example", True),
        ("mvirtanen@x.example", True),
        ("maijavirtanen@x.example", True),
        ("info@x.example", False),
        ("pekka@x.example", False),
    ],
)
def test_an_address_that_bears_a_name(email: str, bears: bool) -> None:
    """A whole name, or initial and family name, in front of the @ is the person's."""
    assert _cells.bears_name(email, "Virtanen, Maija") is bears


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Tmi Maija Virtanen", "Maija Virtanen"),
        ("Maija Virtanen Tmi", "Maija Virtanen"),
        ("Tmi Kukka", ""),
        ("Maija Virtanen Oy", ""),
    ],
)
def test_a_sole_trader_is_a_person(text: str, name: str) -> None:
    """A toiminimi of a full name names the person."""
    assert _cells.sole_trader(text) == name


def test_no_value_in_a_repr() -> None:
    """A part says where it is, never what it is."""
    assert "Maija" not in repr(Part("Maija", 0, 5))
