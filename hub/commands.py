"""What each command does: ask, decide what may be done, show the result, and name the exit code."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.contract import Column, Connector
from connectors.errors import ConfigError, Conflict, HubError, Undecided, UsageError
from connectors.phrase import Phrase
from hub import config as configuration
from hub import erase as erasing
from hub import ledger
from hub.config import Config
from hub.language import Language
from hub.ledger import Ledger, Request
from hub.matching import Reading
from hub.person import Person
from hub.plan import ApprovedPlan, Plan, Report, State
from hub.render import json as documents
from hub.render import text
from hub.render.screen import Screen, Ticker, console
from hub.search import Gathered, Key, gather, open_sources

REQUEST = re.compile(r"\d{4}-\d{4,}")

WORST_FIRST = (1, 2, 5, 3, 4, 0)
"""Which exit code wins when several apply."""

EXIT_OF = {State.COMPLETE: 0, State.WAITING: 4, State.INCOMPLETE: 3, State.STALE: 5}


@dataclass(slots=True)
class Run:
    """One command being run: its arguments, the configuration, and where it speaks."""

    options: argparse.Namespace = field(repr=False)
    config: Config
    language: Language

    @property
    def screen(self) -> Screen:
        """Where results go."""
        return console(sys.stdout, self.language)

    def sources(self, only: Sequence[str] = ()) -> list[Connector]:
        """The configured sources, or those named with --source."""
        return open_sources(self.config, only or self.options.source)

    def gather(self) -> Gathered:
        """Ask the sources, with a progress bar when it takes long."""
        with self.progress() as tick:
            return gather(self.sources(), self.config.region, tick)

    @property
    def talk(self) -> Screen:
        """Where hints, questions and progress go."""
        return console(sys.stderr, self.language)

    def progress(self) -> Ticker:
        """A bar on stderr when something takes over a second, for somebody who sits at a terminal."""
        return text.progress(sys.stderr, self.language, quiet=self.options.quiet)

    def show_json(self, document: documents.Document) -> None:
        """Print a document on stdout."""
        print(documents.dumps(document))


def run(options: argparse.Namespace) -> int:
    """Run the command the arguments name; its exit code."""
    if options.command == "init":
        return _init(options)
    config = configuration.load(options.config, os.environ)
    return _COMMANDS[options.command](Run(options, config, Language(options.lang or config.controller.language)))


def tell(error: HubError, options: argparse.Namespace) -> None:
    """Say an error: in words on stderr, and as a `hub.error/1` document on stdout when JSON was asked for."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    if options.json:
        document = {
            "schema": "hub.error/1",
            "error": str(error.message),
            "hint": str(error.hint) if error.hint else None,
            "problems": [str(problem) for problem in problems],
            "exit": error.exit_code,
        }
        print(documents.dumps(document))
    text.error(console(sys.stderr, Language(options.lang or "en")), error)


def worst(*codes: int) -> int:
    """The exit code that wins."""
    return min(codes, key=WORST_FIRST.index)


def _answered(gathered: Gathered) -> int:
    return 1 if gathered.fault else 0 if gathered.complete else 3


def _find(run: Run) -> int:
    gathered = run.gather()
    persons = _meant(run, gathered)
    _show_persons(run, gathered, persons)
    return _answered(gathered)


def _meant(run: Run, gathered: Gathered) -> tuple[Person, ...]:
    """The persons that WHO or --person means."""
    if run.options.person:
        return (gathered.person(run.options.person),)
    found = gathered.matching.find(_query(run))
    ruled_out = set(gathered.keys(getattr(run.options, "exclude", ())))
    return tuple(person for person in found if not {member.held.key for member in person.links} <= ruled_out)


def _query(run: Run) -> str:
    return " ".join(run.options.who)


def _show_persons(run: Run, gathered: Gathered, persons: Sequence[Person]) -> None:
    if run.options.json:
        run.show_json(documents.find_document(_query(run), gathered.answers, persons))
    else:
        text.find(run.screen, gathered.answers, persons)


def _one(run: Run, gathered: Gathered) -> tuple[Person | None, int]:
    """The one person that is meant; else, after showing the list, None and the exit code."""
    persons = _meant(run, gathered)
    if len(persons) == 1:
        return persons[0], 0
    _show_persons(run, gathered, persons)
    if persons and run.options.json:
        text.choose(run.talk, persons)
    return None, worst(_answered(gathered), 4 if persons else 0)


def _persons(run: Run) -> int:
    gathered = run.gather()
    everybody = gathered.matching.everybody()
    if run.options.json:
        for line in documents.person_lines(everybody):
            print(line)
    else:
        text.persons(run.screen, gathered.answers, everybody)
    return _answered(gathered)


def _check(run: Run) -> int:
    rows: list[documents.CheckRow] = []
    for source in run.sources():
        check = source.check()
        rows.append((source.name, source.kind, check, _coverage(source)))
    if run.options.json:
        run.show_json(documents.check_document(rows))
    else:
        text.check(run.screen, rows)
    return 0 if all(check.may_read for _, _, check, _ in rows) else 3


def _coverage(source: Connector) -> Sequence[Column] | HubError:
    try:
        return source.coverage()
    except HubError as error:
        return error


def _export(run: Run) -> int:
    from hub.export import write_package

    gathered = run.gather()
    person, code = _one(run, gathered)
    if person is None:
        return code
    person = erasing.make_plan(gathered, person, *_decisions(run, gathered, person)).person
    with ledger.opened(run.config.state) as book:
        number = book.new("access").number
    export = write_package(person, gathered.answers, run.options.out, number, run.config.controller, run.language)
    if run.options.json:
        run.show_json(documents.export_document(person, gathered.answers, export.directory, export.files, export.missing))
    else:
        text.export(run.screen, export)
    return worst(_answered(gathered), 4 if person.possible else 0, 0 if export.complete or person.possible else 3)


def _decisions(run: Run, gathered: Gathered, person: Person) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    return gathered.keys(run.options.include, person), gathered.keys(run.options.exclude, person)


def _erase(run: Run) -> int:
    options = run.options
    number = options.who[0] if len(options.who) == 1 and REQUEST.fullmatch(options.who[0]) else ""
    if options.confirm and (number or not (options.who or options.person)):
        return _confirm(run, number)
    if bool(options.who) == bool(options.person):
        raise UsageError(Phrase("Say who: WHO, or --person HANDLE from the last find, and not both."))
    gathered = run.gather()
    person, code = _one(run, gathered)
    if person is None:
        return code
    include, exclude = _decisions(run, gathered, person)
    plan = erasing.make_plan(gathered, person, include, exclude, options.reason)
    with ledger.opened(run.config.state) as book:
        book.supersede(person.handle)
        request = book.new("erasure", plan)
        assert request.plan is not None
        if options.confirm and _may_apply_at_once(run, gathered, plan):
            return _apply(run, book, request, request.plan.approve(plan.fingerprint))
    _show_plan(run, request.plan)
    waits = plan.review or (options.confirm and gathered.answered)
    return worst(_answered(gathered), 4 if waits else 0)


def _may_apply_at_once(run: Run, gathered: Gathered, plan: Plan) -> bool:
    """Whether nothing is left to decide: every source answered, no possible match is open, and WHO was met exactly.

    A name that was met only roughly may be somebody else's: the namesake who is left after an erase, for one.
    """
    exact = bool(run.options.person) or gathered.matching.understood(_query(run)) in {Reading.IDENTIFIER, Reading.NAME}
    if not exact:
        run.talk.line(Phrase("The name was met only roughly, so look at the plan and confirm it by its number."))
    return exact and gathered.answered and not plan.review


def _show_plan(run: Run, plan: Plan) -> None:
    if run.options.json:
        run.show_json(documents.plan_document(plan))
    else:
        text.plan(run.screen, plan)


def _confirm(run: Run, number: str) -> int:
    """Carry out a pending request, go on with an interrupted one, or show a finished one again."""
    with ledger.opened(run.config.state) as book:
        request = book.load(number) if number else _only_pending(book)
        if request.kind != "erasure" or request.stage == "superseded" or request.plan is None:
            raise UsageError(
                Phrase(
                    "Request {number} cannot be confirmed: a newer plan took its place, or it is no erase.", number=request.number
                ),
                Phrase("Run hub erase with the person's name to see the plan that counts."),
            )
        if request.stage in {"finished", "waiting"}:
            return _show_report(run, erasing.report_of(request))
        try:
            approved = _approved(run, request)
        except Conflict:
            return _show_report(run, Report(request.number, State.STALE, ()))
        except Undecided as error:
            _show_plan(run, request.plan)
            text.error(run.talk, error)
            return error.exit_code
        return _apply(run, book, request, approved)


def _only_pending(book: Ledger) -> Request:
    pending = book.pending()
    if len(pending) == 1:
        return pending[0]
    if not pending:
        raise UsageError(
            Phrase("No request waits for a confirmation."),
            Phrase("Run hub erase with the person's name first: it shows the plan and changes nothing."),
        )
    raise UsageError(
        Phrase("Several requests wait: {numbers}.", numbers=", ".join(request.number for request in pending)),
        Phrase("Say which: hub erase --confirm NUMBER."),
    )


def _approved(run: Run, request: Request) -> ApprovedPlan:
    """The plan as it was shown, if it still holds, with the decisions made since. Raises `Conflict`, `Undecided`."""
    assert request.plan is not None
    shown = request.plan
    if request.stage == "running":
        return shown.approve(shown.fingerprint)
    with run.progress() as tick:
        now, gathered = erasing.plan_again(shown, _asked(run, shown), run.config.region, tick)
    if now.fingerprint != shown.fingerprint:
        return now.approve(shown.fingerprint)
    include, exclude = _decisions(run, gathered, now.person)
    if include or exclude:
        now = erasing.make_plan(gathered, now.person, (*now.included, *include), (*now.excluded, *exclude), now.reason).numbered(
            shown.request
        )
    approved = now.approve(now.fingerprint)
    request.plan = approved.plan
    return approved


def _asked(run: Run, plan: Plan) -> list[Connector]:
    """The sources that were asked when the plan was made and are still configured."""
    asked = {answer.source for answer in plan.answers}
    return run.sources([source.name for source in run.config.sources if source.name in asked])


def _apply(run: Run, book: Ledger, request: Request, approved: ApprovedPlan) -> int:
    with run.progress() as tick:
        report = erasing.apply(approved, request, book, _asked(run, approved.plan), tick)
    return _show_report(run, report)


def _done(run: Run) -> int:
    """A manual step was carried out by hand."""
    with ledger.opened(run.config.state) as book:
        request = book.load(run.options.request)
        sources = _asked(run, request.plan) if request.plan else []
        with run.progress() as tick:
            report = erasing.settle(request, run.options.step, book, sources, note=run.options.note, tick=tick)
    return _show_report(run, report)


def _requests(run: Run) -> int:
    with ledger.opened(run.config.state) as book:
        requests = book.all()
    if run.options.json:
        run.show_json(documents.requests_document(requests))
    else:
        text.requests(run.screen, requests)
    return 0


def _show_report(run: Run, report: Report) -> int:
    if run.options.json:
        run.show_json(documents.outcome_document(report))
    else:
        text.outcome(run.screen, report)
    return EXIT_OF[report.state]


def _init(options: argparse.Namespace) -> int:
    from hub.init import init

    done = init(options.directory, os.environ)
    if options.json:
        print(documents.dumps(documents.init_document(done)))
    else:
        text.init(console(sys.stdout, Language(options.lang or "en")), done)
    return 0


def _login(run: Run) -> int:
    from hub.login import login

    login(run.options.which, run.config, run.talk.line, revoke=run.options.revoke)
    return 0


_COMMANDS = {
    "check": _check,
    "done": _done,
    "erase": _erase,
    "export": _export,
    "find": _find,
    "login": _login,
    "persons": _persons,
    "requests": _requests,
}
