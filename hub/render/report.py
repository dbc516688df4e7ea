"""The nightly report on the terminal: the counts first, then each kind of finding with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.phrase import Phrase
from hub.render.screen import Cell, Column, Part, Screen

if TYPE_CHECKING:
    from hub.report import Finding, Findings, Severity
    from hub.report.history import Accepted, Remembered
    from hub.schedule import Installed

MOST = 20
"""More findings of one kind than this are counted and not listed; the page and `--json` hold all."""

KINDS = {
    "conflict": Phrase("Registers disagree"),
    "duplicate": Phrase("Twice in one register"),
    "missing": Phrase("Missing from a register"),
    "reappeared": Phrase("Came back after an erase"),
    "refused_but_stored": Phrase("Refused, and stored all the same"),
    "not_asked": Phrase("Not asked yet"),
    "retention_over": Phrase("Kept longer than the rule allows"),
    "due_soon": Phrase("Request due soon"),
    "overdue": Phrase("Request overdue"),
    "stale_source": Phrase("Old export"),
    "silent_source": Phrase("Register did not answer"),
    "unreadable": Phrase("Cannot be read"),
    "unknown_column": Phrase("Unknown column"),
    "special_data": Phrase("Sensitive data"),
    "marketing": Phrase("Customers in marketing lists"),
    "conflict_copy": Phrase("Second copy of a register"),
    "residue": Phrase("Left behind after an erase"),
}
"""What the kinds of findings are called."""

SEVERITIES: dict[Severity, Phrase] = {
    "error": Phrase("act now"),
    "warning": Phrase("to put right"),
    "info": Phrase("to know"),
}
_COLOURS: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def report(screen: Screen, told: Remembered, *, quiet: bool = False) -> None:
    """The whole report; `quiet`: the counts only, without a name, as a nightly run may mail them."""
    _summary(screen, told)
    if quiet:
        return
    for severity, kind, findings in told.findings.groups():
        _show_kind(screen, (severity, kind), findings, told)
    _show_accepted(screen, [item for item in told.accepted if item.seen])
    if told.findings:
        screen.heading(Phrase("When something is right as it is, type this, and it is not shown again:"))
        screen.command(f"hub report --accept {told.findings[0].id} --reason …")
        screen.line(Phrase("All of it as a page to read and print:"))
        screen.command("hub report --html report.html")


def _summary(screen: Screen, told: Remembered) -> None:
    night, overview = told.report.night, told.report.overview
    day = screen.language.day(night.now.date().isoformat())
    screen.heading(Phrase("Report of {day}", day=day))
    screen.line(
        Phrase(
            "{persons} persons, {entries} entries in {sources} registers",
            persons=overview.persons,
            entries=overview.entries.total(),
            sources=sum(answer.state != "silent" for answer in night.answers),
        )
    )
    if not told.findings:
        screen.line(Part(Phrase("Nothing was found: the registers agree."), "green"))
    else:
        columns = (Column(Phrase("Weight"), 2), Column(Phrase("What"), 5), Column(Phrase("Count"), 1), Column(Phrase("New"), 1))
        rows: list[list[Cell]] = [
            [Part(SEVERITIES[severity], _COLOURS[severity]), KINDS[kind], str(len(items)), str(len(items.new(told.new)) or "")]
            for severity, kind, items in told.findings.groups()
        ]
        screen.gap()
        screen.table(columns, rows)
    if len(told.nights) > 1:
        before = screen.language.day(told.nights[-2].day)
        screen.line(Part(Phrase("Since {day}: new {new}, gone {gone}", day=before, new=len(told.new), gone=told.gone), "dim"))


def _show_kind(screen: Screen, what: tuple[Severity, str], findings: Findings, told: Remembered) -> None:
    severity, kind = what
    screen.heading(Part(KINDS[kind], _COLOURS[severity]), Part(f"  {len(findings)}  ", "bold"), Part(SEVERITIES[severity], "dim"))
    blocks: dict[str, list[Finding]] = {}
    for item in findings[:MOST]:
        blocks.setdefault(item.proposal, []).append(item)
    for proposal, items in blocks.items():
        if len(items) > 1:
            screen.line(Part("→ ", _COLOURS[severity]), proposal, indent=2)
        for item in items:
            screen.line(Part(f"{item.id}  ", "dim"), item.what, *_mark(screen, item, told), indent=4)
        if len(items) == 1:
            screen.line(Part("→ ", _COLOURS[severity]), proposal, indent=6)
    if len(findings) > MOST:
        screen.line(Part(Phrase("… and {count} more: see the page or --json.", count=len(findings) - MOST), "dim"), indent=4)


def _mark(screen: Screen, item: Finding, told: Remembered) -> list[str | Part]:
    """Whether the finding is new, or since when it is known."""
    if item.id in told.new:
        return [Part("  "), Part(Phrase("new"), "bold")]
    if item.since < told.nights[-1].day:
        return [Part("  "), Part(Phrase("since {day}", day=screen.language.day(item.since)), "dim")]
    return []


def _show_accepted(screen: Screen, accepted: Sequence[Accepted]) -> None:
    if not accepted:
        return
    screen.gap()
    screen.line(Part(Phrase("Accepted and not shown: {count} (shown again by --unaccept FINDING)", count=len(accepted)), "dim"))


def accepted(screen: Screen, kept: Sequence[Accepted]) -> None:
    """What is accepted now, with the reasons."""
    if not kept:
        screen.line(Phrase("No finding is accepted."))
        return
    columns = (Column(Phrase("Finding"), 3), Column(Phrase("What"), 4), Column(Phrase("Accepted"), 3), Column(Phrase("Why"), 6))
    rows: list[list[Cell]] = [[item.id, KINDS.get(item.kind, ""), screen.language.day(item.day), item.reason] for item in kept]
    screen.table(columns, rows)


def written(screen: Screen, path: str) -> None:
    """The page was written; it holds personal data."""
    screen.line(Phrase("The page was written; it holds personal data, so keep it where only you can read it:"))
    screen.command(path)


def schedule(screen: Screen, found: Installed | None, last: str, *, removed: bool) -> None:
    """Whether the report is made every night, by what, and when it was made last."""
    if found is not None:
        screen.line(Phrase("The report is made every night at {at}, by {program}:", at=found.at, program=found.by))
        screen.command(found.command)
    elif removed:
        screen.line(Phrase("The nightly run was removed; nothing of it is left."))
    else:
        screen.line(Phrase("The report is not made by itself. To have it made every night, type:"))
        screen.command("hub schedule install")
    if last:
        day, _, time = last.partition("T")
        screen.line(Phrase("It was made last on {day} at {time}.", day=screen.language.day(day), time=time[:5]))
    else:
        screen.line(Phrase("It was never made yet."))
