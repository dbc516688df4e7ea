"""Who is the same person: every rule, every trap, and what must hold for any entries at all."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Needle
from connectors.entry import Disposal, Entry, Field, Ref, Version
from connectors.phrase import Phrase
from hub.matching import Matching
from hub.matching.facts import Facts
from hub.matching.names import Likeness, compare_all
from hub.matching.relations import relate
from hub.person import Held, Person, Verdict


def held(ref: str, *, source: str = "book", **values: str | list[str]) -> Held:
    """An entry with the given fields, by kind."""
    fields = [Field(kind, value) for kind, some in values.items() for value in ([some] if isinstance(some, str) else some)]
    return Held(source, Entry(Ref(ref), Version("1"), Phrase("card {ref}", ref=ref), tuple(fields)))


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
    matching = Matching([held("a", **one), held("b", **other), *bystanders], "FI")
    by_ref = {ref: person for person in matching.everybody() for ref in refs(person)}
    if by_ref["a"] is by_ref["b"]:
        return Verdict.LINK
    seen = {"b" in refs(by_ref["a"], Verdict.POSSIBLE), "a" in refs(by_ref["b"], Verdict.POSSIBLE)}
    assert len(seen) == 1, "a question must be asked from both sides"
    return Verdict.POSSIBLE if seen == {True} else None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("Helena Ruokoski", "Ruokoski Helena", Likeness.SAME),
        ("Helena Ruokoski", "ruokoski, HELENA", Likeness.SAME),
        ("Tri Helena Ruokoski", "Helena Ruokoski, FM", Likeness.SAME),
        ("Anna-Maija Virtanen", "Anna Maija Virtanen", Likeness.SAME),
        ("Anna-Maija Virtanen", "Annamaija Virtanen", Likeness.LOOSE),
        ("Maija Mäkinen", "Maija Makinen", Likeness.LOOSE),
        ("Maija Mäkinen", "MAEKINEN MAIJA", Likeness.LOOSE),
        ("Matti Salo", "Matti Sålo", Likeness.LOOSE),
        ("Maija Wirtanen", "Maija Virtanen", Likeness.LOOSE),
        ("Maija Virtanen", "Maija Liisa Virtanen", Likeness.SUBSET),
        ("Liisa Virtanen", "Maija Liisa Virtanen", Likeness.SUBSET),
        ("Maija Virtanen-Koski", "Maija Koski", Likeness.SUBSET),
        ("M. Virtanen", "Matti Virtanen", Likeness.INITIAL),
        ("A-M Virtanen", "Anna-Maija Virtanen", Likeness.INITIAL),
        ("Maija L. Virtanen", "Virtanen, Maija Liisa", Likeness.INITIAL),
        ("Maija", "Maija Virtanen", Likeness.SINGLE),
        ("Virtanen", "Maija Virtanen", Likeness.SINGLE),
        ("Maija", "maija", Likeness.SINGLE),
        ("", "Maija Virtanen", Likeness.NAMELESS),
        ("maija@firma.example", "Maija Virtanen", Likeness.NAMELESS),
        ("Helena Ruokoski", "Helena Virtanen", Likeness.UNCLEAR),
        ("Maija Liisa Virtanen", "Maija Kaarina Virtanen", Likeness.UNCLEAR),
        ("M. V.", "Maija Virtanen", Likeness.UNCLEAR),
        ("Maija Virtanen Oy", "Maija Virtanen", Likeness.UNCLEAR),
        ("Helena Ruokoski o.s. Virtanen", "Helena Virtanen", Likeness.FORMER),
        ("Matti Virtanen", "Matti Virtanen jr", Likeness.GENERATION),
        ("Matti Virtanen sr", "Matti Virtanen junior", Likeness.CONFLICT),
        ("Matti Virtanen", "Maija Virtanen", Likeness.CONFLICT),
        ("M. Virtanen", "Liisa Virtanen", Likeness.CONFLICT),
        ("Helena Ruokoski", "Ruokoski Matti", Likeness.CONFLICT),
        ("Helena Maria Ruokoski", "Anna Maria Ruokoski", Likeness.CONFLICT),
        ("Matti Heikki", "Heikki Koski", Likeness.CONFLICT),
        ("Maija Virtanen", "Pekka Koski", Likeness.CONFLICT),
        ("Maija", "Pekka", Likeness.CONFLICT),
        ("Esimerkki Oy", "Malli Oy", Likeness.CONFLICT),
        ("Esimerkki Oy", "Esimerkki oy", Likeness.SAME),
        ({"given": "Helena", "family": "Ruokoski"}, "Ruokoski Helena", Likeness.SAME),
        ({"given": "Matti", "family": "Heikki"}, {"given": "Heikki", "family": "Koski"}, Likeness.CONFLICT),
        ({"given": "Helena", "family": "Ruokoski", "former_name": "Virtanen"}, "Helena Virtanen", Likeness.FORMER),
        ({"name": "Helena Ruokoski", "former_name": "Helena Virtanen"}, "Helena Virtanen", Likeness.FORMER),
        ({"name": "Masa", "given": "Matti", "family": "Virtanen"}, "Masa", Likeness.CONFLICT),
        ("王 伟", "王 伟民", Likeness.UNCLEAR),
    ],
)
def test_two_names_relate(ours: str | dict[str, str], theirs: str | dict[str, str], expected: Likeness) -> None:
    """Each kind of difference between two names has one judgement, the same from both sides."""
    assert likeness(ours, theirs) is expected


MAIJA = {"name": "Maija Virtanen", "email": "maija@firma.example", "phone": "044 123 4567"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # An identifier of their own and a name that agrees.
        (MAIJA, {"name": "VIRTANEN Maija", "email": "Maija@Firma.example"}, Verdict.LINK),
        (MAIJA, {"name": "Virtanen, Maija Liisa", "phone": "+358 (0)44 1234567"}, Verdict.LINK),
        (MAIJA, {"name": "M. Virtanen", "phone": "441234567"}, Verdict.LINK),
        (MAIJA, {"name": "Maija", "phone": "00358441234567"}, Verdict.LINK),
        (MAIJA, {"email": "maija@firma.example"}, Verdict.LINK),
        (MAIJA, {"name": "maija@firma.example", "email": "maija@firma.example"}, Verdict.LINK),
        (MAIJA, {"phone": "044-123 4567"}, Verdict.LINK),
        (MAIJA, {"name": "Maija Koski", "former_name": "Virtanen", "email": "maija@firma.example"}, Verdict.LINK),
        (
            {"name": "Maija Virtanen", "customer_number": "10023"},
            {"name": "Virtanen Maija", "customer_number": "10023"},
            Verdict.LINK,
        ),
        # A human decides.
        (MAIJA, {"name": "Maija Virtanen"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Virtanen", "email": "maija@koti.example", "phone": "050 123 4567"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "M. Virtanen"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Liisa Virtanen"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Wirtanen"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Koski", "phone": "044 123 4567"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Virtanen jr", "phone": "044 123 4567"}, Verdict.POSSIBLE),
        (MAIJA, {"name": "Maija Virtanen Oy", "email": "maija@firma.example"}, Verdict.POSSIBLE),
        (MAIJA, {"company": "Firma Oy", "phone": "044 123 4567"}, Verdict.POSSIBLE),
        (
            {"name": "Maija Virtanen", "email": "info@firma.example"},
            {"name": "Maija Virtanen", "email": "info@firma.example"},
            Verdict.POSSIBLE,
        ),
        ({"name": "Maija Virtanen", "customer_number": "12"}, {"name": "Maija", "customer_number": "12"}, Verdict.POSSIBLE),
        (
            {**MAIJA, "birthday": "1970-02-03"},
            {**MAIJA, "birthday": "3.2.1990"},
            Verdict.POSSIBLE,
        ),
        # Nothing.
        (MAIJA, {"name": "Matti Virtanen", "phone": "044 123 4567"}, None),
        (MAIJA, {"name": "Maija"}, None),
        (MAIJA, {"name": "Virtanen"}, None),
        (MAIJA, {"name": "Maija Koski"}, None),
        (MAIJA, {"name": "Maija Virtanen Oy"}, None),
        (MAIJA, {"name": "Pekka Koski", "company": "Maija Virtanen Oy"}, None),
        ({"phone": "112"}, {"phone": "112"}, None),
        ({"phone": "4.4123E+08"}, {"phone": "4.4123E+08"}, None),
        ({"name": "", "company": "Firma Oy"}, {"name": "", "company": "Firma Oy"}, None),
        (
            {"name": "Maija Virtanen", "birthday": "1970-02-03"},
            {"name": "Maija Virtanen", "birthday": "1971-02-03"},
            None,
        ),
    ],
)
def test_the_rules(one: dict[str, str], other: dict[str, str], expected: Verdict | None) -> None:
    """An own identifier with an agreeing name links, doubt is a question, a conflict is silence."""
    assert verdict(one, other) is expected


def test_the_rules_alone_refuse_a_conflict() -> None:
    """Even without the grouping's guard, no rule judges two people of conflicting names or links other birthdays."""
    own = [("email", "maija@firma.example")]
    maija, matti = Facts(held("a", **MAIJA), "FI"), Facts(held("b", **{**MAIJA, "name": "Matti Virtanen"}), "FI")
    assert relate(maija, matti, own, []) is None
    old, young = (Facts(held("a", **MAIJA, birthday=day), "FI") for day in ("1.2.1950", "1.2.1980"))
    relation = relate(old, young, own, [])
    assert relation is not None
    assert (relation.verdict, relation.why) == (
        Verdict.POSSIBLE,
        "an e-mail, phone or number in common, but different birthdays",
    )


def test_birthdays_without_a_year_agree_with_any_year() -> None:
    """A phone keeps birthdays without the year; they speak against nobody born on that day."""
    assert verdict({**MAIJA, "birthday": "--02-03"}, {**MAIJA, "birthday": "3.2.1970"}) is Verdict.LINK


def test_a_switchboard_links_nobody() -> None:
    """Colleagues with one phone stay apart, and it no longer links entries of the same name."""
    number = {"phone": "09 4245 0011"}
    pekka = held("p", name="Pekka Koski", phone="(09) 42450011")
    assert verdict({"name": "Maija Virtanen", **number}, {"name": "Maija Virtanen", **number}, pekka) is Verdict.POSSIBLE
    assert verdict({"name": "Maija Virtanen", **number}, {"name": "Maija", **number}, pekka) is Verdict.POSSIBLE
    assert verdict({"name": "Maija Virtanen", **number}, number, pekka) is None
    assert verdict({"name": "Maija Virtanen", **number}, {"name": "Maija Koski", **number}, pekka) is None


def test_father_and_son_with_one_landline_stay_two() -> None:
    """Namesakes told apart by nothing but junior are never put together by their home phone."""
    matching = Matching(
        [
            held("father", name="Matti Virtanen", phone="09 4245 0022"),
            held("son", name="Matti Virtanen jr", phone="09 4245 0022", email="masa@koti.example"),
            held("son2", name="Matti Virtanen jr", email="masa@koti.example"),
        ],
        "FI",
    )
    assert groups(matching) == {frozenset({"father"}), frozenset({"son", "son2"})}


def test_a_family_mailbox_asks_about_the_nameless_entry() -> None:
    """A collected address that two people of a family use is nobody's link and a question for both."""
    mailbox = {"email": "perhe@koti.example"}
    matti = held("m", name="Matti Virtanen", **mailbox)
    assert verdict({"name": "Maija Virtanen", **mailbox}, mailbox, matti) is Verdict.POSSIBLE


def test_a_nameless_entry_never_joins_two_people() -> None:
    """The stronger evidence decides whose it is, and the other person is asked about it."""
    matching = Matching(
        [
            held("maija", name="Maija Virtanen", email="yhteinen@koti.example"),
            held("pekka", name="Pekka Koski", phone="044 123 4567"),
            held("between", email="yhteinen@koti.example", phone="044 123 4567"),
        ],
        "FI",
    )
    assert groups(matching) == {frozenset({"maija", "between"}), frozenset({"pekka"})}
    (pekka,) = matching.find("Pekka Koski")
    assert refs(pekka, Verdict.POSSIBLE) == {"between"}
    (maija,) = matching.find("Maija Virtanen")
    assert refs(maija, Verdict.POSSIBLE) == set()


def test_a_marriage_is_a_question_until_the_former_name_is_known() -> None:
    """One given name, two family names and one e-mail: linked only through an entry that names both."""
    entries = [
        held("before", name="Helena Virtanen", email="helena@koti.example"),
        held("after", name="Helena Ruokoski", email="helena@koti.example"),
    ]
    assert groups(Matching(entries, "FI")) == {frozenset({"before"}), frozenset({"after"})}
    single = held("single", name="Helena", email="helena@koti.example")
    assert frozenset({"before", "after", "single"}) not in groups(Matching([*entries, single], "FI"))
    both = held("both", name="Helena Ruokoski o.s. Virtanen", email="helena@koti.example")
    assert groups(Matching([*entries, both], "FI")) == {frozenset({"before", "after", "both"})}


def test_an_initial_that_belongs_to_somebody_is_no_question_for_another() -> None:
    """M. Virtanen with Maija's own e-mail is Maija, so Matti is not asked about it."""
    matching = Matching(
        [
            held("maija", name="Maija Virtanen", email="maija@firma.example"),
            held("m", name="M. Virtanen", email="maija@firma.example"),
            held("matti", name="Matti Virtanen"),
        ],
        "FI",
    )
    assert groups(matching) == {frozenset({"maija", "m"}), frozenset({"matti"})}
    (matti,) = matching.find("Matti Virtanen")
    assert matti.possible == ()


def test_every_verdict_says_why() -> None:
    """Each link but the hit has evidence seen from the known entry, each question says in words what is doubtful."""
    matching = Matching(
        [
            held("row", source="customers", name="Virtanen, Maija", phone="044 123 4567", email="maija@firma.example"),
            held("card", name="Maija Virtanen", phone="+358441234567"),
            held("old", email="MAIJA@firma.example"),
            held("namesake", name="Maija Virtanen", phone="050 123 4567"),
        ],
        "FI",
    )
    (person,) = matching.find("0441234567 maija")
    evidence = {str(member.held.entry.ref): member.evidence for member in person.members}
    assert [member.held.entry.ref for member in person.members] == ["card", "row", "old", "namesake"]
    assert [(item.rule, item.ours, item.theirs) for item in evidence["old"]] == [
        ("same_email", "maija@firma.example", "MAIJA@firma.example")
    ]
    assert ("same_phone", "044 123 4567", "+358441234567") in [(item.rule, item.ours, item.theirs) for item in evidence["card"]]
    assert [item.rule for item in evidence["namesake"]] == ["same_name"]
    assert [member.why for member in person.possible] == ["the same name, but no e-mail or phone of their own in common"]
    assert "Virtanen" not in repr(person)
    assert person.name == "Maija Virtanen"
    assert matching.person(person.handle) is not None
    assert matching.person("0000000000") is None


REGISTER = [
    held(
        "1", name="Maija Virtanen", email="maija@firma.example", phone="044 123 4567", company="Firma Oy", customer_number="10023"
    ),
    held("2", name="Virtanen, Matti", email="matti@firma.example", company="Firma Oy", business_id="1234567-1"),
    held("3", name="Päivi Mäkelä", given="Päivi", family="Mäkelä", company="Maija Virtanen Oy", note="Maija Virtanen suositteli"),
    held("4", name="Paavo Makela", other="J-77"),
    held("5", email="kerätty@koti.example"),
    held("6", name="K. Koski", former_name="Nieminen"),
    held("7", name="Maija Liisa Korhonen"),
    held("8", name="Kaisa (Kaisu) Niemi", phone="050 123 4567, 040 123 4567"),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Maija Virtanen", ["1"]),
        ("virtanen maija", ["1"]),
        ("VIRTANEN, Maija", ["1"]),
        ("rouva Maija Virtanen", ["1"]),
        ("Maija Liisa Virtanen", ["1"]),
        ("M Virtanen", ["1", "2"]),
        ("virtanen", ["1", "2"]),
        ("maija", ["7", "1"]),
        ("mäkelä", ["3", "4"]),
        ("makela", ["4", "3"]),
        ("Paivi Maekelae", ["3"]),
        ("päi mäk", ["3"]),
        ("Kalle Koski", ["6"]),
        ("Kalle Nieminen", []),
        ("nieminen", ["6"]),
        ("maija@firma.example", ["1"]),
        ("Maija V <MAIJA@firma.example>", ["1"]),
        ("mailto:kerätty@koti.example", ["5"]),
        ("kerätty", ["5"]),
        ("@firma.example", ["1", "2"]),
        ("+358 (0)44 1234567", ["1"]),
        ("441234567", ["1"]),
        ("040-1234567", ["8"]),
        ("kaisu", ["8"]),
        ("maija 044 123 4567", ["1"]),
        ("matti 044 123 4567", []),
        ("maija matti@firma.example", []),
        ("0449999999", []),
        ("matti@koti.example", []),
        ("10023", ["1"]),
        ("1234567-1", ["2"]),
        ("FI12345671", ["2"]),
        ("j-77", ["4"]),
        ("firma oy", ["1", "2"]),
        ("firma maija", ["1"]),
        ("suositteli", []),
        ("", []),
        ("   ", []),
        ("-", []),
        ("@", []),
        ("112", []),
    ],
)
def test_a_query_means(query: str, expected: list[str]) -> None:
    """A name in any order, a part, an identifier in any spelling, or several of them together; never what a note mentions."""
    found = Matching(REGISTER, "FI").find(query)
    assert [next(iter(refs(person))) for person in found] == expected


def test_a_whole_name_is_not_its_parts() -> None:
    """The exact name hides longer ones from the hits; they are asked about instead, so that nothing gets lost."""
    matching = Matching([held("a", name="Maija Virtanen"), held("b", name="Maija Liisa Virtanen")], "FI")
    (person,) = matching.find("Virtanen Maija")
    assert (refs(person), refs(person, Verdict.POSSIBLE)) == ({"a"}, {"b"})
    matching = Matching([held("ä", name="Maija Mäki"), held("a", name="Maija Maki")], "FI")
    for query, ref in (("Maija Mäki", "ä"), ("maki maija", "a")):
        (person,) = matching.find(query)
        assert refs(person) == {ref}
    assert len(matching.find("Maija Maeki")) == 2


def needles_of(entries: Sequence[Held], *own: str) -> set[tuple[str, str]]:
    """The needles of the person who has the entries with these refs."""
    found = Matching(entries, "FI").needles([item for item in entries if item.entry.ref in own])
    assert all(isinstance(needle, Needle) for needle in found)
    return {(needle.kind, needle.value) for needle in found}


def test_the_needles_of_a_person() -> None:
    """Names in reading order, the first and last one too, former names, identifiers in their one form."""
    entries = [
        held("a", name="Virtanen, Maija Liisa", former_name="Koski", email="Maija@Äiti.example", phone="044 123 4567"),
        held("b", name="Maija", customer_number="10023", email="maija@firma.example"),
        held("c", name="Pekka Salo"),
    ]
    assert needles_of(entries, "a", "b") == {
        ("name", "Maija Liisa Virtanen"),
        ("name", "Maija Virtanen"),
        ("name", "Maija Liisa Koski"),
        ("name", "Maija Koski"),
        ("email", "maija@äiti.example"),
        ("email", "maija@xn--iti-pla.example"),
        ("email", "maija@firma.example"),
        ("phone", "+358441234567"),
        ("text", "10023"),
    }


@pytest.mark.parametrize(
    "bystander",
    [
        held("x", name="Virtanen Maija"),
        held("x", name="Maija Liisa Virtanen"),
        held("x", given="Maija", family="Virtanen"),
        held("x", name="Pekka Salo", company="Maija Virtanen Oy"),
        held("x", name="Maija Salo", former_name="Virtanen"),
    ],
)
def test_a_namesakes_name_is_no_needle(bystander: Held) -> None:
    """A name that somebody else or a company bears, too, is never cut out of anything."""
    own = held("a", name="Maija Virtanen", email="maija@firma.example")
    assert needles_of([own], "a") == {("name", "Maija Virtanen"), ("email", "maija@firma.example")}
    assert needles_of([own, bystander], "a") == {("email", "maija@firma.example")}


def test_what_others_bear_or_what_stays_is_no_needle() -> None:
    """Shared identifiers, single names, companies, short numbers, initials of others and staying fields are left out."""
    entries = [
        held("a", name=["Maija", "M. Virtanen"], email="yhteinen@koti.example", phone="044 123 4567", customer_number="12"),
        held("b", name="Matti Virtanen", email="Yhteinen@koti.example", phone="+358441234567"),
    ]
    assert needles_of(entries, "a") == set()
    fields = (
        Field("name", "Maija Virtanen"),
        Field("email", "info@firma.example", stays=True),
        Field("company", "Firma Oy", stays=True),
    )
    row = Held("customers", Entry(Ref("r"), Version("1"), Phrase("row 2"), fields, disposal=Disposal.REDACT))
    assert needles_of([row], "r") == {("name", "Maija Virtanen")}
    assert needles_of([held("a", name="Maija Virtanen Oy")], "a") == set()


def test_a_surname_first_name_is_turned_into_reading_order() -> None:
    """When another entry knows the family name, "Virtanen Maija Liisa" is searched for as it is read."""
    entries = [held("a", name="Virtanen Maija Liisa"), held("b", given="Maija", family="Virtanen")]
    assert needles_of(entries, "a", "b") == {("name", "Maija Liisa Virtanen"), ("name", "Maija Virtanen")}
    von = held("v", given="Carl", family="von Esimerkki")
    assert needles_of([von], "v") == {("name", "Carl von Esimerkki"), ("name", "von Esimerkki Carl")}


def test_many_entries_of_one_person_are_one_person() -> None:
    """A customer with a row for each of hundreds of services is put together without comparing all with all."""
    rows = [held(f"r{number:03}", name="Virtanen, Maija", email="maija@firma.example") for number in range(400)]
    rows += [held(f"n{number:03}", email="maija@firma.example") for number in range(50)]
    (person,) = Matching(rows, "FI").find("maija@firma.example")
    assert len(person.links) == 450
    assert all(member.evidence for member in person.links)


GIVEN = ["Maija", "Matti", "Anna-Maija", "M.", "Päivi", "Paivi", "Helena"]
FAMILY = ["Virtanen", "Mäki", "Maki", "Koski", "Virtanen-Koski"]
NAMES = st.one_of(
    st.builds("{} {}".format, st.sampled_from(GIVEN), st.sampled_from(FAMILY)),
    st.builds("{}, {}".format, st.sampled_from(FAMILY), st.sampled_from(GIVEN)),
    st.builds("{1} {0} jr".format, st.sampled_from(FAMILY), st.sampled_from(GIVEN)),
    st.sampled_from([*GIVEN, *FAMILY, "", "Maija Virtanen Oy", "Helena Koski o.s. Mäki", "=1+1"]),
)
EMAILS = st.sampled_from(["a@x.example", "A@x.example", "b@x.example", "info@x.example", "c@x.example"])
PHONES = st.sampled_from(["044 123 4567", "+358441234567", "050 123 4567", "09 4245 0011", "112"])
FIELDS = st.one_of(
    st.builds(Field, st.just("name"), NAMES),
    st.builds(Field, st.just("email"), EMAILS),
    st.builds(Field, st.just("phone"), PHONES),
    st.builds(Field, st.just("customer_number"), st.sampled_from(["1", "10023"])),
    st.builds(Field, st.just("birthday"), st.sampled_from(["1970-01-02", "3.4.1980", "--01-02"])),
    st.builds(Field, st.sampled_from(["given", "family", "former_name"]), st.sampled_from([*GIVEN, *FAMILY])),
)
REGISTERS = st.lists(st.lists(FIELDS, min_size=1, max_size=4), min_size=1, max_size=12).map(
    lambda lists: [
        Held("book", Entry(Ref(f"{number:02}"), Version("1"), Phrase("card"), tuple(fields)))
        for number, fields in enumerate(lists)
    ]
)


@settings(max_examples=150, deadline=None)
@given(REGISTERS, st.randoms(use_true_random=False))
def test_persons_do_not_depend_on_order_or_query(entries: list[Held], chance: random.Random) -> None:
    """Any listing order and any query give the same groups, verdicts, handles and reasons."""
    shuffled = list(entries)
    chance.shuffle(shuffled)
    everybody = Matching(entries, "FI").everybody()
    assert Matching(shuffled, "FI").everybody() == everybody
    by_handle = {person.handle: person for person in everybody}
    for entry in entries:
        for value in entry.entry.values("name", "email", "phone"):
            for person in Matching(shuffled, "FI").find(value):
                same = by_handle[person.handle]
                assert refs(person) == refs(same)
                assert refs(person, Verdict.POSSIBLE) == refs(same, Verdict.POSSIBLE)
                assert all(member.why for member in person.possible)


@settings(max_examples=150, deadline=None)
@given(REGISTERS)
def test_persons_are_sound(entries: list[Held]) -> None:
    """Each entry is one person's link; links have evidence beyond the name and no conflict of names or birthdays inside."""
    everybody = Matching(entries, "FI").everybody()
    linked = [member.held.key for person in everybody for member in person.links]
    assert sorted(linked) == sorted(entry.key for entry in entries)
    for person in everybody:
        facts = [Facts(member.held, "FI") for member in person.links]
        for one in facts:
            assert all(compare_all(one.forms, other.forms) is not Likeness.CONFLICT for other in facts)
        if len(facts) > 1:
            for member in person.links:
                assert {item.rule for item in member.evidence} & {"same_email", "same_phone", "same_customer_number"}
        assert not refs(person) & refs(person, Verdict.POSSIBLE)


@settings(max_examples=100, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=10))
def test_a_name_alone_never_links(names: list[str]) -> None:
    """Without identifiers every entry stays a person of its own."""
    entries = [held(f"{number}", name=name, company="Firma Oy") for number, name in enumerate(names)]
    assert all(len(person.links) == 1 for person in Matching(entries, "FI").everybody())


@settings(max_examples=200, deadline=None)
@given(NAMES, NAMES)
def test_comparing_is_symmetric(one: str, other: str) -> None:
    """Two names relate the same from both sides."""
    likeness(one, other)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.builds(Field, st.sampled_from("name given family email phone birthday company".split(" ")), st.text(max_size=30)),
            max_size=4,
        ),
        max_size=6,
    ),
    st.text(max_size=30),
)
def test_hostile_values_crash_nothing(lists: list[list[Field]], query: str) -> None:
    """Any text in any field and in the query has an answer, and every entry is still somebody's."""
    entries = [
        Held("book", Entry(Ref(f"{number}"), Version("1"), Phrase("card"), tuple(fields))) for number, fields in enumerate(lists)
    ]
    matching = Matching(entries, "FI")
    matching.find(query)
    assert sum(len(person.links) for person in matching.everybody()) == len(entries)
    matching.needles(entries[:2])


def test_a_text_of_thousands_of_words_is_no_trouble() -> None:
    """A cell that holds a whole letter is compared as a whole and found by a piece of it."""
    letter = " ".join(f"sana{number}" for number in range(5000))
    entries = [held("a", name=letter, email="a@x.example"), held("b", name=letter + " loppu", email="a@x.example")]
    matching = Matching(entries, "FI")
    assert groups(matching) == {frozenset({"a"}), frozenset({"b"})}
    assert len(matching.find("sana4999")) == 2
