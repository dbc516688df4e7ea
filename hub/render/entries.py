"""How the terminal shows one entry of a person: where it is, what it holds, and why it is believed to be theirs."""

from __future__ import annotations

from collections.abc import Collection

from connectors.entry import Entry
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.person import Evidence, Member, Verdict
from hub.render import words
from hub.render.screen import Cell, Column, Part, Screen

ENTRIES = (Column(Phrase("Source"), 3), Column(Phrase("Where"), 4), Column(Phrase("What"), 7), Column(Phrase("Why"), 6))
"""The columns of `member_row`."""


def member_row(screen: Screen, member: Member) -> list[Cell]:
    """The cells of one entry."""
    where: list[str | Part] = [member.held.entry.locator]
    if member.held.entry.copy_of:
        where.append(Part(Phrase("a copy of {file}", file=member.held.entry.copy_of), "yellow"))
    return [member.held.source, where, values(screen, member.held.entry), _why(screen, member)]


def values(screen: Screen, entry: Entry, kinds: Collection[str] | None = None) -> list[str | Part]:
    """What an entry holds; with `kinds` only the values of these that an erase takes away."""
    fields = entry.fields if kinds is None else [item for item in entry.leaving() if item.kind in kinds]
    return [f"{screen.say(field_name(item.kind))}: {item.value}" for item in words.reading_order(fields)] + [
        Part(Phrase("with a file: {type}", type=item.media_type), "dim") for item in entry.attachments
    ]


def _why(screen: Screen, member: Member) -> list[str | Part]:
    first: dict[str, Evidence] = {}  # the same number in each spelling would fill the screen; `--json` tells them all
    for item in member.evidence:
        first.setdefault(item.rule, item)
    lines: list[str | Part] = [_evidence(screen, item) for item in first.values()]
    if member.verdict is Verdict.POSSIBLE:
        lines.append(Part(Phrase("possible: a human must decide"), "bold yellow"))
        if member.why:
            lines.append(member.why)
        lines.append(Part(f"--include {member.held.entry.ref}", "bold"))
        lines.append(Part(f"--exclude {member.held.entry.ref}", "bold"))
    return lines


def _evidence(screen: Screen, item: Evidence) -> str:
    said = screen.say(words.rule(item.rule))
    if item.ours == item.theirs:
        return f"{said}: {item.ours}"
    return f"{said}: {item.ours} {'=' if item.rule.startswith('same_') else '~'} {item.theirs}"
