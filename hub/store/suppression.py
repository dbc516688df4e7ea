"""Nobody comes back: keyed hashes of persons who were erased or refused, compared with what the sources hold now.

No name, e-mail or phone is kept: only what a secret key makes of their one form, so that without the key nothing can even be
guessed. The key is made of one of its own and the hub's; it opens neither the ledger nor the mirror.
"""

from __future__ import annotations

import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from connectors.errors import Worthless
from hub import normalise, store
from hub.matching.facts import Facts
from hub.matching.names import NameForm
from hub.person import Held
from hub.plan import Plan
from hub.store import marking, secrets
from hub.store.marking import Mark

FILE = "suppression.db"
KEY = "suppression.key"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS person (request TEXT PRIMARY KEY, why TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mark (request TEXT NOT NULL, role TEXT NOT NULL, digest BLOB NOT NULL)",
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.,-])\+?\(?\d(?:[\s()./-]{0,2}\d){6,14}(?![\w-])")

Why = Literal["erased", "refused"]


@dataclass(frozen=True, slots=True)
class Reappeared:
    """An entry that is about somebody who was erased or refused; not `sure`: it has the same name, and nothing else in common."""

    held: Held
    request: str
    why: Why
    sure: bool


@dataclass(frozen=True)
class Known:
    """Everybody who was erased or refused, as hashes: for each role the digests, each with its requests. Pure."""

    key: bytes = field(default=b"", repr=False)
    region: str = "FI"
    why: Mapping[str, Why] = field(default_factory=dict)
    marks: Mapping[str, Mapping[bytes, frozenset[str]]] = field(default_factory=dict, repr=False)

    def look(self, held: Held) -> Reappeared | None:
        """What is to be said of an entry; of a conflict copy nothing, which is reported as a copy."""
        if not self.why or held.entry.copy_of:
            return None
        facts = Facts(held, self.region)
        meant = self._whose("place", [marking.place(held)]) | self._whose("spared", [marking.place(held)])
        sure = self._identified(facts) - meant
        names = set(marking.names_there(facts))
        named = self._whose("name", names) - meant
        if named - sure:
            named -= self._whose("other", _identifiers(facts))
            sure |= named & self._whose("fact", (f"{name}\0{fact}" for name in names for fact in marking.second_facts(facts)))
        found = sure or named
        if not found:
            return None
        request = max(found)
        return Reappeared(held, request, self.why[request], bool(sure))

    def in_text(self, text: str) -> str:
        """The request of somebody whose e-mail or phone stands in a free text, "" when there is none."""
        if not self.why:
            return ""
        emails = (normalise.email_key(match[0]) for match in _EMAIL.finditer(text))
        found = self._whose("email", (email for email in emails if email))
        phones = [key for match in _PHONE.finditer(text) for key in normalise.phone_keys(match[0], self.region)]
        return max(found | self._whose("phone", phones), default="")

    def _identified(self, facts: Facts) -> frozenset[str]:
        found = self._whose("email", facts.emails)
        return found | self._whose("phone", facts.phones) if self._whose("tail", facts.tails) else found

    def _whose(self, role: str, texts: Iterable[str]) -> frozenset[str]:
        known = self.marks.get(role)
        if not known:
            return frozenset()
        return frozenset(request for text in texts for request in known.get(marking.digest(self.key, role, text), ()))


def reappeared(entries: Iterable[Held], known: Known) -> Iterator[Reappeared]:
    """The entries that are about somebody who was erased or refused. Pure."""
    return (found for found in map(known.look, entries) if found is not None)


def marks_of(plan: Plan, left: Iterable[tuple[str, str]], region: str) -> set[Mark]:
    """What is remembered of the person of a plan; `left` are the (source, ref) of entries that stay on purpose."""
    links = [Facts(member.held, region) for member in plan.person.links]
    names = {name for facts in links for name in _names_gone(facts)}
    second = {fact for facts in links for fact in marking.second_facts(facts)}
    found = marking.identifying(plan.needles, region)
    found |= {("name", name) for name in names} | {("fact", f"{name}\0{fact}") for name in names for fact in second}
    for held in plan.spared:
        found |= {("other", text) for text in _identifiers(Facts(held, region))} | {("spared", marking.place(held))}
    return found | {("place", f"{source}\0{ref}") for source, ref in left}


def marks_of_words(words: str, region: str) -> set[Mark]:
    """What is remembered of somebody who is only known by what was said: a name, an e-mail or a phone."""
    email = normalise.email_key(words)
    if email:
        return {("email", email)}
    phones = normalise.phone_keys(words, region)
    if phones:
        return marking.phones(phones)
    name = normalise.parse_name(words)
    return {("name", text) for text in marking.names(NameForm(name))} if name else set()


def remember(state: Path, request: str, why: Why, marks: Iterable[Mark]) -> None:
    """Keep the hashes of one person under the number of the request, in place of what it had; durable when this returns.

    Those of namesakes stay: their plan knows them at its first end only. Hashes whose key is lost are worthless, and make place for new ones.
    """
    try:
        _write(state, request, why, marks)
    except Worthless:
        (state / FILE).unlink(missing_ok=True)
        secrets.destroy(state / KEY)
        _write(state, request, why, marks)


def requests(state: Path) -> list[str]:
    """The requests whose persons are remembered. Raises `StateError` when the key is lost."""
    if not (state / FILE).exists():
        return []
    with _opened(state) as (database, _):
        return [number for (number,) in database.execute("SELECT request FROM person ORDER BY request")]


def forget(state: Path, request: str) -> None:
    """Forget the person of a request: it was taken back."""
    if (state / FILE).exists():
        with _opened(state) as (database, _), store.writing(database):
            _remove(database, request)


def known(state: Path, region: str) -> Known:
    """Everybody who must not come back. Raises `StateError` when the key is lost."""
    if not (state / FILE).exists():
        return Known()
    with _opened(state) as (database, key):
        why = dict(database.execute("SELECT request, why FROM person").fetchall())
        marks: dict[str, dict[bytes, set[str]]] = defaultdict(lambda: defaultdict(set))
        for request, role, digest in database.execute("SELECT request, role, digest FROM mark"):
            marks[role][bytes(digest)].add(request)
    frozen = {role: {digest: frozenset(some) for digest, some in whose.items()} for role, whose in marks.items()}
    return Known(key, region, why, frozen)


def _write(state: Path, request: str, why: Why, marks: Iterable[Mark]) -> None:
    with _opened(state) as (database, key), store.writing(database):
        database.execute("DELETE FROM mark WHERE request = ? AND role NOT IN ('other', 'spared')", (request,))
        database.execute("INSERT OR REPLACE INTO person (request, why) VALUES (?, ?)", (request, why))
        rows = sorted((request, role, marking.digest(key, role, text)) for role, text in set(marks))
        database.executemany("INSERT INTO mark (request, role, digest) VALUES (?, ?, ?)", rows)


def _remove(database: Any, request: str) -> None:
    database.execute("DELETE FROM mark WHERE request = ?", (request,))
    database.execute("DELETE FROM person WHERE request = ?", (request,))


@contextmanager
def _opened(state: Path) -> Iterator[tuple[Any, bytes]]:
    file = state / FILE
    both = secrets.second_key(state, state / KEY, must_exist=file.exists())
    database = store.open_database(file, hmac.digest(both, b"file", "sha256"), *_TABLES)
    try:
        yield database, hmac.digest(both, b"marks", "sha256")
    finally:
        database.close()


def _names_gone(facts: Facts) -> Iterator[str]:
    leaving = {item.kind for item in facts.entry.leaving()}
    for form in facts.forms if leaving & {"name", "given", "family"} else ():
        yield from marking.names(form)


def _identifiers(facts: Facts) -> Iterator[str]:
    yield from (*facts.emails, *facts.phones)
