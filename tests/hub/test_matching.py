"""Who is the same person: every rule and every trap."""

from __future__ import annotations

import pytest

from connectors.contract import Needle
from hub.matching import in_memory
from hub.matching.evidence import Common, compare
from hub.matching.facts import Facts
from hub.matching.memory import MemoryIndex
from hub.matching.names import Likeness
from hub.matching.relations import judge, why
from hub.person import Verdict
from tests.bench.registers import registers
from tests.hub.held import groups, held, likeness, refs, sharing, verdict


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
        ({"name": "Masa", "given": "Matti", "family": "Virtanen"}, "Masa", Likeness.UNCLEAR),
        ("王 伟", "王 伟民", Likeness.UNCLEAR),
        ("Virtanen Maija", "Maija Koski", Likeness.UNCLEAR),
        ("Virtanen Annamaija", "Anna-Maija Virtanen", Likeness.LOOSE),
        ("Masa Virtanen", "Matti Virtanen", Likeness.CALLED),
        ("Virtanen, Masa", "Matti Juhani Virtanen", Likeness.CALLED),
        ("Jussi Virtanen", "Juha Virtanen", Likeness.CONFLICT),
        ("Maija Virtanne", "Virtanen Maija", Likeness.TYPO),
        ("Majia Virtanen", "Maija Virtanen", Likeness.TYPO),
        ("Hannu Virtanen", "Hanna Virtanen", Likeness.CONFLICT),
        ("Maija Aho", "Maija Ahi", Likeness.UNCLEAR),
        ("Majia Virtanne", "Maija Virtanen", Likeness.GARBLED),
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
    common = Common([("email", "maija@firma.example")])
    maija, matti = Facts(held("a", **MAIJA), "FI"), Facts(held("b", **{**MAIJA, "name": "Matti Virtanen"}), "FI")
    assert judge(compare(maija, matti, common, -12, bool), 2) is None
    old, young = (Facts(held("a", **MAIJA, birthday=day), "FI") for day in ("1.2.1950", "1.2.1980"))
    judged = judge(compare(old, young, common, -12, bool), 2)
    assert judged is not None
    assert judged.verdict is Verdict.POSSIBLE
    assert why(judged, common) == "an e-mail, phone or number in common, but different birthdays"


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


HOME = {"address": "Kotikatu 5 A 3", "postcode": "20100", "city": "Turku"}
WORK = {"company": "Keksitty Oy", "business_id": "1234567-1"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # A household: the same home, line or mailbox never makes a family one person.
        ({"name": "Matti Virtanen", **HOME}, {"name": "Maija Virtanen", **HOME}, None),
        ({"name": "Hannu Virtanen", **HOME}, {"name": "Hanna Virtanen", **HOME}, None),
        ({"name": "Matti Virtanen", **HOME}, {"name": "Matti Virtanen", **HOME}, Verdict.POSSIBLE),
        ({"name": "Matti Virtanen", **HOME}, {"name": "Matti Virtanen jr", **HOME}, None),
        (
            {"name": "Matti Virtanen", "birthday": "1.2.1950", **HOME},
            {"name": "Matti Virtanen", "birthday": "5.6.1980", **HOME},
            Verdict.POSSIBLE,
        ),
        # Two typing errors in a name, at one address; a street with another number says less.
        ({"name": "Matti Virtanen", **HOME}, {"name": "Mtati Virtaennn", **HOME}, Verdict.POSSIBLE),
        ({"name": "Virtanen", "phone": "09 4245 0022"}, {"name": "Matti Virtanen", "phone": "(09) 42450022"}, Verdict.POSSIBLE),
        # Twins have nearly everything in common.
        (
            {"name": "Matti Virtanen", "birthday": "1.2.1980", "phone": "0441234567", **HOME},
            {"name": "Maija Virtanen", "birthday": "1.2.1980", "phone": "0441234567", **HOME},
            None,
        ),
        # Born on one day, of one name, in one home: as sure as a number of their own.
        (
            {"name": "Maija Virtanen", "birthday": "1.2.1980", **HOME},
            {"name": "Virtanen Maija", "birthday": "1980-02-01", "address": "Kotik. 5 as 3", "postcode": "20100"},
            Verdict.LINK,
        ),
        (
            {"name": "Maija Virtanen", "birthday": "1.2.1980"},
            {"name": "Maija Virtanen", "birthday": "1.2.1980"},
            Verdict.POSSIBLE,
        ),
        # A birthday that is off by a digit is a question where more than the name agrees.
        ({**MAIJA, "birthday": "1.2.1980"}, {**MAIJA, "birthday": "1.2.1990"}, Verdict.POSSIBLE),
        # Work: one company, one business id, its mailbox and its switchboard make nobody one person.
        ({"name": "Maija Virtanen", **WORK}, {"name": "Maija Koski", **WORK}, None),
        ({"name": "Maija Virtanen", **WORK}, {"name": "Pekka Salo", **WORK}, None),
        ({"name": "Maija Virtanen", **WORK}, {"name": "Maija Virtanen", **WORK}, Verdict.POSSIBLE),
        ({"name": "Maija Virtanen", "company": "Keksitty Oy"}, {"company": "Maija Virtanen Oy"}, None),
        # One person who is the contact of two companies.
        ({**MAIJA, "company": "Yksi Oy"}, {**MAIJA, "company": "Toinen Oy"}, Verdict.LINK),
        # Typing errors and call names, with a number of their own.
        (MAIJA, {"name": "Maija Virtanne", "phone": "044 123 4567"}, Verdict.LINK),
        ({"name": "Matti Virtanen", "phone": "0441234567"}, {"name": "Masa Virtanen", "phone": "0441234567"}, Verdict.LINK),
    ],
)
def test_home_and_work(one: dict[str, str], other: dict[str, str], expected: Verdict | None) -> None:
    """What families and colleagues have in common never merges them silently."""
    assert verdict(one, other) is expected


def test_a_common_name_alone_is_nothing_among_many() -> None:
    """Among thousands a bare common name is no question; with the same company it is; a rare name is one by itself."""
    crowd = [made.held for made in registers(4_000, 3)]
    bare = [held(f"z{number}", name="Matti Korhonen") for number in range(30)]
    some = {"a": {"name": "Matti Korhonen"}, "b": {"name": "Matti Korhonen", "email": "matti@koti.example"}}
    rare = [held("r1", name="Aatos Harvinainenvaara"), held("r2", name="Harvinainenvaara Aatos", phone="044 123 4567")]
    work = [held(ref, company="Ainutlaatuinen Oy", **values) for ref, values in some.items()]
    index = MemoryIndex([*crowd, *bare, *work, *rare, held("k", name="Anna Korhonen"), held("m", name="Matti Salo")], "FI")

    def judged(one: str, other: str) -> Verdict | None:
        (first,), (second,) = index.with_ref(one), index.with_ref(other)
        found = index.judge(first, second)
        return found.verdict if found else None

    assert judged("r1", "r2") is Verdict.POSSIBLE
    assert judged("a", "b") is Verdict.POSSIBLE


def test_father_and_son_with_one_landline_stay_two() -> None:
    """Namesakes told apart by nothing but junior are never put together by their home phone."""
    matching = in_memory(
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
    matching = in_memory(
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
    assert groups(in_memory(entries, "FI")) == {frozenset({"before"}), frozenset({"after"})}
    single = held("single", name="Helena", email="helena@koti.example")
    assert frozenset({"before", "after", "single"}) not in groups(in_memory([*entries, single], "FI"))
    both = held("both", name="Helena Ruokoski o.s. Virtanen", email="helena@koti.example")
    assert groups(in_memory([*entries, both], "FI")) == {frozenset({"before", "after", "both"})}


def test_an_initial_that_belongs_to_somebody_is_no_question_for_another() -> None:
    """M. Virtanen with Maija's own e-mail is Maija, so Matti is not asked about it."""
    matching = in_memory(
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
    matching = in_memory(
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


def test_many_entries_of_one_person_are_one_person() -> None:
    """A customer with a row for each of hundreds of services is put together without comparing all with all."""
    rows = [held(f"r{number:03}", name="Virtanen, Maija", email="maija@firma.example") for number in range(400)]
    rows += [held(f"n{number:03}", email="maija@firma.example") for number in range(50)]
    (person,) = in_memory(rows, "FI").find("maija@firma.example")
    assert len(person.links) == 450
    assert all(member.evidence for member in person.links)


def test_a_text_of_thousands_of_words_is_no_trouble() -> None:
    """A cell that holds a whole letter is compared as a whole and found by a piece of it."""
    letter = " ".join(f"sana{number}" for number in range(5000))
    entries = [held("a", name=letter, email="a@x.example"), held("b", name=letter + " loppu", email="a@x.example")]
    matching = in_memory(entries, "FI")
    assert groups(matching) == {frozenset({"a"}), frozenset({"b"})}
    assert len(matching.find("sana4999")) == 2


def test_a_phone_of_a_shared_row_is_not_taken_for_a_switchboard() -> None:
    """One phone beside two names may be either's; her own row says that it is hers, and links, and erases by value."""
    rows = [
        sharing("her", "Liisa Keksitty", phone="0441234567"),
        sharing("him", "Matti Muu", phone="0441234567"),
        held("own", name="Keksitty Liisa", phone="+358 44 1234567"),
    ]
    matching = in_memory(rows, "FI")

    assert groups(matching) == {frozenset({"her", "own"}), frozenset({"him"})}
    assert Needle("phone", "+358441234567") in matching.needles([rows[0], rows[2]])
    assert Needle("phone", "+358441234567") not in matching.needles([rows[0]])
    assert Needle("phone", "+358441234567") not in matching.needles([rows[1]])


def test_a_phone_two_people_surely_use_stays_a_switchboard() -> None:
    """Where each has a row of their own with that phone, it links nobody."""
    rows = [held("a", name="Liisa Keksitty", phone="0441234567"), held("b", name="Matti Muu", phone="0441234567")]
    other = held("c", name="Liisa Keksitty", phone="0441234567")

    assert groups(in_memory([*rows, other], "FI")) == {frozenset({"a"}), frozenset({"b"}), frozenset({"c"})}


@pytest.mark.parametrize(
    "card",
    [{"name": "Vapsu"}, {"name": "vappu@keksitty.example", "family": "vappu@keksitty.example"}],
    ids=["nickname", "e-mail as name"],
)
def test_a_card_with_her_own_address_is_never_passed_over(card: dict[str, str]) -> None:
    """Whatever a program put in the place of the name, her e-mail makes it hers, or a question; and it is a needle."""
    rows = [held("a", name="Vappu Keksitty", email="vappu@keksitty.example"), held("b", email="vappu@keksitty.example", **card)]
    matching = in_memory(rows, "FI")
    (hers,) = [person for person in matching.everybody() if "a" in refs(person)]

    assert {*refs(hers), *refs(hers, Verdict.POSSIBLE)} == {"a", "b"}


def test_a_phone_two_names_of_one_row_share_goes_with_both() -> None:
    """When everybody who shares a value is in the plan, it is theirs."""
    rows = [sharing("one", "Vappu Keksitty", phone="0441234567"), sharing("two", "Vappu Lehto", phone="0441234567")]

    assert Needle("phone", "+358441234567") in in_memory(rows, "FI").needles(rows)
