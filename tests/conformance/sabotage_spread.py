"""Deliberately broken memory connectors that do not tell rightly what else an erase would change; see `sabotage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.contract import Going, Needle, Spread
from connectors.memory import MemoryConnector
from connectors.phrase import Phrase
from tests.conformance.sabotage import Broken


class ForeseesByDoing(Broken, killed_by="test_erase_foresees_and_writes_nothing"):
    """Finds out what an erase would do by doing it."""

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        for one in going:
            self.erase(one.ref, one.version, needles)
        return ()


class SpreadsThoughNotPromised(Broken, killed_by="test_erase_foresees_and_writes_nothing"):
    """Tells of places that change though its features say that there are none."""

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        del going, needles
        return [Spread(Phrase("elsewhere"), "old", "new")]


class SpreadsToNothing(Broken, killed_by="test_erase_foresees_and_writes_nothing"):
    """Names places that would stay as they are."""

    features = replace(MemoryConnector.features, spreads=True)

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        del going, needles
        return [Spread(Phrase("elsewhere"), "same", "same")]


class SpreadsByName(Broken, killed_by="test_erase_foresees_and_writes_nothing"):
    """Names a place by what stands there."""

    features = replace(MemoryConnector.features, spreads=True)

    def spread(self, going: Sequence[Going], needles: Sequence[Needle] = ()) -> Sequence[Spread]:
        del going
        return [Spread(Phrase("the file of {who}", who=one.value), one.value, "") for one in needles]
