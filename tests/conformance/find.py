"""Find: a person's values are found by value wherever the source keeps bytes, and only then."""

from __future__ import annotations

from connectors.contract import Needle
from tests.conformance.tools import need, personal
from tests.conformance.world import World


class Find:
    """Residue."""

    def test_find_each_kind_of_needle(self, world: World) -> None:
        """While the entry is there, each of the person's values alone is found; one that waits for a hand is no residue."""
        connector = world.connector()
        if connector.features.erase == "manual":
            waiting = [key for key in ("aino", "emoji") if list(connector.residue(world.person(key).needles()))]
            assert waiting == [], "the step of an entry that waits for a hand says already that it is there"
            return

        for key in ("aino", "emoji", "vinot", "html"):
            for needle in world.person(key).needles():
                assert any(place.found for place in connector.residue([needle])), f"{key}: {needle.kind}"

    def test_find_nothing_of_an_absent_person(self, world: World) -> None:
        """A value nobody bears is found nowhere, and no place is left uninspected."""
        stranger = [
            Needle("name", "Vieras Tuntematon"),
            Needle("email", "vieras@tuntematon.example"),
            Needle("phone", "+358509998877"),
            Needle("text", "avainvierassana"),
        ]

        assert list(world.connector().residue(stranger)) == []

    def test_find_without_needles(self, world: World) -> None:
        """Without a needle nothing is found."""
        assert [place for place in world.connector().residue([]) if place.found] == []

    def test_find_places_hold_no_value(self, world: World) -> None:
        """A place is told by file and part, never by the value that stands there."""
        person = world.person("aino")
        text = "\n".join(f"{place.where} {place.why} {place!r}" for place in world.connector().residue(person.needles()))

        assert [value for value in personal([person]) if value.casefold() in text.casefold()] == []

    def test_find_in_places_no_listing_shows(self, world: World) -> None:
        """A value in dead bytes, a side file or a part nobody reads is found all the same."""
        need(world.bury("talteen haudattu@salaa.example jäi"), "place outside its records")

        assert any(place.found for place in world.connector().residue([Needle("email", "haudattu@salaa.example")]))
