"""Text for a person, kept together with its template so that it can be said in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class Phrase(str):
    """A sentence for the owner: an ordinary `str` in English that remembers how it was made.

    `template` and `values` let a renderer look the template up in `config/words.<language>.toml` and
    fill in the same values. Values are counts, places and technical names: never a personal value.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill `values` into `template`."""
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template = template
        self.values = values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        # Pickle and copy must rebuild from the template, not from the finished sentence.
        return (self.template,), dict(self.values)
