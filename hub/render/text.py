"""Answers for the terminal: who was found and why, how the sources are, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, HubError
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.person import Answer, Member, Person, Verdict
from hub.render import words
from hub.render.entries import ENTRIES, member_row
from hub.render.screen import Cell, Column, Part, Screen

if TYPE_CHECKING:
    from connectors import contract
    from hub.exported import Export
    from hub.init import Initialised
    from hub.render.json import CheckRow
    from hub.store.packages import Kept

MOST = 20
"""More persons, or unreadable entries of one source, than this are counted and not listed."""


def find(screen: Screen, answers: Sequence[Answer], persons: Sequence[Person]) -> None:
    """Each person with their entries and the evidence, then the sources that did not (fully) answer."""
    for person in persons[:MOST]:
        _show_person(screen, person)
    if len(persons) > MOST:
        screen.heading(Phrase("… and {count} more persons: ask more exactly.", count=len(persons) - MOST))
    if not persons and all_complete(answers):
        screen.line(Phrase("Nobody found; every source answered."))
    elif not persons:
        screen.line(Part(Phrase("Nobody found so far, but the answer is not complete."), "bold red"))
    show_answers(screen, answers)
    if len(persons) > 1:
        screen.heading(Phrase("Several persons match: choose one with --person HANDLE."))
    elif persons and persons[0].links:
        handle = persons[0].handle
        _next(screen, Phrase("hub export --person {handle} --out DIR", handle=handle), f"hub erase --person {handle}")


def choose(screen: Screen, persons: Sequence[Person]) -> None:
    """The persons that match, for the owner to choose one."""
    screen.heading(Phrase("Several persons match: choose one with --person HANDLE."))
    columns = (Column(Phrase("Handle"), 2), Column(Phrase("name"), 3), Column(Phrase("Where"), 6))
    screen.table(columns, [_choice_row(screen, person) for person in persons])


def export(screen: Screen, package: Export) -> None:
    """Where the access package is, what is in it, and what is still missing from it."""
    if package.archive:
        screen.heading(Phrase("The access package was written as an encrypted archive (7-Zip, WinZip and macOS open it):"))
    else:
        screen.heading(Phrase("The access package was written to this folder:"))
    screen.command(str(package.archive or package.directory))
    screen.table((Column(Phrase("File")),), [[name] for name in package.files])
    if package.complete:
        screen.line(Part(Phrase("The package is complete."), "green"))
    if not package.missing:
        return
    screen.heading(Part(Phrase("The package is not complete. Missing:"), "bold red"))
    for item in package.missing:
        screen.line("• ", item, indent=2)


def looks(screen: Screen, package: Export) -> None:
    """Every place that mentions somebody else, for the owner to look at before the package is handed over."""
    if package.looks and not package.looked:
        screen.heading(
            Part(Phrase("Others are mentioned there; they are covered in the package. Look before you hand it over:"), "bold red")
        )
    elif package.looks:
        screen.heading(Phrase("Others are mentioned there:"))
    for look in package.looks:
        said = Phrase("shown") if look.shown else Phrase("covered")
        screen.line(
            Part(look.place, "bold"),
            f"  {look.source}: ",
            look.locator,
            ": ",
            Part(look.text, "yellow"),
            " (",
            said,
            ")",
            indent=2,
        )
    if package.looks and not package.looked:
        screen.line(Phrase("All right so? Repeat the command with --looked, and with --show PLACE for each that is nobody else."))


def password(screen: Screen, word: str) -> None:
    """The password of an archive, once: it is kept nowhere."""
    screen.heading(Phrase("Its password is shown this once and kept nowhere. Tell it by phone, never in the same message:"))
    screen.command(word)


def unsaid(screen: Screen, topics: Sequence[str]) -> None:
    """What the person has a right to be told with a package, and the configuration does not say."""
    if topics:
        screen.heading(Part(Phrase("What the law wants told with it is not all there:"), "yellow"))
    for item in topics:
        screen.line("• ", item, indent=2)


def check(screen: Screen, rows: Sequence[CheckRow]) -> None:
    """Each source: how it is, what may be done to it, and its columns: mapped, ignored, unknown."""
    for name, kind, check, columns in rows:
        style = "green" if check.state == "ok" else "bold red"
        screen.heading(name, Part(f"  {screen.say(words.source(kind))}  ", "dim"), Part(words.CHECKS[check.state], style))
        read = Phrase("may be read") if check.may_read else Phrase("may not be read")
        erase = Phrase("may be erased from") if check.may_erase else Phrase("may not be erased from")
        screen.line(f"{screen.say(read)}, {screen.say(erase)}", indent=2)
        problems = list(check.problems)
        if isinstance(columns, HubError):
            said = " ".join(problems)
            problems += [part for part in (columns.message, columns.hint) if part and part not in said]
        for problem in problems:
            screen.line(Part(problem, "red"), indent=2)
        if not isinstance(columns, HubError):
            _show_columns(screen, columns)


def packages(screen: Screen, kept: Sequence[Kept]) -> None:
    """The access packages that may still lie somewhere, each with its day and its place."""
    if kept:
        screen.heading(words.source("packages"))
    for one in kept:
        where = Phrase("it lies here:") if one.there else Phrase("it was here, and was moved or deleted:")
        screen.line(one.locator, Part("; "), where, indent=2)
        screen.command(f"  {one.path}")


def persons(screen: Screen, answers: Sequence[Answer], everybody: Iterable[Person]) -> None:
    """Every person, a line for each of their entries, then the sources that did not (fully) answer."""
    columns = (Column(Phrase("Handle"), 3), Column(Phrase("name"), 4), Column(Phrase("Source"), 3), Column(Phrase("Where"), 6))
    screen.table(columns, [_person_row(person, member) for person in everybody for member in person.members])
    show_answers(screen, answers)


def refresh(screen: Screen, answers: Sequence[Answer]) -> None:
    """What the mirror holds of each source, then the sources that did not (fully) answer."""
    columns = (Column(Phrase("Source"), 3), Column(Phrase("Entries"), 2), Column(Phrase("As of"), 4))
    screen.table(columns, [[item.source, str(item.entries), screen.language.moment(item.as_of)] for item in answers])
    show_answers(screen, answers)


def init(screen: Screen, done: Initialised) -> None:
    """What was found on this machine, the configuration that names it, and what to do next."""
    columns = (Column(Phrase("Kind"), 2), Column(Phrase("Where"), 6), Column(Phrase("Used"), 1), Column(Phrase("Remarks"), 4))
    rows = [
        [words.source(item.kind), str(item.path), Phrase("yes") if item.used else Phrase("no"), item.note or ""]
        for item in done.found
    ]
    if rows:
        screen.table(columns, rows)
    else:
        screen.line(Phrase("No register was found; the configuration holds examples to fill in."))
    screen.heading(Phrase("The configuration was written to:"))
    screen.command(str(done.config))
    _next(screen, "hub check")


def error(screen: Screen, error: HubError) -> None:
    """What went wrong and what to do about it; of a configuration every problem."""
    screen.line(Part(error.message, "bold red"))
    for problem in error.problems if isinstance(error, ConfigError) else ():
        screen.line("• ", problem, indent=2)
    if error.hint:
        screen.line(error.hint)


def _show_person(screen: Screen, person: Person) -> None:
    screen.heading(person.name, Part("   "), Part(person.handle, "dim"))
    screen.table(ENTRIES, [member_row(screen, member) for member in person.members], leading=1)


def show_answers(screen: Screen, answers: Sequence[Answer]) -> None:
    """How much each source told, and what it could not."""
    told = [f"{item.source} {item.entries}" for item in answers if item.state != "silent"]
    if told:
        screen.gap()
        screen.line(Part(Phrase("Entries looked through: {sources}", sources=told), "dim"))
    for answer in answers:
        _show_answer(screen, answer)
    if not all_complete(answers):
        screen.line(Part(Phrase("The answer is not complete."), "bold red"))


def all_complete(answers: Sequence[Answer]) -> bool:
    """Whether every source told everything."""
    return all(answer.state == "complete" for answer in answers)


def _show_answer(screen: Screen, answer: Answer) -> None:
    if answer.state == "silent":
        screen.line(Part(Phrase("{source} did not answer:", source=answer.source), "bold red"), " ", answer.reason or "")
    elif answer.reason:
        screen.line(Part(Phrase("{source} answered only in part:", source=answer.source), "bold red"), " ", answer.reason)
    if answer.unreadable:
        count = len(answer.unreadable)
        screen.line(Part(Phrase("{source}: cannot be read: {count}", source=answer.source, count=count), "yellow"))
        for item in answer.unreadable[:MOST]:
            screen.line(item.locator, ": ", item.reason, indent=2)
    for warning in answer.warnings:
        screen.line(Part(f"{answer.source}: ", "yellow"), warning)


def _choice_row(screen: Screen, person: Person) -> list[Cell]:
    places: list[str | Part] = [f"{member.held.source}: {screen.say(member.held.entry.locator)}" for member in person.members]
    return [Part(person.handle, "bold"), person.name, places]


def _person_row(person: Person, member: Member) -> list[Cell]:
    place = member.held.entry.locator
    where: Cell = place if member.verdict is Verdict.LINK else [place, Part(Phrase("possible"), "yellow")]
    return [person.handle, person.name, member.held.source, where]


def _show_columns(screen: Screen, columns: Sequence[contract.Column]) -> None:
    mapped = [f"{item.column} → {screen.say(field_name(item.kind))}" for item in columns if item.kind]
    ignored = _by_reason(screen, [item for item in columns if not item.kind and item.known])
    unknown = _by_reason(screen, [item for item in columns if not item.kind and not item.known])
    for title, listed, style in (
        (Phrase("read:"), mapped, ""),
        (Phrase("not read:"), ignored, "dim"),
        (Phrase("not known, please look:"), unknown, "yellow"),
    ):
        if listed:
            screen.line(Part(title, style or "bold"), " ", *_joined(listed, style), indent=2)


def _by_reason(screen: Screen, columns: Sequence[contract.Column]) -> list[str]:
    """The columns, those with the same reason together and the reason once, behind the last of them."""
    groups: dict[str, list[str]] = {}
    for column in columns:
        groups.setdefault(screen.say(column.why) if column.why else "", []).append(column.column)
    for reason, names in groups.items():
        names[-1] += f" ({reason})" if reason else ""
    return [name for names in groups.values() for name in names]


def _joined(texts: Sequence[str], style: str) -> list[Part]:
    return [Part(text if index == 0 else f", {text}", style) for index, text in enumerate(texts)]


def _next(screen: Screen, *commands: str) -> None:
    screen.heading(Phrase("Next:"))
    for command in commands:
        screen.command(command)
