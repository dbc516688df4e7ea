"""Span editing of XML: nothing but the asked spans changes, whatever the markup around them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._workbook.xmlspans import Document, Element, escape
from connectors.errors import Damaged, HubError, Refused

ODD = (
    b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<!-- <x:t> "\' > -->'
    b"<x:a xmlns:x='urn:x' xmlns=\"urn:d\" x:one = 'a>b' two=\"it's &amp; &#65;\"  three='say \"no\"'>"
    b"<?pi <t>?><t>Ma&#105;ja<!-- c --> V<![CDATA[irta & <nen>]]>!</t><t/><t />\r\n<x:t\txml:space='preserve'\n></x:t ></x:a>\n"
)


def _all(document: Document, name: str) -> list[Element]:
    return list(document.iter(name))


def test_a_part_without_edits_is_the_same_bytes() -> None:
    """Reading a part and asking for its result gives the bytes back."""
    assert Document(ODD).result() == ODD


def test_texts_attributes_and_namespaces_are_read_as_expat_reads_them() -> None:
    """Quotes, entities, comments, CDATA and prefixes are understood, and spans point at the raw values."""
    document = Document(ODD)
    root = document.root
    assert (root.name, root.uri, root.prefix) == ("a", "urn:x", "x:")
    assert [(item.qname, item.value) for item in root.attributes] == [
        ("x:one", "a>b"),
        ("two", "it's & A"),
        ("three", 'say "no"'),
    ]
    first = _all(document, "t")[0]
    assert (first.text, first.uri) == ("Maija Virta & <nen>!", "urn:d")
    assert [ODD[text.start : text.end] for text in first.texts] == [b"Ma&#105;ja", b" V", b"irta & <nen>", b"!"]


def test_an_edit_touches_only_its_span() -> None:
    """Each kind of edit changes its own bytes and leaves those before and behind."""
    document = Document(ODD)
    document.set_attribute(document.root, "two", "<\"'&")
    first, second, third, fourth = _all(document, "t")
    document.replace(first.texts[2], "a]]>b")
    document.set_text(second, "x & y")
    document.remove(third)
    document.set_text(fourth, "z")
    document.set_attribute(fourth, "new", "n")
    expected = (
        ODD.replace(b"it's &amp; &#65;", b"&lt;&quot;&apos;&amp;")
        .replace(b"irta & <nen>", b"a]]]]><![CDATA[>b")
        .replace(b"<t/><t />", b"<t>x &amp; y</t>")
        .replace(b"<x:t\txml:space='preserve'\n></x:t >", b"<x:t new=\"n\"\txml:space='preserve'\n>z</x:t >")
    )
    assert document.result() == expected
    assert Document(expected).root.get("two") == "<\"'&"


def test_an_attribute_is_found_by_its_written_name_first() -> None:
    """Of `x:k` and `k`, the one asked for is changed; a bare name finds a prefixed one when there is no other."""
    document = Document(b"<a xmlns:x='u' x:k='1' k='2' x:l='3'/>")
    document.set_attribute(document.root, "k", "4")
    document.set_attribute(document.root, "l", "5")

    assert document.root.get("x:k") == "1"
    assert document.result() == b"<a xmlns:x='u' x:k='1' k='4' x:l='5'/>"


def test_removing_an_attribute_takes_its_blank_too() -> None:
    """The attribute goes with the white space before it, and nothing else."""
    document = Document(ODD)
    document.remove_attribute(document.root, "two")
    assert document.result() == ODD.replace(b' two="it\'s &amp; &#65;"', b"")


def test_edits_inside_a_removed_element_are_dropped() -> None:
    """Removing an element wins over edits inside it, in any order of asking."""
    document = Document(b"<a><b c='1'><d>x</d></b><e/></a>")
    document.set_text(_all(document, "d")[0], "y")
    document.remove(_all(document, "b")[0])
    document.set_attribute(_all(document, "b")[0], "c", "2")
    assert document.result() == b"<a><e/></a>"


def test_a_hollow_part_keeps_the_left_out_content() -> None:
    """The content that was not parsed stands in the result again, behind and before edits."""
    data = b"<w><x:sheetData xmlns:x='u'><row><broken></x:sheetData><t>1</t></w>"
    document = Document(data, hollow="sheetData")
    assert document.result() == data
    document.set_text(_all(document, "t")[0], "2")
    document.set_attribute(document.root, "k", "v")
    assert document.result() == data.replace(b"<t>1<", b"<t>2<").replace(b"<w>", b'<w k="v">')


@pytest.mark.parametrize(
    "data",
    [
        b"<w><sheetData/><t>1</t></w>",
        b"<w><!-- <sheetData> --><sheetData><c/></sheetData><t>1</t></w>",
        b"<w><sheetData><c/></sheetData><!-- </sheetData> --><t>1</t></w>",
    ],
)
def test_a_hollow_part_is_not_fooled_by_comments(data: bytes) -> None:
    """A comment that names the element changes nothing about what is read and written."""
    document = Document(data, hollow="sheetData")
    document.set_text(_all(document, "t")[0], "2")
    assert document.result() == data.replace(b"<t>1<", b"<t>2<")


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a></b>", b"text", b"<a>&nbsp;</a>", b"<a b=1/>", b"<a>" * 600 + b"</a>" * 600])
def test_broken_xml_is_damaged(data: bytes) -> None:
    """What is not well-formed, or nested without end, is refused with a plain message."""
    with pytest.raises(Damaged):
        Document(data, "xl/part.xml")


def test_a_dtd_is_refused() -> None:
    """A document type declaration stops the reading before any entity can be expanded."""
    with pytest.raises(Refused):
        Document(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


_NAMES = st.sampled_from(["a", "b", "x:c", "t"])
_WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=12)


@st.composite
def _markup(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(_NAMES)
    quote = draw(st.sampled_from("\"'"))
    attributes = "".join(
        f" {key}={quote}{escape(draw(_WORDS), quoted=True)}{quote}" for key in draw(st.sets(st.sampled_from(["k", "l", "x:m"])))
    )
    inner = draw(
        st.lists(
            st.one_of(
                _WORDS.map(escape),
                _WORDS.map(lambda text: "<!--" + text.replace("-", "") + "-->"),
                _WORDS.map(lambda text: "<![CDATA[" + text.replace("]", "") + "]]>"),
                *([_markup(depth - 1)] if depth else []),
            ),
            max_size=4,
        )
    )
    return f"<{name}{attributes}>{''.join(inner)}</{name}>" if inner else f"<{name}{attributes}/>"


@settings(max_examples=150)
@given(_markup(), _WORDS, st.data())
def test_random_edits_are_what_another_parser_then_reads(markup: str, value: str, data: st.DataObject) -> None:
    """Any one edit in random markup shows in ElementTree at its place, and all other bytes are the same."""
    source = f"<r xmlns:x='urn:x'>{markup}</r>".encode()
    document = Document(source)
    elements = list(document.iter())
    assert [item.name for item in elements] == [item.tag.rpartition("}")[2] for item in ET.fromstring(source).iter()]
    number = data.draw(st.integers(0, len(elements) - 1))
    element = elements[number]
    document.set_attribute(element, "k", value)
    result = document.result()
    again = list(ET.fromstring(result).iter())
    assert again[number].attrib["k"] == value
    for text in element.texts[:1]:
        other = Document(source)
        other.replace(list(other.iter())[number].texts[0], value)
        changed = other.result()
        assert changed.startswith(source[: text.start])
        assert changed.endswith(source[text.end :])
        ET.fromstring(changed)


@settings(max_examples=150)
@given(st.binary(max_size=60) | st.text("<>/ab='\"&; !-[]?", max_size=40).map(str.encode))
def test_random_bytes_never_fail_otherwise(data: bytes) -> None:
    """Whatever stands in a part, the only errors are the hub's own."""
    with suppress(HubError):
        assert Document(data, "p", hollow="a").result() == data
