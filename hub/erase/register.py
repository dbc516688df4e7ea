"""What is searched beside the sources that were asked: the hub's own mirror (R11), and what can only be named."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Check, Column, Needle, Residue
from connectors.entry import KINDS
from connectors.errors import HubError
from connectors.phrase import Phrase
from hub.mirror import NIGHT, SAID
from hub.search.glance import Glance
from hub.search.refresh import gathering, mirrored

_OF_THE_NIGHT = Phrase(
    "kept of the last report, encrypted like the mirror; every erase removes it, and the next report makes it anew"
)


class MirrorRegister:
    """The mirror as one of the registers that are searched after an erase: what the hub itself keeps."""

    name = "mirror"
    kind = "mirror"

    def __init__(self, glance: Glance) -> None:
        self._glance = glance

    def check(self) -> Check:
        """Whether it can be used; nothing of it is needed that the sources do not say again."""
        try:
            with mirrored(self._glance) as mine:
                stale = [known.name for _, known in mine.sources().values() if not known.as_of]
        except HubError as error:
            return Check(False, False, False, "missing", (error.told,))
        problems = (Phrase("Not read yet: {sources}. Run hub refresh.", sources=stale),) if stale else ()
        return Check(True, True, True, "ok", problems)

    def coverage(self) -> Sequence[Column]:
        """It repeats the fields of all sources; beside it lies what the last report kept, when there was one."""
        nights = [name for name in (NIGHT, SAID) if (self._glance.state / name).exists()]
        return [*(Column(kind, kind) for kind in KINDS), *(Column(name, None, _OF_THE_NIGHT) for name in nights)]

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """Bring it up to date, so that what went from the sources goes from it; name what a silent source leaves in it."""
        with gathering(self._glance) as gathered:
            silent = [answer.source for answer in gathered.answers if not answer.listed]
            left = {held.source for held in gathered.matching.bearing(needles)} & set(silent)
        where = Phrase("the hub's own mirror")
        return [
            Residue(where, Phrase("{source} did not answer, so what it said last is still kept", source=name)) for name in left
        ]


class NotAsked:
    """A source that a plan left out (--source): nothing in it is erased or searched, and the outcome must say so."""

    def __init__(self, name: str) -> None:
        self.name = name

    def residue(self, needles: Sequence[Needle]) -> Sequence[Residue]:
        """The whole of it, as a place that was not looked into."""
        return [
            Residue(
                Phrase("the whole source"), Phrase("it was not asked when this was planned, so it was not searched"), found=False
            )
        ]
