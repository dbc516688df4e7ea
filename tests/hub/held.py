"""Entries and persons in few words, for the tests of matching."""

from __future__ import annotations

from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import Matching, in_memory
from hub.matching.facts import Facts
from hub.matching.names import Likeness, compare_all
from hub.person import Held, Person, Verdict


def held(ref: str, *, source: str = "book", **values: str | list[str]) -> Held:
    """An entry with the given fields, by kind."""
    fields = [Field(kind, value) for kind, some in values.items() for value in ([some] if isinstance(some, str) else some)]
    return Held(source, Entry(Ref(ref), Version("1"), Phrase("card {ref}", ref=ref), tuple(fields)))


def sharing(ref: str, name: str, *, source: str = "book", **values: str) -> Held:
    """An entry of a record that several persons share: `values` may be anybody's there, so they stay."""
    fields = [Field("name", name), *(Field(kind, value, stays=True) for kind, value in values.items())]
    return Held(source, Entry(Ref(ref), Version("1"), Phrase("card {ref}", ref=ref), tuple(fields), Disposal.REDACT))


def likeness(ours: str | dict[str, str], theirs: str | dict[str, str]) -> Likeness:
    """How the names of two entries relate, judged in both directions."""
    one, other = (Facts(held("x", **({"name": item} if isinstance(item, str) else item)), "FI").forms for item in (ours, theirs))
    assert compare_all(one, other) is compare_all(other, one)
    return compare_all(one, other)


def refs(person: Person, verdict: Verdict = Verdict.LINK) -> set[str]:
    """The refs of a person's links, or of the possible ones."""
    return {member.held.entry.ref for member in person.members if member.verdict is verdict}


def groups(matching: Matching) -> set[frozenset[str]]:
    """The persons as sets of refs."""
    return {frozenset(refs(person)) for person in matching.everybody()}


def verdict(one: dict[str, str], other: dict[str, str], *bystanders: Held) -> Verdict | None:
    """What the rules say about two entries among others: link, possible or nothing; the same from both sides."""
    matching = in_memory([held("a", **one), held("b", **other), *bystanders], "FI")
    by_ref = {ref: person for person in matching.everybody() for ref in refs(person)}
    if by_ref["a"] is by_ref["b"]:
        return Verdict.LINK
    seen = {"b" in refs(by_ref["a"], Verdict.POSSIBLE), "a" in refs(by_ref["b"], Verdict.POSSIBLE)}
    assert len(seen) == 1, "a question must be asked from both sides"
    return Verdict.POSSIBLE if seen == {True} else None
