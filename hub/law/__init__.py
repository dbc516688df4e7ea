"""The law: how long a record must be kept, and until when a request must be answered. Pure, over dates; citations are data."""

from hub.law.fiscal import FiscalYear
from hub.law.keeping import NOT_TOLD, Law, Ruling
from hub.law.limits import KeptUntil, Rule, retention_ends, retention_over, retention_undated
from hub.law.statutes import Statutes, statutes

__all__ = [
    "NOT_TOLD", "FiscalYear", "KeptUntil", "Law", "Rule", "Ruling", "Statutes", "retention_ends", "retention_over",
    "retention_undated", "statutes",
]  # fmt: skip
