"""The terminal: tables for a person who sits there, plain lines for a pipe, and nothing of a value that acts on either."""

from __future__ import annotations

import time
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self, TextIO

from connectors._values import dataclass, field
from connectors.phrase import Phrase
from hub.machine.pattern import Pattern

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from hub.language import Language

LONGEST = 200
"""A value longer than this is shown by its beginning; the export and `--json` hold all of it."""

PATIENCE = 1.0
"""Seconds after which a progress bar appears."""

PAUSE = 0.1
"""Seconds between two drawings of it."""

_JOINERS = "\u200c\u200d"  # words and emoji of several scripts are written with them
_HIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn"}
_BREAKS = Pattern(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")


def clean(value: str) -> str:
    """The value as inert text on one line: what controls a terminal or turns text around is shown as its code."""
    if value.isprintable():
        return value  # nearly always; none of what is hidden is printable
    flat = _BREAKS.sub(" ↵ ", value).replace("\t", " ")
    return "".join(letter if _visible(letter) else _code(letter) for letter in flat)


def shown(value: str) -> str:
    """`clean`, and cut when it is very long."""
    if len(value) <= LONGEST:
        return clean(value)
    return f"{clean(value[:LONGEST])}… ({len(value)})"


def _visible(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) not in _HIDDEN


def _code(letter: str) -> str:
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line or a cell: its text and a style of rich's ("bold red", "" for none)."""

    text: str = field(repr=False)
    style: str = ""


Cell = str | Part | Sequence["str | Part"]
"""One cell of a table: a text, a styled text, or one of these a line."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how much of the width it gets beside the others."""

    heading: str
    share: int = 1


class Screen(ABC):
    """A stream somebody reads, in one language."""

    plain = False
    """Whether whole lines are written instead of tables."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, phrase: str) -> str:
        """The phrase in the owner's language."""
        return self.language.say(phrase)

    @abstractmethod
    def line(self, *parts: str | Part, indent: int = 0) -> None:
        """Print one line; phrases are said in the owner's language, long ones are folded under their own beginning."""

    @abstractmethod
    def gap(self) -> None:
        """Print an empty line."""

    @abstractmethod
    def command(self, words: str) -> None:
        """Print what to type (or a place) on a line of its own, never folded, so that it can be copied whole."""

    @abstractmethod
    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], leading: int = 0) -> None:
        """Print a table, `leading` empty lines between its rows; in plain lines each row is one line, its empty cells left out."""

    def heading(self, *parts: str | Part) -> None:
        """Print a line that begins a block."""
        self.gap()
        self.line(*(part if isinstance(part, Part) else Part(part, "bold") for part in parts))

    def _words(self, part: str | Part) -> str:
        words = part.text if isinstance(part, Part) else part
        return clean(self.say(words)) if isinstance(words, Phrase) else shown(words)


class Lines(Screen):
    """Plain lines for a pipe or a file, without colours; they cost nothing to make."""

    plain = True

    def __init__(self, stream: TextIO, language: Language) -> None:
        super().__init__(language)
        self._stream = stream

    def line(self, *parts: str | Part, indent: int = 0) -> None:
        """Print one line, however long."""
        print(" " * indent + "".join(map(self._words, parts)), file=self._stream)

    def gap(self) -> None:
        """Print an empty line."""
        print(file=self._stream)

    def command(self, words: str) -> None:
        """Print it as it is."""
        print("  " + self._words(words), file=self._stream)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], leading: int = 0) -> None:
        """Print a line for each row."""
        for row in rows:
            cells = ("; ".join(filter(None, map(self._words, _parts(cell)))) for cell in row)
            print("  " + " | ".join(filter(None, cells)), file=self._stream)


class Terminal(Screen):
    """Tables and colours for a person."""

    def __init__(self, console: Console, language: Language) -> None:
        super().__init__(language)
        self.console = console

    def line(self, *parts: str | Part, indent: int = 0) -> None:
        """Print one line, folded under its own beginning."""
        from rich.padding import Padding

        self.console.print(Padding(self._text(parts), (0, 0, 0, indent)))

    def gap(self) -> None:
        """Print an empty line."""
        self.console.print()

    def command(self, words: str) -> None:
        """Print it so that it can be copied whole."""
        self.console.print("  ", self._text([Part(words, "bold")]), sep="", soft_wrap=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], leading: int = 0) -> None:
        """Print a table."""
        from rich import box
        from rich.table import Table

        table = Table(
            box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True, header_style="dim", show_edge=False, leading=leading
        )
        for column in columns:
            width = None if column.share else 3
            table.add_column(self.say(column.heading), ratio=column.share or None, width=width, overflow="fold")
        for row in rows:
            table.add_row(*(self._cell(cell) for cell in row))
        self.console.print(table)

    def _cell(self, cell: Cell) -> Text:
        from rich.text import Text

        return Text("\n").join(self._text([part]) for part in _parts(cell))

    def _text(self, parts: Iterable[str | Part]) -> Text:
        from rich.text import Text

        text = Text()
        for part in parts:
            text.append(self._words(part), style=part.style if isinstance(part, Part) else "")
        return text


def _parts(cell: Cell) -> Sequence[str | Part]:
    return [cell] if isinstance(cell, str | Part) else cell


def console(stream: TextIO, language: Language, *, plain: bool | None = None) -> Screen:
    """A screen on `stream`: tables and colours on a terminal (`NO_COLOR` is obeyed), plain lines elsewhere."""
    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(errors="backslashreplace")  # a value that this terminal cannot write must not end the run
    if not stream.isatty() if plain is None else plain:
        return Lines(stream, language)
    from rich.console import Console  # 50 ms: nobody looks at colours in a pipe

    return Terminal(Console(file=stream, markup=False, emoji=False, highlight=False, color_system="auto"), language)


class Ticker:
    """Called with what is being worked on; draws a bar only when the work lasts longer than `PATIENCE`."""

    def __init__(self, screen: Screen, *, quiet: bool = False) -> None:
        self._screen = screen
        self._open = isinstance(screen, Terminal) and not quiet
        self._bar: Progress | None = None
        self._label = ""
        self._done = 0
        self._drawn = 0.0
        if self._open:
            import threading  # nobody waits for a bar in a pipe

            self._lock = threading.Lock()
            timer = threading.Timer(PATIENCE, self._show)
            timer.daemon = True
            timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if not self._open:
            return
        with self._lock:
            self._open = False
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, label: str, done: int | None = None, total: int | None = None) -> None:
        """Say what is worked on, and how many of how many are done; without `done`, one more is."""
        if not self._open:
            return
        with self._lock:
            self._done = (self._done + 1 if label == self._label else 1) if done is None else done
            self._label = label
            if self._bar is not None and time.monotonic() > self._drawn + PAUSE:
                self._draw(self._bar, total)

    def _show(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.completed}"))
        with self._lock:
            if not self._open:
                return
            assert isinstance(self._screen, Terminal)
            self._bar = Progress(*columns, TimeElapsedColumn(), console=self._screen.console, transient=True)
            self._bar.add_task("", total=None)
            self._draw(self._bar, None)
            self._bar.start()

    def _draw(self, bar: Progress, total: int | None) -> None:
        self._drawn = time.monotonic()
        label = clean(self._screen.say(self._label))
        bar.update(bar.task_ids[0], description=label, completed=self._done, total=total)
