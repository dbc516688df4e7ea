"""A phrase is a plain sentence that remembers its template and its values."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from connectors.phrase import Phrase


def test_a_phrase_is_its_sentence() -> None:
    """It compares, prints and serialises as the finished text."""
    phrase = Phrase("sheet {sheet}, row {row}", sheet="Asiakkaat", row=14)

    assert phrase == "sheet Asiakkaat, row 14"
    assert json.dumps(phrase) == '"sheet Asiakkaat, row 14"'
    assert (phrase.template, dict(phrase.values)) == ("sheet {sheet}, row {row}", {"sheet": "Asiakkaat", "row": 14})


def test_a_phrase_without_values_keeps_its_braces() -> None:
    """A text without values is not a template to be filled in."""
    assert Phrase("a {brace}") == "a {brace}"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda phrase: pickle.loads(pickle.dumps(phrase))])
def test_a_copy_remembers_too(again: object) -> None:
    """A copied or pickled phrase can still be said in another language."""
    phrase = Phrase("{count} entries", count=3)
    assert callable(again)

    second = again(phrase)

    assert (second, second.template, dict(second.values)) == (phrase, phrase.template, dict(phrase.values))


def test_a_value_with_braces_is_not_filled_in() -> None:
    """What stands in a value is text, never a template, also after pickling."""
    phrase = pickle.loads(pickle.dumps(Phrase("file {file}", file="{count}.xlsx")))

    assert phrase == "file {count}.xlsx"


def test_a_missing_value_is_a_fault_at_once() -> None:
    """A template with values must get all of them."""
    with pytest.raises(KeyError):
        Phrase("{one} {two}", one=1)
