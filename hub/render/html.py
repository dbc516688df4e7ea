"""The page of an access package: for the person, in a browser or on paper; every value is escaped and nothing runs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from connectors import _resources
from connectors.phrase import Phrase
from hub.fields import field_name
from hub.render import words
from hub.render.notice import Topic

if TYPE_CHECKING:
    import jinja2

    from connectors.entry import Field
    from hub.config import Controller
    from hub.language import Language
    from hub.person import Answer, Member, Person

LARGEST_PICTURE = 3_000_000
"""Bytes; a larger picture is linked and not shown on the page itself."""

LONG_VALUE = 1500
"""Characters; a longer value does not fit on the rest of most pages."""

_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_UNPRINTABLE = re.compile("[\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the package: its path in it, what it is, and its content; `portrait`: a picture in it shows the person."""

    path: str
    media_type: str
    content: bytes = field(repr=False)
    portrait: bool = True

    @property
    def picture(self) -> str:
        """The file as a `data:` address that a page can show, "" when it cannot."""
        if self.media_type not in _SHOWN or len(self.content) > LARGEST_PICTURE:
            return ""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True, slots=True)
class Package:
    """Everything the page tells: `attached` by (source, ref), `missing` as the person is told, `card`: there is a contact.vcf."""

    person: Person = field(repr=False)
    answers: Sequence[Answer]
    request: str
    day: date
    controller: Controller
    attached: Mapping[tuple[str, str], Sequence[Attached]] = field(repr=False)
    card: bool = True
    missing: Sequence[Phrase] = ()
    notice: Sequence[Topic] = ()
    covered: bool = False
    """Whether somebody else is covered somewhere in it."""


def package_page(package: Package, language: Language) -> str:
    """The page as a whole, self-contained document."""
    return page(
        "package.html.j2",
        language,
        long_value=LONG_VALUE,
        package=package,
        day=language.day(package.day.isoformat()),
        sources=_sources(package, language),
        missing=[language.say(item) for item in package.missing],
    )


def page(template: str, language: Language, styles: Sequence[str] = ("package.css",), /, **values: object) -> str:
    """A page made of a template of `config/templates`, where `t("…")` says a sentence in the language."""
    style = "".join(_resources.path("templates", name).read_text(encoding="utf-8") for name in styles)
    return _template(template).render(
        t=lambda sentence, **places: language.say(Phrase(sentence, **places)),
        language=language.code,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        **values,
    )


@cache
def _template(name: str) -> jinja2.Template:
    """A template of `config/templates`, compiled once: that takes ten times as long as to fill it in."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_resources.path("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    return environment.get_template(name)


def visible(value: str) -> str:
    """The value with what no page can hold made visible: control characters as their pictures."""
    pictured = _CONTROL.sub(lambda match: chr(0x2400 + ord(match[0])), value.replace("\r\n", "\n"))
    return _UNPRINTABLE.sub("\ufffd", pictured)


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    kind: str
    entries: Sequence[_Entry] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Entry:
    where: str
    rows: Sequence[tuple[str, str, str]] = field(repr=False)
    files: Sequence[Attached] = field(repr=False)

    @property
    def long(self) -> bool:
        """Whether a row may have to be broken over two printed pages."""
        return any(len(value) > LONG_VALUE for _, value, _ in self.rows)


def _sources(package: Package, language: Language) -> list[_Source]:
    """The person's entries source by source, in the order in which the sources answered."""
    kinds = {answer.source: answer.kind for answer in package.answers}
    order = {name: index for index, name in enumerate(kinds)}
    members = sorted(package.person.links, key=lambda member: order.get(member.held.source, len(order)))
    return [
        _Source(
            name=source,
            kind=language.say(words.source(kinds.get(source, ""))),
            entries=[_entry(member, package, language) for member in group],
        )
        for source, group in groupby(members, lambda member: member.held.source)
    ]


def _said(item: Field, language: Language) -> str:
    """A value; a day as people write it, as on the rest of the page (data.json has it as the register tells it)."""
    return language.day(item.value) if item.kind in {"date", "birthday"} else item.value


def _entry(member: Member, package: Package, language: Language) -> _Entry:
    entry = member.held.entry
    return _Entry(
        where=language.say(entry.locator),
        rows=[
            (language.say(field_name(item.kind)), _said(item, language), item.label) for item in words.reading_order(entry.fields)
        ],
        files=package.attached.get(member.held.key, ()),
    )
