"""SHA-256 as the interpreter brings it: `hashlib` loads all of OpenSSL first, which takes longer than most questions' hashes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    for _name in ("_sha256", "_sha2", "hashlib"):
        try:
            sha256 = import_module(_name).sha256
        except ImportError:
            continue
        break

__all__ = ["sha256"]
