"""The JSON documents have the shapes of the interface, in English, and carry any value as valid UTF-8."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Check, Column
from connectors.errors import Unreachable
from connectors.phrase import Phrase
from hub.exported import Export
from hub.person import Member
from hub.plan import Leftover, Report, Result, State, StepOutcome
from hub.render import json as documents
from tests.hub.shown import AINO, ANSWERS, BROKEN, HOSTILE, ROGUE, SILENT, UNDECIDED, plan_of


def _again(document: documents.Document) -> Any:
    return json.loads(documents.dumps(document).encode())


def test_find_has_the_shape_of_the_interface() -> None:
    """Answers with counts, persons with entries, and every value with kind and label."""
    document = _again(documents.find_document("aino", [ANSWERS[0], BROKEN, SILENT], [UNDECIDED]))
    assert document["schema"] == "hub.find/1"
    assert document["query"] == "aino"
    assert {"source", "kind", "state", "entries", "unreadable", "as_of", "reason"} <= document["answers"][0].keys()
    assert [item["state"] for item in document["answers"]] == ["complete", "partial", "silent"]
    assert document["answers"][0]["reason"] is None
    assert document["answers"][1]["unreadable"] == 1
    assert document["answers"][1]["unreadable_entries"] == [{"locator": "record 9", "reason": "could not be read"}]
    assert document["answers"][2]["reason"] == "phone did not answer."
    (person,) = document["persons"]
    assert (person["person"], person["name"]) == (AINO.handle, AINO.name)
    first = person["entries"][0]
    assert {key: first[key] for key in ("source", "ref", "locator", "verdict")} == {
        "source": "customers",
        "ref": "row-7",
        "locator": "sheet Asiakkaat, row 7",
        "verdict": "link",
    }
    assert first["evidence"] == [{"rule": "same_email", "ours": "aino@posti.example", "theirs": "aino@posti.example"}]
    assert first["fields"][1] == {"kind": "company", "value": "Kuusipuu Oy", "label": "Yritys", "stays": True}
    assert person["entries"][-1]["verdict"] == "possible"


def test_hostile_values_come_through_exactly() -> None:
    """Whatever a source holds is the same after writing and reading the document."""
    document = _again(documents.find_document("x", ANSWERS, [ROGUE]))
    assert tuple(item["value"] for item in document["persons"][0]["entries"][0]["fields"]) == HOSTILE


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_survives_and_is_inert(text: str) -> None:
    """Any string round-trips through valid UTF-8, on one line, without control or turning characters."""
    written = documents.dumps({"value": text}, line=True)
    assert json.loads(written.encode())["value"] == text
    assert not any(ord(letter) < 32 or "\x7f" <= letter <= "\x9f" or "\u202a" <= letter <= "\u202e" for letter in written)


def test_what_is_unsafe_is_never_printable() -> None:
    """A text that is printable needs no second look."""
    assert [
        letter for letter in map(chr, range(sys.maxunicode + 1)) if letter.isprintable() and documents._UNSAFE.search(letter)
    ] == []


def test_finnish_letters_stay_readable() -> None:
    """Letters are written as themselves and not as escapes."""
    assert "Esimerkkilä" in documents.dumps(documents.person_document(AINO))


def test_persons_are_a_line_for_each_entry() -> None:
    """Each line is a document of its own with exactly who, where and the verdict."""
    lines = [json.loads(line) for line in documents.person_lines([UNDECIDED])]
    assert [line["verdict"] for line in lines] == ["link", "link", "possible"]
    assert lines[0].keys() == {"schema", "person", "source", "ref", "locator", "verdict"}


def test_export_is_complete_only_when_nothing_is_missing() -> None:
    """`complete` follows `missing`."""
    whole = documents.export_document(AINO, ANSWERS, Export(Path("/tmp/x/2026-0008"), ("index.html",), ()))
    assert (whole["schema"], whole["person"], whole["complete"], whole["missing"]) == ("hub.export/1", AINO.handle, True, [])
    assert documents.export_document(AINO, ANSWERS, Export(Path(), (), (Phrase("name"),)))["complete"] is False
    assert documents.export_document(AINO, ANSWERS, Export(Path(), (), (), looked=False))["complete"] is False


def test_plan_has_the_shape_of_the_interface() -> None:
    """Steps, review with its why, and the fingerprint that a confirmation is checked against."""
    plan = plan_of(UNDECIDED)
    document = _again(documents.plan_document(plan))
    assert (document["schema"], document["request"]) == ("hub.plan/1", "2026-0007")
    assert document["fingerprint"] == plan.fingerprint
    assert document["person"]["person"] == AINO.handle
    assert document["steps"][0] == {
        "step": 1,
        "source": "customers",
        "ref": "row-7",
        "locator": "sheet Asiakkaat, row 7",
        "action": "redact",
        "fields": ["name", "phone"],
        "reason": "only this person's part goes, the rest of the record stays",
        "basis": None,
        "until": None,
        "undo": False,
    }
    assert [(item["ref"], item["why"]) for item in document["review"]] == [("card-2", "must stay unaltered")]


def test_outcome_has_the_shape_of_the_interface() -> None:
    """One outcome for each step, and every place that is left or could not be inspected."""
    step = plan_of(AINO).steps[0]
    outcome = StepOutcome(step, Result.REDACTED, verified=True, notes=(Phrase("name"),))
    left = Leftover("mail", Phrase("the whole source"), Phrase("could not be read"), found=False)
    document = _again(documents.outcome_document(Report("2026-0007", State.WAITING, (outcome,), (left,))))
    assert (document["schema"], document["request"], document["state"]) == ("hub.outcome/1", "2026-0007", "waiting")
    (said,) = document["outcomes"]
    assert (said["step"], said["outcome"], said["verified"], said["reason"]) == (1, "redacted", True, None)
    assert said["notes"] == ["name"]
    assert document["residue"] == [
        {"source": "mail", "where": "the whole source", "why": "could not be read", "found": False, "person": None}
    ]


def test_check_tells_columns_or_why_there_are_none() -> None:
    """A source whose columns cannot be read has no coverage and says so among its problems."""
    columns = [Column("Nimi", "name"), Column("Summa", None, Phrase("price")), Column("Kenkä", None, known=False)]
    rows: list[documents.CheckRow] = [
        ("customers", "excel", Check(True, True, True), columns),
        (
            "mail",
            "thunderbird",
            Check(False, False, False, "missing"),
            Unreachable(Phrase("{source} did not answer.", source="mail")),
        ),
    ]
    good, bad = _again(documents.check_document(rows))["sources"]
    assert good["coverage"] == [
        {"column": "Nimi", "as": "name", "why": None, "known": True},
        {"column": "Summa", "as": None, "why": "price", "known": True},
        {"column": "Kenkä", "as": None, "why": None, "known": False},
    ]
    assert (bad["state"], bad["problems"], bad["coverage"]) == ("missing", ["mail did not answer."], [])


def test_documents_are_english_whatever_the_owner_speaks() -> None:
    """A `why` is written as the code wrote it: scripts compare it."""
    assert documents.member_document(replace(AINO.members[0], why=Phrase("name")))["why"] == "name"
    assert isinstance(AINO.members[0], Member)
