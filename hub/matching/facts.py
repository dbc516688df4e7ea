"""What an entry says about who it is, read once: names, e-mails, phones, customer numbers, birthdays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import product

from connectors._values import replace
from connectors.entry import Disposal, Entry
from hub import normalise
from hub.machine.lazy import lazy
from hub.machine.pattern import Pattern
from hub.matching.mailboxes import is_role
from hub.matching.names import NameForm
from hub.matching.typos import roughly
from hub.normalise.addresses import Address, city_key, parse_address, postcode_key
from hub.person import Held

Identifier = tuple[str, str]
"""A kind (email, phone, customer_number) and the key under which its spellings are equal."""

PLACE = "address:"
"""Begins the trait of a place."""

_STEM = 4
"""So many letters of a word stay the same in every case (Virtanen, Virtasen)."""

Birthday = tuple[int, int, int]
"""Year (0 when unknown), month, day."""

KEY_KINDS = ("customer_number", "business_id", "invoice_number", "other")
"""Kinds by whose whole value an entry is found."""

NAME_KINDS = ("given", "family", "former_name", "name")
"""Kinds of values that together make the names of an entry."""

LOOK_KINDS = ("email", "phone", "customer_number", "company", "business_id", "address", "postcode", "city", "birthday")
"""Kinds of values that, beside the names, say who somebody is."""

_BIRTHDAY = Pattern(r"(?P<year>\d{4}|-)-?(?P<month>\d\d)-?(?P<day>\d\d)|(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})?")


class Facts:
    """One entry with its keys; phones are parsed only when they are asked for."""

    def __init__(self, held: Held, region: str) -> None:
        self.held = held
        self.region = region
        self._values: dict[str, list[str]] = defaultdict(list)
        for item in held.entry.fields:
            self._values[item.kind].append(item.value)
        self.forms = forms_of(*(tuple(self._values.get(kind, ())) for kind in NAME_KINDS))
        self.emails = _keyed(self._values["email"], normalise.email_key)
        self.customer_numbers = _keyed(self._values["customer_number"], number_key)

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        return self.held.entry

    def values(self, *kinds: str) -> list[str]:
        """The values of the named kinds, kind by kind."""
        return [value for kind in kinds for value in self._values.get(kind, ())]

    @lazy
    def tails(self) -> frozenset[str]:
        """The last digits of its phones, unparsed."""
        return frozenset(tail for value in self.values("phone") for tail in normalise.phone_tails(value))

    @lazy
    def phones(self) -> dict[str, str]:
        """E.164 to the value as the source shows it."""
        keys = ((key, value) for value in self.values("phone") for key in normalise.phone_keys(value, self.region))
        return dict(reversed(list(keys)))

    def shown(self, identifier: Identifier) -> str:
        """An identifier of this entry as its source shows it."""
        kind, key = identifier
        return {"email": self.emails, "phone": self.phones, "customer_number": self.customer_numbers}[kind][key]

    def identifiers(self) -> Iterator[Identifier]:
        """Every identifier of the entry."""
        yield from (("email", key) for key in self.emails)
        yield from (("phone", key) for key in self.phones)
        yield from (("customer_number", key) for key in self.customer_numbers)

    @lazy
    def staying(self) -> frozenset[Identifier]:
        """The identifiers that remain in the record after its erase: a company's, or nobody's alone in a shared row."""
        if self.entry.disposal is Disposal.ERASE:
            return frozenset()
        leaving = {(item.kind, item.value) for item in self.entry.leaving()}
        return frozenset(item for item in self.identifiers() if (item[0], self.shown(item)) not in leaving)

    @lazy
    def words(self) -> frozenset[str]:
        """The loose words of its names, former ones too."""
        return words_of(self.forms)

    @lazy
    def company_words(self) -> frozenset[str]:
        """The loose words of its companies."""
        values = self._values.get("company")
        return frozenset().union(*map(loose_words, values)) if values else frozenset()

    @lazy
    def keys(self) -> frozenset[str]:
        """What is looked up as a whole: customer, invoice and business numbers and other keys, folded."""
        return frozenset(key for kind in KEY_KINDS for value in self._values.get(kind, ()) for key in keys_of(kind, value))

    @lazy
    def texts(self) -> frozenset[str]:
        """Beside the words of its names and companies, what a piece of text is looked for in: e-mails, numbers and other keys.

        Not notes: who is mentioned in somebody's note is not that somebody.
        """
        return self.keys.union(self.emails, self.customer_numbers)

    @lazy
    def companies(self) -> dict[str, str]:
        """The folded names of its companies."""
        values = self._values.get("company")
        return _keyed(values, company_key) if values else {}

    @lazy
    def is_of_family_firm(self) -> bool:
        """See `is_family_firm`."""
        return is_family_firm(self.companies, self.forms)

    @lazy
    def personal_emails(self) -> tuple[str, ...]:
        """Its e-mails but for mailboxes of companies."""
        return tuple(key for key in self.emails if not is_role(key))

    @property
    def is_of_company(self) -> bool:
        """Whether it names nobody, but a company, or no other mailbox than one of a company."""
        return not self.forms and bool(self.companies or (self.emails and not self.personal_emails))

    @property
    def shown_name(self) -> str:
        """Its first name in reading order, "" without one."""
        return self.forms[0].name.display if self.forms else ""

    @lazy
    def firms(self) -> dict[str, str]:
        """What says for whom it is: companies and business ids, each under its key."""
        return {f"company:{key}": shown for key, shown in self.companies.items()} | {
            f"business_id:{key}": shown for key, shown in self.business_ids.items()
        }

    @lazy
    def addresses(self) -> dict[Address, str]:
        """Its addresses taken apart."""
        return {parse_address(value): value for value in self.values("address")}

    @lazy
    def places(self) -> dict[str, str]:
        """Streets with their numbers and post office boxes."""
        return {f"{PLACE}{address.place}": shown for address, shown in self.addresses.items() if address.place}

    @lazy
    def streets(self) -> frozenset[str]:
        """Streets without their numbers."""
        return frozenset(address.street for address in self.addresses if address.street)

    @lazy
    def flats(self) -> frozenset[str]:
        """Places with their flats."""
        return frozenset(f"address:{one.place} {one.flat}" for one in self.addresses if one.place and one.flat)

    @lazy
    def postcodes(self) -> frozenset[str]:
        """Postcodes, of a field of their own or of an address."""
        own = [*map(postcode_key, self.values("postcode")), *(address.postcode for address in self.addresses)]
        return frozenset(key for key in own if key)

    @lazy
    def cities(self) -> frozenset[str]:
        """Towns under their Finnish names."""
        own = [*map(city_key, self.values("city")), *(address.city for address in self.addresses)]
        return frozenset(key for key in own if key)

    @lazy
    def traits(self) -> frozenset[str]:
        """What it has in common with some others, without being theirs alone: companies, places, postcodes, birthdays."""
        return frozenset(trait for kind, values in self._values.items() for value in values for trait in traits_of(kind, value))

    @lazy
    def towns(self) -> frozenset[str]:
        """Its towns, as traits."""
        return frozenset(trait for trait in self.traits if trait.startswith("city:"))

    @property
    def meetings(self) -> frozenset[str]:
        """Index keys of what it has in common with others at once: see `asked`."""
        return self._beside_a_trait | frozenset(map(_alone, self.places))

    @property
    def _beside_a_trait(self) -> frozenset[str]:
        near = self.traits - self.towns
        words = {f"{word}@{trait}" for word in self.telling_words for trait in near}
        names = {f"={form.key}@{trait}" for form in self.forms for trait in near}
        return frozenset(words | names | {f"{day}@{trait}" for day in self.born for trait in self.traits if trait != day})

    def asked(self, is_crowded: Callable[[str], bool], is_few: Callable[[str], bool]) -> Iterator[str]:
        """The keys under which others are looked for: a trait with a word of the name, or with another trait if it is a birthday.

        Where many have a trait, the whole name must be the same; the address of a few is enough by itself.
        """
        crowded = {trait for trait in self.traits if is_crowded(trait)}
        for key in self._beside_a_trait:
            first, _, trait = key.partition("@")
            if trait not in crowded or first.startswith(("=", "born:")):
                yield key
        yield from map(_alone, filter(is_few, self.places))

    @lazy
    def telling_words(self) -> frozenset[str]:
        """The loose words of its names that are no initials."""
        return frozenset(word for form in self.forms if not form.long for word in (*form.words, *form.former) if len(word) > 1)

    @lazy
    def born(self) -> frozenset[str]:
        """The days of its birthdays, as traits."""
        return frozenset(trait for value in self._values.get("birthday", ()) for trait in traits_of("birthday", value))

    @lazy
    def business_ids(self) -> dict[str, str]:
        """Business ids in one form."""
        return _keyed(self.values("business_id"), normalise.business_id)

    @lazy
    def birthdays(self) -> tuple[Birthday, ...]:
        """Its birthdays."""
        return tuple(birthday for value in self.values("birthday") for birthday in birthdays_of(value))

    @lazy
    def signature(self) -> tuple[frozenset[NameForm], tuple[Birthday, ...]]:
        """What decides whether it conflicts with another entry; many entries of one person share it."""
        return frozenset(self.forms), self.birthdays

    @lazy
    def look(self) -> tuple[tuple[str, str], ...]:
        """All that it says beside the names, letter by letter: the many bills of one customer say the same."""
        return tuple(sorted((kind, value) for kind in LOOK_KINDS for value in self._values.get(kind, ())))


def is_family_firm(companies: Iterable[str], forms: Iterable[NameForm]) -> bool:
    """Whether one of these folded companies bears the family's name, in whatever case: father and son may both work there."""
    stems = {word[:_STEM] for form in forms for word in form.family}
    return any(word[:_STEM] in stems for company in companies for word in loose_words(company))


def traits_of(kind: str, value: str) -> tuple[str, ...]:
    """The traits that one value of a kind tells."""
    if kind == "company":
        company = company_key(value)
        return (f"company:{company}",) if company else ()
    if kind == "business_id":
        number = normalise.business_id(value)
        return (f"business_id:{number}",) if number else ()
    if kind == "address":
        one = parse_address(value)
        told = (("address", one.place), ("postcode", one.postcode), ("city", one.city))
        return tuple(f"{name}:{key}" for name, key in told if key)
    if kind == "birthday":
        return tuple(f"born:{month}-{day}" for _, month, day in birthdays_of(value))
    key = postcode_key(value) if kind == "postcode" else city_key(value) if kind == "city" else ""
    return (f"{kind}:{key}",) if key else ()


def keys_of(kind: str, value: str) -> tuple[str, ...]:
    """What one value of one of the `KEY_KINDS` is looked up by."""
    number = normalise.business_id(value) if kind == "business_id" else None
    return (normalise.fold(value), number) if number else (normalise.fold(value),)


def _alone(trait: str) -> str:
    return f"@{trait}"


def birthdays_conflict(ours: Iterable[Birthday], theirs: Iterable[Birthday]) -> bool:
    """Whether two entries that both have a birthday have none in common; an unknown year agrees with any."""
    pairs = [(one, other) for one in ours for other in theirs]
    return bool(pairs) and not any(
        one[1:] == other[1:] and (one[0] == other[0] or 0 in (one[0], other[0])) for one, other in pairs
    )


def near_birthdays(one: Birthday, other: Birthday) -> bool:
    """Whether two full birthdays differ by one digit, by two neighbours exchanged, or by day and month exchanged."""
    if not one[0] or not other[0]:
        return False
    if one == (other[0], other[2], other[1]):
        return True
    ours, theirs = ("{:04}{:02}{:02}".format(*birthday) for birthday in (one, other))
    wrong = [place for place in range(8) if ours[place] != theirs[place]]
    exchanged = (
        len(wrong) == 2 and wrong[1] == wrong[0] + 1 and ours[wrong[0]] == theirs[wrong[1]] and ours[wrong[1]] == theirs[wrong[0]]
    )
    return len(wrong) == 1 or exchanged


def nearly_meet(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether two entries have a street, or a town, in common, give or take typing errors."""
    return any(roughly(one, other) for one in ours for other in theirs)


def near_places(ours: Iterable[str], theirs: Iterable[str], flats: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two entries have a place in common but for typing errors in its street: its number must be the same, and the flat."""
    split = ([place.removeprefix(PLACE).rpartition(" ") for place in places] for places in (ours, theirs))
    near = any(number == rival and roughly(street, other) for (street, _, number), (other, _, rival) in product(*split))
    flat, rival = ({flat.rpartition(" ")[2] for flat in told} for told in (flats, others))
    return near and not (flat and rival and flat.isdisjoint(rival))


def words_of(forms: Iterable[NameForm]) -> frozenset[str]:
    """The loose words of names, former ones too."""
    return frozenset(word for form in forms for word in (*form.words, *form.former))


@lru_cache(maxsize=200_000)
def forms_of(
    givens: tuple[str, ...], families: tuple[str, ...], formers: tuple[str, ...], wholes: tuple[str, ...]
) -> tuple[NameForm, ...]:
    """The names that these fields make; the same names stand in several registers."""
    given, family, former = (_spoken(parts) if parts else "" for parts in (givens, families, formers))
    own = normalise.name_of_parts(given, family) if given or family else None
    names = [name for name in map(normalise.parse_name, wholes) if name is not None]
    if own and own.given and own.family:
        # Beside the full name in its own fields, "Maija" alone as a display name says nothing more.
        names = [own, *(name for name in names if len(name.display.split()) > 1)]
    elif own and not names:
        names = [own]
    old = tuple(normalise.clean(former).split()) if former else ()
    forms = [NameForm(replace(name, former=(*name.former, *old)) if old else name) for name in names]
    return tuple(dict.fromkeys(forms) if len(forms) > 1 else forms)


def forms_in(entry: Entry) -> tuple[NameForm, ...]:
    """The names of an entry, of which nothing else is asked."""
    said: dict[str, tuple[str, ...]] = {}
    for item in entry.fields:
        if item.kind in NAME_KINDS:
            said[item.kind] = (*said.get(item.kind, ()), item.value)
    return forms_of(*(said.get(kind, ()) for kind in NAME_KINDS))


@lru_cache(maxsize=50_000)
def loose_words(value: str) -> frozenset[str]:
    """The loose words of a company's name."""
    return frozenset(map(normalise.loose, normalise.tokens(value)))


def company_key(value: str) -> str | None:
    """The folded name of a company, None for what has no word."""
    return " ".join(normalise.tokens(value)) or None


def _spoken(parts: Iterable[str]) -> str:
    """The parts of a name that are words; some programs put the e-mail address where a name is missing."""
    return " ".join(part for part in parts if "@" not in part)


def _keyed(values: Iterable[str], key_of: Callable[[str], str | None]) -> dict[str, str]:
    """Key to the first value that has it."""
    found: dict[str, str] = {}
    for value in values:
        key = key_of(value)
        if key is not None:
            found.setdefault(key, value)
    return found


def number_key(value: str) -> str | None:
    """The form under which two spellings of a customer number are equal; None for what is none."""
    key = normalise.fold(value).replace(" ", "")
    return key if any(letter.isalnum() for letter in key) else None


def birthdays_of(value: str) -> list[Birthday]:
    """The birthday in a value: one, or none."""
    match = _BIRTHDAY.match(normalise.clean(value))
    if match is None:
        return []
    from datetime import date  # a search by name must not pay for it

    year, month, day = match["year"] or match["y"], match["month"] or match["m"], match["day"] or match["d"]
    try:
        known = date(int(year) if year and year != "-" else 2000, int(month), int(day))
    except ValueError:
        return []
    return [(known.year if year and year != "-" else 0, known.month, known.day)]
