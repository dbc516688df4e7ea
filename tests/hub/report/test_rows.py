"""Headlines of very many findings as columns are the headlines themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.report import SEVERITIES, Night
from hub.report.bodies import SIZE, Bodies
from hub.report.finding import KINDS
from hub.report.findings import AtHand, Headline
from hub.report.rows import Codes, Table, ordered
from hub.report.telling import distinct
from tests.hub.report.nights import night


class Few(Night):
    """A night with so few ids that one which is made anew may be that of another finding."""

    def id(self, kind: str, *parts: str) -> str:
        """One of four."""
        return "abcd"[sum(map(ord, "".join((kind, *parts)))) % 4]


NIGHT = Few(night().now, (), {})
HEADLINES = st.lists(
    st.builds(
        Headline,
        st.sampled_from(SEVERITIES),
        st.sampled_from(KINDS[:3]),
        st.sampled_from("abcdefgh"),
        st.sampled_from([("mail",), ("mail", "phone")]),
        st.sampled_from(["1", "2", "ä"]),
        st.text(alphabet="xyz ä", max_size=4),
    ),
    max_size=25,
)


def in_order(items: list[Headline]) -> AtHand:
    """As a report of few says it."""
    found = sorted(items, key=lambda item: (SEVERITIES.index(item.severity), KINDS.index(item.kind)))
    told = distinct(NIGHT.id, ((item.kind, item.id, item.refs) for item in found))
    return AtHand([found[place]._replace(id=name) for place, name in told])


@given(HEADLINES, HEADLINES, st.data())
def test_columns_say_what_headlines_say(first: list[Headline], further: list[Headline], data: Any) -> None:
    """Night after night: some stay in their order, others come, and it is kept between."""
    table = Table.empty().and_also(first)
    assert list(ordered(NIGHT, table)) == list(in_order(first))
    again = Table.kept(table.columns()).and_also(further)
    every = [*first, *further]
    at = data.draw(st.lists(st.sampled_from(range(len(every))), unique=True)) if every else []
    table = again.only(np.array(at, np.int64))
    told, expected = ordered(NIGHT, table), in_order([every[place] for place in at])

    assert list(told) == [told[place] for place in range(len(told))] == list(expected)
    assert [*told.spans()] == [*expected.spans()]
    assert [*told.sources()] == [*expected.sources()]
    assert list(told.chosen(range(0, len(told), 2))) == list(expected.chosen(range(0, len(told), 2)))


@given(st.lists(st.text(alphabet="ab", max_size=3), max_size=3 * SIZE), st.integers(1, 7))
def test_texts_stay_what_they_are_while_others_go(texts: list[str], every: int) -> None:
    """In blocks that all stay in, and in those that some leave."""
    bodies, (blocks, places) = Bodies().and_also(texts)
    at = np.flatnonzero(np.arange(len(texts)) % (SIZE + every) % every == 0)[::-1]
    left, (blocks, places) = Bodies.kept(bodies.columns()).only((blocks[at], places[at]))

    assert [*map(left.text, blocks.tolist(), places.tolist())] == [texts[place] for place in at.tolist()]
    sizes = left.columns()["sizes"].to_pylist()
    assert sum(sizes) == len(at)


def test_a_block_that_nobody_leaves_is_not_made_anew() -> None:
    """Of very many texts a night changes few."""
    bodies, (blocks, places) = Bodies().and_also([str(number) for number in range(3 * SIZE)])
    stay = np.delete(np.arange(3 * SIZE), SIZE)
    left, _ = bodies.only((blocks[stay], places[stay]))

    before, after = (item.columns()["blocks"].to_pylist() for item in (bodies, left))
    assert after[:2] == [before[0], before[2]]
    assert len(after) == 3


def test_values_keep_their_numbers() -> None:
    """And are the same when they were kept."""
    codes = Codes()
    assert [codes[value] for value in ((("mail", 1),), ("mail",), (("mail", 1),))] == [0, 1, 0]
    again = Codes(codes.column())
    assert again.values == [(("mail", 1),), ("mail",)]
    assert [again[("mail",)], again[("phone",)]] == [1, 2]


def test_no_place_beyond_the_last() -> None:
    """As of any sequence."""
    told = ordered(NIGHT, Table.empty())
    with pytest.raises(IndexError):
        told[0]
