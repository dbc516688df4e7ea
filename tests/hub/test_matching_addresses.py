"""When two addresses are one: typing errors in a street or a town, and what they do not excuse."""

from __future__ import annotations

import pytest

from hub.matching.memory import MemoryIndex
from hub.person import Verdict
from tests.hub.held import held, verdict

HOME = {"address": "Kotikatu 5 A 3", "postcode": "20100", "city": "Turku"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (HOME, HOME, "same"),
        (HOME, {**HOME, "address": "Kotiaktu 5 as 3"}, "mistyped"),
        (HOME, {**HOME, "address": "Koti-Katu 5", "city": "Tampere"}, "mistyped"),
        (HOME, {**HOME, "address": "Kotiaktu 5 A 4"}, "street"),
        (HOME, {**HOME, "address": "Kotiaktu 6"}, "street"),
        (HOME, {"address": "Kotikatu 5", "postcode": "20101", "city": "Tukru"}, "same"),
        (HOME, {"address": "Kotikatu 5", "postcode": "33100", "city": "Tampere"}, "elsewhere"),
        (HOME, {"address": "Puistotie 1", "postcode": "20101", "city": "Tukru"}, "city"),
        (HOME, {"address": "Kotiaktu 5", "postcode": "33100", "city": "Tampere"}, "differ"),
    ],
)
def test_an_address_is_written_in_many_ways(one: dict[str, str], other: dict[str, str], expected: str) -> None:
    """A typing error in a street or a town makes no other address; another number, flat or town does."""
    index = MemoryIndex([held(f"{number}", name="Maija Virtanen", **home) for number, home in enumerate((one, other))], "FI")
    assert (index.levels(0, 1).address, index.levels(1, 0).address) == (expected, expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"name": "Matti Virtanen", **HOME}, {"name": "Matti Virtanen", **HOME, "address": "Kotiaktu 5"}, Verdict.POSSIBLE),
        ({"name": "Matti Virtanen", **HOME}, {"name": "Matti Virtanne", **HOME, "address": "Kotiaktu 5"}, Verdict.POSSIBLE),
        ({"name": "Matti Virtanen", **HOME}, {"name": "Maija Virtanen", **HOME, "address": "Kotiaktu 5"}, None),
        (
            {"name": "Maija Virtanen", "birthday": "1.2.1980", **HOME},
            {"name": "Maija Virtanen", "birthday": "1.2.1980", **HOME, "address": "Kotiaktu 5"},
            Verdict.POSSIBLE,
        ),
    ],
)
def test_a_mistyped_address_is_no_more_than_a_question(
    one: dict[str, str], other: dict[str, str], expected: Verdict | None
) -> None:
    """Father and son may live there, and a family; whoever is called otherwise is somebody else."""
    assert verdict(one, other) is expected
