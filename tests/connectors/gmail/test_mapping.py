"""What becomes of a person of the People API: everything shown, the main value first, nothing of the owner's lost."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.entry import KINDS, Disposal, Entry
from connectors.gmail import mapping
from connectors.gmail.mapping import NotAPersonError, Reader
from connectors.gmail.people import CONTACT_FIELDS, OTHER_FIELDS
from tests.connectors.gmail.store import CONTACT_MASK, OTHER_MASK

PROFILE = {"source": {"type": "PROFILE", "id": "9"}}


def read(**values: Any) -> Entry:
    """The entry of a contact with these properties."""
    person = {"resourceName": "people/c1", "metadata": {"sources": [{"type": "CONTACT", "id": "1", "etag": "#1"}]}, **values}
    return reader().entry(person)


def reader() -> Reader:
    """A reader without a server."""
    return Reader("", lambda url: url.encode(), lambda: {"contactGroups/7": "Uutiskirje"})


def shown(entry: Entry) -> list[tuple[str, str, str]]:
    """Kind, value and label of every field."""
    return [(item.kind, item.value, item.label) for item in entry.fields]


def discovery() -> dict[str, Any]:
    """Google's own description of the API, as its client ships it."""
    path = files("googleapiclient") / "discovery_cache/documents/people.v1.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_everything_that_can_be_asked_for_is_asked_for() -> None:
    """The masks name every value that Google's description names, no more, and the stand-in knows the same."""
    resources = discovery()["resources"]
    contacts = resources["people"]["resources"]["connections"]["methods"]["list"]["parameters"]["personFields"]["description"]
    others = resources["otherContacts"]["methods"]["list"]["parameters"]["readMask"]["description"]

    named = contacts.split("Valid values are:")[1].replace("*", " ").split()
    assert sorted(named) == sorted(CONTACT_FIELDS) == sorted(CONTACT_MASK)
    named = others.split("valid values are:")[1].split("If READ")[0].replace("*", " ").split()
    assert sorted(named) == sorted(OTHER_FIELDS) == sorted(OTHER_MASK)


def test_every_property_has_a_column() -> None:
    """Each property that is asked for is mapped or ignored with a reason; one that Google invents is unknown."""
    columns = {name: mapping.column(name) for name in CONTACT_FIELDS if name != "metadata"}

    assert [name for name, column in columns.items() if column is None or not column.known] == []
    assert [name for name, column in columns.items() if column and column.kind is None and not column.why] == []
    assert mapping.column("metadata") is None
    invented = mapping.column("horoscopes")
    assert invented is not None
    assert (invented.kind, invented.known) == (None, False)


def test_every_text_of_every_schema_is_shown() -> None:
    """A value with every part that Google's schema knows loses none of them, but for what repeats another part."""
    schemas = discovery()["schemas"]
    repeats = {
        "metadata", "canonicalForm", "contentType", "countryCode", "displayNameLastFirst", "formattedType", "formattedProtocol",
        "formattedValue", "protocol", "type", "key", "text", "unstructuredName",
    }  # fmt: skip
    for name, told in schemas["Person"]["properties"].items():
        schema = schemas.get(told.get("items", {}).get("$ref", ""), {}).get("properties", {})
        if name not in CONTACT_FIELDS or name in {"memberships", "photos", "coverPhotos"}:
            continue
        parts = {part: f"arvo-{name}-{part}" for part, kind in schema.items() if kind.get("type") == "string"}
        values = {item.value for item in read(**{name: [parts]}).fields}
        assert {value for part, value in parts.items() if part not in repeats} <= values, name


def test_a_full_contact() -> None:
    """The kinds of the usual properties, with the owner's own words for them as labels."""
    entry = read(
        names=[{"displayName": "Aino Kuvitelma", "givenName": "Aino", "familyName": "Kuvitelma", "honorificPrefix": "Dr."}],
        nicknames=[{"value": "Kuvis"}, {"value": "Entinen", "type": "MAIDEN_NAME"}],
        phoneNumbers=[{"value": "044 123 4567", "canonicalForm": "+358441234567", "type": "mobile"}],
        addresses=[
            {"streetAddress": "Katu 1", "postalCode": "00100", "city": "Keksilä", "formattedValue": "Katu 1\n00100 Keksilä"}
        ],
        birthdays=[{"date": {"month": 5, "day": 1}, "text": "1.5."}, {"date": {"year": 1980, "month": 12, "day": 24}}],
        organizations=[{"name": "Keksitty Oy", "title": "johtaja", "department": "myynti"}],
        externalIds=[{"value": "A-17", "type": "customer"}],
        relations=[{"person": "Eero Keksitty", "type": "spouse"}],
        userDefined=[{"key": "kengät", "value": "39"}],
        memberships=[
            {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/myContacts"}},
            {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/7"}},
            {"contactGroupMembership": {"contactGroupResourceName": "contactGroups/8"}},
        ],
    )

    assert set(shown(entry)) == {
        ("name", "Aino Kuvitelma", ""),
        ("given", "Aino", ""),
        ("family", "Kuvitelma", ""),
        ("other", "Dr.", "names.honorificPrefix"),
        ("other", "Kuvis", ""),
        ("former_name", "Entinen", "MAIDEN_NAME"),
        ("phone", "044 123 4567", "mobile"),
        ("address", "Katu 1", ""),
        ("postcode", "00100", ""),
        ("city", "Keksilä", ""),
        ("birthday", "--05-01", ""),
        ("birthday", "1980-12-24", ""),
        ("company", "Keksitty Oy", ""),
        ("title", "johtaja", ""),
        ("other", "myynti", "organizations.department"),
        ("customer_number", "A-17", "customer"),
        ("other", "Eero Keksitty", "relations.person"),
        ("other", "39", "kengät"),
        ("other", "Uutiskirje", "group"),
        ("other", "contactGroups/8", "group"),
    }
    assert entry.disposal is Disposal.ERASE


def test_the_main_value_comes_first() -> None:
    """The API flags the main value; it does not put it first."""
    entry = read(emailAddresses=[{"value": "toinen@x.example"}, {"value": "paa@x.example", "metadata": {"primary": True}}])

    assert entry.values("email") == ("paa@x.example", "toinen@x.example")


def test_the_persons_own_profile_is_shown_and_stays() -> None:
    """A value of the profile is marked, stays, and is not shown twice when the owner wrote the same."""
    entry = read(
        names=[{"displayName": "Aino Kuvitelma", "metadata": PROFILE}, {"displayName": "Aino Kuvitelma"}],
        urls=[{"value": "https://aino.example", "metadata": PROFILE}],
    )

    assert [(item.kind, item.stays, item.label) for item in entry.fields] == [
        ("name", False, ""),
        ("url", True, mapping.PROFILE_LABEL),
    ]


def test_a_profile_without_a_contact_is_not_ours() -> None:
    """Somebody whom the owner never saved can not be deleted by the hub."""
    entry = read(metadata={"sources": [{"type": "PROFILE", "id": "9"}]}, names=[{"displayName": "Eero Keksitty"}])

    assert (entry.disposal, entry.disposal_reason) == (Disposal.MANUAL, mapping.NOT_OURS)


def test_an_address_names_somebody_who_has_no_name() -> None:
    """The name in an e-mail address counts when it is the only one, and is a remark otherwise."""
    address = {"value": "eero@x.example", "displayName": "Eero Keksitty"}

    assert read(emailAddresses=[address]).values("name") == ("Eero Keksitty",)
    both = read(emailAddresses=[address], names=[{"displayName": "E. Keksitty"}])
    assert (both.values("name"), both.values("other")) == (("E. Keksitty",), ("Eero Keksitty",))


def test_the_version_follows_the_owners_part_only() -> None:
    """The etag of the whole person changes with the profile and the mask; the contact's own does not."""
    sources = [{"type": "PROFILE", "id": "9", "etag": "#p"}, {"type": "CONTACT", "id": "1", "etag": "#1"}]

    first = read(etag="%a", metadata={"sources": sources})
    second = read(etag="%b", metadata={"sources": sources})

    assert first.version == second.version == "#1"
    assert read(etag="%a", metadata={}).version == "%a"


def test_photos_are_files() -> None:
    """Each real picture is a file that is fetched when it is wanted; the letter Google draws is none."""
    entry = read(photos=[{"url": "https://p.example/letter", "default": True}, {"url": "https://p.example/face"}])

    assert [(item.name, item.load()) for item in entry.attachments] == [("photo.jpg", b"https://p.example/face")]


def test_half_a_character_is_no_trouble() -> None:
    """A lone surrogate, which no file could hold, is replaced."""
    (name,) = read(names=[{"displayName": "Aino \ud83e"}]).values("name")

    assert name.encode("utf-8") == b"Aino ?"


@pytest.mark.parametrize(
    "person",
    [
        None,
        [],
        "text",
        {},
        {"resourceName": "people/"},
        {"resourceName": "elsewhere/c1"},
        {"resourceName": 7},
        {"resourceName": "people/c1", "names": "text"},
        {"resourceName": "people/c1", "names": ["text"]},
        {"resourceName": "people/c1", "metadata": {"sources": "text"}},
        {"resourceName": "people/c1", "birthdays": [{"date": {"year": "never"}}]},
        {"resourceName": "people/c1", "names": [{"displayName": "x", "metadata": []}], "photos": {"url": 1}},
    ],
)
def test_what_is_not_a_person(person: object) -> None:
    """A record of another shape is called so, with no other error."""
    with pytest.raises(NotAPersonError):
        reader().entry(person)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*CONTACT_FIELDS, "value", "date", "url"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values=st.dictionaries(st.sampled_from(CONTACT_FIELDS), JSON, max_size=4))
def test_any_shape_is_an_entry_or_not_a_person(values: dict[str, Any]) -> None:
    """Whatever stands in a record, it becomes well-formed fields or is called unreadable."""
    try:
        entry = reader().entry({"resourceName": "people/c1", **values})
    except NotAPersonError:
        return
    assert [item for item in entry.fields if item.kind not in KINDS or not item.value or item.value != item.value.strip()] == []
