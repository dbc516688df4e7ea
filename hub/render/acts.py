"""What the renderers call the steps of an erase and what came of them, as phrases."""

from __future__ import annotations

from connectors.phrase import Phrase
from hub.ledger.undone import Returned
from hub.plan import Action, ChangeKind, Result, State

ACTIONS = {
    Action.ERASE: Phrase("erase"),
    Action.REDACT: Phrase("erase the person's part"),
    Action.RETAIN: Phrase("keep"),
    Action.MANUAL: Phrase("by hand"),
    Action.RECTIFY: Phrase("correct"),
}

RESULTS = {
    Result.ERASED: Phrase("erased"),
    Result.REDACTED: Phrase("the person's part erased"),
    Result.RECTIFIED: Phrase("corrected"),
    Result.RETAINED: Phrase("kept"),
    Result.MANUAL_PENDING: Phrase("waits for your hand"),
    Result.ALREADY_ABSENT: Phrase("was already gone"),
    Result.CONFLICT: Phrase("changed meanwhile: not touched"),
    Result.UNREACHABLE: Phrase("did not answer: nothing was changed"),
    Result.REFUSED: Phrase("refused: nothing was changed"),
    Result.FAILED: Phrase("failed"),
}

RETURNS = {
    Returned.RESTORED: Phrase("put back"),
    Returned.KEPT: Phrase("was not changed"),
    Returned.BY_HAND: Phrase("only by hand"),
    Returned.CONFLICT: Phrase("something stands there: not put back"),
    Returned.UNREACHABLE: Phrase("did not answer: not put back"),
    Returned.REFUSED: Phrase("refused: not put back"),
    Returned.FAILED: Phrase("failed"),
}

CHANGES: dict[ChangeKind, Phrase] = {
    "changed": Phrase("changed"),
    "moved": Phrase("moved"),
    "gone": Phrase("not there any more"),
    "new": Phrase("came since: it is in no step"),
    "judged": Phrase("what is to be done with it, or whose it is, is another now"),
    "beside": Phrase("what stands there outside the entries is another now"),
}

STATES = {
    State.COMPLETE: Phrase("complete"),
    State.INCOMPLETE: Phrase("incomplete"),
    State.WAITING: Phrase("waits for you"),
    State.STALE: Phrase("nothing was written"),
}
