"""The mirror: what every source said last, encrypted, with the words to find it by; a register of its own (R11)."""

from __future__ import annotations

from hub.mirror.file import FILE, Known, Mirror, opened, remove
from hub.mirror.freshness import Look, look
from hub.mirror.index import MirrorIndex
from hub.mirror.kept import FILE as NIGHT
from hub.mirror.kept import forget as forget_night

__all__ = ["FILE", "NIGHT", "Known", "Look", "Mirror", "MirrorIndex", "forget_night", "look", "opened", "remove"]
