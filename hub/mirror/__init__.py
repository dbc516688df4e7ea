"""The mirror: what every source said last, encrypted, with the words to find it by; a register of its own (R11)."""

from __future__ import annotations

from hub.mirror.file import Known, Mirror, Place
from hub.mirror.index import MirrorIndex
from hub.mirror.opening import FILE, FILES, NIGHT, SAID, forget_night, opened, remove

__all__ = ["FILE", "FILES", "NIGHT", "SAID", "Known", "Mirror", "MirrorIndex", "Place", "forget_night", "opened", "remove"]
