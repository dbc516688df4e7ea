"""Made-up people in memory sources, for tests of the workflows."""

from __future__ import annotations

from connectors.entry import Disposal, Field, Ref
from connectors.memory import MemoryConnector, MemoryStore

AINO = (Field("name", "Aino Esimerkki"), Field("email", "aino@esimerkki.example"), Field("phone", "044 123 4567"))
AINO_CARD = (Field("name", "Esimerkki, Aino"), Field("phone", "+358 44 123 4567"), Field("note", "soittaa aina aamulla"))
AINO_ROW = (
    Field("company", "Keksitty Oy", stays=True),
    Field("name", "Aino Esimerkki"),
    Field("email", "AINO@esimerkki.example"),
    Field("price", "120", stays=True),
)
NAMESAKE = (Field("name", "Aino Esimerkki"), Field("email", "toinen.aino@muualla.example"))
PEKKA = (Field("name", "Pekka Keksitty"), Field("email", "pekka@keksitty.example"), Field("phone", "050 123 4567"))


class World:
    """Two memory sources with Aino in both, and Pekka beside her."""

    def __init__(self) -> None:
        self.first = MemoryStore()
        self.second = MemoryStore()
        self.aino = self.first.put(AINO)
        self.pekka = self.first.put(PEKKA)
        self.card = self.second.put(AINO_CARD, ref=Ref("c1"))
        self.row = self.second.put(AINO_ROW, Disposal.REDACT, ref=Ref("c2"))

    @property
    def sources(self) -> list[MemoryConnector]:
        """The connectors, first and second."""
        return [MemoryConnector("first", {"store": self.first}), MemoryConnector("second", {"store": self.second})]

    def records(self) -> dict[str, dict[str, bytes]]:
        """Every raw record, to compare before and after."""
        return {"first": dict(self.first.records), "second": dict(self.second.records)}
