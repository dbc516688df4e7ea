"""find --by-value: every place where an e-mail, a phone or a full name stands, entry or not; also when what was left was removed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.contract import Needle
from connectors.errors import UsageError
from connectors.phrase import Phrase
from hub import normalise
from hub.commands.base import Run, answered, query, show_persons, worst
from hub.erase import apply as erasing
from hub.person import Person
from hub.render import json as documents
from hub.render import plans
from hub.search.gathered import Gathered


def find(run: Run, gathered: Gathered, persons: Sequence[Person]) -> int:
    """Show who was found, then search every source, and the packages, by the value itself."""
    needles = tuple(_needles(query(run), run.config.region))
    if not needles:
        raise UsageError(
            Phrase("--by-value takes an e-mail address, a phone number or a full name."),
            Phrase("A single word stands in too many places that are about nobody."),
        )
    packages = () if run.options.source else (run.packages,)
    with run.progress() as tick:
        found, silent = erasing.places((*run.sources(), *packages), needles, tick)
    if run.options.json:
        residue = [documents.leftover_document(item) for item in found]
        run.show_json({**documents.find_document(query(run), gathered.answers, persons), "residue": residue})
    else:
        show_persons(run, gathered, persons)
        plans.by_value(run.screen, found)
    return worst(answered(gathered), 3 if silent else 0)


def _needles(said: str, region: str) -> Iterator[Needle]:
    """What is searched for: e-mails first, then what else was said as a phone, or as a name of two words and more."""
    words = said.split()
    for word in words:
        yield from (Needle("email", spelling) for spelling in normalise.email_spellings(word))
    rest = " ".join(word for word in words if normalise.email_key(word) is None)
    phones = normalise.phone_keys(rest, region)
    yield from (Needle("phone", phone) for phone in phones)
    if not phones and len(normalise.tokens(rest)) > 1:
        yield Needle("name", rest)
