"""The hub's own book of requests: what was asked, planned and done, encrypted from the first day."""

from hub.ledger.book import FILE, LOCK, Ledger, in_memory, opened
from hub.ledger.request import (
    BEGUN,
    CONFIRMABLE,
    IDENTITIES,
    KINDS,
    OPEN,
    OVER,
    WAYS,
    Kind,
    Line,
    Request,
    Stage,
)

__all__ = [
    "BEGUN", "CONFIRMABLE", "FILE", "IDENTITIES", "KINDS", "LOCK", "OPEN", "OVER", "WAYS", "Kind", "Ledger", "Line", "Request",
    "Stage", "in_memory", "opened",
]  # fmt: skip
