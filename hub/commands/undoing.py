"""undo: what a request erased is put back, as long as a copy of it is kept."""

from __future__ import annotations

from connectors.errors import Conflict
from connectors.phrase import Phrase
from hub.commands.base import Run
from hub.erase import undo as undoing
from hub.ledger import Ledger, Request, life
from hub.ledger.undone import Return
from hub.plan import State
from hub.render import json as documents
from hub.render import text
from hub.render import undoing as screens
from hub.store import suppression

_EXIT_OF = {State.COMPLETE: 0, State.WAITING: 4, State.INCOMPLETE: 3, State.STALE: 5}


def undo(run: Run) -> int:
    """Put back what a request erased; what a hand must put back is shown with what it held."""
    with run.book() as book:
        request = book.load(run.options.request)
        try:
            told = _put_back(run, book, request)
        except Conflict as error:
            _remember_no_more(run, request)  # a run that was cut off may have put her back and no more
            again = undoing.shown_again(request, run.config.state)
            if again is None:
                raise
            _show(run, again)
            text.error(run.talk, error)
            return error.exit_code
        _remember_no_more(run, request)
    if run.config.mirror:
        run.gather([source.name for source in run.config.sources])
    _show(run, told)
    if request.stage == "undone" and request.asked and not request.delivered_on:
        _remind(run, request)
    return _EXIT_OF[told.state]


def _remember_no_more(run: Run, request: Request) -> None:
    """She is where the owner wants her, and does not "come back"."""
    if request.stage == "undone":
        suppression.forget(run.config.state, request.number)


def _remind(run: Run, request: Request) -> None:
    """Whoever asked got no answer yet, and the request that was put back is over."""
    day = life.received(request, run.config.controller.country).isoformat()
    run.talk.heading(Phrase("Somebody asked for this and was not answered yet. If they still want it, write it down anew:"))
    run.talk.command(Phrase("hub request new WHO --kind {kind} --received {day}", kind=request.kind, day=day))


def _put_back(run: Run, book: Ledger, request: Request) -> Return:
    undoing.require_possible(request)
    assert request.plan is not None
    needed = {step.source for step in request.plan.steps}
    names = [source.name for source in run.config.sources if source.name in needed]
    sources = run.sources(names) if names else []
    with run.progress() as tick:
        return undoing.put_back(request, book, [*sources, run.packages], tick, state=run.config.state, day=undoing.today())


def _show(run: Run, told: Return) -> None:
    if run.options.json:
        run.show_json(documents.undo_document(told))
    else:
        screens.undone(run.screen, told)
