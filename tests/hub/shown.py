"""A made-up person with entries of every kind, hostile values, and the results that the renderers show."""

from __future__ import annotations

from connectors.entry import Attachment, Disposal, Entry, Field, Ref, Unreadable, Version
from connectors.phrase import Phrase
from hub.config import Controller
from hub.person import Answer, Evidence, Held, Member, Person, Verdict
from hub.plan import Plan, step_for

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "x" * 10_000,
    "nul\x00inside",
    "\x1b]0;title\x07\x1b[2J",
    "c1\x9b31m",
    "right\u202eto\u200fleft",
    "[bold red]markup[/] :smile:",
    "lone \ud800 surrogate",
    "one\r\ntwo\nEND:VCARD\nthree",
    "semi;colon,comma\\back",
    "{{ 7 * 7 }} {braces}",
)
"""Values that a source may hold and that must come through unharmed and do nothing."""


OWNER = Controller("Esimerkki <Oy>", "1234567-1", "Maija Esimerkki, maija@esimerkki.example")
"""Whose registers these are."""


def entry(
    ref: str,
    *fields: Field,
    disposal: Disposal = Disposal.ERASE,
    attachments: tuple[Attachment, ...] = (),
    sheet: str = "Asiakkaat",
) -> Entry:
    """An entry at row 7 of a sheet."""
    locator = Phrase("sheet {sheet}, row {row}", sheet=sheet, row=7)
    return Entry(Ref(ref), Version("1"), locator, fields, disposal, attachments=attachments)


def member(source: str, item: Entry, verdict: Verdict = Verdict.LINK) -> Member:
    """A member with one piece of evidence."""
    evidence = Evidence("same_email", "aino@posti.example", "aino@posti.example")
    return Member(
        Held(source, item), verdict, (evidence,), Phrase("must stay unaltered") if verdict is Verdict.POSSIBLE else None
    )


ROW = entry(
    "row-7",
    Field("name", "Aino Esimerkkilä", "Yhteyshenkilö"),
    Field("company", "Kuusipuu Oy", "Yritys", stays=True),
    Field("phone", "044 123 4567", "Puhelin"),
    disposal=Disposal.REDACT,
)
CARD = entry("card-1", Field("email", "aino@posti.example"), Field("name", "Esimerkkilä Aino"))
INVOICE = entry("inv-9", Field("name", "Aino Esimerkkilä"), disposal=Disposal.RETAIN)
PAGE = entry("page-3", Field("name", "Aino Esimerkkilä"), disposal=Disposal.MANUAL)
PERHAPS = entry("card-2", Field("name", "A. Esimerkkilä"), Field("phone", "050 123 4567"))

AINO = Person("3f2a91c0de", "Aino Esimerkkilä", (member("customers", ROW), member("mail", CARD)))
UNDECIDED = Person(AINO.handle, AINO.name, (*AINO.members, member("mail", PERHAPS, Verdict.POSSIBLE)))
EVERYWHERE = Person(AINO.handle, AINO.name, (*AINO.members, member("invoicing", INVOICE), member("binder", PAGE)))
ROGUE = Person(
    "00ff00ff00",
    "Aino\x1b[31m\u202e<b>",
    (member("customers", entry("evil", *(Field("note", value, value[:20]) for value in HOSTILE), sheet="As\x1b[2J\u202e[red]")),),
)

ANSWERS = (Answer("customers", "excel", "complete", 40), Answer("mail", "thunderbird", "complete", 20))
BROKEN = Answer(
    "mail",
    "thunderbird",
    "partial",
    20,
    (Unreadable(Phrase("record {ref}", ref="9"), Phrase("could not be read")),),
    reason=Phrase("{count} records could not be read: open them in their own program", count=1),
)
SILENT = Answer("phone", "icloud", "silent", reason=Phrase("{source} did not answer.", source="phone"))


def plan_of(person: Person) -> Plan:
    """The plan of erasing everything that is surely the person's."""
    steps = tuple(step_for(number, item.held) for number, item in enumerate(person.links, 1))
    return Plan("2026-0007", person, steps, person.possible, ANSWERS)
