"""What servers say is read whatever it is: no crash outside the error tree, and one spelling for one path."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.carddav import dav, reading
from connectors.carddav.listing import Mark
from connectors.carddav.server import canonical, etag_of, ref_of
from connectors.errors import Damaged
from tests.connectors.cardbytes import PIECES
from tests.connectors.carddav.world import card, group

_PIECES = st.lists(
    st.sampled_from(
        [
            '<multistatus xmlns="DAV:">', "</multistatus>", "<response>", "</response>", "<href>", "/a/b.vcf", "</href>",
            "<propstat><prop>", "</prop><status>HTTP/1.1 200 OK</status></propstat>", "<status>HTTP/1.1 404</status>",
            "<sync-token>1</sync-token>", "<!DOCTYPE a>", "&#13;", "&a;", "\x00", "ä", "<getetag/>", "<![CDATA[", "]]>",
        ]
    ),
    max_size=14,
).map(lambda pieces: "".join(pieces).encode())  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(_PIECES, st.binary(max_size=60)))
def test_any_answer_is_read_or_damaged(data: bytes) -> None:
    """A multistatus or `Damaged`, nothing else."""
    try:
        found = dav.read(data)
    except Damaged:
        return
    assert all(part.status >= 100 for part in found.parts)


@settings(max_examples=200)
@given(PIECES)
def test_any_card_is_read_and_edited_without_loss(data: bytes) -> None:
    """Whatever a server gives for a card, a group without a stranger is the same to the byte."""
    found = reading.readable(data)
    reading.told(data)

    assert reading.without_member(data, reading.trace_of("nobody")) == (data, [])
    assert reading.uid_of(found) == reading.uid_of(found).casefold()


def test_a_member_is_told_in_any_case_and_with_its_scheme() -> None:
    """`urn:uuid:` and the case of an id do not matter; every other byte of the group stays."""
    data = group("G", "Ryhmä", "ABC", "abcd").replace(b"uuid:ABC\r\n", b"uuid:aBc\r\n")

    new, taken = reading.without_member(data, reading.trace_of("abc"))

    assert taken == [b"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:aBc\r\n"]
    assert new == data.replace(taken[0], b"")
    assert reading.told(reading.with_lines(new, taken)) != reading.told(new)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/x%40y.example", "/a/x@y.example", True),
        ("/a/%c3%a4.vcf", "/a/ä.vcf", True),
        ("/a/x%2Fy.vcf", "/a/x/y.vcf", False),
        ("/a/X.vcf", "/a/x.vcf", False),
    ],
)
def test_paths_have_one_spelling(one: str, other: str, same: bool) -> None:
    """Percent signs may be written in several ways, but an encoded slash is no slash, and case matters."""
    assert (canonical(one) == canonical(other)) is same
    assert (ref_of(canonical(one)) == ref_of(canonical(other))) is same


@pytest.mark.parametrize(
    ("told", "sent"),
    [('"abc"', '"abc"'), ('W/"abc"', '"abc"'), (' "a" ', '"a"'), ('"a\r\nEvil: 1"', ""), ('"ä"', ""), ("", "")],
)
def test_etags_are_strong_or_none(told: str, sent: str) -> None:
    """A weak etag is sent back as a strong one; what could not stand in a header is none."""
    assert etag_of(told) == sent


def test_versions_follow_the_content_where_there_is_no_etag() -> None:
    """Without etags the bytes decide, however lines end."""
    from connectors.carddav.server import Member

    data = card("U", "Aino Kuvitelma")
    member = Member("/a", "")
    first = reading.version_of(member, data, reading.readable(data))

    assert reading.version_of(member, data.replace(b"\r", b""), reading.readable(data)) == first
    assert reading.version_of(member, data.replace(b"Aino", b"Anni"), reading.readable(data)) != first


def test_a_mark_is_good_for_one_account_only() -> None:
    """A cursor of another account, or one that is none, is not used."""
    mark = Mark.read('{"account": "x", "tokens": {"/a": "1"}}', "somebody")

    assert mark is None
    assert Mark("x", {"/a": ""}).token() == ""
