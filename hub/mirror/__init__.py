"""The mirror: what every source said last, encrypted, with the words to find it by; a register of its own (R11)."""

from __future__ import annotations

from hub.mirror.file import FILE, FILES, NIGHT, SAID, Known, Mirror, Place, forget_night, opened, remove
from hub.mirror.index import MirrorIndex

__all__ = ["FILE", "FILES", "NIGHT", "SAID", "Known", "Mirror", "MirrorIndex", "Place", "forget_night", "opened", "remove"]
