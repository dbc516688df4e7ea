"""Where column names stand, and what a row's values are: layouts that owners really make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from connectors._layout import Cell, Head, Use, find_heads
from connectors._rowpeople import Value, key_of, read_row


def rows(*lines: Sequence[object]) -> list[tuple[int, Mapping[int, Cell]]]:
    """Numbered rows; None is an empty cell, a number is a number."""
    return [
        (number, {column: Cell("text" if isinstance(value, str) else "number", str(value)) for column, value in enumerate(line, 1) if value is not None})
        for number, line in enumerate(lines, 1)
    ]  # fmt: skip


BODY = ["Maija Virtanen", "0401234567", "Malli Oy"]

LAYOUTS: dict[str, tuple[list[tuple[int, Mapping[int, Cell]]], list[int]]] = {
    "plain": (rows(["Nimi", "Puhelin", "Yritys"], BODY), [1]),
    "title above": (rows(["Asiakasrekisteri 2024"], ["päivitetty 1.2.2024"], [], ["Nimi", "Puhelin", "Yritys"], BODY), [4]),
    "blank column": (rows([None, "Nimi", None, "Puhelin"], [None, "Maija Virtanen", None, 401234567]), [1]),
    "swedish": (rows(["Kundregister"], ["Namn", "E-post", "Telefon"], BODY), [2]),
    "english": (rows(["Name", "Email address", "Phone no."], BODY), [1]),
    "unknown among known": (rows(["Nimi", "Lempiväri", "Puhelin"], BODY), [1]),
    "facts above": (
        rows(["Yritys", "Oma Oy", "Puhelin", "0401234567"], [], ["Nimi", "Puhelin", "Sähköposti", "Yritys", "Hinta"], BODY),
        [3],
    ),
    "repeated": (rows(["Nimi", "Puhelin"], BODY[:2], ["Nimi", "Puhelin"], BODY[:2]), [1, 3]),
    "one column of addresses": (rows(["Sähköposti"], ["maija@x.example"], ["pekka@x.example"]), [1]),
    "one column of names": (rows(["Osallistujat"], ["Maija Virtanen"], ["Pekka Laine"]), [1]),
    "one column of prose": (rows(["Asiakas"], ["Tämä on muistio asiakkaista, jotka ovat käyneet."]), []),
    "key and value": (rows(["Nimi", "Maija Virtanen"], ["Puhelin", "0401234567"], ["Yritys", "Malli Oy"]), []),
    "no register": (rows(["Kuukausi", "Summa"], ["tammikuu", 12]), []),
    "shopping": (rows(["maito", "leipä"], ["kahvi"]), []),
    "empty": ([], []),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_column_names_are_found(layout: str) -> None:
    """Titles, facts, blank columns and other lists do not mislead."""
    lines, expected = LAYOUTS[layout]
    assert [head.row for head in find_heads(lines, {})] == expected


def test_a_heading_over_several_columns() -> None:
    """A "Nimi" below "Yritys" is the company's name, the one below "Yhteyshenkilö" a person's."""
    (head,) = find_heads(rows(["Yritys", None, "Yhteyshenkilö", None], ["Nimi", "Osoite", "Nimi", "Puhelin"], BODY), {})
    assert [head.use(column).kind for column in (1, 2, 3, 4)] == ["company", "address", "name", "phone"]


def test_the_owners_kinds_win() -> None:
    """A kind from the configuration overrules the list, and "ignore" leaves a column out."""
    (head,) = find_heads(rows(["Nimi", "Puhelin", "Tunnus"], BODY), {"nimi": "company", "tunnus": "ignore"})
    assert [head.use(column).kind for column in (1, 2, 3)] == ["company", "phone", None]


HEAD = Head(1, {1: Use("Nimi", "name"), 2: Use("Etunimi", "given"), 3: Use("Sukunimi", "family"), 4: Use("S-posti", "email"), 5: Use("Puhelin", "phone"), 6: Use("Yritys", "company"), 7: Use("Osoite", "address")})  # fmt: skip


def persons(**values: str) -> dict[str, list[tuple[str, str]]]:
    """Person → what is theirs alone; "" holds what is nobody's alone."""
    columns = {use.kind: column for column, use in HEAD.columns.items()}
    found = read_row({columns[kind]: Cell("text", text) for kind, text in values.items()}, HEAD, frozenset(), {})
    owners: dict[str, list[tuple[str, str]]] = {name: [] for name in (*found.names, "*")}
    for value in found.values:
        owner = next((name for person, name in enumerate(found.names) if found.mine(value, person)), "*")
        owners[owner].append((value.kind, value.text))
    return {name: held for name, held in owners.items() if held or name != "*"}


def test_one_person_has_everything() -> None:
    """Several values in the cells of a single person are all hers."""
    assert persons(name="Maija Virtanen", phone="0401234567; 0501234567", company="Malli Oy") == {
        "Maija Virtanen": [("name", "Maija Virtanen"), ("phone", "0401234567"), ("phone", "0501234567"), ("company", "Malli Oy")]
    }


def test_given_and_family_columns() -> None:
    """Two columns make one name; one family name may be two persons'."""
    assert list(persons(given="Maija", family="Virtanen")) == ["Maija Virtanen"]
    assert list(persons(given="Maija / Pekka", family="Virtanen")) == ["Maija Virtanen", "Pekka Virtanen", "*"]
    assert list(persons(given="Maija / Pekka", family="Virtanen / Laine")) == ["Maija Virtanen", "Pekka Laine"]
    assert list(persons(name="Virtanen Maija", given="Maija", family="Virtanen")) == ["Virtanen Maija"]


def test_values_go_to_their_person() -> None:
    """By the name in the address first, then by place; a place's address is nobody's."""
    pair = "Maija Virtanen / Pekka Laine"
    assert persons(name=pair, email="pekka@x.example; m.virtanen@x.example")["Pekka Laine"][1:] == [("email", "pekka@x.example")]
    assert persons(name=pair, email="a@x.example; b@x.example")["Maija Virtanen"][1:] == [("email", "a@x.example")]
    assert persons(name=pair, email="info@x.example; b@x.example")["*"] == [("email", "info@x.example")]
    assert persons(name=pair, phone="0401234567")["*"] == [("phone", "0401234567")]
    assert persons(name=pair, phone="0401234567/0501234567/0441234567")["*"][0] == ("phone", "0401234567")
    assert persons(name=pair, address="Katu 1")["*"] == [("address", "Katu 1")]


def test_a_company_in_the_name_column_is_no_person() -> None:
    """A legal form tells a company, with or without a person beside it."""
    assert persons(name="Virtanen ja Pojat Oy", company="") == {"*": [("company", "Virtanen ja Pojat Oy")]}
    assert list(persons(name="Malli Oy / Maija Virtanen")) == ["Maija Virtanen"]


def test_somebody_without_a_name() -> None:
    """An address alone is somebody; a dash is nobody."""
    assert persons(email="maija@x.example") == {"": [("email", "maija@x.example")]}
    assert persons(name="-", phone="–") == {}


def test_two_columns_of_names_pair_with_two_of_phones() -> None:
    """The second phone column belongs to the second column of names, even when the first has none."""
    head = Head(
        1,
        {
            1: Use("Yhteyshenkilö 1", "name"),
            2: Use("Puhelin 1", "phone"),
            3: Use("Yhteyshenkilö 2", "name"),
            4: Use("Puhelin 2", "phone"),
        },
    )
    found = read_row(
        {1: Cell("text", "Maija Virtanen"), 3: Cell("text", "Pekka Laine"), 4: Cell("text", "0401234567")}, head, frozenset(), {}
    )
    assert [(value.kind, value.owner) for value in found.values] == [("name", 0), ("name", 1), ("phone", 1)]


def test_names_are_compared_without_order_and_accents() -> None:
    """One key for both orders and for a comma; another for another name."""
    assert key_of("Virtanen, Maija") == key_of("maija  VIRTANEN")
    assert key_of("Maija Virtanen") != key_of("Maija Virtanen-Laine")


def test_no_value_in_a_repr() -> None:
    """Rows, persons and values say where they are, never what they are."""
    found = read_row({1: Cell("text", "Maija Virtanen")}, HEAD, frozenset(), {})
    assert "Maija" not in repr(found) + repr(found.values) + repr(Value(1, "name", "Maija", "Nimi"))
