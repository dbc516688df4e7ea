"""What each person was asked, agreed and objected to, who may be told what, and who was: kept by marks, never by name."""

from __future__ import annotations

from hub.permissions.act import Act, Kind, Status, purpose_key, recipient_key
from hub.permissions.book import Book, found, kept, opened, recipients_of
from hub.permissions.forgetting import announce, forget, to_tell, told, waiting
from hub.permissions.known import Known, marks_of
from hub.permissions.standing import Disclosed, Permitted, Standing

__all__ = [
    "Act",
    "Book",
    "Disclosed",
    "Kind",
    "Known",
    "Permitted",
    "Standing",
    "Status",
    "announce",
    "forget",
    "found",
    "kept",
    "marks_of",
    "opened",
    "purpose_key",
    "recipient_key",
    "recipients_of",
    "to_tell",
    "told",
    "waiting",
]
