"""A finding that is kept for the next night is the same when it is read again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.phrase import Phrase
from hub.report import Finding, Place
from hub.report.finding import Severity
from hub.report.findings import packed, unpacked

VALUES = st.recursive(
    st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.builds(lambda one: Phrase("{one} of", one=one), inner) | st.tuples(inner),
    max_leaves=5,
)
PHRASES = st.builds(lambda one, other: Phrase("{one}: {other}", one=one, other=other), VALUES, VALUES)


@given(PHRASES, PHRASES, st.lists(st.tuples(st.text(), st.none() | st.text(), st.none() | PHRASES)))
def test_a_finding_is_the_same_when_it_is_unpacked(
    what: Phrase, todo: Phrase, at: list[tuple[str, str | None, Phrase | None]]
) -> None:
    """In every language: its phrases keep their values."""
    severity: Severity = "info"
    finding = Finding("conflict", severity, "00ff", tuple(Place(*place) for place in at), what, todo, "person")
    again = unpacked(packed(finding))

    assert again == finding
    assert _parts(again.what) == _parts(what)


def _parts(value: object) -> object:
    if isinstance(value, Phrase):
        return value.template, {name: _parts(item) for name, item in value.values.items()}
    return [type(value), *map(_parts, value)] if isinstance(value, list | tuple) else value
