"""same, different: what a human knows about two entries."""

from __future__ import annotations

from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub.commands.base import Run, answered
from hub.render import json as documents
from hub.store import decisions


def same(run: Run) -> int:
    """Record that two entries are of one person."""
    return _decide(run, same=True)


def different(run: Run) -> int:
    """Record that two entries are of two people."""
    return _decide(run, same=False)


def _decide(run: Run, *, same: bool) -> int:
    gathered = run.gather()
    one, other = gathered.keys([run.options.one, run.options.other])
    if one == other:
        raise UsageError(Phrase("Both refs mean the same entry."), Phrase("Name two entries, as REF or SOURCE:REF."))
    decisions.record(run.config.state, one, other, same=same)
    if run.options.json:
        run.show_json(documents.decision_document(one, other, same=same))
    elif same:
        run.screen.line(Phrase("Kept: both entries are one person. To take it back: hub different, with the same refs."))
    else:
        run.screen.line(Phrase("Kept: the two entries are two people. To take it back: hub same, with the same refs."))
    return answered(gathered)
