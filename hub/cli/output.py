"""What a command prints: an answer that cannot be written is said, and what is only talk may be lost."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO, cast

from connectors.errors import OutputLost
from connectors.phrase import Phrase


class _Stream:
    """A stream that says in the hub's own words when it cannot be written; the `talk` is let go."""

    def __init__(self, stream: TextIO | None, *, talk: bool) -> None:
        self._stream = stream
        self._talk = talk
        self.lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def isatty(self) -> bool:
        """Whether somebody sits there."""
        return self._stream is not None and self._stream.isatty()

    def write(self, text: str) -> int:
        """As any stream. Raises `OutputLost`, `BrokenPipeError`."""
        self._try(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """As any stream. Raises `OutputLost`, `BrokenPipeError`."""
        if self._stream is not None:
            self._try(lambda stream: stream.flush())

    def _try(self, act: Callable[[TextIO], object]) -> None:
        try:
            act(self._open())
        except OSError as error:
            self.lost = True
            if self._talk:
                return
            if isinstance(error, BrokenPipeError):
                raise
            raise _lost(error) from None

    def _open(self) -> TextIO:
        if self._stream is None:
            raise OSError(errno.EBADF, "closed")
        return self._stream

    def give_up(self) -> None:
        """Let go of what is left to write, so that the interpreter does not complain of it once more at its end."""
        if self.lost and self._stream is not None:
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


def _lost(error: OSError) -> OutputLost:
    return OutputLost(
        Phrase("The answer could not be written in full (system error {code}).", code=error.errno or 0),
        Phrase("Is the disk full? What the command did in the registers is done: hub requests shows how far each request is."),
    )


@contextmanager
def guarded() -> Iterator[tuple[TextIO, TextIO]]:
    """The two outputs, for the time of one command."""
    data, talk = _Stream(sys.stdout, talk=False), _Stream(sys.stderr, talk=True)
    outputs = cast("TextIO", data), cast("TextIO", talk)
    try:
        with redirect_stdout(outputs[0]), redirect_stderr(outputs[1]):
            yield outputs
    finally:
        for stream in (data, talk):
            with suppress(OutputLost, BrokenPipeError):
                stream.flush()  # what cannot be written now is not tried once more when the interpreter ends
            stream.give_up()
